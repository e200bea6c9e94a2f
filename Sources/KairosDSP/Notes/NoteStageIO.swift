/// Parameters, time and output of a note stage during one call. [audio]
@frozen public struct NoteStageIO<Stage: NoteStage> {
    @usableFromInline let ports: ModuleIO<Stage>
    @usableFromInline let exchange: UnsafeMutablePointer<NoteExchange>

    /// Access to the parameters of the stage of `ports`, and to what it exchanges with the engine.
    @inline(__always) @inlinable public init(
        _ ports: ModuleIO<Stage>, _ exchange: UnsafeMutablePointer<NoteExchange>
    ) {
        self.ports = ports
        self.exchange = exchange
    }

    /// Value of a parameter, in the unit of its ParamSpec.
    @inlinable public subscript(_ param: Stage.Param) -> Float { ports.latched(param) }

    /// Index of the selected choice, or a whole number.
    @inlinable public func choice(_ param: Stage.Param) -> Int { Int(ports.latched(param)) }

    /// True where a switch is on.
    @inlinable public func isOn(_ param: Stage.Param) -> Bool { ports.latched(param) >= 0.5 }

    /// The transport at the frame of the call.
    @inlinable public var time: BeatTime { exchange.pointee.time }

    /// The frame of the call, counted from the start of the engine.
    @inlinable public var frame: Int { exchange.pointee.time.frame }

    /// Sends an event to the next stage, or to the voices; at most ``NoteExchange/eventsPerCall`` in one call.
    @inlinable public func send(_ event: NoteEvent) { exchange.pointee.send(event) }

    /// A number for a note that the stage makes.
    @inlinable public func newID() -> UInt32 { exchange.pointee.newID() }
}
