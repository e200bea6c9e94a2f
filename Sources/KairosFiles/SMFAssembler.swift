import KairosControl

/// Converts the messages of a MIDI file to events with time stamps.
struct SMFAssembler {
    private let contents: SMFContents
    /// The source of the events of each outlet.
    private let sources: [UInt16]
    /// Indices of outlets that share a source with another outlet that uses the same channels, because there
    /// are no more sources.
    private let shared: [Int]

    init(_ contents: SMFContents) {
        self.contents = contents
        (sources, shared) = Self.sources(contents)
    }

    /// Adds a fault for each outlet that shares a source.
    func reportSharedPorts(_ faults: inout SMFFaults) {
        for index in shared {
            let outlet = contents.outlets[index]
            let name = "port \(outlet.port)" + (outlet.device.isEmpty ? "" : " of '\(outlet.device)'")
            faults.add(
                .sharedPort, at: contents.outletOffsets[index],
                "\(name) is merged with another port: of the ports that use the same "
                    + "channels, at most \(FixedSource.filePorts.count + 1) are kept separate")
        }
    }

    /// The events of the file, without its faults.
    func song() -> StandardMIDIFile {
        var clock = TickClock(contents.division, tempos: contents.tempos)
        let messages = contents.messages.sorted {
            ($0.tick, $0.track, $0.order) < ($1.tick, $1.track, $1.order)
        }
        // One decoder per source, because an instrument receives a single stream from a port: a bank select
        // in one track applies to a program change in another.
        var decoders: [UInt16: MIDIDecoder] = [:]
        var held = HeldKeys()
        var events: [Event] = []
        events.reserveCapacity(messages.count)
        for message in messages {
            let stamp = clock.nanoseconds(at: message.tick), source = sources[message.outlet]
            func add(_ event: Event) {
                // The clock is derived from the tempo map. MIDI clock messages in the file would be a second
                // clock.
                guard event.message != .clock else { return }
                var event = event
                event.stamp = stamp
                event.source = source
                held.update(event)
                events.append(event)
            }
            if message.status > 0 {
                decoders[source, default: MIDIDecoder()].decode(
                    message.status, message.first, message.second, add)
            }
            for byte in message.bytes { decoders[source, default: MIDIDecoder()].decode(byte, add) }
        }
        let length = clock.nanoseconds(at: contents.lastTick)
        // Keys and pedals that are still held at the end are released there.
        events += held.sources.map { Event(.sourceGone, stamp: length, source: $0) }
        return StandardMIDIFile(
            events: events, length: length, name: contents.name, clock: clockTicks(), heldNotes: held.notes,
            heldPedals: held.pedals)
    }

    /// Assigns a source to each outlet. Returns the sources, and the indices of outlets that share one.
    ///
    /// Outlets without a common channel get the same source; outlets with a common channel get different
    /// ones, until there are no more. Device names distinguish outlets only if the file has at least two of
    /// them.
    private static func sources(_ contents: SMFContents) -> (sources: [UInt16], shared: [Int]) {
        var channels = [UInt16](repeating: 0, count: contents.outlets.count)
        for message in contents.messages where message.status > 0 {
            channels[message.outlet] |= 1 << UInt16(message.status & 0x0f)
        }
        let devices = Set(contents.outlets.map(\.device)).subtracting([""])
        let all = [UInt16(0)] + FixedSource.filePorts
        var merged: [SMFContents.Outlet: Int] = [:], used: [UInt16] = [], indices: [Int] = []
        var shared: [Int] = []
        for (index, outlet) in contents.outlets.enumerated() {
            var outlet = outlet
            if devices.count < 2 { outlet.device = "" }
            let sourceIndex =
                merged[outlet] ?? used.firstIndex { $0 & channels[index] == 0 }
                ?? min(used.count, all.count - 1)
            if sourceIndex == used.count { used.append(0) }
            if merged[outlet] == nil, used[sourceIndex] & channels[index] != 0 { shared.append(index) }
            used[sourceIndex] |= channels[index]
            merged[outlet] = sourceIndex
            indices.append(sourceIndex)
        }
        return (indices.map { all[$0] }, shared)
    }

    /// A start event and MIDI clock ticks, 24 per quarter note; empty in a file with time code.
    private func clockTicks() -> [Event] {
        guard case .quarter(let ticks) = contents.division else { return [] }
        var clock = TickClock(contents.division, tempos: contents.tempos)
        // The limit is half an hour at 1400 quarter notes per minute, or five hours at 140. The rest of a
        // longer file has no clock.
        let count = min(contents.lastTick.multipliedSaturated(by: 24) / ticks, 1_000_000)
        return [Event(.start)]
            + (0...count).map { Event(.clock, stamp: clock.nanoseconds(at: $0 * ticks / 24)) }
    }
}
