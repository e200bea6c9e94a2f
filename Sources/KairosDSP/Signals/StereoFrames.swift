public import CLanes

/// Eight frames of a stereo bus side by side: what is done to each frame alone is done to eight at once.
///
/// Lanes 2n and 2n + 1 are the left and right of frame n. Every lane goes through the same operations as alone, so
/// that the bits are the same.
extension SIMD16 where Scalar == Float {
    /// One frame of a bus. The lanes that carry nothing repeat it or are 0.
    @inline(__always) @inlinable public init(sides: SIMD2<Float>) { self = clanes_widen(sides) }

    /// Left and right of one frame of a bus.
    @inline(__always) @inlinable public var sides: SIMD2<Float> { frame(0) }

    /// Eight frames, asked for in their order.
    @inline(__always) @inlinable public static func eight(_ frame: (_ frame: Int) -> SIMD2<Float>) -> Self {
        clanes_join(frame(0), frame(1), frame(2), frame(3), frame(4), frame(5), frame(6), frame(7))
    }

    /// Left and right of one of eight frames, 0…7.
    @inline(__always) @inlinable public func frame(_ frame: Int) -> SIMD2<Float> { clanes_pair(self, frame) }

    /// Eight frames, each a frame later; `first` is ahead of them.
    @inline(__always) @inlinable public func later(after first: SIMD2<Float>) -> Self {
        clanes_later(Self(sides: first), self)
    }
}

extension Signal {
    /// Eight frames of a bus from `frame` on.
    @inline(__always) @inlinable public func eight(from frame: Int) -> Lanes {
        .eight { self[frame &+ $0].sides }
    }
}

extension Output {
    /// Writes eight frames of a bus from `frame` on.
    @inline(__always) @inlinable public func set(eightFrom frame: Int, to eight: Lanes) {
        // Not a loop: which frame it is must be known when this is compiled.
        self[frame] = Lanes(sides: eight.frame(0))
        self[frame &+ 1] = Lanes(sides: eight.frame(1))
        self[frame &+ 2] = Lanes(sides: eight.frame(2))
        self[frame &+ 3] = Lanes(sides: eight.frame(3))
        self[frame &+ 4] = Lanes(sides: eight.frame(4))
        self[frame &+ 5] = Lanes(sides: eight.frame(5))
        self[frame &+ 6] = Lanes(sides: eight.frame(6))
        self[frame &+ 7] = Lanes(sides: eight.frame(7))
    }
}

extension ControlLine {
    /// Its values at eight frames of a bus, from this one on; it goes on behind them.
    @inline(__always) @inlinable public mutating func eight() -> Lanes {
        .eight { _ in
            defer { advance() }
            return value.sides
        }
    }
}
