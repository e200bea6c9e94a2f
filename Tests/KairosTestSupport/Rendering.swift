public import KairosCompiler
public import KairosControl
import KairosDSP
public import KairosEngine
public import KairosSession

/// Two channels of audio, rendered offline.
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

    /// Renders `events`, with time stamps from frame 0. `periods` are the block sizes, repeated in order.
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

    /// Renders `events` with `sounds`, each as an entry.
    public init(
        _ sounds: [Sound], _ events: [Event], frames: Int, mode: EngineSetup.Mode = .entry, first: Int = 0,
        periods: [Int] = [256], sampleRate: Double = 48_000
    ) {
        self.init(
            Rig(sounds), events, frames: frames, mode: mode, first: first, periods: periods,
            sampleRate: sampleRate)
    }

    /// Renders `host` into this value.
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

    /// Multiplies each frame by `gain` of its number.
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

/// A list of events by frame, with one method per kind of event.
public struct Score {
    /// One item: an event, or bytes of MIDI.
    public struct Item: Sendable {
        /// Time in nanoseconds from the start.
        public var stamp: UInt64
        /// Contents.
        public var content: Content

        /// An event as the engine receives it, or whole messages as received from a cable.
        public enum Content: Sendable { case event(Event), bytes([UInt8]) }
    }

    /// An event input that scores are sent through. A class, because the optimizer miscompiles a task-local
    /// function.
    public final class Input: Sendable {
        let events: @Sendable ([Item]) -> [Event]

        /// Converts the items of a score to the engine's events.
        public init(_ events: @escaping @Sendable ([Item]) -> [Event]) { self.events = events }
    }

    /// The input that scores are sent through. With nil the events are used as they are, and bytes are decoded.
    @TaskLocal public static var input: Input?

    private var items: [Item] = []
    private let timebase: Timebase

    /// An empty score.
    public init(sampleRate: Double = 48_000) { timebase = .offline(sampleRate: sampleRate) }

    /// Items in order.
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

    /// Adds an event at a frame.
    public mutating func add(_ frame: Int, _ event: Event) {
        add(frame) { stamp in
            var event = event
            event.stamp = stamp
            return .event(event)
        }
    }

    /// Adds bytes as received from a cable.
    public mutating func bytes(_ frame: Int, _ bytes: [UInt8]) { add(frame) { _ in .bytes(bytes) } }

    /// Adds a note-on; velocity 1…127.
    public mutating func on(
        _ frame: Int, _ key: Int, velocity: UInt8 = 100, channel: UInt8 = 0, source: UInt16 = 0
    ) {
        add(
            frame,
            Event(
                .noteOn, channel: channel, number: UInt32(key), normalized: NormalizedValue.scaled(velocity),
                source: source))
    }

    /// Adds a note-off.
    public mutating func off(_ frame: Int, _ key: Int, channel: UInt8 = 0, source: UInt16 = 0) {
        add(
            frame,
            Event(
                .noteOff, channel: channel, number: UInt32(key), normalized: NormalizedValue.scaled(64),
                source: source
            ))
    }

    /// Adds a control change, 0…127.
    public mutating func control(
        _ frame: Int, _ number: Int, _ value: UInt8, channel: UInt8 = 0, source: UInt16 = 0
    ) {
        add(
            frame,
            Event(
                .control, channel: channel, number: UInt32(number), normalized: NormalizedValue.scaled(value),
                source: source))
    }

    /// Adds a program change; `number` is bank × 128 + program.
    public mutating func program(_ frame: Int, _ number: Int, channel: UInt8 = 0) {
        add(frame, Event(.program, channel: channel, number: UInt32(number)))
    }

    /// Adds a pitch bend, −8192…8191.
    public mutating func bend(_ frame: Int, _ value: Int, channel: UInt8 = 0) {
        add(
            frame,
            Event(
                .pitchBend, channel: channel,
                normalized: NormalizedValue.scaled(UInt32(value + 8192), bits: 14)
            ))
    }
}

/// The law of the swap: the whole, minus the render without new notes, minus the render without old notes, is
/// silence.
public struct SwapLaw {
    /// Render with all notes.
    public let whole: Rendering
    /// Render without the note-ons after the change.
    public let before: Rendering
    /// Render without the note-ons before the change.
    public let after: Rendering

    /// Renders the same events three times; the change is at `frame`.
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

    /// Residue in dBFS.
    public var residual: Float { residual(of: whole) }

    /// Residue if `other` had been heard instead of the whole.
    public func residual(of other: Rendering) -> Float { dB((other - before - after).peak) }

    /// Behaviour of other instruments: the old sound stops at `frame`.
    public func hardCut(at frame: Int) -> Rendering { before.scaled { $0 < frame ? 1 : 0 } + after }

    /// Behaviour of other instruments: all is silent for `length` frames.
    public func mute(at frame: Int, length: Int) -> Rendering {
        whole.scaled { (frame..<frame + length).contains($0) ? 0 : 1 }
    }

    /// Behaviour of other instruments: the old sound is faded out within `length` frames.
    public func crossfade(at frame: Int, length: Int) -> Rendering {
        before.scaled { min(1, max(0, 1 - Float($0 - frame) / Float(length))) } + after
    }
}
