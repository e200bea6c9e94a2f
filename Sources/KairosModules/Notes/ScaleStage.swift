public import KairosDSP

/// Scale: moves keys to a scale.
public struct ScaleStage: NoteStage {
    /// Type name and description.
    public static let info = ModuleInfo("scale", "Scale: moves notes outside of it to one of its own.")

    /// Parameters.
    public enum Param: Int, ParamKey {
        case root, scale, outside
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .root:
                .choice(
                    "First note of the scale.",
                    ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"])
            case .scale:
                .choice(
                    "Notes of the scale.", ScaleShape.allCases.map { "\($0)" },
                    default: ScaleShape.major.rawValue)
            case .outside:
                .choice(
                    "Notes outside of the scale: moved to the nearest one (of two, the lower), down, up, or left out.",
                    ["nearest", "down", "up", "drop"])
            }
        }
    }

    /// Creates the stage. [loader]
    public init(_ format: Format, _: inout ModuleMemory) {}

    /// Nothing: the stage has no state. [audio, loader]
    public mutating func reset() {}

    /// Sends the note, moved to the scale. [audio]
    public mutating func receive(_ event: NoteEvent, _ io: NoteStageIO<Self>) {
        guard event.kind == .on else { return io.send(event) }
        let notes = (ScaleShape(rawValue: io.choice(.scale)) ?? .major).notes, root = io.choice(.root)
        func isInside(_ key: Int) -> Bool { notes >> UInt16(((key - root) % 12 + 12) % 12) & 1 == 1 }
        let key = Int(event.key)
        var down = 0, up = 0
        while !isInside(key - down) { down += 1 }
        while !isInside(key + up) { up += 1 }
        var moved = event
        switch io.choice(.outside) {
        case 0: moved.key += Int16(down <= up ? -down : up)
        case 1: moved.key -= Int16(down)
        case 2: moved.key += Int16(up)
        default: if down > 0 { return }
        }
        io.send(moved)
    }
}
