import KairosCompiler
import KairosDSP

/// Allocator that cuts tables, state and modules from one ``Region``, one behind the other.
///
/// ``build(_:)`` runs one closure twice: first to measure, then to place. So the list of what an arena holds
/// is written once. [loader]
struct Arena {
    /// Where the first byte lies; while measuring, an address that nothing may touch.
    private let base: UnsafeMutableRawPointer
    /// What is being filled; nil while measuring.
    private let region: Region?
    /// Bytes in use, a multiple of the size of a cache line.
    private(set) var bytes = 0

    /// Start of every table, in bytes.
    private static let alignment = ModuleMemory.alignment

    private init(_ region: Region?) {
        self.region = region
        guard let base = region?.base ?? UnsafeMutableRawPointer(bitPattern: Self.alignment) else {
            preconditionFailure("the address is not 0")
        }
        self.base = base
    }

    /// Runs `layOut` twice, which must ask for the same each time, and returns what it makes the second time,
    /// with the memory it lies in. While the arena measures, what `layOut` gets may not be touched.
    static func build<Layout>(_ layOut: (inout Arena) -> Layout) -> (layout: Layout, region: Region) {
        var measuring = Arena(nil)
        _ = layOut(&measuring)
        let region = Region(size: measuring.bytes)
        var placing = Arena(region)
        let layout = layOut(&placing)
        precondition(placing.bytes == measuring.bytes, "the second run asks for other memory than the first")
        return (layout, region)
    }

    /// Room for `count` values, zeroed and at the start of a cache line.
    mutating func room<T>(_ type: T.Type, _ count: Int) -> UnsafeMutablePointer<T> {
        precondition(MemoryLayout<T>.alignment <= Self.alignment)
        return cut(count * MemoryLayout<T>.stride).bindMemory(to: type, capacity: count)
    }

    /// A table of `values`.
    mutating func place<T>(_ values: [T]) -> UnsafeMutablePointer<T> {
        let table = room(T.self, values.count)
        if region != nil { table.initialize(from: values, count: values.count) }
        return table
    }

    /// A table of `count` values, all equal to `value`.
    mutating func place<T>(_ count: Int, repeating value: T) -> UnsafeMutablePointer<T> {
        let table = room(T.self, count)
        if region != nil { table.initialize(repeating: value, count: count) }
        return table
    }

    /// A module to be made: its type, what it is made for, and its memory.
    struct ModulePlace {
        fileprivate let type: ModuleType
        fileprivate let format: Format
        fileprivate let memory: UnsafeMutableRawBufferPointer
    }

    /// The memory of a module of `type` for `format`.
    mutating func module(of type: ModuleType, _ format: Format) -> ModulePlace {
        let size = type.memoryBytes(format)
        return ModulePlace(
            type: type, format: format, memory: UnsafeMutableRawBufferPointer(start: cut(size), count: size))
    }

    /// Makes the modules at `places`, and a table of their boxes, each retained.
    mutating func boxes(_ places: [ModulePlace]) -> UnsafeMutablePointer<Unmanaged<ModuleBox>> {
        let table = room(Unmanaged<ModuleBox>.self, places.count)
        guard let region else { return table }
        for (index, place) in places.enumerated() {
            (table + index).initialize(
                to: .passRetained(place.type.make(place.format, place.memory, region)))
        }
        return table
    }

    private mutating func cut(_ size: Int) -> UnsafeMutableRawPointer {
        defer { bytes += (max(1, size) + Self.alignment - 1) & ~(Self.alignment - 1) }
        return base + bytes
    }
}
