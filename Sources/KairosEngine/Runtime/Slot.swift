/// A place among the playing programs.
struct Slot {
    enum Phase: UInt8 {
        case free
        /// New notes of its part come here.
        case active
        /// Its part has moved on; it hears only what ends it.
        case ringing
        /// It is being faded out.
        case fading
    }

    var phase = Phase.free
    var part: UInt8 = 0
    var entry: Int32 = -1
    var program: UnsafeMutableRawPointer?
    var core: UnsafeMutablePointer<ProgramCore>?
    /// Tells one use of the slot from the next.
    var generation: UInt32 = 0
    /// When it stopped being active.
    var leftAt = 0
    /// Frames since its last gate fell, once it rings.
    var ringing = 0
    var gain: Float = 1
    /// What the gain loses each frame while it fades.
    var fade: Float = 0
}

/// One value in a straight line, exact at its end.
struct ScalarRamp {
    private(set) var value: Float
    private var target: Float
    private var step: Float = 0
    private var remaining = 0

    init(_ value: Float) {
        self.value = value
        target = value
    }

    mutating func move(to target: Float, frames: Int) {
        guard target != self.target else { return }
        self.target = target
        step = (target - value) / Float(frames)
        remaining = frames
    }

    mutating func advance() {
        guard remaining > 0 else { return }
        remaining -= 1
        value = remaining == 0 ? target : value + step
    }
}

/// A player's place on stage: which program is new notes', and what is past all its slots.
struct Part {
    var active: Int16 = -1
    /// Asked for and not there yet.
    var pending: Int32 = -1
    /// When it was asked for.
    var pendingSince = 0
    /// CC 7, 10 and 11, as positions 0…1.
    var volume: Float = 1
    var expression: Float = 1
    var pan: Float = 0.5
    var left = ScalarRamp(1)
    var right = ScalarRamp(1)

    /// Volume and expression by the square (MMA RP-015's 40·log10), pan as a balance: the middle is untouched.
    mutating func aim(frames: Int) {
        let level = volume * volume * expression * expression
        left.move(to: level * min(1, 2 - 2 * pan), frames: frames)
        right.move(to: level * min(1, 2 * pan), frames: frames)
    }
}

/// The last word of every channel.
struct Channel {
    /// −1…1
    var bend: Float = 0
    /// 0…1
    var pressure: Float = 0
    /// Where each controller was last.
    var positions = InlineArray<128, UInt32>(repeating: 0)
    /// Whether it was ever heard of.
    var known = InlineArray<128, Bool>(repeating: false)
}

/// Something that waits for the next point of the grid.
struct Deferred {
    enum Kind: UInt8 { case param, gate, bend, pressure, polyPressure, volume, pan, expression }

    var kind: Kind
    var due: Int
    var slot: Int16 = -1
    var generation: UInt32 = 0
    /// A parameter, gate, channel, part or note serial.
    var index: UInt32 = 0
    var value: Float = 0
}
