/// A value that moves in a straight line and reaches its target exactly.
struct ScalarRamp: BitwiseCopyable {
    private(set) var value: Float
    private var target: Float
    private var step: Float = 0
    private var remaining = 0

    init(_ value: Float) {
        self.value = value
        target = value
    }

    /// Moves to `target` within `frames`. It does nothing where that is the target already.
    mutating func move(to target: Float, frames: Int) {
        guard target != self.target else { return }
        self.target = target
        step = (target - value) / Float(frames)
        remaining = frames
    }

    /// True where the target is reached.
    var isSettled: Bool { remaining == 0 }

    /// Goes to the target at once.
    mutating func arrive() {
        value = target
        remaining = 0
    }

    /// Moves on by one frame.
    mutating func advance() {
        guard remaining > 0 else { return }
        remaining -= 1
        value = remaining == 0 ? target : value + step
    }
}
