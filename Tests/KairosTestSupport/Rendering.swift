import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosSession

/// Two channels of sound, rendered offline.
public struct Rendering: Equatable, Sendable {
    /// Channel 1.
    public var left: [Float]
    /// Channel 2.
    public var right: [Float]

    /// Silence.
    public init(frames: Int) {
        left = Array(repeating: 0, count: frames)
        right = left
    }

    /// Renders `events` (stamps from frame 0). `periods` are the block sizes, in turn.
    public init(
        _ rig: Rig, _ events: [Event], frames: Int, mode: EngineSetup.Mode = .entry,
        first: Int = 0,
        periods: [Int] = [256], sampleRate: Double = 48_000
    ) {
        self.init(frames: frames)
        let host = OfflineHost(rig, mode: mode, first: first, sampleRate: sampleRate)
        host.play(events)
        render(with: host, periods: periods)
    }

    /// The same, each sound an entry of its own.
    public init(
        _ sounds: [Sound], _ events: [Event], frames: Int, mode: EngineSetup.Mode = .entry, first: Int = 0,
        periods: [Int] = [256], sampleRate: Double = 48_000
    ) {
        self.init(
            Rig(sounds), events, frames: frames, mode: mode, first: first, periods: periods,
            sampleRate: sampleRate)
    }

    /// Lets `host` render into this.
    public mutating func render(with host: OfflineHost, periods: [Int] = [256]) {
        let frames = left.count
        left.withUnsafeMutableBufferPointer { l in
            right.withUnsafeMutableBufferPointer { r in
                guard let l = l.baseAddress, let r = r.baseAddress else { return }
                var done = 0, turn = 0
                while done < frames {
                    let count = min(periods[turn % periods.count], frames - done)
                    host.render(left: l + done, right: r + done, frames: count, sum: true)
                    done += count
                    turn += 1
                }
            }
        }
    }

    /// The largest sample, as an amplitude.
    public var peak: Float { zip(left, right).reduce(0) { max($0, max(abs($1.0), abs($1.1))) } }

    /// Sample by sample.
    public static func - (a: Rendering, b: Rendering) -> Rendering {
        var result = a
        for n in a.left.indices {
            result.left[n] -= b.left[n]
            result.right[n] -= b.right[n]
        }
        return result
    }

    /// Sample by sample.
    public static func + (a: Rendering, b: Rendering) -> Rendering {
        var result = a
        for n in a.left.indices {
            result.left[n] += b.left[n]
            result.right[n] += b.right[n]
        }
        return result
    }

    /// Each frame multiplied by what `gain` says of it.
    public func scaled(_ gain: (Int) -> Float) -> Rendering {
        var result = self
        for n in left.indices {
            result.left[n] *= gain(n)
            result.right[n] *= gain(n)
        }
        return result
    }

    /// The first frame in which two renderings differ in any bit, or nil.
    public func firstDifference(_ other: Rendering) -> Int? {
        left.indices.first {
            left[$0].bitPattern != other.left[$0].bitPattern
                || right[$0].bitPattern != other.right[$0].bitPattern
        }
    }
}

/// Decibels of an amplitude.
public func dB(_ amplitude: Float) -> Float { decibels(amplitude: amplitude) }

/// Events by frame, easily written.
public struct Score {
    /// One thing that is written: an event, or bytes of MIDI.
    public struct Item: Sendable {
        /// When, in nanoseconds from the start.
        public var stamp: UInt64
        /// What.
        public var content: Content

        /// An event as the engine takes it, or whole messages as they come over a cable.
        public enum Content: Sendable { case event(Event), bytes([UInt8]) }
    }

    /// An event input that scores go through. A class, because the optimizer breaks a task-local function.
    public final class Input: Sendable {
        let events: @Sendable ([Item]) -> [Event]

        /// `events` makes the engine's events of what was written.
        public init(_ events: @escaping @Sendable ([Item]) -> [Event]) { self.events = events }
    }

    /// The input that scores go through; nil lets events act as they are written, and decodes bytes.
    @TaskLocal public static var input: Input?

    private var items: [Item] = []
    private let timebase: Timebase

    /// An empty score.
    public init(sampleRate: Double = 48_000) { timebase = .offline(sampleRate: sampleRate) }

