/// Where a signal is for one piece: a block of frames, or one value that holds through the piece.
@frozen public struct SignalCell {
    /// The first frame.
    public var base: UnsafeMutablePointer<Lanes>
    /// 1: a value a frame. 0: nothing moves in this piece, the first value holds.
    public var stride: Int

    /// A cell over `base`.
    @inlinable public init(base: UnsafeMutablePointer<Lanes>, stride: Int) {
        self.base = base
        self.stride = stride
    }
}

/// What a module reads: an inlet or a parameter, sixteen lanes a frame.
///
/// > Audio thread.
@frozen public struct Signal {
    @usableFromInline let base: UnsafePointer<Lanes>
    /// 0 when nothing moves in this piece, else 1.
    public let stride: Int

    @inlinable init(_ cell: SignalCell) {
        base = UnsafePointer(cell.base)
        stride = cell.stride
    }

    /// Whether it holds one value through the piece.
    @inlinable public var isSteady: Bool { stride == 0 }

    /// The value at a frame of this piece.
    @inline(__always) @inlinable public subscript(frame: Int) -> Lanes { base[frame &* stride] }
}

/// Where a module writes an outlet, sixteen lanes a frame.
///
/// > Audio thread.
@frozen public struct Output {
    @usableFromInline let base: UnsafeMutablePointer<Lanes>

    @inlinable init(_ base: UnsafeMutablePointer<Lanes>) { self.base = base }

    /// The value at a frame of this piece.
    @inline(__always) @inlinable public subscript(frame: Int) -> Lanes {
        @inline(__always) get { base[frame] }
        @inline(__always) nonmutating set { base[frame] = newValue }
    }
}

/// A gate for one piece. It changes on the first frame of a piece only.
@frozen public struct Gate: Equatable, Sendable {
    /// The lanes that are high.
    public var high: LaneMask
    /// The lanes that start or restart on the piece's first frame.
    public var struck: LaneMask

    /// A gate with these lanes.
    @inlinable public init(high: LaneMask, struck: LaneMask) {
        self.high = high
        self.struck = struck
    }

    /// High nowhere.
    @inlinable public static var low: Gate { Gate(high: .none, struck: .none) }
}
