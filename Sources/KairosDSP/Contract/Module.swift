/// Building block of a patch (oscillator, filter, envelope, effect): a struct with its state and four
/// functions.
///
/// * The struct is plain data (`BitwiseCopyable`): numbers, vectors, enums and ``Buffer``s, no reference and no
///   address. The struct and its buffers lie one behind the other in the instance's region; a copy of these bytes is
///   a copy of the module. So a playing instance can be saved and loaded between two blocks, and goes on with the
///   same bits.
/// * Nothing allocates. Buffers come from the ``ModuleMemory`` that `init` gets.
/// * Every value in `process` is a vector of sixteen lanes: sixteen voices, or the channels of a bus.
/// * The output of a voice must not depend on its lane, on previous or neighbouring notes, or on where a
///   block is split: bit for bit.
public protocol Module: BitwiseCopyable, SendableMetatype {
    /// Inlets: the ports at which signals and gates enter.
    associatedtype Inlet: InletKey
    /// Outlets: the ports at which signals and gates leave.
    associatedtype Outlet: OutletKey
    /// Parameters, which can be set, mapped and modulated.
    associatedtype Param: ParamKey

    /// Type name and description. Read when a patch is compiled, never in `process`.
    static var info: ModuleInfo { get }

    /// Creates one instance of the module in a patch, with its buffers in `memory`. [loader]
    ///
    /// It runs more than once for each instance and must ask for the same buffers each time.
    init(_ format: Format, _ memory: inout ModuleMemory)

    /// Resets all state: the module then behaves like a new one. [audio, loader]
    mutating func reset()

    /// Clears the state of the lanes that a new note takes, before the sub-block that begins with the note.
    /// Buffers are out of reach here, because clearing them would take too long; see `DelayLine`. [audio]
    ///
    /// `seeds` is the source of everything random in a lane. The engine derives it from the patch, the module
    /// and the ordinal number of the note.
    mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>)

    /// Renders one sub-block of 1…64 frames. [audio]
    mutating func process(_ io: ModuleIO<Self>)

    /// Longest time, in frames, for which the output can be silent and then sound again without new input
    /// (the delay time of an echo, not its decay).
    var silenceGap: Int { get }
}

extension Module {
    /// 0: once silent, the module stays silent.
    @inlinable public var silenceGap: Int { 0 }
}
