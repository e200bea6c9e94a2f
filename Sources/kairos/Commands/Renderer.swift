import CRealtime
import Foundation
import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosFiles
import KairosPatch
import KairosSession
import KairosTerminal

/// Renders a song to a file and measures it.
struct Renderer {
    /// The result: levels, voices and program changes.
    struct Summary: Encodable {
        var file: String
        var seconds: Double
        var frames: Int
        var sampleRate: Int
        /// Before the limiter.
        var peakDB: Double
        /// Greatest gain reduction of the limiter in dB; 0 without it.
        var gainReductionDB: Double
        var rmsDB: Double
        var mostVoices: Int
        var programChanges: Int
        var unknownPrograms: [String]
        /// Patches that were faded out before they were silent, because all slots were in use.
        var evicted: Int
        /// Notes and pedals that were held at the end of the song; they are released there.
        var heldNotes: Int
        var heldPedals: Int
        /// Number of errors in the MIDI file.
        var warnings: Int
        /// True where the output has a limiter.
        var hasLimiter: Bool
        var renderSeconds: Double

        var text: String {
            var lines = [
                "\(file): \(fixed(seconds, 2)) s, \(frames) frames at \(sampleRate) Hz",
                "peak \(fixed(peakDB, 1)) dBFS before the \(hasLimiter ? "limiter" : "soft clipper"), "
                    + "RMS \(fixed(rmsDB, 1)) dBFS, "
                    + "at most \(mostVoices) voices, program changes \(programChanges)",
                "rendered in \(fixed(renderSeconds, 2)) s "
                    + "(\(fixed(seconds / max(renderSeconds, 1e-6), 0)) times real time)",
            ]
            if mostVoices == 0, peakDB <= -200 {
                lines.append("nothing sounded: the file is silent")
            }
            if gainReductionDB >= 0.05 {
                lines.append("the limiter reduced the level by up to \(fixed(gainReductionDB, 1)) dB")
            }
            if let held = StandardMIDIFile.heldAtEnd(notes: heldNotes, pedals: heldPedals) {
                lines.append(held)
            }
            if evicted > 0 {
                lines.append("patches faded out early because all slots were in use: \(evicted)")
            }
            lines += unknownPrograms.map { "no patch has \($0); the program change was ignored" }
            return lines.joined(separator: "\n")
        }
    }

    let sources: RigSources
    let song: StandardMIDIFile
    let mode: EngineSetup.Mode
    /// The index of the first entry.
    let first: Int
    /// Sample rate in Hz.
    let rate: Int
    /// Seconds after the last event; nil: until silence, at most a minute.
    let tail: Double?
    let tuning: Tuning?
    let hasLimiter: Bool

    /// Renders the song to a file. Throws ``Failure``; nothing is written then.
    func write(to path: String, progress: Bool) throws -> Summary {
        let startTime = crt_now()
        // A stopped terminal must not block the rendering.
        if progress { Output.error.goLive() }
        let host = OfflineHost(
            sources.rig, mode: mode, first: first, sampleRate: Double(rate), tuning: tuning,
            limiter: hasLimiter)
        // Errors found while reading the patches have been printed already.
        for case .failed(let reason) in host.states where !sources.faults.contains(reason) {
            printError(reason)
        }
        var counts = ReportCounts()
        host.onReport = { counts.record($0) }
        host.play(song.clocked)
        let length = Int(
            (Double(max(song.length, song.events.last?.stamp ?? 0)) * 1e-9 * Double(rate)).rounded(.up))
        let limit = length + Int((tail ?? 60) * Double(rate))
        let wave: AudioFile
        do {
            wave = try AudioFile(
                creating: path, sampleRate: rate, atMost: limit, isExact: tail != nil,
                isInterrupted: { Interruption.isRequested })
        } catch { throw Failure(error.description) }
        let block = 4096
        var left = [Float](repeating: 0, count: block), right = left
        var frames = 0, peak: Float = 0, reduction: Float = 0, energy = 0.0, quiet = 0
        while frames < limit {
            let count = min(block, limit - frames)
            host.render(left: &left, right: &right, frames: count)
            do { try wave.write(left, right, frames: count) } catch { throw Failure(error.description) }
            if Interruption.isRequested { throw Failure("\(path): not written: interrupted") }
            frames += count
            let status = host.engine.status
            peak = max(peak, status.peak)
            reduction = max(reduction, status.gainReduction)
            var loudest: Float = 0
            for n in 0..<count {
                energy += Double(left[n] * left[n] + right[n] * right[n])
                loudest = max(loudest, max(abs(left[n]), abs(right[n])))
            }
            if progress { showProgress(Double(frames) / Double(max(length, 1))) }
            // The end: a second below −100 dBFS without active voices.
            quiet = loudest < 1e-5 && status.voices == 0 ? quiet + count : 0
            if tail == nil, frames >= length, quiet >= rate { break }
        }
        do { try wave.close() } catch { throw Failure(error.description) }
        Output.error.status("")
        let status = host.engine.status
        return Summary(
            file: path, seconds: Double(frames) / Double(rate), frames: frames, sampleRate: rate,
            // JSON has no infinity: silence is written as −200 dBFS.
            peakDB: max(-200, Double(decibels(amplitude: peak))), gainReductionDB: Double(reduction),
            rmsDB: 10 * log10(max(energy / Double(max(1, frames * 2)), 1e-30)), mostVoices: status.mostVoices,
            programChanges: counts.changes, unknownPrograms: counts.unknown,
            evicted: counts.evicted, heldNotes: song.heldNotes, heldPedals: song.heldPedals,
            warnings: song.warnings.count, hasLimiter: hasLimiter,
            renderSeconds: Double(crt_now() - startTime) * 1e-9)
    }

    /// Shows a progress bar; `progress` is 0…1.
    private func showProgress(_ progress: Double) {
        let width = 40, filled = Int(min(1, progress) * Double(width))
        Output.error.status(
            "[" + String(repeating: "=", count: filled) + String(repeating: " ", count: width - filled) + "]")
    }

    /// Counts program changes and evictions in the engine's reports.
    private struct ReportCounts {
        var changes = 0
        var unknown: [String] = []
        var evicted = 0

        mutating func record(_ report: Report) {
            if case .evicted = report { evicted += 1 }
            guard case .event(let report) = report, case .program(let number) = report.event.message else {
                return
            }
            changes += 1
            guard report.outcome == .unknownProgram else { return }
            let name = "bank \(number / 128) program \(number % 128)"
            if !unknown.contains(name) { unknown.append(name) }
        }
    }
}
