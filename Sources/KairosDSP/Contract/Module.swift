/// A unit of sound in a patch: a plain struct with four verbs.
///
/// `init` may allocate; nothing else may. Every value in `process` is sixteen lanes: sixteen voices, or the
/// channels of a bus. Which lane a note gets, what sounded there before, what sounds beside it and how the
/// engine cuts time into pieces never change a bit of what it puts out.
public protocol Module: SendableMetatype, ~Copyable {
    /// Where signals and gates come in.
    associatedtype Inlet: InletKey
    /// Where signals go out.
    associatedtype Outlet: OutletKey
    /// What can be set, mapped and modulated.
    associatedtype Param: ParamKey

    /// What it is, for people. Read when a patch is built, never in `process`.
    static var info: ModuleInfo { get }

    /// Makes the module for one place in a patch.
    ///
    /// > Control thread. The only place that may allocate.
    init(_ format: Format)

    /// Makes it as good as new.
    ///
    /// > Audio or loader thread.
    mutating func reset()

    /// A new note takes these lanes: clears their state, before the piece that begins with the note.
    ///
    /// `seeds` is the source of everything random in a lane: it comes from the patch, the module and the
    /// note's ordinal.
    ///
    /// > Audio thread.
    mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>)

    /// Renders one piece, 1…64 frames.
    ///
    /// > Audio thread.
    mutating func process(_ io: ModuleIO<Self>)

    /// The longest time, in frames, it can be silent and still sound again (a delay's time, not its decay).
    var gap: Int { get }

    /// Bytes that `init` allocated, beside the module's own.
    ///
    /// > Loader thread.
    var memory: Int { get }
}

extension Module where Self: ~Copyable {
    /// Silent is finished.
    @inlinable public var gap: Int { 0 }

    /// Nothing allocated.
    @inlinable public var memory: Int { 0 }
}

/// A module that may stand in a cycle: there it is two steps, read first and write last.
///
/// What is read in a cycle is at least ``SubBlock/longest`` frames old.
public protocol FeedbackModule: Module, ~Copyable {
    /// Fills the outlets from what was written before this piece.
    ///
    /// > Audio thread.
    mutating func read(_ io: ModuleIO<Self>)

    /// Takes in the inlets of this piece.
    ///
    /// > Audio thread.
    mutating func write(_ io: ModuleIO<Self>)
}

/// What a module is called and what it is for.
public struct ModuleInfo: Sendable, Equatable {
    /// The word in a patch file: `svf`.
    public let type: String
    /// One line for a musician.
    public let about: String
    /// Whether it makes stereo of mono: it is then made once for the left and once for the right.
    public let widens: Bool
    /// Whether each voice that reads it wants one of its own, though nothing per voice reaches it (noise).
    public let ownPerVoice: Bool
    /// Whether what it makes is to move something and not to be heard.
    public let isControl: Bool

    /// An info; `type` is lower case, `about` one sentence.
    public init(
        _ type: String, _ about: String, widens: Bool = false, ownPerVoice: Bool = false,
        isControl: Bool = false
    ) {
        self.type = type
        self.about = about
        self.widens = widens
        self.ownPerVoice = ownPerVoice
        self.isControl = isControl
    }
}

/// What a module is made for.
public struct Format: Sendable {
    /// Frames a second.
    public let sampleRate: Float
    /// How many lanes carry something: 16 voices, or 2 channels.
    public let lanes: Int
    /// −1 in a lane that is a left channel, +1 in a right one, 0 in one that is neither.
    public let side: Lanes
    /// What makes this module of this patch differ from another, for everything random.
    public let seed: UInt32

    /// Whether the lanes are the two sides of a bus, not voices.
    public var isBus: Bool { lanes == 2 }

    /// A format.
    public init(sampleRate: Float, lanes: Int, side: Lanes, seed: UInt32) {
        self.sampleRate = sampleRate
        self.lanes = lanes
        self.side = side
        self.seed = seed
    }

    /// Sixteen voices, neither left nor right.
    public static func voices(sampleRate: Float, seed: UInt32 = 1) -> Format {
        Format(sampleRate: sampleRate, lanes: 16, side: .zero, seed: seed)
    }

    /// A stereo bus: lane 0 left, lane 1 right.
    public static func bus(sampleRate: Float, seed: UInt32 = 1) -> Format {
        var side = Lanes.zero
        side[0] = -1
        side[1] = 1
        return Format(sampleRate: sampleRate, lanes: 2, side: side, seed: seed)
    }
}
