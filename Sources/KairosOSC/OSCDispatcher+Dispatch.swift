import CRealtime
import KairosDSP
import KairosSession
import Synchronization

// From a message to its answer.
extension OSCDispatcher {
    /// True if a message is a command that the receiving thread runs at once. [any]
    func isRealTime(_ message: OSCMessage) -> Bool { Self.command(message.address)?.isRealTime ?? false }

    /// Carries out a message and returns the answer. `endpoint` is the sender's address and port, or nil if
    /// that is the client itself. `stamp` is when it acts, in nanoseconds of CLOCK_MONOTONIC. [input,
    /// control]
    func answer(_ message: OSCMessage, client: String, endpoint: String? = nil, stamp: UInt64) -> OSCMessage {
        do {
            let results = try run(
                OSCRequest(
                    client: client, endpoint: endpoint ?? client, address: message.address,
                    values: message.withoutTag.values, stamp: stamp, deadline: crt_now() + Self.timeout))
            return OSCReply.ok.message(
                [.string(message.address), .int(nextSerial)] + results + (message.tag.map { [$0] } ?? []))
        } catch { return answer(to: message, Self.oscError(error, message.address)) }
    }

    /// The error answer to a message. [any]
    func answer(to message: OSCMessage, _ error: OSCError) -> OSCMessage {
        OSCReply.error.message(
            [
                .string(error.code), .string(Self.truncated(error.text, 1000)),
                .string(Self.truncated(error.name, 200)), .string(message.address), .int(nextSerial),
            ] + (message.tag.map { [$0] } ?? []))
    }

    /// Wraps around after 2³² answers.
    private var nextSerial: Int32 { serial.wrappingAdd(1, ordering: .relaxed).newValue }

    private static func oscError(_ error: any Error, _ address: String) -> OSCError {
        switch error {
        case let error as OSCError: error
        case let error as EditError: OSCError(error)
        default: OSCError(.file, "\(error)", name: address)
        }
    }

    /// A text cut to `limit` bytes, so that an answer does not repeat a request of half a megabyte.
    private static func truncated(_ text: String, _ limit: Int) -> String {
        text.utf8.count <= limit ? text : String(decoding: text.utf8.prefix(limit), as: UTF8.self) + "…"
    }

    private func run(_ request: OSCRequest) throws -> [OSCValue] {
        if let command = Self.command(request.address) { return try carryOut(command, request) }
        if request.address.hasPrefix("/mod/") { return try ValueCommands(self).run(request) }
        if request.address.hasPrefix("/modules/"), let command = Self.command("/modules/<type>") {
            return try carryOut(command, request)
        }
        if OSCPattern.isPattern(request.address) { return try runMatching(request) }
        let address = String(request.address.prefix(80))
        throw OSCError(
            .unknownCommand,
            "unknown command '\(address)'" + didYouMean(address, among: Self.fixed.map(\.address)),
            name: address)
    }

    private func carryOut(_ command: OSCCommand, _ request: OSCRequest) throws -> [OSCValue] {
        guard try command.use(request.values) == .act else { return [] }
        var request = request
        if command.arguments.isEmpty { request.values = [] }
        return try command.run(self, request)
    }

    /// Commands without names in their addresses.
    private static let fixed = commands.filter { !$0.address.contains("<") }

    /// Runs each command that matches an address pattern, in the order of the reference. The values are
    /// checked for all of them before the first one runs.
    private func runMatching(_ request: OSCRequest) throws -> [OSCValue] {
        var budget = OSCLimits.patternSteps
        let parts = try Self.patterns(request.address)
        let matched = Self.fixed.filter { command in
            let names = command.address.split(separator: "/", omittingEmptySubsequences: false)
            return names.count == parts.count
                && zip(parts, names).allSatisfy { $0.matches(String($1), &budget) }
        }
        // The first part of `/mod/…` and `/modules/…` is matched here; the others by the commands that know the names.
        let rest = request.address.split(separator: "/", omittingEmptySubsequences: false).dropFirst(2)
        if matched.isEmpty, !rest.isEmpty,
            let first = ["mod", "modules"].first(where: { parts[1].matches($0, &budget) })
        {
            var request = request
            request.address = "/\(first)/" + rest.joined(separator: "/")
            return try run(request)
        }
        guard budget > 0 else { throw OSCError.tooManySteps(request) }
        let address = String(request.address.prefix(80))
        guard !matched.isEmpty else {
            throw OSCError(.unknownCommand, "no command matches '\(address)'", name: address)
        }
        for command in matched { _ = try command.use(request.values) }
        var results: [OSCValue] = [], done: [String] = []
        for command in matched {
            do {
                guard !isOver(request.deadline) else {
                    throw OSCError(
                        .limit, "the matching commands together took too long", name: command.address)
                }
                results += try carryOut(command, request)
            } catch {
                guard !done.isEmpty else { throw error }
                let error = Self.oscError(error, command.address)
                throw OSCError(
                    error, adding: "; done: \(done.joined(separator: ", ")); all later commands were not done"
                )
            }
            done.append(command.address)
        }
        return results
    }

    /// The parts of an address, each compiled as a pattern. Throws `bad-pattern`.
    private static func patterns(_ address: String) throws(OSCError) -> [OSCPattern] {
        var patterns: [OSCPattern] = []
        for part in address.split(separator: "/", omittingEmptySubsequences: false) {
            patterns.append(try OSCPattern(String(part)))
        }
        return patterns
    }
}
