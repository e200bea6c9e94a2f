import CRealtime
import KairosDSP
import KairosEngine
import Synchronization

// From a message to its answer.
extension OSCDispatcher {
    /// Whether a command is carried out where it arrives, on its frame.
    func plays(_ message: OSCMessage) -> Bool { Self.command(message.address)?.plays ?? false }

    /// Carries a message out and returns the answer. `endpoint` is where it came from, where that is not all of the
    /// client.
    func answer(_ message: OSCMessage, client: String, endpoint: String? = nil, stamp: UInt64) -> OSCMessage {
        do {
            let found = try run(
                OSCRequest(
                    client: client, endpoint: endpoint ?? client, address: message.address,
                    values: message.withoutTag.values, stamp: stamp, deadline: crt_now() + Self.patience))
            return OSCReply.ok.message(
                [.string(message.address), .int(nextSerial)] + found + (message.tag.map { [$0] } ?? []))
        } catch { return answer(to: message, Self.refusal(error, message.address)) }
    }

    /// The answer to a message that is refused.
    func answer(to message: OSCMessage, _ error: OSCError) -> OSCMessage {
        OSCReply.error.message(
            [
                .string(error.code), .string(Self.short(error.text, 1000)),
                .string(Self.short(error.name, 200)), .string(message.address), .int(nextSerial),
            ] + (message.tag.map { [$0] } ?? []))
    }

    /// After 2³² answers the numbers begin again.
    private var nextSerial: Int32 { serial.wrappingAdd(1, ordering: .relaxed).newValue }

    private static func refusal(_ error: any Error, _ address: String) -> OSCError {
        switch error {
        case let error as OSCError: error
        case let error as EditError: OSCError(error)
        default: OSCError(.file, "\(error)", name: address)
        }
    }

    /// As much of a text as goes back: what came in half a megabyte is not repeated.
    private static func short(_ text: String, _ limit: Int) -> String {
        text.utf8.count <= limit ? text : String(decoding: text.utf8.prefix(limit), as: UTF8.self) + "…"
    }

    private func run(_ call: OSCRequest) throws -> [OSCValue] {
        if let command = Self.command(call.address) { return try carryOut(command, call) }
        if call.address.hasPrefix("/mod/") { return try mod(call) }
        if call.address.hasPrefix("/modules/"), let command = Self.command("/modules/<type>") {
            return try carryOut(command, call)
        }
        if OSCPattern.isPattern(call.address) { return try runAll(call) }
        let address = String(call.address.prefix(80))
        throw OSCError(
            .unknownCommand,
            "there is no command '\(address)'" + didYouMean(address, among: Self.fixed.map(\.address)),
            name: address)
    }

    private func carryOut(_ command: OSCCommand, _ call: OSCRequest) throws -> [OSCValue] {
        guard try command.use(call.values) == .act else { return [] }
        var call = call
        if command.arguments.isEmpty { call.values = [] }
        return try command.run(self, call)
    }

    /// Commands without names in their addresses.
    private static let fixed = commands.filter { !$0.address.contains("<") }

    /// An address pattern: each command that it matches, in the order of the reference. The values of all are checked
    /// before the first is carried out.
    private func runAll(_ call: OSCRequest) throws -> [OSCValue] {
        var budget = OSCLimits.patternSteps
        let parts = try Self.patterns(call.address)
        let matched = Self.fixed.filter { command in
            let names = command.address.split(separator: "/", omittingEmptySubsequences: false)
            return names.count == parts.count
                && zip(parts, names).allSatisfy { $0.matches(String($1), &budget) }
        }
        // Addresses with names in them are matched from their second part on, where the names are known.
        let rest = call.address.split(separator: "/", omittingEmptySubsequences: false).dropFirst(2)
        if matched.isEmpty, !rest.isEmpty,
            let first = ["mod", "modules"].first(where: { parts[1].matches($0, &budget) })
        {
            var call = call
            call.address = "/\(first)/" + rest.joined(separator: "/")
            return try run(call)
        }
        guard budget > 0 else { throw Self.tooManySteps(call) }
        let address = String(call.address.prefix(80))
        guard !matched.isEmpty else {
            throw OSCError(.unknownCommand, "no command is like '\(address)'", name: address)
        }
        for command in matched { _ = try command.use(call.values) }
        var found: [OSCValue] = [], done: [String] = []
        for command in matched {
            do {
                guard !isOver(call.deadline) else {
                    throw OSCError(.limit, "the commands together took too long", name: command.address)
                }
                found += try carryOut(command, call)
            } catch {
                guard !done.isEmpty else { throw error }
                let error = Self.refusal(error, command.address)
                throw OSCError(
                    error, adding: "; done before it: \(done.joined(separator: ", ")); not done: all after it"
                )
            }
            done.append(command.address)
        }
        return found
    }

    /// The parts of an address, each as a pattern.
    static func patterns(_ address: String) throws(OSCError) -> [OSCPattern] {
        var patterns: [OSCPattern] = []
        for part in address.split(separator: "/", omittingEmptySubsequences: false) {
            patterns.append(try OSCPattern(String(part)))
        }
        return patterns
    }

    static func tooManySteps(_ call: OSCRequest) -> OSCError {
        OSCError(
            .limit, "the pattern takes more than \(OSCLimits.patternSteps) steps to match; nothing was done",
            name: String(call.address.prefix(80)))
    }
}
