import KairosControl

/// Makes events with time stamps of a MIDI file's messages.
struct SMFAssembler {
    private let contents: SMFContents
    /// For each outlet, the source of its events.
    private let sources: [UInt16]
    /// Indices of outlets that have no source of their own, though another one uses their channels.
    private let shared: [Int]

    init(_ contents: SMFContents) {
        self.contents = contents
        (sources, shared) = Self.sources(contents)
    }

    /// Adds what could not be kept apart.
    func tell(_ faults: inout SMFFaults) {
        for index in shared {
            let outlet = contents.outlets[index]
            let name = "port \(outlet.port)" + (outlet.device.isEmpty ? "" : " of '\(outlet.device)'")
            faults.add(
                .sharedPort, at: contents.outletOffsets[index],
                "\(name) is played as one with another: of ports that use the same "
                    + "channels, \(FixedSource.filePorts.count + 1) are kept apart")
        }
    }

    /// The song, without its faults.
    func song() -> StandardMIDIFile {
        var clock = TickClock(contents.division, tempos: contents.tempos)
        let messages = contents.messages.sorted {
            ($0.tick, $0.track, $0.order) < ($1.tick, $1.track, $1.order)
        }
        // One stream for each source, as an instrument would get it: a bank select in one track holds for a
        // program change in another.
        var decoders: [UInt16: MIDIDecoder] = [:]
        var held = HeldKeys()
        var events: [Event] = []
        events.reserveCapacity(messages.count)
        for message in messages {
            let stamp = clock.nanoseconds(at: message.tick), source = sources[message.outlet]
            func add(_ event: Event) {
                // The file's clock is its tempo map; ticks of another beside it would double it.
                guard event.kind != .clock else { return }
                var event = event
                event.stamp = stamp
                event.source = source
                held.take(event)
                events.append(event)
            }
            if message.status > 0 {
                decoders[source, default: MIDIDecoder()].take(
                    message.status, message.first, message.second, add)
            }
            for byte in message.bytes { decoders[source, default: MIDIDecoder()].take(byte, add) }
        }
        let length = clock.nanoseconds(at: contents.lastTick)
        // What is still down at the end is let go there.
        events += held.sources.map { Event(.sourceGone, stamp: length, source: $0) }
        return StandardMIDIFile(
            events: events, length: length, name: contents.name, clock: beats(), heldNotes: held.notes,
            heldPedals: held.pedals)
    }

    /// Outlets that use no channel of each other are one source; those that do are sources of their own, as long
    /// as there are any. Device names count where there are two.
    private static func sources(_ contents: SMFContents) -> (sources: [UInt16], shared: [Int]) {
        var channels = [UInt16](repeating: 0, count: contents.outlets.count)
        for message in contents.messages where message.status > 0 {
            channels[message.outlet] |= 1 << UInt16(message.status & 0x0f)
        }
        let devices = Set(contents.outlets.map(\.device)).subtracting([""])
        let all = [UInt16(0)] + FixedSource.filePorts
        var merged: [SMFContents.Outlet: Int] = [:], used: [UInt16] = [], places: [Int] = []
        var shared: [Int] = []
        for (index, outlet) in contents.outlets.enumerated() {
            var outlet = outlet
            if devices.count < 2 { outlet.device = "" }
            let place =
                merged[outlet] ?? used.firstIndex { $0 & channels[index] == 0 }
                ?? min(used.count, all.count - 1)
            if place == used.count { used.append(0) }
            if merged[outlet] == nil, used[place] & channels[index] != 0 { shared.append(index) }
            used[place] |= channels[index]
            merged[outlet] = place
            places.append(place)
        }
        return (places.map { all[$0] }, shared)
    }

    private func beats() -> [Event] {
        guard case .quarter(let ticks) = contents.division else { return [] }
        var clock = TickClock(contents.division, tempos: contents.tempos)
        // Half an hour at 1400 quarter notes a minute, or five hours at 140: a longer file has no beats at its end.
        let count = min(contents.lastTick.multipliedSaturated(by: 24) / ticks, 1_000_000)
        return [Event(.start)]
            + (0...count).map { Event(.clock, stamp: clock.nanoseconds(at: $0 * ticks / 24)) }
    }
}
