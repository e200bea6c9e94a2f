/// The load of one slot.
public struct SlotLoad: Sendable {
    /// The index of its sound.
    public var sound: Int
    /// True where it plays new notes.
    public var isActive: Bool
    /// The part of the time that it takes, 0…1.
    public var load: Double
    /// Modules by their index in the patch, with the part of the time that each took when it was measured last.
    public var modules: [(module: Int, load: Double)]
}
