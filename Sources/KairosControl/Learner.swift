/// MIDI learn: recognises the control that the player moves from the incoming events. A plain value for one
/// thread.
///
/// It needs a movement, not a touch: a knob moves over at least a tenth of its range, an encoder there and
/// back (or 24 messages one way), a button goes down and up. It ignores events that are not controls: notes
/// while a knob is expected, clock, bank select, parameter selection and channel mode messages.
public struct Learner: Sendable {
    /// A recognised control.
    public struct Finding: Sendable, Equatable {
        /// The message that the control sends.
        public var input: Mapping.Input
        /// The MIDI channel, 0…15.
        public var channel: UInt8
        /// The number of the device.
        public var source: UInt16
        /// The number format of an endless encoder; nil for an absolute control.
        public var encoding: Mapping.Encoding?
        /// True for a button: it sent only 0 and one other value.
        public var isSwitch: Bool

        /// The keys of a mapping's control in YAML, without the target: `cc: 16`.
        public var mappingText: String {
            var text: String
            switch input {
            case .control(let number): text = "cc: \(number)"
            case .controlPair(let coarse, let fine): text = "cc: [\(coarse), \(fine)]"
            case .registered(let number): text = "rpn: \(number)"
            case .nonRegistered(let number): text = "nrpn: \(number)"
            case .pressure: text = "pressure: any"
            case .bend: text = "bend: any"
            case .note(let key): text = "note: \(key)"
            }
            if let encoding { text += ", takeover: relative, encoding: \(encoding.rawValue)" }
            return text
        }
    }

    /// The kind of control that is expected.
    public enum Gesture: Sendable {
        /// A knob, a fader, a wheel, an encoder.
        case movement
        /// A button, a pad, a key; a knob too.
        case press
    }

    private struct Track: Sendable {
        var kind: Event.Kind
        var number: UInt16
        var channel: UInt8
        var source: UInt16
        /// The last ``Learner/fullTurn`` values, 7 bits each.
        var values: [UInt8] = []
        var hasFine = false
    }

    /// The number of messages that count as a full turn of an encoder.
    private static let fullTurn = 24

    private let gesture: Gesture
    private var tracks: [Track] = []

    /// Begins to look for a control that fits `gesture`.
    public init(_ gesture: Gesture) { self.gesture = gesture }

    /// Processes an event. Returns the control where this event completes its recognition, and begins again.
    public mutating func receive(_ event: Event) -> Finding? {
        guard let number = number(of: event.message) else { return nil }
        let index = track(event, number)
        switch event.message {
        case .registered(let entry) where entry.part == .fine,
            .nonRegistered(let entry) where entry.part == .fine:
            tracks[index].hasFine = true
            return nil
        default: break
        }
        tracks[index].values.append(NormalizedValue.sevenBits(event.message.controlValue))
        if tracks[index].values.count > Self.fullTurn { tracks[index].values.removeFirst() }
        guard let finding = finding(tracks[index]) else { return nil }
        tracks = []
        return finding
    }

    /// The number that identifies the control among those of the same kind; nil where the event is not from a
    /// control.
    private func number(of message: Event.Message) -> UInt16? {
        switch message {
        case .control(let number, _, _):
            let isNoControl =
                [0, 32, 88].contains(number) || (98...101).contains(number) || number >= 120
            return isNoControl ? nil : UInt16(number)
        case .registered(let entry): return entry.parameter > 6 ? entry.parameter : nil
        case .nonRegistered(let entry): return entry.parameter
        case .channelPressure, .pitchBend: return 0
        case .noteOn(let key, _), .noteOff(let key, _): return gesture == .press ? UInt16(key) : nil
        default: return nil
        }
    }

    private mutating func track(_ event: Event, _ number: UInt16) -> Int {
        let kind = event.kind == .noteOff ? .noteOn : event.kind
        if let index = tracks.firstIndex(where: {
            $0.kind == kind && $0.number == number && $0.channel == event.channel && $0.source == event.source
        }) {
            return index
        }
        tracks.append(Track(kind: kind, number: number, channel: event.channel, source: event.source))
        return tracks.count - 1
    }

