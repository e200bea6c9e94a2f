import ArgumentParser
import CRealtime
import Foundation
import KairosControl
import KairosDSP
import KairosEngine
import KairosFiles
import KairosTerminal

/// `kairos render`: a MIDI file to an audio file, by the same engine, without a sound card.
struct Render: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Render a Standard MIDI File to an audio file.",
        discussion: """
            kairos render song.mid -o song.wav      32-bit float; RF64 beyond 4 GiB
            kairos render song.mid -o song.flac     24 bits; .aiff too; .ogg is Vorbis
            kairos render song.mid -o - | aplay     WAV to standard output
            kairos render song.mid -o lead.wav --mode entry --patch comet-lead
            kairos render song.mid -o song.wav --rate 96000 --tail 4 --json

            The same file gives the same bits every time (.ogg: but for its serial number). A file that is there
            already stays as it was until the new one is complete. Exit status 1: nothing was written.
            """)

    @Argument(help: "Standard MIDI File.") var file: String?
    @Flag(help: "Render the demo tune.") var demo = false
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Output file: .wav, .flac, .aiff, .ogg, or '-' for standard output.", valueName: "file"))
    var output: String
    @OptionGroup var reading: SongOptions
    @Option(help: "multi: each MIDI channel has its own program. entry: a program change selects for all.")
    var mode: EngineSetup.Mode = .multi
    @Option(help: ArgumentHelp("Patch before the first program change.", valueName: "name")) var patch:
        String?
    @Option(help: ArgumentHelp("Set list name or file.", valueName: "list")) var setlist: String?
    @Option(help: ArgumentHelp("Use only this mapping.", valueName: "name")) var mapping: String?
    @OptionGroup var scale: ScaleOptions
    @Option(help: ArgumentHelp("Sample rate in Hz.", valueName: "hz")) var rate = 48_000
    @Option(
        help: ArgumentHelp(
            "Seconds after the last event, or auto: until silence.", valueName: "seconds|auto"))
    var tail = "auto"
    @Flag(help: "Print the summary as JSON.") var json = false
    @OptionGroup var sounds: SoundOptions

    func validate() throws {
        if (file == nil) != demo { throw ValidationError("give a MIDI file, or --demo") }
        guard (8000...192_000).contains(rate) else {
            throw ValidationError("--rate is 8000 … 192000, and this is \(rate)")
        }
        if tail != "auto" {
            guard let seconds = Double(tail), (0...600).contains(seconds) else {
                throw ValidationError("--tail is auto or 0 … 600 seconds, and this is '\(tail)'")
            }
        }
    }

    func run() throws {
        let song = try file.map(reading.read) ?? DemoTune.song
        let options = self.sounds
        var sounds = try Sounds(options, setList: setlist, mapping: mapping)
        sounds.faults.forEach(say)
        let first = try patch.map { try sounds.place(of: $0) } ?? 0
        try RenderInputs(
            files: [file, setlist, scale.tuning, scale.keyboard],
            folders: try options.folders() + options.modules.folders() + options.mappingFolders(),
            patches: sounds.patches
        ).refuse(output)
        let isPiped = AudioFile.isStandardOutput(output)
        if isPiped, isatty(STDOUT_FILENO) == 1 {
            throw Failure("standard output is a terminal; lead it into a file or a program")
        }
        let renderer = Renderer(
            sounds: sounds, song: song, mode: mode, first: first, rate: rate,
            tail: Double(tail), tuning: try scale.read())
        Interruption.listen()
        let summary: Renderer.Summary
        do {
            summary = try renderer.write(to: output, progress: Output.error.isTerminal)
        } catch  where Interruption.isWished {
            Output.error.status("")
            say("\(output): not written: interrupted")
            Interruption.end()
        }
        if isPiped {
            // Standard output is the sound: the words go beside it.
            say(json ? try jsonText(summary) : summary.text)
        } else if json {
            try showJSON(summary)
        } else {
            show(summary.text)
        }
    }
}

extension EngineSetup.Mode: ExpressibleByArgument {}

/// Renders a song to a file and measures it.
struct Renderer {
    /// What came out.
    struct Summary: Encodable {
        var file: String
        var seconds: Double
        var frames: Int
        var sampleRate: Int
        var peakDB: Double
        var rmsDB: Double
        var mostVoices: Int
        var programChanges: Int
        var unknownPrograms: [String]
        /// How many sounds were faded before their end, because more rang than there are places.
        var evicted: Int
        /// Notes and pedals that were down at the song's end, where they were released.
        var heldNotes: Int
        var heldPedals: Int
        /// Faults of the MIDI file.
        var warnings: Int
        var renderSeconds: Double

