import KairosCompiler
import KairosControl
import KairosEngine
import KairosPatch
import KairosSession
import KairosTestSupport
import Synchronization
import Testing

/// Patches that are read on first use: each once, and a faulty one does not affect others.
@Suite struct UnreadPatchTests {
    private struct Bad: Error, CustomStringConvertible { let description = "p.yaml:3:1: a bad patch" }

    /// Records which patches were read, in order.
    private final class Reads: Sendable {
        let list = Mutex<[Int]>([])
        var count: Int { list.withLock { $0.count } }
    }

    /// One sine patch per program; those in `bad` cannot be compiled.
    private static func sounds(_ count: Int, bad: Set<Int> = []) -> (sounds: [Sound], reads: Reads) {
        let reads = Reads()
        let sounds = (0..<count).map { n in
            var header = PatchHeader(name: "P\(n)")
            (header.bank, header.program) = (n / 128, n % 128)
            return Sound(
                PatchSource(header) {
                    reads.list.withLock { $0.append(n) }
                    if bad.contains(n) { throw Bad() }
                    return try compile("modules:\n  o: { type: sine }\n", name: "P\(n)", program: n % 128)
                })
        }
        return (sounds, reads)
    }

    /// An engine that plays the first entry, and its loader.
    private static func rig(_ sounds: [Sound]) -> (engine: Engine, loader: Loader, input: Ring<Event>) {
        let engine = Engine(EngineSetup(rig: Rig(sounds)))
        let loader = Loader(engine)
        engine.select(entry: 0, part: 0)
        return (engine, loader, engine.addInput())
    }

    private static func render(_ engine: Engine) {
        var left = [Float](repeating: 0, count: 64), right = left
        engine.render(
            left: &left, right: &right, frames: 64, timebase: .offline(sampleRate: engine.sampleRate))
    }

    @Test func `the sounding patch is read first, then one more per round`() {
        let (sounds, reads) = Self.sounds(2000)
        let rig = Self.rig(sounds)
        #expect(reads.count == 0)
        rig.loader.service(limit: 2)
        #expect(reads.count <= 2 && reads.list.withLock { $0.first } == 0)
        Self.render(rig.engine)
        #expect(rig.engine.status.entry == 0)
        for round in 1...20 {
            rig.loader.service(limit: 1)
            #expect(reads.count <= 2 + round)
        }
    }

    @Test func `a program change has its patch read next and becomes active once it is built`() {
        let (sounds, reads) = Self.sounds(2000)
        let rig = Self.rig(sounds)
        rig.loader.service(limit: 2)
        Self.render(rig.engine)
        rig.input.push(Event(.program, number: 1500))
        Self.render(rig.engine)
        #expect(rig.engine.status.entry == 0 && rig.engine.status.pending == 1500)
        rig.loader.service(limit: 1)
        #expect(reads.list.withLock { $0.last } == 1500)
        Self.render(rig.engine)
        #expect(rig.engine.status.entry == 1500 && rig.engine.status.pending == nil)
        #expect(reads.count <= 4)
    }

    @Test func `every patch is read exactly once`() {
        let (sounds, reads) = Self.sounds(40)
        let rig = Self.rig(sounds)
        rig.loader.service()
        #expect(reads.list.withLock { $0.sorted() } == Array(0..<40))
        #expect(rig.loader.states.all.allSatisfy { $0 == .ready })
    }

    @Test func `a patch that cannot be compiled is marked with its error when it is read`() {
        let (sounds, _) = Self.sounds(5, bad: [3])
        let rig = Self.rig(sounds)
        rig.loader.service()
        #expect(rig.loader.states.all[3] == .failed("p.yaml:3:1: a bad patch"))
        #expect(rig.loader.states.all[4] == .ready)
        Self.render(rig.engine)
        rig.input.push(Event(.program, number: 3))
        Self.render(rig.engine)
        #expect(rig.engine.status.entry == 0 && rig.engine.status.pending == nil)
        // A silent patch with the same name stands in for it.
        #expect(rig.engine.sounds[3].compiled.patch.name == "P3")
    }

    @Test func `the header's program number is used`() {
        let (sounds, _) = Self.sounds(2)
        let source = PatchSource(sounds[1].compiled).renumbered(bank: 3, program: nil)
        #expect(source.header.program == nil && source.compiled.patch.program == nil)
        #expect(source.compiled.patch.bank == 3)
    }
}
