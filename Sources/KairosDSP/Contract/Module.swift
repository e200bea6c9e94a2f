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
