import KairosCompiler

/// A place among the playing programs.
struct Slot {
    enum Phase: UInt8 {
        case free
        /// New notes come here.
        case active
        /// Its part has moved on; it hears only what ends it.
        case ringing
        /// It is being faded out.
        case fading
        /// Its layer was silenced, and its fresh instance is not built yet.
        case awaiting
    }

    var phase = Phase.free
    var part: UInt8 = 0
    /// Which of its entry's layers it is.
    var place: UInt8 = 0
    /// Whose volume, pan and expression it has.
    var strip: UInt8 = 0
    var entry: Int32 = -1
    var sound: Int32 = -1
    /// Which state of the sound.
    var version: Int32 = 0
    var rule = LayerRule()
    var program: UnsafeMutableRawPointer?
    var core: UnsafeMutablePointer<InstanceCore>?
    /// Nothing has happened to its program since the standby pool: it can go straight back.
    var isUntouched = true
    /// Whether it ever had a note or a gate.
    var hasPlayed = false
    /// Not rendered before its next note, a gate that opens, or a program change.
    var isSilenced = false
    /// A fresh instance of the same sound has taken its place: its end is no news.
    var isReplaced = false
    /// The frame from which its free phases count.
    var epoch = 0
    /// Tells one use of the slot from the next.
    var generation: UInt32 = 0
    /// When it stopped being active.
    var leftAt = 0
    /// Frames since its last gate fell, once it rings.
    var ringing = 0
    var gain: Float = 1
    /// What the gain loses each frame while it fades.
    var fade: Float = 0
    /// Nanoseconds a frame, measured; 0 while it is not.
    var cost: Float = 0
    /// Since the last end of 64 frames.
    var spent: UInt64 = 0
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

    var isSettled: Bool { remaining == 0 }

    /// Goes the rest of the way at once.
    mutating func arrive() {
        value = target
        remaining = 0
    }

    mutating func advance() {
        guard remaining > 0 else { return }
        remaining -= 1
        value = remaining == 0 ? target : value + step
    }
}