        var text: String {
            var lines = [
                "\(file): \(fixed(seconds, 2)) s, \(frames) frames at \(sampleRate) Hz",
                "peak \(fixed(peakDB, 1)) dBFS before the ceiling, RMS \(fixed(rmsDB, 1)) dBFS, most voices \(mostVoices), program changes \(programChanges)",
                "rendered in \(fixed(renderSeconds, 2)) s (\(fixed(seconds / max(renderSeconds, 1e-6), 0)) times as fast as it plays)",
            ]
            if mostVoices == 0, peakDB <= -200 {
                lines.append("nothing sounded: what was written is silence")
            }
            if let held = StandardMIDIFile.heldAtEnd(notes: heldNotes, pedals: heldPedals) {
                lines.append(held)
            }
            if evicted > 0 {
                lines.append("\(evicted) sounds were faded before their end: more rang than there are places")
            }
            lines += unknownPrograms.map { "no patch has \($0): the sound stays" }
            return lines.joined(separator: "\n")
        }
    }

    let sounds: Sounds
    let song: StandardMIDIFile
    let mode: EngineSetup.Mode
    let first: Int
    let rate: Int
    /// Seconds after the last event, or nil: until it is silent, a minute at most.
    let tail: Double?
    let tuning: Tuning?

    func write(to path: String, progress: Bool) throws -> Summary {
        let began = crt_now()
        // A terminal that is stopped must not hold the file up.
        if progress { Output.error.goLive() }
        let host = OfflineHost(
            sounds.rig, mode: mode, first: first, sampleRate: Double(rate), tuning: tuning)
        // What was wrong when the patches were read is told of already.
        for case .failed(let why) in host.states where !sounds.faults.contains(why) { say(why) }
        var tally = Tally()
        host.onReport = { tally.take($0) }
        host.play(sounds.rig.followsClock ? song.clocked : song.events)
        let length = Int(
            (Double(max(song.length, song.events.last?.stamp ?? 0)) * 1e-9 * Double(rate)).rounded(.up))
        let limit = length + Int((tail ?? 60) * Double(rate))
        let wave: AudioFile
        do {
            wave = try AudioFile(
                creating: path, sampleRate: rate, atMost: limit, isExact: tail != nil,
                isInterrupted: { Interruption.isWished })
        } catch { throw Failure(error.description) }
        let block = 4096
        var left = [Float](repeating: 0, count: block), right = left
        var frames = 0, peak: Float = 0, energy = 0.0, quiet = 0
        while frames < limit {
            let count = min(block, limit - frames)
            host.render(left: &left, right: &right, frames: count)
            do { try wave.write(left, right, frames: count) } catch { throw Failure(error.description) }
            if Interruption.isWished { throw Failure("\(path): not written: interrupted") }
            frames += count
            let status = host.engine.status
            peak = max(peak, status.peak)
            for n in 0..<count { energy += Double(left[n] * left[n] + right[n] * right[n]) }
            if progress { bar(Double(frames) / Double(max(length, 1))) }
            // A second under −100 dBFS in which nothing sounds is the end.
            quiet = status.peak < 1e-5 && status.voices == 0 ? quiet + count : 0
            if tail == nil, frames >= length, quiet >= rate { break }
        }
        do { try wave.close() } catch { throw Failure(error.description) }
        Output.error.status("")
        let status = host.engine.status
        return Summary(
            file: path, seconds: Double(frames) / Double(rate), frames: frames, sampleRate: rate,
            // JSON has no infinity: silence is -200 dBFS.
            peakDB: max(-200, Double(decibels(amplitude: peak))),
            rmsDB: 10 * log10(max(energy / Double(max(1, frames * 2)), 1e-30)), mostVoices: status.mostVoices,
            programChanges: tally.changes, unknownPrograms: tally.unknown,
            evicted: tally.evicted, heldNotes: song.heldNotes, heldPedals: song.heldPedals,
            warnings: song.warnings.count,
            renderSeconds: Double(crt_now() - began) * 1e-9)
    }

    private func bar(_ part: Double) {
        let width = 40, filled = Int(min(1, part) * Double(width))
        Output.error.status(
            "[" + String(repeating: "=", count: filled) + String(repeating: " ", count: width - filled) + "]")
    }

    /// Counts what the reports say.
    private struct Tally {
        var changes = 0
        var unknown: [String] = []
        var evicted = 0

        mutating func take(_ report: Report) {
            if report.kind == .evicted { evicted += 1 }
            guard report.kind == .event, report.event.kind == .program else { return }
            changes += 1
            guard report.outcome == .unknownProgram else { return }
            let number = Int(report.event.number)
            let name = "bank \(number / 128) program \(number % 128)"
            if !unknown.contains(name) { unknown.append(name) }
        }
    }
}
