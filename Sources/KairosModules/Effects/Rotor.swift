import KairosDSP

/// Rotor of a rotary speaker: its speed, which approaches another one, and its angle. [audio]
struct Rotor: BitwiseCopyable {
    /// Speeds in turns per second, and time constants in seconds of rising and falling speed.
    struct Design: BitwiseCopyable {
        let slow: Float
        let fast: Float
        let rise: Float
        let fall: Float
    }

    /// Setting of the switch, in the order of the words in a patch.
    enum Switch: Int, CaseIterable { case slow, fast, brake }

    private let design: Design
    /// Length of a control tick in seconds.
    private let tickTime: Float
    /// Speed in turns per second.
    private(set) var speed: Float = 0
    /// Angle; a full turn is 2³².
    private(set) var angle: UInt32 = 0

    init(_ design: Design, _ format: Format) {
        self.design = design
        tickTime = Float(SubBlock.controlTick) / format.sampleRate
    }

    /// Turns on for `ticks` ticks. The speed approaches that of the switch, or with a `pedal` of 0 the slow one; time
    /// constants are divided by `acceleration`. If `snapping` the speed is there at once and the angle is 0.
    @inline(__always) mutating func turn(
        _ setting: Switch, pedal: Float, acceleration: Float, ticks: Int, snapping: Bool
    ) {
        let chosen = setting == .fast ? design.fast : setting == .slow ? design.slow : 0
        let target = design.slow + (chosen - design.slow) * min(1, max(0, pedal))
        if snapping {
            speed = target
            angle = 0
        }
        let time = tickTime * Float(ticks), before = speed
        if speed != target {
            let constant = target > speed ? design.rise : design.fall
            let rest = exp2(Lanes(repeating: -1.442_695 * time * acceleration / constant))[0]
            speed = target + (speed - target) * rest
            // It comes to rest.
            if abs(speed - target) < 1e-4 { speed = target }
        }
        angle = angle &+ phaseOffset(turns: Lanes(repeating: 0.5 * (before + speed) * time))[0]
    }
}
