public import CLanes

/// Eight frames of a stereo bus in one vector, so that operations that treat each frame alone process eight
/// frames at once. [audio]
///
/// Lanes 2n and 2n + 1 are left and right of frame n. Each lane goes through the same operations as in
/// frame-by-frame processing, so the bits are the same.
extension SIMD16 where Scalar == Float {
    /// One frame of a bus. The unused lanes repeat it or are 0.
    @inline(__always) @inlinable public init(stereo: SIMD2<Float>) { self = clanes_widen(stereo) }

    /// Left and right of one frame of a bus.
    @inline(__always) @inlinable public var stereo: SIMD2<Float> { frame(0) }

    /// Eight frames, requested from `frame` in order, 0…7.
    @inline(__always) @inlinable public static func eightFrames(_ frame: (_ frame: Int) -> SIMD2<Float>)
        -> Self
    {
        clanes_join(frame(0), frame(1), frame(2), frame(3), frame(4), frame(5), frame(6), frame(7))
    }

    /// Left and right of one of eight frames, 0…7.
    @inline(__always) @inlinable public func frame(_ frame: Int) -> SIMD2<Float> { clanes_pair(self, frame) }

    /// The eight frames delayed by one frame, with `first` in front.
    @inline(__always) @inlinable public func delayed(after first: SIMD2<Float>) -> Self {
        clanes_later(Self(stereo: first), self)
    }
}

extension Signal {
    /// Eight frames of a bus, beginning at `frame`.
    @inline(__always) @inlinable public func eightFrames(from frame: Int) -> Lanes {
        .eightFrames { self[frame &+ $0].stereo }
    }
}

extension Output {
    /// Writes eight frames of a bus, beginning at `frame`.
    @inline(__always) @inlinable public func set(eightFramesFrom frame: Int, to frames: Lanes) {
        // Unrolled: the frame index must be a constant at compile time.
        self[frame] = Lanes(stereo: frames.frame(0))
        self[frame &+ 1] = Lanes(stereo: frames.frame(1))
        self[frame &+ 2] = Lanes(stereo: frames.frame(2))
        self[frame &+ 3] = Lanes(stereo: frames.frame(3))
        self[frame &+ 4] = Lanes(stereo: frames.frame(4))
        self[frame &+ 5] = Lanes(stereo: frames.frame(5))
        self[frame &+ 6] = Lanes(stereo: frames.frame(6))
        self[frame &+ 7] = Lanes(stereo: frames.frame(7))
    }
}

extension LinearRamp {
    /// The values at this and the next seven frames of a bus. Advances by eight frames.
    @inline(__always) @inlinable public mutating func eightFrames() -> Lanes {
        .eightFrames { _ in
            defer { advance() }
            return value.stereo
        }
    }
}
