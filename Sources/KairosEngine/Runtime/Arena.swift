import KairosCompiler
import KairosDSP

/// Allocator that places tables, state and modules in one ``Region``, one behind the other. [loader]
///
/// ``build(_:)`` runs one closure twice: first to measure, then to place. So the list of an arena's contents is
/// written once.
struct Arena {
    /// Address of the first byte; while measuring, an address that nothing may read or write.
    private let base: UnsafeMutableRawPointer
    /// The region that is filled; nil while measuring.
    private let region: Region?
    /// Bytes in use, a multiple of the size of a cache line.
    private(set) var bytes = 0

    /// Alignment of every table in bytes.
    private static let alignment = ModuleMemory.alignment

    private init(_ region: Region?) {
        self.region = region
        guard let base = region?.base ?? UnsafeMutableRawPointer(bitPattern: Self.alignment) else {
            preconditionFailure("the address is not 0")
        }
        self.base = base
    }

    /// Runs `layOut` twice. Each time it must request the same memory. Returns its second result and the region that
    /// the result lies in. While the arena measures, `layOut` may not read or write the memory that it gets.
    static func build<Layout>(_ layOut: (inout Arena) -> Layout) -> (layout: Layout, region: Region) {
        var measuring = Arena(nil)
        _ = layOut(&measuring)
        let region = Region(size: measuring.bytes)
        var placing = Arena(region)
        let layout = layOut(&placing)
        precondition(placing.bytes == measuring.bytes, "the second run asks for other memory than the first")
        return (layout, region)
    }

    /// A table of `count` values whose bytes are 0.
    mutating func room<T>(_ type: T.Type, _ count: Int) -> RegionTable<T> {
        precondition(MemoryLayout<T>.alignment <= Self.alignment)
        let memory = allocate(count * MemoryLayout<T>.stride)
        return RegionTable(baseAddress: memory.bindMemory(to: type, capacity: count), count: count)
    }

    /// A table of `values`.
    mutating func place<T>(_ values: [T]) -> RegionTable<T> {
        let table = room(T.self, values.count)
        if region != nil { table.baseAddress.initialize(from: values, count: values.count) }
        return table
    }

    /// A table of `count` values, all equal to `value`.
    mutating func place<T>(_ count: Int, repeating value: T) -> RegionTable<T> {
        let table = room(T.self, count)
        if region != nil { table.baseAddress.initialize(repeating: value, count: count) }
        return table
    }

    /// Reference to one value.
    mutating func reference<T>(to value: T) -> Reference<T> {
        Reference(place(1, repeating: value).baseAddress)
    }

    /// Place of a module that is made later: its type, format and memory.
    struct ModulePlace {
        fileprivate let type: ModuleType
        fileprivate let format: Format
        fileprivate let memory: UnsafeMutableRawBufferPointer
    }

    /// The memory of the module of a box: for sixteen voices, or for a bus.
    mutating func module(
        _ recipe: Schedule.BoxRecipe, of schedule: Schedule, _ sampleRate: Float, voice: Bool
    ) -> ModulePlace {
        let type = schedule.types[recipe.node]
        let format =
            voice
            ? Format(
                sampleRate: sampleRate, lanes: 16, side: Lanes(repeating: recipe.side), seed: recipe.seed)
            : .bus(sampleRate: sampleRate, seed: recipe.seed)
        let size = type.memoryBytes(format)
        return ModulePlace(
            type: type, format: format,
            memory: UnsafeMutableRawBufferPointer(start: allocate(size), count: size))
    }

    /// Makes the modules at `places`. Returns a table of their boxes, each retained.
    mutating func boxes(_ places: [ModulePlace]) -> RegionTable<Unmanaged<ModuleBox>> {
        let table = room(Unmanaged<ModuleBox>.self, places.count)
        guard let region else { return table }
        for (index, place) in places.enumerated() {
            (table.baseAddress + index).initialize(
                to: .passRetained(place.type.make(place.format, place.memory, region)))
        }
        return table
    }

    private mutating func allocate(_ size: Int) -> UnsafeMutableRawPointer {
        defer { bytes += (max(1, size) + Self.alignment - 1) & ~(Self.alignment - 1) }
        return base + bytes
    }
}
