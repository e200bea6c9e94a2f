import Foundation
import KairosControl
import KairosDSP
import KairosEngine
import KairosFiles
import KairosTestSupport
import Testing

/// Damaged input of every kind: the answer is a value or a message, never a crash and never a hang.
///
/// `KAIROS_FUZZ_INPUTS` is how many inputs there are in all; seeded, so that a failure comes back.
@Suite struct Fuzzing {
    private static let inputs =
        ProcessInfo.processInfo.environment["KAIROS_FUZZ_INPUTS"].flatMap(Int.init) ?? 100_000

    /// Draws and damages.
    private struct Mutator {
        var state: UInt32

        mutating func draw(_ bound: Int) -> Int {
            state = scrambled(state &+ 0x9e37_79b9)
            return Int(state) % max(1, bound)
        }

        mutating func damaged(_ original: [UInt8], _ words: [[UInt8]]) -> [UInt8] {
            var bytes = original
            for _ in 0...draw(4) {
                let at = draw(bytes.count + 1)
                switch draw(6) {
                case 0 where !bytes.isEmpty: bytes[min(at, bytes.count - 1)] ^= UInt8(1 << draw(8))
                case 1 where !bytes.isEmpty: bytes[min(at, bytes.count - 1)] = UInt8(draw(256))
                case 2: bytes.removeSubrange(at..<min(bytes.count, at + draw(12)))
                case 3: bytes.insert(contentsOf: words[draw(words.count)], at: at)
                case 4:
                    bytes.insert(
                        contentsOf: bytes[min(at, bytes.count)..<min(bytes.count, at + draw(20))],
                        at: draw(bytes.count + 1))
                default: bytes.removeSubrange(min(bytes.count, max(at, 8))...)
                }
            }
            return bytes
        }
    }

    private static func song() -> [UInt8] {
        var writer = StandardMIDIFile.Writer(ticksPerQuarter: 96)
        writer.add([
            (0, StandardMIDIFile.Writer.tempo(beatsPerMinute: 120)),
            (96, StandardMIDIFile.Writer.tempo(beatsPerMinute: 90)),
        ])
        writer.add([
            (0, [0xb0, 0, 1]), (0, [0xc0, 5]), (10, [0x90, 60, 100]), (90, [0x80, 60, 64]),
            (95, [0xe0, 0, 64]), (99, [0xd0, 7]),
        ])
        return writer.bytes
    }

