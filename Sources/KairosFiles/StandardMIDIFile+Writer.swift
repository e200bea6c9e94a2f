import Foundation
import KairosControl

extension StandardMIDIFile {
    /// Writes tracks of messages: ticks from the start, and the bytes of a channel or meta message.
    public struct Writer {
        private var tracks: [[(tick: Int, bytes: [UInt8])]] = []
        private let ticksPerQuarter: Int

        /// A file with this many ticks per quarter note, and no track.
        public init(ticksPerQuarter: Int = 480) { self.ticksPerQuarter = ticksPerQuarter }

        /// Adds a track; messages may come in any order and stay in it where their ticks are equal.
        public mutating func add(_ messages: [(tick: Int, bytes: [UInt8])]) {
            let ordered = messages.enumerated().sorted {
                ($0.element.tick, $0.offset) < ($1.element.tick, $1.offset)
            }
            tracks.append(ordered.map(\.element))
        }

        /// A tempo message.
        public static func tempo(beatsPerMinute: Double) -> [UInt8] {
            let value = UInt32((60_000_000 / beatsPerMinute).rounded())
            return [0xff, 0x51, 3, UInt8(value >> 16 & 0xff), UInt8(value >> 8 & 0xff), UInt8(value & 0xff)]
        }

        /// The file: format 0 with one track, else 1.
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

        private func big(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }

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
