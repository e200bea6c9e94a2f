import KairosDSP

/// Read positions of up to eight frames of a bus, through memory: from a vector they would be taken one by one. [audio]
struct StereoReads {
    /// Number of vectors that the owner provides.
    static var rows: Int { 7 }

    private let table: UnsafeMutableRawPointer

    /// Stores `read` in `table`.
    @inline(__always) init(_ read: FractionalRead, in table: UnsafeMutablePointer<Lanes>) {
        let weights = read.weights
        table[0] = weights.0
        table[1] = weights.1
        table[2] = weights.2
        table[3] = weights.3
        table[4] = weights.4
        table[5] = weights.5
        self.table = UnsafeMutableRawPointer(table)
        self.table.storeBytes(of: read.age, toByteOffset: 6 &* 64, as: SIMD16<Int32>.self)
    }

    /// Ages of both sides in one of the frames.
    @inline(__always) func ages(_ frame: Int) -> SIMD2<Int32> {
        table.load(fromByteOffset: 6 &* 64 &+ 8 &* frame, as: SIMD2<Int32>.self)
    }

    /// Weights of both sides for the `index`th frame around the read position.
    @inline(__always) func weights(_ index: Int, _ frame: Int) -> SIMD2<Float> {
        table.load(fromByteOffset: 64 &* index &+ 8 &* frame, as: SIMD2<Float>.self)
    }
}
