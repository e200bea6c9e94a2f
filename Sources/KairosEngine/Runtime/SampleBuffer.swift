import KairosDSP

/// Samples of one channel in memory that something else owns. A copy refers to the same samples. [audio]
///
/// A sub-block has the first `frames` of ``SubBlock/longest`` samples. Functions process sixteen at a time and may
/// change samples behind the valid ones, but for ``copy(_:_:)``: it also writes to the channels of the driver.
struct SampleBuffer: BitwiseCopyable {
    private let base: UnsafeMutablePointer<Float>

    /// The samples from `base` on.
    @inline(__always) init(_ base: UnsafeMutablePointer<Float>) { self.base = base }

    /// The samples of `array` from index `first` on. They are valid until the array is destroyed.
    @inline(__always) init(_ array: borrowing FixedArray<Float>, from first: Int = 0) {
        base = array.baseAddress + first
    }

    /// A sub-block of samples in `arena`, all 0. [loader]
    init(_ arena: inout Arena) { base = arena.room(Float.self, SubBlock.longest).baseAddress }

    /// The sample at index `n`.
    subscript(_ n: Int) -> Float {
        @inline(__always) unsafeAddress { UnsafePointer(base + n) }
        @inline(__always) nonmutating unsafeMutableAddress { base + n }
    }

    /// Sixteen samples, from index `n` on.
    @inline(__always) subscript(sixteen n: Int) -> Lanes {
        get { UnsafeRawPointer(base + n).loadUnaligned(as: Lanes.self) }
        nonmutating set { UnsafeMutableRawPointer(base + n).storeBytes(of: newValue, as: Lanes.self) }
    }

    /// Sets four samples, from index `n` on.
    @inline(__always) func set(_ samples: SIMD4<Float>, at n: Int) {
        UnsafeMutableRawPointer(base + n).storeBytes(of: samples, as: SIMD4<Float>.self)
    }

    /// The samples from index `n` on.
    @inline(__always) func suffix(from n: Int) -> SampleBuffer { SampleBuffer(base + n) }

    /// Sets the samples to 0.
    @inline(__always) func clear(_ frames: Int) {
        steps(of: 16, to: frames) { self[sixteen: $0] = .zero }
    }

    /// Sets `frames` samples to those of another channel. It changes none behind them.
    @inline(__always) func copy(_ other: SampleBuffer, _ frames: Int) {
        base.update(from: other.base, count: frames)
    }

    /// Sets the samples to those of another channel, times `gain`.
    @inline(__always) func set(_ other: SampleBuffer, times gain: Float, _ frames: Int) {
        steps(of: 16, to: frames) { self[sixteen: $0] = other[sixteen: $0] * gain }
    }

    /// Adds the samples of another channel, times `gain`.
    @inline(__always) func add(_ other: SampleBuffer, times gain: Float, _ frames: Int) {
        steps(of: 16, to: frames) { self[sixteen: $0] += other[sixteen: $0] * gain }
    }
}

/// Calls `body` with 0, `length`, 2·`length` and so on, up to `end`. `stride` also checks for overflow in every step.
@inline(__always) func steps(of length: Int, to end: Int, _ body: (Int) -> Void) {
    var n = 0
    while n < end {
        body(n)
        n &+= length
    }
}
