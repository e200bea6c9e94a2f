/// Value that moves linearly to its target and settles exactly on it. [audio]
struct ScalarRamp: BitwiseCopyable {
    /// Current value.
    private(set) var value: Float
    private var target: Float
    private var step: Float = 0
    private var remaining = 0

    /// A ramp that is settled at `value`.
    init(_ value: Float) {
        self.value = value
        target = value
    }

    /// Starts to move to `target`, reached after `frames` frames, unless it is the target already.
    mutating func move(to target: Float, frames: Int) {
        guard target != self.target else { return }
        self.target = target
        step = (target - value) / Float(frames)
        remaining = frames
    }

    /// True if the target is reached.
    var isSettled: Bool { remaining == 0 }

    /// Sets the value to the target at once.
    mutating func arrive() {
        value = target
        remaining = 0
    }

    /// Advances by one frame.
    mutating func advance() {
        guard remaining > 0 else { return }
        remaining -= 1
        value = remaining == 0 ? target : value + step
    }
}
