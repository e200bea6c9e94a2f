import Testing

@testable import KairosDevices

/// The connections of the JACK outputs while ports appear and disappear.
@Suite struct SpeakerTests {
    /// A simulated patchbay with ports, connections and a clock.
    private struct Bay {
        var plan = SpeakerPlan()
        var ports: [SpeakerPlan.Port] = []
        var connected: [Set<String>] = [[], []]
        var now: UInt64 = 1_000_000_000
        var isAutomatic = true

        mutating func add(_ client: String, physical: Bool = false, terminal: Bool = false, _ names: [String])
        {
            for name in names {
                let port = SpeakerPlan.Port(
                    name: "\(client):\(name)", isPhysical: physical, isTerminal: terminal)
                ports.append(port)
                plan.portChanged(port.name, now: now)
            }
        }

        mutating func remove(_ client: String) {
            for port in ports where port.client == client {
                plan.portChanged(port.name, now: now)
                for output in 0..<2 { connected[output].remove(port.name) }
            }
            ports.removeAll { $0.client == client }
        }

        /// Applies the plan's changes four times a second for a time in seconds.
        mutating func run(_ seconds: Double) {
            for _ in 0..<Int(seconds * 4) {
                now += 250_000_000
                let changes = plan.changes(
                    inputs: ports, connected: connected, isAutomatic: isAutomatic, now: now)
                for change in changes {
                    switch change {
                    case .connect(let output, let name): connected[output].insert(name)
                    case .disconnect(let output, let name): connected[output].remove(name)
                    }
                }
            }
        }

        var stereo: [String] { connected.map { $0.sorted().joined(separator: " ") } }
    }

    private static let front = ["playback_FL", "playback_FR"]

    @Test func `the first two sockets of a card are preferred to any other input`() {
        var bay = Bay()
        bay.add("recorder", ["in_1", "in_2"])
        bay.add("virtual", Self.front)
        bay.add("card", physical: true, ["playback_1", "playback_2", "playback_3"])
        bay.run(1)
        #expect(bay.stereo == ["card:playback_1", "card:playback_2"])
    }

    @Test func `a virtual sink is used where there is no card, and a recording program never`() {
        var bay = Bay()
        bay.add("recorder", ["in_1", "in_2"])
        bay.run(2)
        #expect(bay.stereo == ["", ""])
        bay.add("Speakers", Self.front)
        bay.run(1)
        #expect(bay.stereo == ["Speakers:playback_FL", "Speakers:playback_FR"])
    }

    @Test func `a mono sink gets both channels`() {
        var bay = Bay()
        bay.add("mono", physical: true, ["playback_MONO"])
        bay.add("other", physical: true, ["playback_1"])
        bay.run(1)
        #expect(bay.stereo == ["mono:playback_MONO", "mono:playback_MONO"])
    }

    @Test func `a sink that disappears is replaced, and connected again when it returns`() {
        var bay = Bay()
        bay.add("usb", physical: true, Self.front)
        bay.add("hdmi", physical: true, Self.front)
        bay.run(2)
        bay.remove("usb")
        bay.run(2)
        #expect(bay.stereo == ["hdmi:playback_FL", "hdmi:playback_FR"])
        bay.add("usb", physical: true, Self.front)
        bay.run(2)
        #expect(bay.stereo == ["usb:playback_FL", "usb:playback_FR"])
    }

    @Test func `a sink that returns between two polls is connected again`() {
        var bay = Bay()
        bay.add("usb", physical: true, Self.front)
        bay.run(5)
        bay.remove("usb")
        bay.add("usb", physical: true, Self.front)
        bay.run(2)
        #expect(bay.stereo == ["usb:playback_FL", "usb:playback_FR"])
    }

    @Test func `a dummy sink is replaced by the first real sink`() {
        var bay = Bay()
        bay.add("Dummy Output", physical: true, Self.front)
        bay.run(2)
        #expect(bay.stereo == ["Dummy Output:playback_FL", "Dummy Output:playback_FR"])
        bay.add("Speakers", Self.front)
        bay.run(2)
        #expect(bay.stereo == ["Speakers:playback_FL", "Speakers:playback_FR"])
    }

    @Test func `after a restart of the server the preferred sink is connected again`() {
        var bay = Bay()
        bay.add("hdmi", physical: true, Self.front)
        bay.add("usb", physical: true, Self.front)
        bay.ports.swapAt(0, 2)
        bay.ports.swapAt(1, 3)
        bay.run(2)
        #expect(bay.stereo == ["usb:playback_FL", "usb:playback_FR"])
        bay.remove("usb")
        bay.remove("hdmi")
        bay.plan.begin()
        bay.run(2)
        #expect(bay.stereo == ["", ""])
        bay.add("hdmi", physical: true, Self.front)
        bay.run(1)
        bay.add("usb", physical: true, Self.front)
        bay.run(2)
        #expect(bay.stereo == ["usb:playback_FL", "usb:playback_FR"])
    }

    @Test func `a connection that the user removed is not made again`() {
        var bay = Bay()
        bay.add("usb", physical: true, Self.front)
        bay.run(3)
        bay.connected = [[], []]
        bay.run(60)
        #expect(bay.stereo == ["", ""])
        // Also after the port disappeared and returned.
        bay.remove("usb")
        bay.run(1)
        bay.add("usb", physical: true, Self.front)
        bay.run(3)
        #expect(bay.stereo == ["", ""])
    }

    @Test func `the user's connections replace the automatic ones and are kept`() {
        var bay = Bay()
        bay.add("usb", physical: true, Self.front)
        bay.add("recorder", ["in_1", "in_2"])
        bay.run(3)
        bay.connected[0].insert("recorder:in_1")
        bay.connected[1].insert("recorder:in_2")
        bay.run(2)
        for output in 0..<2 {
            bay.connected[output] = bay.connected[output].filter { $0.hasPrefix("recorder") }
        }
        bay.run(5)
        #expect(bay.stereo == ["recorder:in_1", "recorder:in_2"])
        bay.remove("recorder")
        bay.run(5)
        #expect(bay.stereo == ["", ""])
        bay.add("recorder", ["in_1", "in_2"])
        bay.run(2)
        #expect(bay.stereo == ["recorder:in_1", "recorder:in_2"])
    }

    @Test func `without automatic connections only the user's connections are kept`() {
        var bay = Bay()
        bay.isAutomatic = false
        bay.add("usb", physical: true, Self.front)
        bay.run(5)
        #expect(bay.stereo == ["", ""])
        bay.connected[0].insert("usb:playback_FL")
        bay.run(2)
        bay.remove("usb")
        bay.run(2)
        bay.add("usb", physical: true, Self.front)
        bay.run(2)
        #expect(bay.stereo == ["usb:playback_FL", ""])
    }
}
