import CJACK
import Foundation
import Synchronization
import Testing

@testable import KairosDevices

/// Locked by each test that opens a JACK client, because the environment of the process selects the server.
let jackEnvironment = Mutex(())

/// Clients of a real JACK server that is killed.
@Suite struct JACKClientsTests {
    private static let name = "kairos-clients"

    private static func start() throws -> Process {
        let server = Process()
        server.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        server.arguments = ["jackd", "--name", name, "--no-realtime", "-d", "dummy", "-p", "256"]
        server.standardOutput = FileHandle.nullDevice
        server.standardError = FileHandle.nullDevice
        try server.run()
        return server
    }

    private static func end(_ server: Process, _ signal: Int32) {
        kill(server.processIdentifier, signal)
        server.waitUntilExit()
    }

    /// Calls `body` until it returns a value, for at most a minute.
    private static func eventually<Value>(_ body: () -> Value?) -> Value? {
        for _ in 0..<1200 {
            if let value = body() { return value }
            usleep(50_000)
        }
        return nil
    }

    @Test func `no client is opened while a client of a dead server is open`() throws {
        try jackEnvironment.withLock { _ in
            setenv("JACK_DEFAULT_SERVER", Self.name, 1)
            defer { unsetenv("JACK_DEFAULT_SERVER") }
            RtMidiInput.silenceLibraries()
            var server = try Self.start()
            let first = try #require(Self.eventually { JACKClients.open("first") })
            let callbacks = UnsafeMutablePointer<cjack_callbacks>.allocate(capacity: 1)
            defer { callbacks.deallocate() }
            callbacks.initialize(to: cjack_callbacks())
            callbacks.pointee.shutdown = { _ in JACKClients.serverDied() }
            cjack_set_callbacks(first.pointer, callbacks)
            #expect(jack_activate(first.pointer) == 0)
            #expect(!first.isDead)
            Self.end(server, SIGKILL)
            #expect(Self.eventually { first.isDead ? true : nil } != nil)
            server = try Self.start()
            defer { Self.end(server, SIGTERM) }
            // libjack would free the first client here.
            usleep(500_000)
            #expect(JACKClients.open("second") == nil)
            JACKClients.close(first)
            let second = try #require(Self.eventually { JACKClients.open("second") })
            #expect(!second.isDead)
            JACKClients.close(second)
        }
    }
}