    /// In order.
    public var events: [Event] {
        if let input = Self.input { return input.events(items) }
        return items.flatMap { item -> [Event] in
            switch item.content {
            case .event(let event): return [event]
            case .bytes(let bytes):
                var decoder = MIDIDecoder(), events: [Event] = []
                for byte in bytes { decoder.decode(byte) { events.append($0) } }
                for index in events.indices { events[index].stamp = item.stamp }
                return events
            }
        }
    }

    private mutating func add(_ frame: Int, _ content: (UInt64) -> Item.Content) {
        let stamp = timebase.stamp(of: frame)
        let at = items.firstIndex { $0.stamp > stamp } ?? items.count
        items.insert(Item(stamp: stamp, content: content(stamp)), at: at)
    }

    /// Adds any event at a frame.
    public mutating func add(_ frame: Int, _ event: Event) {
        add(frame) { stamp in
            var event = event
            event.stamp = stamp
            return .event(event)
        }
    }

    /// Bytes as they come over a cable.
    public mutating func bytes(_ frame: Int, _ bytes: [UInt8]) { add(frame) { _ in .bytes(bytes) } }

    /// A key goes down; velocity 1…127.
    public mutating func on(
        _ frame: Int, _ key: Int, velocity: UInt8 = 100, channel: UInt8 = 0, source: UInt16 = 0
    ) {
        add(
            frame,
            Event(
                .noteOn, channel: channel, number: UInt32(key), normalized: NormalizedValue.scaled(velocity),
                source: source))
    }

    /// A key comes up.
    public mutating func off(_ frame: Int, _ key: Int, channel: UInt8 = 0, source: UInt16 = 0) {
        add(
            frame,
            Event(
                .noteOff, channel: channel, number: UInt32(key), normalized: NormalizedValue.scaled(64),
                source: source
            ))
    }

    /// A controller, 0…127.
    public mutating func control(
        _ frame: Int, _ number: Int, _ value: UInt8, channel: UInt8 = 0, source: UInt16 = 0
    ) {
        add(
            frame,
            Event(
                .control, channel: channel, number: UInt32(number), normalized: NormalizedValue.scaled(value),
                source: source))
    }

    /// A program change; bank × 128 + program.
    public mutating func program(_ frame: Int, _ number: Int, channel: UInt8 = 0) {
        add(frame, Event(.program, channel: channel, number: UInt32(number)))
    }

    /// The pitch wheel, −8192…8191.
    public mutating func bend(_ frame: Int, _ value: Int, channel: UInt8 = 0) {
        add(
            frame,
            Event(
                .pitchBend, channel: channel,
                normalized: NormalizedValue.scaled(UInt32(value + 8192), bits: 14)
            ))
    }
}

/// The law of the swap: whole − without what follows − without what went before is nothing.
public struct SwapLaw {
    /// All notes.
    public let whole: Rendering
    /// Without the note-ons after the change.
    public let before: Rendering
    /// Without the note-ons before the change.
    public let after: Rendering

    /// Renders the same stream three times; the change is at `frame`.
    public init(
        _ rig: Rig, _ events: [Event], change frame: Int, frames: Int, first: Int = 0
    ) {
        let stamp = Timebase.offline(sampleRate: 48_000).stamp(of: frame)
        func rendered(_ keeps: (Event) -> Bool) -> Rendering {
            Rendering(
                rig, events.filter { $0.kind != .noteOn || keeps($0) }, frames: frames, first: first)
        }
        whole = rendered { _ in true }
        before = rendered { $0.stamp < stamp }
        after = rendered { $0.stamp >= stamp }
    }

    /// What is left, in dBFS.
    public var residual: Float { residual(of: whole) }

    /// What is left when `other` had been heard instead.
    public func residual(of other: Rendering) -> Float { dB((other - before - after).peak) }

    /// What a player has elsewhere: the old sound stops dead at `frame`.
    public func hardCut(at frame: Int) -> Rendering { before.scaled { $0 < frame ? 1 : 0 } + after }

    /// What a player has elsewhere: everything is silent for `length` frames.
    public func mute(at frame: Int, length: Int) -> Rendering {
        whole.scaled { (frame..<frame + length).contains($0) ? 0 : 1 }
    }

    /// What a player has elsewhere: the old sound is faded out within `length` frames.
    public func crossfade(at frame: Int, length: Int) -> Rendering {
        before.scaled { min(1, max(0, 1 - Float($0 - frame) / Float(length))) } + after
    }
}
