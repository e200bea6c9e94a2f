import KairosControl

/// The keys and pedals of a song that are down.
struct HeldKeys {
    /// A MIDI channel of a source.
    private struct Place: Hashable {
        var source: UInt16
        var channel: UInt8
    }

    /// What is down on one channel.
    private struct Channel {
        /// By key, note-ons without their note-off. Of one key two at most are open: a third ends the first.
        var strokes: [UInt32: Int] = [:]
        /// Sustain, sostenuto and hold 2 (CC 64, 66, 69).
        var pedals: Set<UInt32> = []
    }

    private var channels: [Place: Channel] = [:]

    /// Notes whose keys are down.
    var notes: Int { channels.values.reduce(0) { $0 + $1.strokes.values.reduce(0, +) } }

    /// Pedals that are down.
    var pedals: Int { channels.values.reduce(0) { $0 + $1.pedals.count } }

    /// The sources that hold anything, in rising order.
    var sources: [UInt16] {
        Set(channels.filter { !$0.value.strokes.isEmpty || !$0.value.pedals.isEmpty }.keys.map(\.source))
            .sorted()
    }

    /// Takes an event in its order.
    mutating func take(_ event: Event) {
        let place = Place(source: event.source, channel: event.channel)
        switch event.kind {
        case .noteOn:
            let open = channels[place, default: Channel()].strokes[event.number, default: 0]
            channels[place, default: Channel()].strokes[event.number] = min(2, open + 1)
        case .noteOff:
            guard let open = channels[place]?.strokes[event.number] else { return }
            channels[place]?.strokes[event.number] = open > 1 ? open - 1 : nil
        case .control: control(event.number, event.position, place)
        case .sourceGone:
            for channel in UInt8(0)..<16 { channels[Place(source: event.source, channel: channel)] = nil }
        case .reset, .panic: channels = [:]
        default: break
        }
    }

    private mutating func control(_ number: UInt32, _ position: UInt32, _ place: Place) {
        switch number {
        case 64, 66, 69:
            if position >= Position.centre {
                channels[place, default: Channel()].pedals.insert(number)
            } else {
                channels[place]?.pedals.remove(number)
            }
        case 121: channels[place]?.pedals = []
        case 120, 123...127: channels[place]?.strokes = [:]
        default: break
        }
    }
}
