public import ArgumentParser
import CRealtime
import Foundation
import KairosEngine
import KairosFiles
import KairosTerminal

/// `kairos render`: renders a MIDI file to an audio file with the same engine as `kairos play`.
struct Render: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Render a Standard MIDI File to an audio file.",
        discussion: """
            kairos render song.mid -o song.wav      32-bit float; RF64 beyond 4 GiB
            kairos render song.mid -o song.flac     24 bits; .aiff too; .ogg is Vorbis
            kairos render song.mid -o - | aplay     WAV to standard output
            kairos render song.mid -o lead.wav --mode entry --patch comet-lead
            kairos render song.mid -o song.wav --rate 96000 --tail 4 --json

            Rendering the same file again gives the same bits (.ogg: apart from the serial
            number). An existing file is replaced when the new one is complete. With exit
            status 1 nothing was written.
            """)

    @Argument(help: "Standard MIDI File.", completion: .song) var file: String?
    @Flag(help: "Render the demo tune.") var demo = false
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Output file: .wav, .flac, .aiff, .ogg, or '-' for standard output.", valueName: "file"),
        completion: .audioFile)
    var output: String
    @OptionGroup var reading: SongOptions
    @Option(
        help:
            "multi: one part per MIDI channel. entry: one part; a program change acts on all channels."
    )
    var mode: EngineSetup.Mode = .multi
    @Option(
        help: ArgumentHelp("Patch before the first program change.", valueName: "name"), completion: .entry)
    var patch: String?
    @Option(help: ArgumentHelp("Set list name or file.", valueName: "list"), completion: .setList)
    var setlist: String?
    @Option(help: ArgumentHelp("Use only this mapping.", valueName: "name"), completion: .mapping)
    var mapping: String?
    @OptionGroup var scale: ScaleOptions
    @Option(help: ArgumentHelp("Sample rate in Hz.", valueName: "hz")) var rate = 48_000
    @Option(
        help: ArgumentHelp(
            "Seconds after the last event, or auto: until silence.", valueName: "seconds|auto"))
    var tail = "auto"
    @Flag(help: "Leave out the limiter before the soft clipper.") var noLimiter = false
    @Flag(help: "Print the summary as JSON.") var json = false
    @OptionGroup var rigOptions: RigOptions

    func validate() throws {
        if (file == nil) != demo { throw ValidationError("give either a MIDI file or --demo") }
        guard (8000...192_000).contains(rate) else {
            throw ValidationError("--rate must be 8000 … 192000, not \(rate)")
        }
        if tail != "auto" {
            guard let seconds = Double(tail), (0...600).contains(seconds) else {
                throw ValidationError("--tail must be auto or 0 … 600 seconds, not '\(tail)'")
            }
        }
    }

    func run() throws {
        let song = try file.map(reading.read) ?? DemoTune.song
        var sources = try RigSources(rigOptions, setList: setlist, mapping: mapping)
        sources.faults.forEach(printError)
        let first = try patch.map { try sources.startIndex(of: $0) } ?? 0
        try RenderInputs(
            files: [file, setlist, scale.tuning, scale.keyboard],
            folders: try rigOptions.folders() + rigOptions.modules.folders() + rigOptions.mappingFolders(),
            patches: sources.patches
        ).checkOutput(output)
        let isPiped = AudioFile.isStandardOutput(output)
        if isPiped, isatty(STDOUT_FILENO) == 1 {
            throw Failure("standard output is a terminal; redirect it to a file or pipe it into a program")
        }
        let renderer = Renderer(
            sources: sources, song: song, mode: mode, first: first, rate: rate,
            tail: Double(tail), tuning: try scale.read(), hasLimiter: !noLimiter)
        Interruption.install()
        let summary: Renderer.Summary
        do {
            summary = try renderer.write(to: output, progress: Output.error.isTerminal)
        } catch  where Interruption.isRequested {
            Output.error.status("")
            printError("\(output): not written: interrupted")
            Interruption.reraise()
        }
        if isPiped {
            // Standard output carries the audio: the summary goes to standard error.
            printError(json ? try jsonText(summary) : summary.text)
        } else if json {
            try printJSON(summary)
        } else {
            printText(summary.text)
        }
    }
}

extension EngineSetup.Mode: ExpressibleByArgument {}
