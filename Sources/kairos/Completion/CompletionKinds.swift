import ArgumentParser
import KairosCompiler
import KairosControl
import KairosDSP
import KairosDevices
import KairosFiles
import KairosPatch

/// The values of options and arguments that the shells complete.
extension CompletionKind {
    /// Endings of MIDI files.
    static let song = CompletionKind.file(extensions: ["mid", "midi", "smf", "kar", "rmi"])
    /// Endings of the audio files that can be written.
    static let audioFile = CompletionKind.file(extensions: ["wav", "flac", "aiff", "ogg"])
    /// A Scala scale.
    static let scale = CompletionKind.file(extensions: ["scl"])
    /// A Scala keyboard mapping.
    static let keyboard = CompletionKind.file(extensions: ["kbm"])
    /// Every file that Kairos can check.
    static let anyFile = CompletionKind.file(
        extensions: ["yaml", "yml", "scl", "kbm", "mid", "midi", "smf", "kar", "rmi"])

    /// A patch of the folders, or a patch file.
    static let patch = Completion.custom { request in
        patches(request) + request.files(where: isPatchFile)
    }

    /// A patch, or an entry if a set list is given.
    static let entry = Completion.custom { request in
        entries(request) ?? sounds(request) + request.files(where: isPatchFile)
    }

    /// A patch, a set list file or a MIDI file.
    static let playTarget = Completion.custom { request in
        sounds(request) + request.files { FileName.isYAML($0) || FileName.has(songEndings, $0) }
    }

    /// A set list of the folders, or the file of one.
    static let setList = Completion.custom { request in
        Library.setLists(in: request.folders(.patches)).map { Completion($0, "set list") }
            + request.files(where: FileName.isSetList)
    }

    /// A mapping of the folders.
    static let mapping = Completion.custom { request in
        Library.files(in: request.folders(.mappings)).map { file in
            let device = (try? MappingFile.read(path: file))?.device ?? ""
            return Completion(FileName.stem(file), device.isEmpty ? "any device" : device)
        }
    }

    /// A module type, built in or compound.
    static let module = Completion.custom { request in
        request.modules.registry.types.map { Completion($0.name, $0.about) }
    }

    /// An audio driver, with the sound cards and devices that exist.
    static let audioDriver = Completion.custom { _ in
        [
            Completion("jack", "JACK, or PipeWire's JACK"), Completion("alsa", "the default ALSA device"),
            Completion("null", "a timer, without sound"),
        ] + SoundCards.list(findsRates: false).map { Completion("alsa:\($0.device)", $0.name) }
            + SoundCards.devices().map { Completion("alsa:\($0.name)", $0.about) }
    }

    /// A driver of MIDI input.
    static let midiDriver = Completion.custom { _ in
        [
            Completion("alsa", "ALSA sequencer"), Completion("rtmidi:jack", "JACK MIDI"),
            Completion("rtmidi:alsa", "ALSA sequencer, through RtMidi"), Completion("none", "no MIDI input"),
        ]
    }

    /// The name of a sequencer port.
    static let midiDevice = Completion.custom { _ in
        ((try? SequencerPorts.list()) ?? []).map { Completion($0.name, $0.isKeyboard ? "keyboard" : "port") }
    }

    /// A target of MIDI learn: a macro, a role, an action, or the parameters of the patch before the slash.
    static let learnTarget = Completion.custom { request in
        if let slash = request.beginning.firstIndex(of: "/") {
            return parameters(String(request.beginning[..<slash]), request)
        }
        let words = Mapping.Target.words.filter { $0 != "entry" } + (1...8).map { "master macro \($0)" }
        return words.map { Completion($0) } + patches(request).map { Completion("\($0.word)/", $0.about) }
    }

    private static let songEndings = [".mid", ".midi", ".smf", ".kar", ".rmi"]

    private static func isPatchFile(_ name: String) -> Bool {
        FileName.isYAML(name) && !FileName.isSetList(name)
    }

    /// The patches of the folders, by their file names.
    private static func patches(_ request: CompletionRequest) -> [Completion] {
        headers(request).map { Completion($0.names.stem, $0.about) }
    }

    /// The patches that play notes: all but those for the master effects.
    private static func sounds(_ request: CompletionRequest) -> [Completion] {
        headers(request).filter { !$0.isMaster }.map { Completion($0.names.stem, $0.about) }
    }

    private static func headers(_ request: CompletionRequest) -> [PatchHeader] {
        Library.headers(in: request.folders(.patches)).headers
    }

    /// The entries of the set list that the command line names; nil if it names none.
    private static func entries(_ request: CompletionRequest) -> [Completion]? {
        guard let name = request.value(of: "--setlist") else { return nil }
        let path = Library.setList(CompletionRequest.expanded(name), in: request.folders(.patches))
        guard let path, let list = try? SetListFile.read(path: path) else { return nil }
        return list.entries.map { Completion($0.name.text, "entry of \(name)") }
    }

    /// The parameters of a patch of the folders, as `tide/filter.cutoff`.
    private static func parameters(_ name: String, _ request: CompletionRequest) -> [Completion] {
        let headers = headers(request)
        guard let index = PatchNames.find(name, in: headers.map(\.names)),
            let patch = try? PatchFile.read(path: headers[index].file)
        else { return [] }
        let registry = request.modules.registry
        return patch.modules.flatMap { module in
            (registry[module.type.text]?.params ?? []).map { param in
                Completion("\(name)/\(module.name.text).\(param.symbol)", param.spec.about)
            }
        }
    }
}
