/// A channel strip: volume, pan and expression (controllers 7, 10 and 11) behind all slots, so that a program
/// change does not affect them.
struct Strip: BitwiseCopyable {
    /// Normalized values, 0…1.
    var volume: Float = 1
    var expression: Float = 1
    var pan: Float = 0.5
    /// The gains on the left and the right.
    private(set) var left = ScalarRamp(1)
    private(set) var right = ScalarRamp(1)

    /// True where the gains have reached their targets.
    var isSettled: Bool { left.isSettled && right.isSettled }

    /// True where the strip changes nothing.
    var isUnity: Bool { isSettled && left.value == 1 && right.value == 1 }

    /// Moves the gains to the controllers' values: volume and expression by the square (MMA RP-015: 40·log10), pan
    /// as a balance, so that the centre changes nothing.
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

    /// Moves the gains on by one frame.
    mutating func advance() {
        left.advance()
        right.advance()
    }
}