    private func finding(_ track: Track) -> Finding? {
        let values = track.values
        guard let last = values.last else { return nil }
        var found = Finding(
            input: .bend, channel: track.channel, source: track.source, encoding: nil, isSwitch: false)
        switch track.kind {
        case .noteOn:
            guard values.count >= 2, last == 0 else { return nil }
            found.input = .note(Int(track.number))
            found.isSwitch = true
            return found
        case .channelPressure:
            found.input = .pressure
            return moves(values) ? found : nil
        case .pitchBend: return moves(values) ? found : nil
        case .registered, .nonRegistered:
            let number = Int(track.number)
            found.input = track.kind == .registered ? .registered(number) : .nonRegistered(number)
            return moves(values) ? found : nil
        default: return controller(track, found)
        }
    }

    private func controller(_ track: Track, _ start: Finding) -> Finding? {
        var found = start
        let values = track.values, number = Int(track.number)
        found.input = .control(number)
        // Down and up twice, or once where a press is expected.
        let distinct = Set(values)
        if distinct.count <= 2, values.count >= (gesture == .press ? 2 : 4), distinct.contains(0),
            (distinct.max() ?? 0) >= 64
        {
            found.isSwitch = true
            return found
        }
        if let encoding = encoding(values) {
            found.encoding = encoding
            return found
        }
        // The fine controller of a pair: its number is 32 above the coarse one's, and both move together.
        if let coarse = partner(of: track, at: number - 32), number >= 32, number < 64, values.count >= 3 {
            guard moves(coarse.values) else { return nil }
            found.input = .controlPair(number - 32, number)
            return found
        }
        guard moves(values) else { return nil }
        if number < 32, let fine = partner(of: track, at: number + 32), fine.values.count >= 2 {
            found.input = .controlPair(number, number + 32)
        } else if number < 32, track.values.count < 6, gesture == .movement {
            // The fine controller may still come.
            return nil
        }
        return found
    }

    private func partner(of track: Track, at number: Int) -> Track? {
        tracks.first {
            $0.kind == .control && Int($0.number) == number && $0.channel == track.channel
                && $0.source == track.source
        }
    }

    /// True where the values cover at least a tenth of the range with at least four distinct values.
    private func moves(_ values: [UInt8]) -> Bool {
        // Two distinct values are a switch, three an encoder.
        guard let least = values.min(), let most = values.max(), Set(values).count >= 4 else { return false }
        return most - least >= 12
    }

    /// The number format where the values are those of an endless encoder: they stay near the rest value and
    /// repeat, as in 1 1 2 1, 127 127 126, 65 65 66, or 1 and 65.
    ///
    /// While it is turned one way only, the format is ambiguous: 1 is up in two's complement and in
    /// sign-magnitude, 65 is up with an offset and down in sign-magnitude. A step back decides; after a full
    /// turn without one, the more common format is assumed.
    private func encoding(_ values: [UInt8]) -> Mapping.Encoding? {
        guard values.count >= 4, Set(values).count <= 6 else { return nil }
        // An absolute knob does not send the same value twice in a row.
        let repeats = zip(values, values.dropFirst()).count { $0 == $1 }
        guard repeats * 3 >= values.count - 1 || Set(values).count == 1 else { return nil }
        func all(_ ranges: ClosedRange<UInt8>...) -> Bool {
            values.allSatisfy { value in ranges.contains { $0.contains(value) } }
        }
        let isFullTurn = values.count >= Self.fullTurn
        if all(1...7) { return isFullTurn ? .twos : nil }
        if all(65...71) { return isFullTurn ? .offset : nil }
        if all(57...63, 65...71) { return .offset }
        if all(1...7, 121...127) { return .twos }
        if all(1...7, 65...71) { return .sign }
        return nil
    }
}
