/// Channel strip: volume, pan and expression (controllers 7, 10 and 11). The slots feed it, so a program change does not
/// affect it. [audio]
struct Strip: BitwiseCopyable {
    /// Volume as a normalized value, 0…1.
    var volume: Float = 1
    /// Expression as a normalized value, 0…1.
    var expression: Float = 1
    /// Pan: 0 left…1 right.
    var pan: Float = 0.5
    /// Gains of the left and the right channel.
    private(set) var left = ScalarRamp(1)
    private(set) var right = ScalarRamp(1)

    /// True if the gains have reached their targets.
    var isSettled: Bool { left.isSettled && right.isSettled }

    /// True if the output is the input.
    var isUnity: Bool { isSettled && left.value == 1 && right.value == 1 }

    /// Moves the gains to the controllers' values within `frames`: volume and expression by the square (MMA RP-015:
    /// 40·log10), pan as a balance, whose centre changes nothing.
    mutating func aim(frames: Int) {
        let level = volume * volume * expression * expression
        left.move(to: level * min(1, 2 - 2 * pan), frames: frames)
        right.move(to: level * min(1, 2 * pan), frames: frames)
    }

    /// Sets the gains to the controllers' values at once.
    mutating func snap() {
        aim(frames: 1)
        left.arrive()
        right.arrive()
    }

    /// Advances the gains by one frame.
    mutating func advance() {
        left.advance()
        right.advance()
    }
}
