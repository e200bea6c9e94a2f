public import CLanes

// Up to eight frames of a stereo bus, for modules that compute each frame with the same operations however
// many there are.

extension SIMD16 where Scalar == Float {
    /// Left and right exchanged, in each of eight frames of a bus or in a single one.
    @inline(__always) @inlinable public var sidesExchanged: Self { clanes_exchange(self) }

    /// Up to eight frames, requested from `frame` in order; those from `count` on are 0.
    @inline(__always) @inlinable public static func frames(
        _ count: Int, _ frame: (_ frame: Int) -> SIMD2<Float>
    ) -> Self {
        .eightFrames { $0 < count ? frame($0) : SIMD2(0, 0) }
    }

    /// The same frame of a bus eight times.
    @inline(__always) @inlinable public static func repeating(stereo: SIMD2<Float>) -> Self {
        .eightFrames { _ in stereo }
    }
}

extension Signal {
    /// Up to eight frames of a bus, beginning at `frame`; those from `count` on are 0.
    @inline(__always) @inlinable public func frames(_ count: Int, from frame: Int) -> Lanes {
        count == 8 ? eightFrames(from: frame) : .frames(count) { self[frame &+ $0].stereo }
    }
}

extension Output {
    /// Writes the first `count` of eight frames of a bus, beginning at `frame`.
    @inline(__always) @inlinable public func set(_ count: Int, from frame: Int, to frames: Lanes) {
        if count == 8 { return set(eightFramesFrom: frame, to: frames) }
        for index in 0..<count { self[frame &+ index] = Lanes(stereo: frames.frame(index)) }
    }
}

extension LinearRamp {
    /// The values at this and the next frames of a bus, up to eight. Advances by `count` frames.
    @inline(__always) @inlinable public mutating func frames(_ count: Int) -> Lanes {
        .frames(count) { _ in
            defer { advance() }
            return value.stereo
        }
    }
}

extension ControlSegment {
    /// The frames of the segment in groups of up to eight: first frame and length of each.
    @inline(__always) @inlinable public func forEachEightFrames(_ body: (_ first: Int, _ count: Int) -> Void)
    {
        var first = self.first
        while first < end {
            let count = Swift.min(8, end &- first)
            body(first, count)
            first &+= count
        }
    }
}
