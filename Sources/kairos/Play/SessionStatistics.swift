import KairosEngine

/// What the changes of an evening cost: told one by one, and summed up at its end.
struct SessionStatistics {
    /// Median, 99th percentile and maximum.
    struct Spread: Encodable {
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

        func text(_ unit: String, _ places: Int) -> String {
            "p50 \(fixed(p50, places)), p99 \(fixed(p99, places)), most \(fixed(max, places)) \(unit)"
        }
    }

    /// For `--json`.
    struct Figures: Encodable {
        struct Changes: Encodable {
            var count = 0
            /// Those that took place on their own frame.
            var ready = 0
            var delayFrames = Spread([])
            var audioThreadMicroseconds = Spread([])
            var rangSeconds = Spread([])
        }

        struct Timing: Encodable {
            /// From an event's stamp to its sound, in frames: one period.
            var latencyFrames = 0
            /// Beyond that, in frames.
            var p50 = 0
            var p99 = 0
            var most = 0
        }

        var events = 0
        var late = 0
        /// How often MIDI came faster than it could be taken, and everything held was let go.
        var losses = 0
        var timing = Timing()
        var xruns = 0
        var voices = 0
        var mostVoices = 0
        var slots = 0
        /// As a part of the time it had, 0…1.
        var longestBlock = 0.0
        /// Of the blocks in which voices sounded.
        var medianBlock = 0.0
        var changes = Changes()
        var lastChange: String?
    }

    private struct Change {
        var entry: Rig.Entry?
        var frame: Int
        var delay: Double
        var microseconds: Double
        /// Slots of the sound before that still ring.
        var ringing: Int32
        var rang = 0.0
    }

    private let engine: Engine
    private var delays: [Double] = []
    private var costs: [Double] = []
    private var rings: [Double] = []
    private var last: Change?
    private(set) var figures = Figures()

    init(_ engine: Engine) { self.engine = engine }

    /// What the last change cost, for the line of state; nil before the first.
    var lastChange: String? {
        last.map { "change +\(fixed($0.delay, 0)) frames, \(fixed($0.microseconds, 1)) µs" }
    }

    /// Records a report of the engine. Returns the lines of the changes that it completes: a change is complete when its
    /// old sound has rung out or when the next change comes.
    mutating func take(_ report: Report) -> [String] {
        switch report.kind {
        case .changed:
            var completed = last.map { $0.ringing > 0 ? [text($0)] : [] } ?? []
            let change = Change(
                entry: engine.rig.entry(at: Int(report.entry)), frame: report.frame,
                delay: Double(report.value),
                microseconds: Double(report.nanoseconds) / 1000, ringing: report.index)
            delays.append(change.delay)
            costs.append(change.microseconds)
            last = change
            if change.ringing == 0 { completed.append(text(change)) }
            return completed
        case .rangOut:
            let seconds = Double(report.value) / engine.sampleRate
            rings.append(seconds)
            // Which change it was that this slot was left at.
            guard var change = last, abs(report.frame - Int(report.value) - change.frame) <= 64,
                change.ringing > 0
            else { return [] }
            change.ringing -= 1
            change.rang = Swift.max(change.rang, seconds)
            last = change
            return change.ringing == 0 ? [text(change)] : []
        default: return []
        }
    }

    private func text(_ change: Change) -> String {
        let number = change.entry?.number.map {
            $0 >= 128 ? "bank \($0 / 128) program \($0 % 128) " : "program \($0) "
        }
        let old =
            change.ringing > 0
            ? "old sound rings"
            : change.rang > 0 ? "old sound rang \(fixed(change.rang, 1)) s" : "nothing rang on"
        return
            "change: \(number ?? "")\"\(change.entry?.name ?? "-")\": \(change.delay == 0 ? "ready" : "built first"), swapped "
            + "\(fixed(change.delay, 0)) frames after its event, audio thread \(fixed(change.microseconds, 1)) µs, \(old)"
    }

    /// The end of the evening.
    mutating func close(
        _ status: EngineStatus, timing: EventTiming, latency: Int, losses: Int, xruns: Int,
        longestBlock: Double,
        medianBlock: Double
    ) {
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
        figures.changes.delayFrames = Spread(delays)
        figures.changes.audioThreadMicroseconds = Spread(costs)
        figures.changes.rangSeconds = Spread(rings)
        figures.lastChange = last.map(text)
    }

    /// The figures in lines.
    var summary: [String] {
        let changes = figures.changes
        var lines = [
            "\(figures.events) events, \(figures.late) late, \(changes.count) program changes, most voices \(figures.mostVoices), longest block \(fixed(figures.longestBlock * 100, 0)) % of its time (the median \(fixed(figures.medianBlock * 100, 1)) %), xruns \(figures.xruns)"
        ]
        if figures.events > 0 {
            let timing = figures.timing
            lines.append(
                "events sound \(timing.latencyFrames) frames after their stamps, and later by: p50 \(timing.p50), p99 \(timing.p99), most \(timing.most) frames"
            )
        }
        if figures.losses > 0 { lines.append("MIDI came too fast to be taken \(figures.losses) times") }
        guard changes.count > 0 else { return lines }
        lines += [
            "changes: \(changes.ready) of \(changes.count) on their own frame; frames after the event: "
                + changes.delayFrames.text("frames", 0),
            "  audio thread: " + changes.audioThreadMicroseconds.text("µs", 1),
            "  old sounds rang: " + changes.rangSeconds.text("s", 1),
        ]
        return lines
    }
}
