import Testing

@testable import KairosDevices

/// What the outputs are connected to, through everything that becomes of ports.
@Suite struct SpeakerConnections {
    /// A patchbay: ports, what is connected, and a clock.
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

        /// Looks four times a second for so long, and does what the plan says.
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

    @Test func `the first two sockets of a card, before any other input`() {
        var bay = Bay()
        bay.add("recorder", ["in_1", "in_2"])
        bay.add("virtual", Self.front)
        bay.add("card", physical: true, ["playback_1", "playback_2", "playback_3"])
        bay.run(1)
        #expect(bay.stereo == ["card:playback_1", "card:playback_2"])
    }

    @Test func `a virtual sink where there is no card, and never a program that only listens`() {
        var bay = Bay()
        bay.add("recorder", ["in_1", "in_2"])
        bay.run(2)
        #expect(bay.stereo == ["", ""])
        bay.add("Speakers", Self.front)
        bay.run(1)
        #expect(bay.stereo == ["Speakers:playback_FL", "Speakers:playback_FR"])
    }

    @Test func `a sink with one channel gets both`() {
        var bay = Bay()
        bay.add("mono", physical: true, ["playback_MONO"])
        bay.add("other", physical: true, ["playback_1"])
        bay.run(1)
        #expect(bay.stereo == ["mono:playback_MONO", "mono:playback_MONO"])
    }

    @Test func `a sink that leaves and returns is connected again, and another does in the meantime`() {
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

    @Test func `a sink that returns between two looks is connected again`() {
        var bay = Bay()
        bay.add("usb", physical: true, Self.front)
        bay.run(5)
        bay.remove("usb")
        bay.add("usb", physical: true, Self.front)
        bay.run(2)
        #expect(bay.stereo == ["usb:playback_FL", "usb:playback_FR"])
    }

    @Test func `a stand-in is left for the first real sink`() {
        var bay = Bay()
        bay.add("Dummy Output", physical: true, Self.front)
        bay.run(2)
        #expect(bay.stereo == ["Dummy Output:playback_FL", "Dummy Output:playback_FR"])
        bay.add("Speakers", Self.front)
        bay.run(2)
        #expect(bay.stereo == ["Speakers:playback_FL", "Speakers:playback_FR"])
    }

    @Test func `a server that starts again: the sinks come later, and home is home`() {
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

    @Test func `whoever disconnects by hand is respected`() {
        var bay = Bay()
        bay.add("usb", physical: true, Self.front)
        bay.run(3)
        bay.connected = [[], []]
        bay.run(60)
        #expect(bay.stereo == ["", ""])
        // Even when the port goes and comes.
        bay.remove("usb")
        bay.run(1)
        bay.add("usb", physical: true, Self.front)
        bay.run(3)
        #expect(bay.stereo == ["", ""])
    }

    @Test func `what the player connects is kept, in place of what he takes away`() {
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

    @Test func `nothing is connected where that was asked for, but what the player connects is kept`() {
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
