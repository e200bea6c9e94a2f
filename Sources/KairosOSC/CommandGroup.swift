/// A group of OSC commands, such as those under `/patch`. A value is made for each request and holds the
/// dispatcher only. [any]
protocol CommandGroup: Sendable {
    /// The commands, in the order of the reference.
    static var commands: [OSCCommand] { get }

    init(_ dispatcher: OSCDispatcher)
}

extension CommandGroup {
    /// Declares a command that takes values. `run` gets the group over the dispatcher that received the
    /// request.
    static func command(
        _ address: String, _ arguments: [OSCCommand.Argument], _ about: String, answer: String = "",
        example: String, isRealTime: Bool = false,
        _ run: @escaping @Sendable (Self, OSCRequest) throws -> [OSCValue]
    ) -> OSCCommand {
        OSCCommand(
            address, arguments, about, answer: answer, example: example, isRealTime: isRealTime
        ) { dispatcher, request in try run(Self(dispatcher), request) }
    }

    /// Declares a command without values.
    static func command(
        _ address: String, _ about: String, answer: String = "", example: String, isRealTime: Bool = false,
        _ run: @escaping @Sendable (Self, OSCRequest) throws -> [OSCValue]
    ) -> OSCCommand {
        command(address, [], about, answer: answer, example: example, isRealTime: isRealTime, run)
    }
}
