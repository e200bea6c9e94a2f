import KairosControl
import KairosTestSupport

extension EventInput {
    /// The events of a score whose messages were sent through this input.
    @Sendable func events(_ items: [Score.Item]) -> [Event] {
        var messages: [UInt16: [Message]] = [:], passed: [(index: Int, event: Event)] = []
        var encoders: [UInt16: MessageEncoder] = [:]
        for (index, item) in items.enumerated() {
            switch item.content {
            case .bytes(let bytes): if !bytes.isEmpty { messages[0, default: []].append((index, bytes)) }
            case .event(let event):
                if let said = encoders[event.source, default: MessageEncoder()].messages(event) {
                    messages[event.source, default: []] += said.map { (index, $0) }
                } else {
                    passed.append((index, event))
                }
            }
        }
        for (source, messages) in messages {
            for (index, event) in events(messages) {
                var event = event
                event.stamp = items[index].stamp
                event.source = source
                event.input = 0
                passed.append((index, event))
            }
        }
        return passed.enumerated().sorted {
            ($0.element.index, $0.offset) < ($1.element.index, $1.offset)
        }.map(\.element.event)
    }
}

/// Conversion of events to MIDI 1.0 messages.
private struct MessageEncoder {
    private var banks = [UInt32](repeating: 0, count: 16)

    /// Nil if MIDI 1.0 has no such message.
    mutating func messages(_ event: Event) -> [[UInt8]]? {
        let channel = event.channel & 15, key = UInt8(event.number & 127)
        let seven = NormalizedValue.sevenBits(event.normalized), fourteen = event.normalized >> 18
        let isSeven = NormalizedValue.scaled(seven) == event.normalized
        switch event.kind {
        case .noteOn where isSeven && seven > 0: return [[0x90 | channel, key, seven]]
        case .noteOff where isSeven: return [[0x80 | channel, key, seven]]
        case .polyPressure where isSeven: return [[0xa0 | channel, key, seven]]
        case .channelPressure where isSeven: return [[0xd0 | channel, seven]]
        case .control where isSeven && !event.isWhole: return [[0xb0 | channel, key, seven]]
        case .pitchBend where NormalizedValue.scaled(fourteen, bits: 14) == event.normalized:
            return [[0xe0 | channel, UInt8(fourteen & 127), UInt8(fourteen >> 7)]]
        case .program:
            let bank = event.number / 128
            defer { banks[Int(channel)] = bank }
            let select: [[UInt8]] =
                bank == banks[Int(channel)]
                ? [] : [[0xb0 | channel, 0, UInt8(bank >> 7)], [0xb0 | channel, 32, UInt8(bank & 127)]]
            return select + [[0xc0 | channel, key]]
        case .registered, .nonRegistered:
            let (high, low): (UInt8, UInt8) = event.kind == .registered ? (101, 100) : (99, 98)
            let entry: [Event.Part: UInt8] = [.coarse: 6, .fine: 38, .increment: 96, .decrement: 97]
            guard let part = event.part, let controller = entry[part], isSeven else { return nil }
            return [
                [0xb0 | channel, high, UInt8(event.parameter >> 7)],
                [0xb0 | channel, low, UInt8(event.parameter & 127)], [0xb0 | channel, controller, seven],
                [0xb0 | channel, 101, 127], [0xb0 | channel, 100, 127],
            ]
        case .clock: return [[0xf8]]
        case .start: return [[0xfa]]
        case .resume: return [[0xfb]]
        case .stop: return [[0xfc]]
        default: return nil
        }
    }
}
