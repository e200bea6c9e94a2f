import CRealtime
public import KairosCompiler
import KairosControl
import KairosDSP
public import KairosPatch

/// Measures the cost of rendering against the number of voices and of modules, by CPU time of the calling
/// thread, for `kairos bench --scaling`.
public enum ScalingBench {
    /// The greatest number of voices for ``voices(_:of:seconds:sampleRate:)``.
    public static let voiceLimit = layerLimit * layers
    /// Voices per layer, and number of layers.
    private static let layerLimit = 256, layers = 4

    /// CPU time in nanoseconds per frame of `voices` held voices of `compiled`, on four channels of one
    /// entry.
    public static func voices(
        _ voices: Int, of compiled: CompiledPatch, seconds: Double, sampleRate: Double = 48_000
    ) -> Double {
        var patch = compiled
        patch.limitVoices(to: layerLimit)
        var rig = Rig([Sound(patch)])
        rig.entries[0].layers = (0..<layers).map { channel in
            var rule = LayerRule()
            rule.channel = UInt8(channel)
            return Rig.Layer(sound: 0, rule: rule)
        }
        return playing(voices, rig, seconds, sampleRate)
    }

    /// CPU time in nanoseconds per frame of one group of sixteen held voices through a chain of `modules`
    /// modules, at least 4.
    public static func modules(
        _ modules: Int, _ registry: ModuleRegistry, seconds: Double, sampleRate: Double = 48_000
    ) throws(PatchError) -> Double {
        let compiled = try CompiledPatch(chain(modules), registry: registry)
        return playing(16, Rig([Sound(compiled)]), seconds, sampleRate)
    }

    /// A chain: a saw oscillator, then filters, mixers and amplifiers.
    static func chain(_ modules: Int) -> Patch {
        var patch = Patch(name: "Chain of \(modules)")
        patch.level = 0.001
        func add(_ name: String, _ type: String, from: String, outlet: String? = nil, to port: String) {
            patch.modules.append(.init(.init(name), type: .init(type)))
            patch.connections.append(
                .init(from: .init(from), outlet: outlet.map { .init($0) }, to: .init(name), port: .init(port))
            )
        }
        patch.modules.append(.init(.init("keys"), type: .init("keys")))
        add("m1", "saw", from: "keys", outlet: "pitch", to: "pitch")
        for index in 2..<modules - 1 {
            let type = ["vca", "mix", "svf"][index % 3]
            add("m\(index)", type, from: "m\(index - 1)", to: type == "mix" ? "a" : "input")
        }
        add("out", "output", from: "m\(modules - 2)", to: "input")
        return patch
    }

    /// CPU time in nanoseconds per frame. The first 100 ms and the loader's work are not measured.
    private static func playing(
        _ voices: Int, _ rig: Rig, _ seconds: Double, _ sampleRate: Double
    ) -> Double {
        let rig = BenchRig(rig, sampleRate: sampleRate)
        for voice in 0..<voices {
            let place = voice % layerLimit
            rig.input.push(
                Event(
                    .noteOn(key: UInt8(36 + place * 7 % 48), velocity: NormalizedValue.scaled(100)),
                    channel: UInt8(voice / layerLimit), source: UInt16(place / 48)))
        }
        func render(_ seconds: Double) -> Double {
            let blocks = max(1, Int(seconds * sampleRate) / SubBlock.longest)
            let began = crt_thread_time()
            for _ in 0..<blocks { rig.render() }
            return Double(crt_thread_time() - began) / Double(blocks * SubBlock.longest)
        }
        _ = render(0.1)
        return render(seconds)
    }
}
