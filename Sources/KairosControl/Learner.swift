/// Finds out what the player moves, from the events of the moment.
///
/// It needs a movement, not a touch: a knob goes at least a tenth of its way, an encoder there and back (or a whole
/// turn one way), a button goes down and up.
/// What is no control is left alone: notes while a knob is looked for, clock, bank select, mode messages, the halves
/// of what it has recognised already.
///
/// > One thread; plain values.
public struct Learner: Sendable {
    /// What was recognised.
    public struct Finding: Sendable, Equatable {
        /// What moves.
        public var input: Mapping.Input
        /// The channel it came on, 0…15.
        public var channel: UInt8
        /// The device it came from.
        public var source: UInt16
        /// How an encoder says how far it was turned; nil for what says where it stands.
        public var encoding: Mapping.Encoding?
        /// Whether it only ever said 0 and one other value.
        public var isSwitch: Bool

        /// As a line of a mapping says it, without its target.
        public var words: String {
            var words: String
            switch input {
            case .control(let number): words = "cc: \(number)"
            case .controlPair(let coarse, let fine): words = "cc: [\(coarse), \(fine)]"
            case .registered(let number): words = "rpn: \(number)"
            case .nonRegistered(let number): words = "nrpn: \(number)"
            case .pressure: words = "pressure: any"
            case .bend: words = "bend: any"
            case .note(let key): words = "note: \(key)"
            }
            if let encoding { words += ", takeover: relative, encoding: \(encoding.rawValue)" }
            return words
        }
    }

    /// What may be found for a target.
    public enum Wish: Sendable {
        /// A knob, a fader, a wheel, an encoder.
        case movement
        /// A button, a pad, a key; a knob too.
        case press
    }

    private struct Track: Sendable {
        var kind: Event.Kind
        var number: UInt32
        var channel: UInt8
        var source: UInt16
        /// The last ``Learner/turn`` values of 7 bits.
        var values: [UInt8] = []
        var hasFine = false
    }

    /// A whole turn of an encoder, in messages.
    private static let turn = 24

    private let wish: Wish
    private var tracks: [Track] = []

    /// Looking for what `wish` says.
    public init(_ wish: Wish) { self.wish = wish }

    /// An event. Returns what it completes, once.
    public mutating func take(_ event: Event) -> Finding? {
        guard let number = number(of: event) else { return nil }
        let index = track(event, number)
        if event.part == .fine, event.kind != .control {
            tracks[index].hasFine = true
            return nil
        }
        let isRelease = event.kind == .noteOff
        tracks[index].values.append(isRelease ? 0 : UInt8(event.position >> 25))
        if tracks[index].values.count > Self.turn { tracks[index].values.removeFirst() }
        guard let finding = finding(tracks[index]) else { return nil }
        tracks = []
        return finding
    }

    /// The number that tells one control from another, or nil for what is none.
    private func number(of event: Event) -> UInt32? {
        switch event.kind {
        case .control:
            let number = event.number & 127
            return [0, 32, 88].contains(number) || (98...101).contains(number) || number >= 120 ? nil : number
        case .registered: return event.parameter > 6 ? event.parameter : nil
        case .nonRegistered: return event.parameter
        case .channelPressure, .pitchBend: return 0
        case .noteOn, .noteOff: return wish == .press ? event.number & 127 : nil
        default: return nil
        }
    }

    private mutating func track(_ event: Event, _ number: UInt32) -> Int {
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
        // Down and up again, twice, or once where a press is looked for.
        let distinct = Set(values)
        if distinct.count <= 2, values.count >= (wish == .press ? 2 : 4), distinct.contains(0),
            (distinct.max() ?? 0) >= 64
        {
            found.isSwitch = true
            return found
        }
        if let encoding = encoding(values) {
            found.encoding = encoding
            return found
        }
        // The fine half under a coarse one: 32 above it, moving with it.
        if let coarse = partner(of: track, at: number - 32), number >= 32, number < 64, values.count >= 3 {
            guard moves(coarse.values) else { return nil }
            found.input = .controlPair(number - 32, number)
            return found
        }
        guard moves(values) else { return nil }
        if number < 32, let fine = partner(of: track, at: number + 32), fine.values.count >= 2 {
            found.input = .controlPair(number, number + 32)
        } else if number < 32, track.values.count < 6, wish == .movement {
            // A fine half may still come.
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

    /// A tenth of the way, in steps that a hand makes.
    private func moves(_ values: [UInt8]) -> Bool {
        // Two values in turn are a switch, three an encoder.
        guard let least = values.min(), let most = values.max(), Set(values).count >= 4 else { return false }
        return most - least >= 12
    }

    /// Steps of an encoder stay near their rest and repeat: 1 1 2 1 or 127 127 126, 65 65 66 or 63, 1 or 65.
    ///
    /// Turned one way only, 1 is up in two's complement and with a sign, and 65 is up in one and down in another: it
    /// takes a turn back. A whole turn without one, and the likelier is taken.
    private func encoding(_ values: [UInt8]) -> Mapping.Encoding? {
        guard values.count >= 4, Set(values).count <= 6 else { return nil }
        // A knob that is turned does not say the same twice in a row.
        let repeats = zip(values, values.dropFirst()).count { $0 == $1 }
        guard repeats * 3 >= values.count - 1 || Set(values).count == 1 else { return nil }
        func all(_ ranges: ClosedRange<UInt8>...) -> Bool {
            values.allSatisfy { value in ranges.contains { $0.contains(value) } }
        }
        let isWhole = values.count >= Self.turn
        if all(1...7) { return isWhole ? .twos : nil }
        if all(65...71) { return isWhole ? .offset : nil }
        if all(57...63, 65...71) { return .offset }
        if all(1...7, 121...127) { return .twos }
        if all(1...7, 65...71) { return .sign }
        return nil
    }
}
