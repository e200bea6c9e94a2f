import KairosDSP
import Testing

@testable import KairosEngine

@Suite struct ArenaTests {
    private struct Tables {
        let bytes: RegionTable<UInt8>
        let lanes: RegionTable<Lanes>
        let empty: RegionTable<Int>
        let room: RegionTable<Double>
    }

    @Test func placesOneTableBehindTheOther() {
        var runs = 0
        let (tables, region) = Arena.build { arena in
            runs += 1
            return Tables(
                bytes: arena.place([1, 2, 3]), lanes: arena.place(5, repeating: .one), empty: arena.place([]),
                room: arena.room(Double.self, 9))
        }
        #expect(runs == 2)
        #expect(tables.bytes.indices.map { tables.bytes[$0] } == [1, 2, 3] && tables.empty.indices.isEmpty)
        #expect(
            (0..<5).allSatisfy { tables.lanes[$0] == .one } && (0..<9).allSatisfy { tables.room[$0] == 0 })
        let offsets = [
            UnsafeMutableRawPointer(tables.bytes.baseAddress), .init(tables.lanes.baseAddress),
            .init(tables.empty.baseAddress), .init(tables.room.baseAddress),
        ].map { $0 - region.base }
        #expect(offsets == [0, 64, 384, 448] && region.size == 576)
    }

    /// Fails where a copy of a table has values of its own.
    @Test func aTableRefersToItsRegion() {
        let (table, region) = Arena.build { $0.place([1, 2, 3]) }
        let copy = table
        copy[1] = 7
        #expect(table.indices.map { table[$0] } == [1, 7, 3])
        table.fill(4)
        #expect(copy.indices.map { copy[$0] } == [4, 4, 4] && region.size == 64)
    }

    /// The whole pages of a large module are released; its neighbours stay.
    @Test func givesBackThePagesOfLargeModules() {
        let region = Region(size: 1 << 20)
        func fill() { region.base.initializeMemory(as: UInt8.self, repeating: 7, count: region.size) }
        func count(_ range: Range<Int>) -> Int {
            range.count { region.base.load(fromByteOffset: $0, as: UInt8.self) == 7 }
        }
        fill()
        region.giveBack(UnsafeMutableRawBufferPointer(start: region.base + 100, count: 60_000))
        #expect(count(0..<region.size) == region.size)
        let large = 100..<300_100
        region.giveBack(
            UnsafeMutableRawBufferPointer(start: region.base + large.lowerBound, count: large.count))
        #expect(
            count(0..<large.lowerBound) == 100
                && count(large.upperBound..<region.size) == region.size - 300_100)
        #expect(count(large) < 2 * 65_536)
    }
}
