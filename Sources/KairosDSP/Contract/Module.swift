/// Building block of a patch (oscillator, filter, envelope, effect): a struct with its state and four
/// functions.
///
/// * `init` may allocate; the other functions may not.
/// * Every value in `process` is a vector of sixteen lanes: sixteen voices, or the channels of a bus.
/// * The output of a voice must not depend on its lane, on previous or neighbouring notes, or on where a
///   block is split: bit for bit.
public protocol Module: SendableMetatype, ~Copyable {
    /// Inlets: where signals and gates enter.
    associatedtype Inlet: InletKey
    /// Outlets: where signals leave.
    associatedtype Outlet: OutletKey
    /// Parameters, which can be set, mapped and modulated.
    associatedtype Param: ParamKey

    /// Type name and description. Read when a patch is compiled, never in `process`.
    static var info: ModuleInfo { get }

    /// Creates one instance of the module in a patch. The only function that may allocate. [loader]
    init(_ format: Format)

    /// Resets all state: the module then behaves like a new one. [audio, loader]
    mutating func reset()

    /// Clears the state of the lanes that a new note takes, before the sub-block that begins with the note.
    /// [audio]
    ///
    /// `seeds` is the source of everything random in a lane. The engine derives it from the patch, the module
    /// and the ordinal number of the note.
    mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>)

    /// Renders one sub-block of 1…64 frames. [audio]
    mutating func process(_ io: ModuleIO<Self>)

    /// Longest time, in frames, for which the output can be silent and then sound again without new input
    /// (the delay time of an echo, not its decay).
    var silenceGap: Int { get }

    /// Bytes that `init` allocated, in addition to the size of the struct. [loader]
    var memory: Int { get }
}

extension Module where Self: ~Copyable {
    /// 0: once silent, the module stays silent.
    @inlinable public var silenceGap: Int { 0 }

    /// 0: the module allocates nothing.
    @inlinable public var memory: Int { 0 }
}

/// Module that is allowed in a feedback loop. There it is split into two steps: `read` runs first, `write`
/// last.
///
/// The output of `read` is at least ``SubBlock/longest`` frames old.
public protocol FeedbackModule: Module, ~Copyable {
    /// Fills the outlets from the frames written before this sub-block. [audio]
    mutating func read(_ io: ModuleIO<Self>)

    /// Stores the inlets of this sub-block. [audio]
    mutating func write(_ io: ModuleIO<Self>)
}

/// Type name, description and properties of a module.
public struct ModuleInfo: Sendable, Equatable {
    /// Type name in patch files, for example `svf`.
    public let type: String
    /// Description for players, one sentence.
    public let about: String
    /// True if the module makes stereo from mono. In the voices it is then instantiated twice, for left and
    /// right.
    public let widens: Bool
    /// True if each voice that reads the module needs its own instance although no per-voice signal reaches
    /// it (noise).
    public let ownPerVoice: Bool
    /// True if the output is a control signal, meant for modulation and not for listening.
    public let isControl: Bool

    /// `type` is in lower case, `about` is one sentence.
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

/// Sample rate, lane layout and seed that a module is created for.
public struct Format: Sendable {
    /// Sample rate in Hz.
    public let sampleRate: Float
    /// Number of lanes in use: 16 voices, or 2 channels.
    public let lanes: Int
    /// Stereo side of each lane: −1 left, +1 right, 0 neither.
    public let side: Lanes
    /// Seed for everything random; differs between the modules of a patch.
    public let seed: UInt32

    /// True if the lanes are the channels of a stereo bus, false if they are voices.
    public var isBus: Bool { lanes == 2 }

    /// A format with these properties.
    public init(sampleRate: Float, lanes: Int, side: Lanes, seed: UInt32) {
        self.sampleRate = sampleRate
        self.lanes = lanes
        self.side = side
        self.seed = seed
    }

    /// Sixteen voices that are neither left nor right.
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
