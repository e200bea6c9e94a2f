import CJACK
import Foundation
import Testing

@testable import KairosDevices

/// Clients of a real server that is killed. They are in the suite whose tests run one after another: another one shows
/// what happens without a server.
extension Live {
    fileprivate static let name = "kairos-clients"

    fileprivate func start() throws -> Process {
        let server = Process()
        server.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        server.arguments = ["jackd", "--name", Self.name, "--no-realtime", "-d", "dummy", "-p", "256"]
        server.standardOutput = FileHandle.nullDevice
        server.standardError = FileHandle.nullDevice
        try server.run()
        return server
    }

    fileprivate func end(_ server: Process, _ signal: Int32) {
        kill(server.processIdentifier, signal)
        server.waitUntilExit()
    }

    /// What comes, within a minute.
    fileprivate func eventually<Value>(_ body: () -> Value?) -> Value? {
        for _ in 0..<1200 {
            if let value = body() { return value }
            usleep(50_000)
        }
        return nil
    }

    @Test func `no client is opened while one of a dead server is`() throws {
        setenv("JACK_DEFAULT_SERVER", Self.name, 1)
        defer { unsetenv("JACK_DEFAULT_SERVER") }
        RtMidiInput.silenceLibraries()
        var server = try start()
        let first = try #require(eventually { JACKClients.open("first") })
        var callbacks = cjack_callbacks()
        callbacks.shutdown = { _ in JACKClients.serverDied() }
        try withUnsafeMutablePointer(to: &callbacks) { callbacks in
            cjack_set_callbacks(first.pointer, callbacks)
            #expect(jack_activate(first.pointer) == 0)
            #expect(!first.isDead)
            end(server, SIGKILL)
            #expect(eventually { first.isDead ? true : nil } != nil)
            server = try start()
            defer { end(server, SIGTERM) }
            // libjack would free the first client here.
            usleep(500_000)
            #expect(JACKClients.open("second") == nil)
            JACKClients.close(first)
            let second = try #require(eventually { JACKClients.open("second") })
            #expect(!second.isDead)
            JACKClients.close(second)
        }
    }
}
