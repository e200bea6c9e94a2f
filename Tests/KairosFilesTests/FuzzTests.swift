import Foundation
import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosFiles
import KairosPatch
import KairosSession
import KairosTestSupport
import Testing

/// Damaged input of every kind is answered with a value or an error, never with a crash or a hang.
///
/// `KAIROS_FUZZ_INPUTS` sets the total number of inputs. The random numbers are seeded, so that a failure can
/// be reproduced.
@Suite struct Fuzzing {
    private static let inputs =
        ProcessInfo.processInfo.environment["KAIROS_FUZZ_INPUTS"].flatMap(Int.init) ?? 100_000

    /// A random number generator that damages inputs.
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
            [0, 0, 0, 0], [0xf7, 2, 0xf7], [0xff, 0x21, 1, 1], [0xf8], [0x80, 0x80, 0x80, 0x80, 0x80],
            [0xff, 0x51, 3, 0, 0, 0],
            Array("MThd".utf8), Array("RIFF".utf8),
        ]
        var good = 0
        for _ in 0..<Self.inputs / 2 {
            do throws(Diagnostics) {
                let bytes = mutator.damaged(song, words)
                let read = try StandardMIDIFile.parse(bytes, file: "fuzz")
                good += 1
                let strict = try? StandardMIDIFile.parse(bytes, file: "fuzz", strict: true)
                // Strict reading gives the same result for a file without faults, and refuses one with
                // faults.
                #expect(strict == (read.warnings.isEmpty ? read : nil))
                #expect(zip(read.events, read.events.dropFirst()).allSatisfy { $0.stamp <= $1.stamp })
                #expect(
                    read.events.allSatisfy { event in
                        let isLarge = [.program, .songPosition, .registered, .nonRegistered].contains(
                            event.kind)
                        return event.channel < 16 && event.number < (isLarge ? 128 * 16_384 : 128)
                    })
            } catch {
                #expect(
                    !error.list.isEmpty && error.list.allSatisfy { $0.file == "fuzz" && !$0.message.isEmpty })
            }
        }
        #expect(good > 0)
    }

    @Test func `MIDI bytes`() {
        var mutator = Mutator(state: 2)
        for _ in 0..<Self.inputs / 4 {
            var decoder = MIDIDecoder()
            for _ in 0..<24 {
                decoder.decode(UInt8(mutator.draw(256))) { event in
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
        connections:
          - keys.pitch -> o
          - o -> f
          - keys.velocity -> f.cutoff @ 24 st
        macros:
          - { name: B, to: f.cutoff, range: [200 Hz, 9 kHz], role: brightness }
        """

    private static let mapping = """
        kairos: mapping/1
        device: nano
        controls:
          - { cc: 16, to: macro 1 }
          - { cc: [20, 52], to: tide/filter.resonance, range: [0 %, 90 %], invert: true }
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
                // A patch that can be read compiles or is reported.
                do throws(PatchError) {
                    _ = try CompiledPatch(patch, registry: .standard)
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
        connections:
          - a -> m.a
          - b -> m.b
        inlets:
          pitch: [a.pitch, b]
        outlets:
          output: { to: m, about: Both. }
        params:
          detune: { to: [b.detune, a.detune], default: 3 ct, range: [0 st, 1 st] }
        """

    @Test func `modules`() {
        var mutator = Mutator(state: 6)
        let original = Array(Self.module.utf8)
        var good = 0
        for _ in 0..<Self.inputs / 8 {
            let text = String(decoding: mutator.damaged(original, Self.words), as: UTF8.self)
            do throws(Diagnostics) {
                let found = ModuleRegistry.standard.with([try ModuleFile.parse(text, file: "fuzz")])
                // A module that can be read is registered or reported, and a registered module can be
                // rendered.
                #expect((found.registry["fuzz"] == nil) == !found.faults.isEmpty)
                if let trial = found.registry.trial(of: "fuzz") {
                    good += (try? CompiledPatch(trial, registry: found.registry)) == nil ? 0 : 1
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
        keepMacros: [B]
        entries:
          - { name: One, program: 0, patch: f, switch: bar, tail: fade 2 s, macros: { B: 2 kHz } }
          - name: Two
            program: 1
            keepMacros: all
            layers:
              - { patch: f, keys: C2..B3, velocity: 1..80, fade: 20, channel: 3 }
              - { patch: f, keys: 60..127, transpose: -12, level: -3 dB, pan: -20 % }
        """

    @Test func `set lists`() throws {
        var mutator = Mutator(state: 5)
        let original = Array(Self.list.utf8)
        let patch = try CompiledPatch(try PatchFile.parse(Self.patch, file: "f.yaml"), registry: .standard)
        var good = 0
        for _ in 0..<Self.inputs / 8 {
            let text = String(decoding: mutator.damaged(original, Self.words), as: UTF8.self)
            do throws(Diagnostics) {
                let list = try SetListFile.parse(text, file: "fuzz")
                // A set list that can be read can be played or is reported.
                let (rig, faults) = list.rig([patch])
                good += faults.isEmpty ? 1 : 0
                #expect(
                    rig.entries.allSatisfy { $0.fault == nil ? !$0.layers.isEmpty : !faults.isEmpty })
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

    private static let scale = """
        ! f.scl
        A scale
         5
        !
         100.0
         9/8   a tone
         3 / 2
         -25.5 cents
         2
        """

    private static let keyboard = """
        ! f.kbm
        12
        0
        127
        60
        69
        440.0
        5
        0
        x
        1
        x
        2
        """

    private static let numbers: [[UInt8]] = [
        "0", "-", "9999999999999999999999", "1e308", "1e-308", ".", "/", "0/0", "nan", "inf", "-1", "x", "!",
        "\r",
        "\n\n", "\u{0}", "4096", "1/4294967296", "99999999.",
    ].map { Array($0.utf8) }

    /// A tuning that can be read is played: every sample is finite, whatever the pitches are.
    @Test func `scales and keyboard mappings`() throws {
        var mutator = Mutator(state: 6)
        let scale = Array(Self.scale.utf8), keyboard = Array(Self.keyboard.utf8)
        let patch = try CompiledPatch(
            try PatchFile.parse(
                Self.patch.replacing("  - keys.velocity -> f.cutoff @ 24 st\n", with: ""), file: "f.yaml"),
            registry: .standard)
        var good = 0, played = 0
        for index in 0..<Self.inputs / 8 {
            let bytes = [mutator.damaged(scale, Self.numbers), mutator.damaged(keyboard, Self.numbers)]
            do throws(Diagnostics) {
                let tuning = Tuning(
                    try ScalaFile.scale(bytes[0], file: "fuzz"),
                    keyboard: try ScalaFile.keyboard(bytes[1], file: "fuzz"))
                good += 1
                #expect(tuning.pitches.count == 128 && tuning.pitches.allSatisfy { $0?.isFinite != false })
                guard index % 64 == 0 else { continue }
                played += 1
                var score = Score()
                for key in [0, 59, 60, 61, 127] { score.on(10 + key, key) }
                var sound = Rendering(frames: 1024)
                let host = OfflineHost(Rig([Sound(patch)]), mode: .entry, tuning: tuning)
                host.play(score.events)
                sound.render(with: host)
                #expect(sound.left.allSatisfy { $0.isFinite })
            } catch {
                #expect(
                    !error.list.isEmpty
                        && error.list.allSatisfy { $0.file == "fuzz" && $0.line > 0 && !$0.message.isEmpty })
            }
        }
        #expect(good > 0 && played > 0)
    }

    /// Adding a control to a damaged mapping gives a readable mapping, or leaves the text unchanged.
    @Test func `MIDI learn into damaged mappings`() {
        var mutator = Mutator(state: 7)
        let original = Array(Self.mapping.utf8)
        var good = 0
        for _ in 0..<Self.inputs / 16 {
            let text = String(decoding: mutator.damaged(original, Self.words), as: UTF8.self)
            var editor = MappingEditor(text)
            do throws(Diagnostics) {
                try editor.map(mutator.draw(2) == 0 ? "cc: 16" : "cc: [20, 52]", to: "macro 5")
                good += 1
                let mapping = try MappingFile.parse(editor.text, file: "fuzz")
                #expect(mapping.controls.contains { $0.target == .macro(5) })
                let isUndone = editor.undo()
                #expect(isUndone)
            } catch {}
            #expect(editor.text == text)
        }
        #expect(good > 0)
    }

    @Test func `system exclusive messages`() {
        var mutator = Mutator(state: 8)
        var tuning: [UInt8] = [0xf0, 0x7f, 0x7f, 8, 2, 0, 3]
        for key: UInt8 in [0, 60, 127] { tuning += [key, 127, 0x7f, 0x7e] }
        tuning +=
            [0xf7, 0xf0, 0x7f, 0x7f, 8, 9, 3, 0x7f, 0x7f] + [UInt8](repeating: 0x7f, count: 24) + [0xf7]
        let words: [[UInt8]] = [
            [0xf0, 0x7e, 0x7f, 8], [0xf7], [0xf0], [0x7e, 0x7f, 9, 1], [0x7f, 0x7f, 4, 1, 127, 127], [0xff],
            [8, 5],
        ]
        let host = OfflineHost(Rig([Sound]()), mode: .entry)
        var left = [Float](repeating: 0, count: 16), right = left
        for _ in 0..<Self.inputs / 8 {
            var decoder = MIDIDecoder(), events: [Event] = []
            for byte in mutator.damaged(tuning, words) {
                decoder.decode(byte) { event in
                    var event = event
                    event.stamp = UInt64(host.engine.clock) * 1_000_000_000 / 48_000
                    events.append(event)
                }
            }
            host.play(events)
            host.render(left: &left, right: &right, frames: 16)
        }
        #expect(left.allSatisfy { $0 == 0 })
    }
}
