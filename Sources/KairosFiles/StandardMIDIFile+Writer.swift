import Foundation
import KairosControl

extension StandardMIDIFile {
    /// Writes a MIDI file from tracks of messages. A message has a tick, counted from the start, and the
    /// bytes of a channel message or meta event.
    public struct Writer {
        private var tracks: [[(tick: Int, bytes: [UInt8])]] = []
        private let ticksPerQuarter: Int

        /// A file without tracks. `ticksPerQuarter` is 1…32 767.
        public init(ticksPerQuarter: Int = 480) { self.ticksPerQuarter = ticksPerQuarter }

        /// Adds a track. Messages are sorted by tick; messages at the same tick stay in the given order.
        public mutating func add(_ messages: [(tick: Int, bytes: [UInt8])]) {
            let ordered = messages.enumerated().sorted {
                ($0.element.tick, $0.offset) < ($1.element.tick, $1.offset)
            }
            tracks.append(ordered.map(\.element))
        }

        /// A tempo event. `beatsPerMinute` counts quarter notes and must be at least 3.58.
        public static func tempo(beatsPerMinute: Double) -> [UInt8] {
            let value = UInt32((60_000_000 / beatsPerMinute).rounded())
            return [0xff, 0x51, 3, UInt8(value >> 16 & 0xff), UInt8(value >> 8 & 0xff), UInt8(value & 0xff)]
        }

        /// The bytes of the file: format 0 if it has one track, else format 1.
        public var bytes: [UInt8] {
            var result: [UInt8] = Array("MThd".utf8) + [0, 0, 0, 6, 0, tracks.count == 1 ? 0 : 1]
            result += big(tracks.count, 2) + big(ticksPerQuarter, 2)
            for track in tracks {
                var body: [UInt8] = []
                var tick = 0
                for message in track {
                    body += variable(message.tick - tick) + message.bytes
                    tick = message.tick
                }
                body += [0, 0xff, 0x2f, 0]
                result += Array("MTrk".utf8) + big(body.count, 4) + body
            }
            return result
        }

        /// A big-endian number of `count` bytes.
        private func big(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }

        /// A variable-length quantity.
        private func variable(_ value: Int) -> [UInt8] {
            var result = [UInt8(value & 0x7f)]
            var rest = value >> 7
            while rest > 0 {
                result.insert(UInt8(rest & 0x7f) | 0x80, at: 0)
                rest >>= 7
            }
            return result
        }
    }
}
