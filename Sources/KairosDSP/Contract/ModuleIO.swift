/// Ports and timing of a module during one sub-block. [audio]
@frozen public struct ModuleIO<M: Module> {
    // A pointer, not a copy: a copy would use as many registers as a loop needs.
    @usableFromInline let context: UnsafePointer<StepContext>
    /// The module, behind which its buffers lie.
    @usableFromInline let module: UnsafeMutableRawPointer

    /// Access to the ports of the step that `context` describes, and to the buffers of the module at
    /// `module`.
    @inline(__always) @inlinable public init(
        _ context: UnsafePointer<StepContext>, module: UnsafeMutableRawPointer
    ) {
        self.context = context
        self.module = module
    }

    /// The elements of one of the module's buffers.
    @inline(__always) @inlinable
    public subscript<Element>(
        _ buffer: Buffer<Element>
    ) -> UnsafeMutablePointer<Element> { buffer.elements(of: module) }

    /// Length of the sub-block in frames, 1…64.
    @inlinable public var frames: Int { context.pointee.subBlock.pointee.frames }
    /// Frames from the activation of the slot to the first frame of this sub-block.
    @inlinable public var clock: Int { context.pointee.subBlock.pointee.clock }

    /// Frames from the last control tick to the first frame, 0…15; 0 if the first frame is a control tick.
    @inlinable public var phase: Int { context.pointee.subBlock.pointee.phase }
    /// True if the sub-block ends at a multiple of 64 frames of the engine's clock.
    @inlinable public var endsBlock: Bool { context.pointee.subBlock.pointee.endsBlock }

    /// Lanes with an active voice. The output of other lanes is discarded and need not be written; a lane is
    /// started before it becomes active again.
    @inlinable public var activeLanes: LaneMask { context.pointee.subBlock.pointee.activeLanes }

    /// The sub-block, split at control ticks.
    @inlinable public var segments: ControlSegments { ControlSegments(of: context.pointee.subBlock.pointee) }

    /// Signal at an inlet; the inlet's idle value if nothing is connected.
    @inlinable public subscript(_ inlet: M.Inlet) -> Signal {
        Signal(context.pointee.cells[Int(context.pointee.inlets[inlet.rawValue])])
    }

    /// Parameter value in the unit of its ParamSpec, after smoothing, modulation and clamping.
    @inlinable public subscript(_ param: M.Param) -> Signal {
        Signal(context.pointee.cells[Int(context.pointee.params[param.rawValue])])
    }

    /// Value of a latched parameter, read on the first frame of the sub-block.
    @inlinable public func latched(_ param: M.Param) -> Float {
        context.pointee.cells[Int(context.pointee.params[param.rawValue])].base[0][0]
    }

    /// Value of a parameter that is read at note-on, in each lane: its value with the modulation of the lane's
    /// last note-on.
    @inlinable public func atNoteOn(_ param: M.Param) -> Lanes {
        context.pointee.cells[Int(context.pointee.params[param.rawValue])].base[0]
    }

    /// Index of the selected choice, or the value of a latched integer or switch (0 off, 1 on).
    @inlinable public func choice(_ param: M.Param) -> Int { Int(latched(param)) }

    /// Tempo and position of the transport.
    @inlinable public var transport: TransportPosition { context.pointee.subBlock.pointee.transport }

    /// Length of the note value that a parameter is set to; nil if it is set to a number, or modulated.
    @inlinable public func period(_ param: M.Param) -> BeatPeriod? {
        guard let periods = context.pointee.periods else { return nil }
        return periods[Int(context.pointee.params[param.rawValue])]
    }

    /// Cycle of a parameter's note value, locked to the beats; nil if the parameter is set to a number or modulated,
    /// or if the transport does not run: the cycle is then free, at the rate or time that the parameter's signal has.
    @inlinable public func beatCycle(_ param: M.Param) -> BeatCycle? {
        let transport = context.pointee.subBlock.pointee.transport
        guard transport.isRunning, let period = period(param) else { return nil }
        return BeatCycle(period, position: transport.position, perFrame: transport.perFrame)
    }

    /// Buffer of an outlet; the module writes a value for each frame.
    @inlinable public subscript(_ outlet: M.Outlet) -> Output {
        let cell = context.pointee.cells + Int(context.pointee.outlets[outlet.rawValue])
        cell.pointee.stride = 1
        return Output(cell.pointee.base)
    }

    /// Declares an outlet constant at `value` for the sub-block, so that its readers can take a faster path.
    @inlinable public func hold(_ outlet: M.Outlet, at value: Lanes) {
        let cell = context.pointee.cells + Int(context.pointee.outlets[outlet.rawValue])
        cell.pointee.stride = 0
        cell.pointee.base[0] = value
    }

    /// True if anything reads the outlet. An outlet that nothing reads need not be written.
    @inlinable public func isRead(_ outlet: M.Outlet) -> Bool {
        context.pointee.outlets[outlet.rawValue] != StepContext.unread
    }

    /// True if the outlet is read on the first frame of each control segment only; other frames need not be
    /// written.
    @inlinable public func isReadAtControlTicks(_ outlet: M.Outlet) -> Bool {
        context.pointee.atControlTicks & (1 << UInt32(outlet.rawValue)) != 0
    }

    /// Gate at an inlet; low if nothing is connected.
    @inlinable public func gate(_ inlet: M.Inlet) -> Gate {
        context.pointee.gates[Int(context.pointee.inlets[inlet.rawValue])]
    }
}
