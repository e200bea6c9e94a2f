import CRealtime
public import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
public import KairosPatch
import KairosSession

/// Measures program changes by CPU time of the calling thread, for `kairos bench`.
public enum GraphBench {
    /// CPU time in seconds to compile a patch with this number of modules and connections and build an
    /// instance of it.
    ///
    /// The graph is random, from `seed`, and consists of filters, amplifiers and mixers; most connections end
    /// at mixers and parameters, as in real patches.
    public static func building(
        modules: Int, connections: Int, seed: UInt32, _ registry: ModuleRegistry
    ) throws(PatchError) -> Double {
        let patch = drawn(modules: modules, connections: connections, seed: seed)
        let began = crt_thread_time()
        let instance = PatchInstance(Sound(try CompiledPatch(patch, registry: registry)), sampleRate: 48_000)
        let spent = Double(crt_thread_time() - began) * 1e-9
        withExtendedLifetime(instance) {}
        return spent
    }

    /// A random patch that sounds, with this number of modules and connections.
    static func drawn(modules: Int, connections: Int, seed: UInt32) -> Patch {
        var state = seed
        func draw(_ bound: Int) -> Int {
            state = scrambled(state &+ 0x9e37_79b9)
            return Int(state % UInt32(max(1, bound)))
        }
        var patch = Patch(name: "Drawn \(modules)")
        func add(_ name: String, _ type: String) {
            patch.modules.append(.init(.init(name), type: .init(type)))
        }
        func connection(_ from: String, _ to: String, _ port: String, _ depth: String? = nil) {
            patch.connections.append(
                .init(from: .init(from), to: .init(to), port: .init(port), depth: depth.map { .init($0) }))
        }
        patch.level = 0.001
        add("keys", "keys")
        add("m1", "saw")
        patch.connections.append(
            .init(from: .init("keys"), outlet: .init("pitch"), to: .init("m1"), port: .init("pitch")))
        for index in 2..<modules - 1 {
            add("m\(index)", ["vca", "mix", "svf"][index % 3])
            connection("m\(max(1, index - 1 - draw(3)))", "m\(index)", index % 3 == 1 ? "a" : "input")
        }
        add("out", "output")
        connection("m\(modules - 2)", "out", "input")
        while patch.connections.count < connections {
            let to = 3 + draw(modules - 5), from = 1 + draw(to - 1)
            switch to % 3 {
            case 0: connection("m\(from)", "m\(to)", "input")
            case 1: connection("m\(from)", "m\(to)", ["b", "c", "d"][draw(3)])
            default: connection("m\(from)", "m\(to)", "cutoff", "1 st")
            }
        }
        return patch
    }

    /// CPU times of blocks of 64 frames around program changes, in seconds.
    public struct Change: Sendable {
        /// Median of the blocks of the first patch.
        public var before: Double
        /// Median of the blocks of the second patch.
        public var after: Double
        /// Median of the blocks that contain a change to a ready entry.
        public var swap: Double
    }

    /// Measures `times` changes from one patch to another, in the middle of a chord of eight notes.
    public static func changing(
        from: CompiledPatch, to: CompiledPatch, times: Int, sampleRate: Double = 48_000
    ) -> Change {
        var entries = Rig([Sound(from), Sound(to)])
        for entry in 0...1 { entries.entries[entry].number = entry }
        var before: [Double] = [], after: [Double] = [], swaps: [Double] = []
        let rig = BenchRig(entries, sampleRate: sampleRate)
        func block(_ events: [Event] = []) -> Double {
            // The loader has a thread of its own and is not measured.
            rig.loader.service()
            for var event in events {
                event.stamp = rig.timebase.stamp(of: rig.engine.clock)
                rig.input.push(event)
            }
            let began = crt_thread_time()
            rig.render()
            return Double(crt_thread_time() - began) * 1e-9
        }
        let keys = (0..<8).map { UInt8(48 + 3 * $0) }
        let noteOns = keys.map { Event(.noteOn(key: $0, velocity: NormalizedValue.centre)) }
        let noteOffs = keys.map { Event(.noteOff(key: $0, velocity: NormalizedValue.centre)) }
        func chord(_ list: inout [Double]) {
            _ = block(noteOns)
            for index in 0..<40 {
                let spent = block()
                if index >= 8 { list.append(spent) }
            }
        }
        for _ in 0..<times {
            chord(&before)
            swaps.append(block([Event(.program(1))]))
            // The old sound is silenced first, so that only the new one is measured.
            _ = block(noteOffs + [Event(.panic)])
            for _ in 0..<40 { _ = block() }
            chord(&after)
            _ = block(noteOffs + [Event(.panic), Event(.program(0))])
            for _ in 0..<40 { _ = block() }
        }
        return Change(before: median(before), after: median(after), swap: median(swaps))
    }

    /// CPU time in seconds of rendering `seconds` of an entry with `layers` layers, each on a channel of its
    /// own with eight held notes.
    public static func layers(
        _ layers: Int, of patch: CompiledPatch, seconds: Double, sampleRate: Double = 48_000
    ) -> Double {
        var rig = Rig([Sound(patch)])
        rig.entries[0].layers = (0..<layers).map { channel in
            var rule = LayerRule()
            rule.channel = UInt8(channel)
            return Rig.Layer(sound: 0, rule: rule)
        }
        let host = OfflineHost(rig, mode: .entry, sampleRate: sampleRate)
        host.play(
            (0..<layers).flatMap { channel in
                (0..<8).map {
                    Event(
                        .noteOn(key: UInt8(48 + 3 * $0), velocity: NormalizedValue.centre),
                        channel: UInt8(channel))
                }
            })
        var left = [Float](repeating: 0, count: 64), right = left
        let began = crt_thread_time()
        for _ in 0..<Int(seconds * sampleRate) / 64 { host.render(left: &left, right: &right, frames: 64) }
        return Double(crt_thread_time() - began) * 1e-9
    }

    private static func median(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }
}
