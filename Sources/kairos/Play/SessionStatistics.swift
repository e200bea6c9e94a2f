import KairosCompiler
import KairosEngine

/// Statistics of a performance, for `--stats` and `--json`: cost of the program changes, event timing, load.
/// `[control]`
struct SessionStatistics {
    /// Median, 99th percentile and maximum of a list; 0 if it is empty.
    struct Distribution: Encodable {
        var p50 = 0.0
        var p99 = 0.0
        var max = 0.0

        init(_ values: [Double]) {
            let sorted = values.sorted()
            guard let last = sorted.last else { return }
            p50 = sorted[(sorted.count - 1) / 2]
            p99 = sorted[(sorted.count - 1) * 99 / 100]
            max = last
        }

        func text(_ unit: String, _ decimals: Int) -> String {
            "p50 \(fixed(p50, decimals)), p99 \(fixed(p99, decimals)), max \(fixed(max, decimals)) \(unit)"
        }
    }

    /// The object that `--json` prints.
    struct Figures: Encodable {
        struct Changes: Encodable {
            var count = 0
            /// Changes that took effect on the frame of their event.
            var ready = 0
            /// From the event to the change, in frames; more than 0 if the patch was not ready.
            var delayFrames = Distribution([])
            /// Time that the change took on the audio thread.
            var audioThreadMicroseconds = Distribution([])
            /// The time for which former patches sounded after a change, in seconds.
            var rangSeconds = Distribution([])
        }

        struct Timing: Encodable {
            /// From an event's time stamp to its sound, in frames: one buffer.
            var latencyFrames = 0
            /// Delay beyond the latency, in frames.
            var p50 = 0
            var p99 = 0
            var most = 0
        }

        var events = 0
        /// Events that came too late for their frame.
        var late = 0
        /// The number of times MIDI events were lost because a ring was full; all held notes were released each
        /// time.
        var losses = 0
        var timing = Timing()
        var xruns = 0
        var voices = 0
        var mostVoices = 0
        /// Slots in use at the end.
        var slots = 0
        /// Longest rendering time of a block, relative to the duration of the block; over 1 is too long.
        var longestBlock = 0.0
        /// Median of the same over the blocks in which voices sounded.
        var medianBlock = 0.0
        /// Greatest gain reduction of the output's limiter, in dB.
        var gainReductionDB = 0.0
        var changes = Changes()
        var lastChange: String?
    }

    private struct Change {
        var entry: Rig.Entry?
        var frame: Int
        /// Frames after the event.
        var delay: Double
        /// Time on the audio thread.
        var microseconds: Double
        /// Slots of the former patch that still ring.
        var ringing: Int
        /// The time for which the former patch sounded after the change, in seconds.
        var rang = 0.0
    }

    private let engine: Engine
    private var delays: [Double] = []
    private var costs: [Double] = []
    private var rings: [Double] = []
    private var last: Change?
    private(set) var figures = Figures()

    init(_ engine: Engine) { self.engine = engine }

    /// The cost of the last program change, for the status line; nil before the first.
    var lastChange: String? {
        last.map { "change +\(fixed($0.delay, 0)) frames, \(fixed($0.microseconds, 1)) µs" }
    }

    /// Records a report of the engine. Returns a line for each program change that it completes: a change is
    /// complete when the former patch has rung out or at the next change.
    mutating func record(_ report: Report) -> [String] {
        switch report {
        case .changed(let report):
            var completed = last.map { $0.ringing > 0 ? [text($0)] : [] } ?? []
            let change = Change(
                entry: engine.rig.entry(at: report.entry.index), frame: report.frame,
                delay: Double(report.delay),
                microseconds: Double(report.nanoseconds) / 1000, ringing: report.ringing)
            delays.append(change.delay)
            costs.append(change.microseconds)
            last = change
            if change.ringing == 0 { completed.append(text(change)) }
            return completed
        case .rangOut(_, let frame, let frames):
            let seconds = Double(frames) / engine.sampleRate
            rings.append(seconds)
            // Only slots that were left at the last change belong to it; 64 frames is the longest sub-block.
            guard var change = last, abs(frame - frames - change.frame) <= 64,
                change.ringing > 0
            else { return [] }
            change.ringing -= 1
            change.rang = Swift.max(change.rang, seconds)
            last = change
            return change.ringing == 0 ? [text(change)] : []
        default: return []
        }
    }

    /// Records a snapshot of the engine's state, which has the limiter's gain reduction since the one before.
    mutating func record(_ status: EngineStatus) {
        figures.gainReductionDB = Swift.max(figures.gainReductionDB, Double(status.gainReduction))
    }

    private func text(_ change: Change) -> String {
        let old =
            change.ringing > 0
            ? "former patch still rings"
            : change.rang > 0 ? "former patch rang \(fixed(change.rang, 1)) s" : "no former patch sounded"
        return
            "\(change.entry?.title ?? "-"): \(change.delay == 0 ? "ready" : "built on demand"), swapped "
            + "\(fixed(change.delay, 0)) frames after its event, "
            + "audio thread \(fixed(change.microseconds, 1)) µs, \(old)"
    }

    /// Computes `figures` at the end. `latency` is in frames; `longestBlock` and `medianBlock` are relative
    /// to the duration of a block.
    mutating func finish(
        _ status: EngineStatus, timing: EventTiming, latency: Int, losses: Int, xruns: Int,
        longestBlock: Double,
        medianBlock: Double
    ) {
        record(status)
        figures.losses = losses
        figures.timing = .init(latencyFrames: latency, p50: timing.p50, p99: timing.p99, most: timing.most)
        figures.longestBlock = longestBlock
        figures.medianBlock = medianBlock
        figures.events = status.events
        figures.late = status.lateEvents
        figures.xruns = xruns
        figures.voices = status.voices
        figures.mostVoices = status.mostVoices
        figures.slots = status.slots
        figures.changes.count = delays.count
        figures.changes.ready = delays.count { $0 == 0 }
        figures.changes.delayFrames = Distribution(delays)
        figures.changes.audioThreadMicroseconds = Distribution(costs)
        figures.changes.rangSeconds = Distribution(rings)
        figures.lastChange = last.map(text)
    }

    /// The figures as text, for `--stats`.
    var summary: [String] {
        let changes = figures.changes
        var lines = [
            "\(figures.events) events, \(figures.late) late, \(changes.count) program changes, "
                + "at most \(figures.mostVoices) voices, CPU load per block: "
                + "max \(fixed(figures.longestBlock * 100, 0)) %, "
                + "median \(fixed(figures.medianBlock * 100, 1)) %, xruns \(figures.xruns)"
        ]
        if figures.events > 0 {
            let timing = figures.timing
            lines.append(
                "latency \(timing.latencyFrames) frames, additional delay: "
                    + "p50 \(timing.p50), p99 \(timing.p99), max \(timing.most) frames"
            )
        }
        if figures.gainReductionDB >= 0.05 {
            lines.append("the limiter reduced the level by up to \(fixed(figures.gainReductionDB, 1)) dB")
        }
        if figures.losses > 0 { lines.append("MIDI input overflows: \(figures.losses)") }
        guard changes.count > 0 else { return lines }
        lines += [
            "program changes: \(changes.ready) of \(changes.count) on the frame of their event; delay: "
                + changes.delayFrames.text("frames", 0),
            "  time on the audio thread: " + changes.audioThreadMicroseconds.text("µs", 1),
            "  former patches rang: " + changes.rangSeconds.text("s", 1),
        ]
        return lines
    }
}
