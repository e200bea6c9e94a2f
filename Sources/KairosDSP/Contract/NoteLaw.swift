/// Conversion of note values for one parameter. [any]
@frozen public struct NoteLaw: BitwiseCopyable, Sendable, Equatable {
    /// Meaning of the parameter's number.
    public enum Kind: BitwiseCopyable, Sendable, Equatable {
        /// A time in seconds: the length of the note value.
        case time
        /// A rate in hertz: note values per second.
        case rate
    }

    /// Meaning of the number.
    public let kind: Kind
    /// Range of the number.
    public let low: Float, high: Float

    /// The conversion for a parameter of this kind and range.
    @inlinable public init(_ kind: Kind, low: Float, high: Float) {
        self.kind = kind
        self.low = low
        self.high = high
    }

    /// Number and length of a note value at `tempo`, 20…400 beats per minute, with `meter` beats in a bar. A note value
    /// whose number is out of the range is halved or doubled until it fits, up to five times; the number is then
    /// clamped.
    public func resolve(
        _ note: NoteValue, tempo: Float = 120, meter: Int = 4
    ) -> (number: Float, period: BeatPeriod) {
        var period = note.length(meter: meter)
        for _ in 0..<5 {
            let number = number(period, tempo)
            let isLong = kind == .time ? number > high : number < low
            let isShort = kind == .time ? number < low : number > high
            if isLong, period.units % 2 == 0 {
                period = BeatPeriod(units: period.units / 2)
            } else if isShort {
                period = BeatPeriod(units: period.units &* 2)
            } else {
                break
            }
        }
        return (min(high, max(low, number(period, tempo))), period)
    }

    /// The note value whose number at `tempo` and `meter` has the ratio nearest to 1 to `number`.
    public func nearest(to number: Float, tempo: Float, meter: Int) -> NoteValue {
        var nearest = NoteValue(index: 0), least = Float.infinity
        for index in 0..<NoteValue.count {
            let note = NoteValue(index: index)
            let other = self.number(note.length(meter: meter), tempo)
            let ratio = max(number, 1e-6) / other
            let distance = max(ratio, 1 / ratio)
            if distance < least { (nearest, least) = (note, distance) }
        }
        return nearest
    }

    private func number(_ period: BeatPeriod, _ tempo: Float) -> Float {
        kind == .time ? period.seconds(tempo: tempo) : 1 / period.seconds(tempo: tempo)
    }
}
