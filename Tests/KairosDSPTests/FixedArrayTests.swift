import KairosDSP
import Testing

@Suite struct FixedArrayTests {
    @Test func hasItsElements() {
        var array = FixedArray(copying: (0..<5).map { Int32($0 * $0) })
        #expect(array.count == 5 && !array.isEmpty && array.indices == 0..<5)
        #expect(array.indices.map { array[$0] } == [0, 1, 4, 9, 16])
        array[3] += 1
        #expect(array[3] == 10)
        #expect(array.withBuffer(Array.init) == [0, 1, 4, 10, 16])
        array.fill(7)
        #expect(array.withBuffer(Array.init) == [7, 7, 7, 7, 7])
    }

    @Test func copiesWhatBothHave() {
        var long = FixedArray(count: 4, repeating: 1.5), short = FixedArray(copying: [2.0, 3.0])
        long.update(from: short)
        #expect(long.withBuffer(Array.init) == [2, 3, 1.5, 1.5])
        short.update(from: FixedArray(count: 3, repeating: 9))
        #expect(short.withBuffer(Array.init) == [9, 9])
    }

    @Test func maybeEmpty() {
        let empty = FixedArray<Lanes>(copying: [])
        #expect(empty.isEmpty && empty.count == 0 && empty.withBuffer(\.count) == 0)
    }

    /// Fails where an element that owns something is destroyed twice, or not at all.
    @Test func destroysItsElements() {
        final class Counter { var destroyed: [Int] = [] }
        struct Owner: ~Copyable {
            let counter: Counter, index: Int
            deinit { counter.destroyed.append(index) }
        }
        let counter = Counter()
        do {
            let array = FixedArray(count: 3) { Owner(counter: counter, index: $0) }
            let one = FixedArray(Owner(counter: counter, index: 3))
            #expect(array[1].index == 1 && one[0].index == 3 && counter.destroyed.isEmpty)
        }
        #expect(counter.destroyed.sorted() == [0, 1, 2, 3])
    }

    /// Vector loads need the alignment; no two arrays share a cache line.
    @Test func startsACacheLine() {
        for count in 0..<20 {
            let bytes = FixedArray(count: count, repeating: UInt8(1)),
                lanes = FixedArray(count: 1, repeating: Lanes.one)
            #expect(UInt(bitPattern: bytes.baseAddress) % 64 == 0)
            #expect(UInt(bitPattern: lanes.baseAddress) % 64 == 0)
        }
    }

    /// A struct that owns several needs no function that frees them.
    @Test func movesIntoItsOwner() {
        struct Owner: ~Copyable {
            var values: FixedArray<Int>
            let table: FixedArray<UInt8>
        }
        func make() -> Owner {
            Owner(values: FixedArray(count: 2, repeating: 1), table: FixedArray(copying: "ab".utf8))
        }
        var owner = make()
        owner.values[0] = 5
        #expect(owner.values[0] + owner.values[1] + Int(owner.table[1]) == 6 + 98)
    }
}
