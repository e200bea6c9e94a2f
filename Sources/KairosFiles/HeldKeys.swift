import KairosControl

/// The keys and pedals of a MIDI file that are held down at some point of it.
struct HeldKeys {
    /// A MIDI channel of an event source.
    private struct Address: Hashable {
        var source: UInt16
        var channel: UInt8
    }

    /// The keys and pedals held on one MIDI channel.
    private struct Channel {
        /// Note-ons without a note-off, by key: 1 or 2. A third note-on of a key ends the first note.
        var noteOns: [UInt8: Int] = [:]
        /// The pedals held, by controller: sustain, sostenuto and hold 2 (CC 64, 66, 69).
        var pedals: Set<UInt8> = []
    }

    private var channels: [Address: Channel] = [:]

    /// Number of held notes.
    var notes: Int { channels.values.reduce(0) { $0 + $1.noteOns.values.reduce(0, +) } }

    /// Number of held pedals.
    var pedals: Int { channels.values.reduce(0) { $0 + $1.pedals.count } }

    /// The sources that hold a key or a pedal, in ascending order.
    var sources: [UInt16] {
        Set(channels.filter { !$0.value.noteOns.isEmpty || !$0.value.pedals.isEmpty }.keys.map(\.source))
            .sorted()
    }

    /// Updates the state by the next event, in the order of time.
    mutating func update(_ event: Event) {
        let address = Address(source: event.source, channel: event.channel)
        switch event.message {
        case .noteOn(let key, _):
            let held = channels[address, default: Channel()].noteOns[key, default: 0]
            channels[address, default: Channel()].noteOns[key] = min(2, held + 1)
        case .noteOff(let key, _):
            guard let held = channels[address]?.noteOns[key] else { return }
            channels[address]?.noteOns[key] = held > 1 ? held - 1 : nil
        case .control(let number, let value, _): updateController(number, value, address)
        case .sourceGone:
            for channel in UInt8(0)..<16 { channels[Address(source: event.source, channel: channel)] = nil }
        case .reset, .panic: channels = [:]
        default: break
        }
    }

    private mutating func updateController(_ number: UInt8, _ normalized: UInt32, _ address: Address) {
        switch number {
        case 64, 66, 69:
            if normalized >= NormalizedValue.centre {
                channels[address, default: Channel()].pedals.insert(number)
            } else {
                channels[address]?.pedals.remove(number)
            }
        case 121: channels[address]?.pedals = []
        case 120, 123...127: channels[address]?.noteOns = [:]
        default: break
        }
    }
}
