/// Location of a signal during one sub-block: one vector per frame, or a single vector that is constant.
@frozen public struct SignalCell {
    /// Vector of the first frame.
    public var base: UnsafeMutablePointer<Lanes>
    /// Vectors per frame: 1 if the signal has a value for each frame; 0 if it is constant, with its value at
    /// `base`.
    public var stride: Int

    /// A cell that reads from `base`.
    @inlinable public init(base: UnsafeMutablePointer<Lanes>, stride: Int) {
        self.base = base
        self.stride = stride
    }
}

/// Input of a module during one sub-block: an inlet or a parameter, sixteen lanes per frame. [audio]
@frozen public struct Signal {
    @usableFromInline let base: UnsafePointer<Lanes>
    /// Vectors per frame: 0 if the signal is constant during the sub-block, otherwise 1.
    public let stride: Int

    @inlinable init(_ cell: SignalCell) {
        base = UnsafePointer(cell.base)
        stride = cell.stride
    }

    /// True if the signal is constant during the sub-block.
    @inlinable public var isSteady: Bool { stride == 0 }

    /// Value at a frame of the sub-block.
    @inline(__always) @inlinable public subscript(frame: Int) -> Lanes { base[frame &* stride] }
}

/// Output buffer of a module's outlet during one sub-block, sixteen lanes per frame. [audio]
@frozen public struct Output {
    @usableFromInline let base: UnsafeMutablePointer<Lanes>

    @inlinable init(_ base: UnsafeMutablePointer<Lanes>) { self.base = base }

    /// Value at a frame of the sub-block.
    @inline(__always) @inlinable public subscript(frame: Int) -> Lanes {
        @inline(__always) get { base[frame] }
        @inline(__always) nonmutating set { base[frame] = newValue }
    }
}

/// State of a gate during one sub-block. It changes only on the first frame of a sub-block.
@frozen public struct Gate: Equatable, Sendable {
    /// Lanes in which the gate is high.
    public var high: LaneMask
    /// Lanes that are triggered (started or retriggered) on the sub-block's first frame.
    public var triggered: LaneMask

    /// A gate with these lanes high and these lanes triggered.
    @inlinable public init(high: LaneMask, triggered: LaneMask) {
        self.high = high
        self.triggered = triggered
    }

    /// A gate that is low in all lanes.
    @inlinable public static var low: Gate { Gate(high: .none, triggered: .none) }
}