    @Test func `MIDI files`() {
        var mutator = Mutator(state: 1)
        let song = Self.song()
        let words: [[UInt8]] = [
            [0xff, 0x2f, 0], [0xff, 0x51, 3], Array("MTrk".utf8), [0xff, 0xff, 0xff, 0xff], [0xf0, 0x81],
            [0, 0, 0, 0],
        ]
        var good = 0
        for _ in 0..<Self.inputs / 2 {
            do throws(Diagnostics) {
                let read = try StandardMIDIFile.parse(mutator.damaged(song, words), file: "fuzz")
                good += 1
                #expect(
                    read.events.allSatisfy {
                        $0.channel < 16 && ($0.kind == .program ? $0.number < 128 * 16_384 : $0.number < 128)
                    })
            } catch {
                #expect(
                    !error.list.isEmpty && error.list.allSatisfy { $0.file == "fuzz" && !$0.message.isEmpty })
            }
        }
        #expect(good > 0)
    }

    @Test func `bytes of MIDI`() {
        var mutator = Mutator(state: 2)
        for _ in 0..<Self.inputs / 4 {
            var decoder = MIDIDecoder()
            for _ in 0..<24 {
                decoder.take(UInt8(mutator.draw(256))) { event in
                    let isLarge = [.program, .songPosition, .registered, .nonRegistered].contains(event.kind)
                    #expect(event.channel < 16 && (isLarge || event.number < 128))
                }
            }
        }
    }

    private static let patch = """
        kairos: patch/1
        name: F
        voices: 4
        level: -3 dB
        modules:
          keys: { type: keys }
          o: { type: saw, detune: 7 ct }
          f: { type: svf, cutoff: 1.2 kHz, resonance: 35 % }
        wires:
          - keys.pitch -> o
          - o -> f
          - keys.velocity -> f.cutoff @ 24 st
        knobs:
          - { name: B, to: f.cutoff, from: 200 Hz, upTo: 9 kHz, role: brightness }
        """

    private static let mapping = """
        kairos: mapping/1
        device: nano
        controls:
          - { cc: 16, to: knob 1 }
          - { cc: [20, 52], to: tide/filter.resonance, upTo: 90 %, invert: true }
          - { pressure: any, to: brightness, channel: 3 }
          - { note: 36, to: next entry }
        """

    private static let words: [[UInt8]] = [
        "yes", "&a ", "*a", "!!int ", "{", "}", "[", "]", ": ", "- ", "\t", "\n", "...\n", "---\n", "<<: ",
        "1e999", "@", "->", "|\n", "?", "\u{0}", "é", "\"", "'", "# ",
    ].map { Array($0.utf8) }

    @Test func `patches`() {
        var mutator = Mutator(state: 3)
        let original = Array(Self.patch.utf8)
        var good = 0
        for _ in 0..<Self.inputs / 8 {
            let text = String(decoding: mutator.damaged(original, Self.words), as: UTF8.self)
            do throws(Diagnostics) {
                let patch = try PatchFile.parse(text, file: "fuzz")
                // What reads well compiles or is told of.
                do throws(PatchError) {
                    _ = try CompiledPatch(patch, catalog: .standard)
                    good += 1
                } catch { #expect(!error.faults.isEmpty) }
            } catch {
                #expect(
                    !error.list.isEmpty && error.list.allSatisfy { $0.file == "fuzz" && !$0.message.isEmpty })
            }
        }
        #expect(good > 0)
    }

    private static let module = """
        kairos: module/1
        about: Two of a kind.
        modules:
          a: { type: saw, each: voice }
          b: { type: saw, detune: 7 ct }
          m: { type: mix }
        wires:
          - a -> m.a
          - b -> m.b
        inlets:
          pitch: [a.pitch, b]
        outlets:
          output: { to: m, about: Both. }
        params:
          detune: { to: [b.detune, a.detune], default: 3 ct, from: 0 st, upTo: 1 st }
        """

    @Test func `modules`() {
        var mutator = Mutator(state: 6)
        let original = Array(Self.module.utf8)
        var good = 0
        for _ in 0..<Self.inputs / 8 {
            let text = String(decoding: mutator.damaged(original, Self.words), as: UTF8.self)
            do throws(Diagnostics) {
                let found = ModuleCatalog.standard.with([try ModuleFile.parse(text, file: "fuzz")])
                // What reads well is offered or told of, and what is offered sounds.
                #expect((found.catalog["fuzz"] == nil) == !found.faults.isEmpty)
                if let trial = found.catalog.trial(of: "fuzz") {
                    good += (try? CompiledPatch(trial, catalog: found.catalog)) == nil ? 0 : 1
                }
            } catch {
                #expect(
                    !error.list.isEmpty && error.list.allSatisfy { $0.file == "fuzz" && !$0.message.isEmpty })
            }
        }
        #expect(good > 0)
    }

    private static let list = """
        kairos: setlist/1
        name: F
        stays: [B]
        entries:
          - { name: One, program: 0, patch: f, switch: bar, tail: fade 2 s, knobs: { B: 2 kHz } }
          - name: Two
            program: 1
            values: keep
            parts:
              - { patch: f, keys: C2..B3, velocity: 1..80, fade: 20, channel: 3 }
              - { patch: f, keys: 60..127, transpose: -12, level: -3 dB, pan: -20 % }
        """

    @Test func `set lists`() throws {
        var mutator = Mutator(state: 5)
        let original = Array(Self.list.utf8)
        let patch = try CompiledPatch(try PatchFile.parse(Self.patch, file: "f.yaml"), catalog: .standard)
        var good = 0
        for _ in 0..<Self.inputs / 8 {
            let text = String(decoding: mutator.damaged(original, Self.words), as: UTF8.self)
            do throws(Diagnostics) {
                let list = try SetListFile.parse(text, file: "fuzz")
                // What reads well can be played or is told of.
                let (repertoire, faults) = list.repertoire([patch])
                good += faults.isEmpty ? 1 : 0
                #expect(
                    repertoire.entries.allSatisfy { $0.fault == nil ? !$0.parts.isEmpty : !faults.isEmpty })
            } catch {
                #expect(
                    !error.list.isEmpty && error.list.allSatisfy { $0.file == "fuzz" && !$0.message.isEmpty })
            }
        }
        #expect(good > 0)
    }

    @Test func `mappings`() {
        var mutator = Mutator(state: 4)
        let original = Array(Self.mapping.utf8)
        var good = 0
        for _ in 0..<Self.inputs / 8 {
            let text = String(decoding: mutator.damaged(original, Self.words), as: UTF8.self)
            do throws(Diagnostics) {
                _ = try MappingFile.parse(text, file: "fuzz")
                good += 1
            } catch {
                #expect(
                    !error.list.isEmpty && error.list.allSatisfy { $0.file == "fuzz" && !$0.message.isEmpty })
            }
        }
        #expect(good > 0)
    }
}
