import CALSA
import KairosControl
import KairosTestSupport
import Testing

@testable import KairosDevices

/// Sequencer events with arbitrary contents, as any program may send them.
@Suite struct SequencerDecoderTests {
    /// Pseudo-random bits by splitmix64, the same in every run.
    private struct Bits {
        var state: UInt64 = 29
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }

    private func decoded(_ event: snd_seq_event_t) -> [Event] {
        var decoder = SequencerDecoder(), events: [Event] = []
        decoder.decode(event) { events.append($0) }
        return events
    }

    private func control(_ type: snd_seq_event_type, _ param: UInt32, _ value: Int32, channel: UInt8 = 0)
        -> [Event]
    {
        var event = snd_seq_event_t()
        event.type = UInt8(type.rawValue)
        event.data.control.channel = channel
        event.data.control.param = param
        event.data.control.value = value
        return decoded(event)
    }

    @Test func `a million events with random bits in every field`() {
        var bits = Bits(), decoder = SequencerDecoder(), given = 0, wrong = 0
        let types: [snd_seq_event_type] = [
            SND_SEQ_EVENT_NOTEON, SND_SEQ_EVENT_NOTEOFF, SND_SEQ_EVENT_KEYPRESS, SND_SEQ_EVENT_CONTROLLER,
            SND_SEQ_EVENT_PGMCHANGE, SND_SEQ_EVENT_CHANPRESS, SND_SEQ_EVENT_PITCHBEND,
            SND_SEQ_EVENT_CONTROL14,
            SND_SEQ_EVENT_REGPARAM, SND_SEQ_EVENT_NONREGPARAM, SND_SEQ_EVENT_SONGPOS, SND_SEQ_EVENT_SYSEX,
        ]
        let extremes: [Int32] = [.min, .max, 2_147_475_456, -2_147_475_456, -1, 0, 16_384]
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: 600)
        defer { bytes.deallocate() }
        var event = snd_seq_event_t()
        for step in 0..<1_000_000 {
            withUnsafeMutableBytes(of: &event) { raw in
                for at in raw.indices { raw[at] = UInt8(truncatingIfNeeded: bits.next()) }
            }
            // Half of the events have a known type, and extreme values are more frequent than by chance.
            if step % 2 == 0 { event.type = UInt8(types[Int(bits.next() % 12)].rawValue) }
            if step % 3 == 0 {
                event.data.control.value = extremes[Int(bits.next() % 7)]
                event.data.control.channel &= 15
            }
            let isVariable =
                event.flags & UInt8(SND_SEQ_EVENT_LENGTH_MASK) == UInt8(SND_SEQ_EVENT_LENGTH_VARIABLE)
            if event.type == UInt8(SND_SEQ_EVENT_SYSEX.rawValue), isVariable {
                // The library guarantees this part of an event: the pointer is valid for the given length.
                let count = Int(bits.next() % 600)
                for at in 0..<count { bytes[at] = UInt8(truncatingIfNeeded: bits.next()) }
                if count > 4 { (bytes[0], bytes[1], bytes[count - 1]) = (0xf0, 0x7e | bytes[1] & 1, 0xf7) }
                event.data.ext.len = UInt32(count)
                event.data.ext.ptr = UnsafeMutableRawPointer(bytes)
            }
            decoder.decode(event) {
                given += 1
                let isKey = $0.kind == .noteOn || $0.kind == .noteOff || $0.kind == .polyPressure
                if $0.channel > 15 || isKey && $0.number > 127 { wrong += 1 }
                if $0.kind == .program, $0.number >= 128 * 16_384 { wrong += 1 }
            }
            _ = SequencerDecoder.stamp(
                of: event, queue: Int32(truncatingIfNeeded: bits.next()) & 255,
                offset: Int64(bitPattern: bits.next()), now: bits.next())
        }
        #expect(given > 100_000 && wrong == 0)
    }

    @Test func `a value out of range is clamped`() {
        for value: Int32 in [2_147_483_647, 2_147_475_456, 8192, 8191] {
            #expect(control(SND_SEQ_EVENT_PITCHBEND, 0, value).map(\.normalized) == [.max])
        }
        for value: Int32 in [-2_147_483_648, -8193, -8192] {
            #expect(control(SND_SEQ_EVENT_PITCHBEND, 0, value).map(\.normalized) == [0])
        }
        #expect(control(SND_SEQ_EVENT_PITCHBEND, 0, 0).map(\.normalized) == [NormalizedValue.centre])
        #expect(control(SND_SEQ_EVENT_CONTROLLER, 74, 200).map(\.normalized) == [.max])
        #expect(control(SND_SEQ_EVENT_CONTROLLER, 74, -5).map(\.normalized) == [0])
        #expect(control(SND_SEQ_EVENT_CHANPRESS, 0, .max).map(\.normalized) == [.max])
        #expect(control(SND_SEQ_EVENT_SONGPOS, 0, .max).map(\.number) == [16_383])
        #expect(control(SND_SEQ_EVENT_CONTROL14, 1, .max).map(\.normalized) == [.max])
    }

    /// Fails where a number is masked: key 188 would play key 60, and controller 192 would lift the pedal.
    @Test func `a message with an invalid number is dropped`() {
        var event = snd_seq_event_t()
        event.type = UInt8(SND_SEQ_EVENT_NOTEON.rawValue)
        (event.data.note.note, event.data.note.velocity) = (188, 100)
        #expect(decoded(event).isEmpty)
        (event.data.note.note, event.data.note.channel) = (60, 16)
        #expect(decoded(event).isEmpty)
        (event.data.note.channel, event.data.note.velocity) = (15, 255)
        #expect(decoded(event).map(\.normalized) == [.max])
        #expect(control(SND_SEQ_EVENT_CONTROLLER, 192, 0).isEmpty)
        #expect(control(SND_SEQ_EVENT_CONTROLLER, 64, 0, channel: 16).isEmpty)
        #expect(control(SND_SEQ_EVENT_PGMCHANGE, 0, 128).isEmpty)
        #expect(control(SND_SEQ_EVENT_PGMCHANGE, 0, -1).isEmpty)
        #expect(control(SND_SEQ_EVENT_REGPARAM, 16_384, 0).isEmpty)
        #expect(control(SND_SEQ_EVENT_NONREGPARAM, 5, 0, channel: 200).isEmpty)
    }

    @Test func `a system exclusive event without a pointer is not read`() {
        var event = snd_seq_event_t()
        event.type = UInt8(SND_SEQ_EVENT_SYSEX.rawValue)
        event.data.ext.len = .max
        event.data.ext.ptr = UnsafeMutableRawPointer(bitPattern: 0xdead_0000)
        #expect(decoded(event).isEmpty)
        event.flags = UInt8(SND_SEQ_EVENT_LENGTH_VARIABLE)
        event.data.ext.ptr = nil
        #expect(decoded(event).isEmpty)
    }

    @Test func `an event that our queue did not stamp gets the current time`() {
        var event = snd_seq_event_t()
        event.queue = 3
        event.flags = UInt8(SND_SEQ_TIME_STAMP_REAL | SND_SEQ_TIME_MODE_ABS)
        event.time.time = .init(tv_sec: 2, tv_nsec: 5)
        let now: UInt64 = 10_000_000_000
        func stamp(_ queue: Int32, _ offset: Int64) -> UInt64 {
            SequencerDecoder.stamp(of: event, queue: queue, offset: offset, now: now)
        }
        #expect(stamp(3, 7_000_000_000) == 9_000_000_005)
        #expect(stamp(4, 7_000_000_000) == now)
        for offset: Int64 in [.max, .min, 8_000_000_000, -2_000_000_006] {
            #expect(stamp(3, offset) <= now + 1_000_000)
        }
        event.time.time = .init(tv_sec: .max, tv_nsec: .max)
        #expect(stamp(3, 0) == now)
        event.flags = 0
        #expect(stamp(3, 7_000_000_000) == now)
    }
}
