/// Tap tempo: the mean interval of up to eight taps. A plain value for one thread.
public struct TapTempo: Sendable {
    private let sampleRate: Double
    private var taps = InlineArray<8, Int>(repeating: 0)
    private var count = 0

    /// A tap tempo without taps; `sampleRate` is in Hz.
    public init(sampleRate: Double) { self.sampleRate = sampleRate }

    /// Adds a tap at `frame`. Returns the tempo in beats per minute, 20…400, from the second tap on; nil
    /// after the first.
    ///
    /// A pause of three seconds or an interval under 9/10 of a beat at 400 BPM starts over. An interval that
    /// differs by more than 40 % from the mean starts a new tempo with it.
    public mutating func tap(at frame: Int) -> Double? {
        if count > 0 {
            let interval = Double(frame - taps[count - 1])
            guard interval < 3 * sampleRate, interval > sampleRate * 60 / 400 * 0.9 else {
                return begin(frame)
            }
            if count > 1 {
                let mean = Double(taps[count - 1] - taps[0]) / Double(count - 1)
                if abs(interval - mean) > 0.4 * mean {
                    // The last interval is the first of another tempo.
                    let last = taps[count - 1]
                    _ = begin(last)
                }
            }
        }
        if count == 8 {
            for index in 1..<8 { taps[index - 1] = taps[index] }
            count -= 1
        }
        taps[count] = frame
        count += 1
        guard count > 1 else { return nil }
        let beat = Double(taps[count - 1] - taps[0]) / Double(count - 1)
        return min(400, max(20, sampleRate * 60 / beat))
    }

    private mutating func begin(_ frame: Int) -> Double? {
        taps[0] = frame
        count = 1
        return nil
    }
}
