import CRealtime
public import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
public import KairosPatch

/// Measures rendering and compiling by CPU time of the calling thread, for `kairos bench`.
public enum EngineBench {
    /// Notes start one after the other over this fraction of the time, so that envelopes are at all stages.
    private static let spread = 0.25
    /// The fraction of voices × seconds in which a voice sounds.
    public static let soundingPart = 1 - spread / 2

    /// CPU time in seconds of rendering `seconds` of `voices` held voices in blocks of 64 frames. Only the
    /// audio thread's work is measured; instances are built before.
    public static func rendering(
        _ compiled: CompiledPatch, voices: Int, seconds: Double, sampleRate: Double = 48_000
    ) -> Double {
        var patch = compiled
        patch.limitVoices(to: voices)
        let rig = BenchRig(Rig([Sound(patch)]), sampleRate: sampleRate)
        let interval = seconds * spread * 1e9 / Double(max(1, voices))
        let events = (0..<voices).map { voice -> Event in
            let key = UInt8(36 + voice * 7 % 48), source = UInt16(voice / 48 % 60)
            let stamp = UInt64(interval * Double(voice))
            return Event(
                .noteOn(key: key, velocity: NormalizedValue.scaled(100)), stamp: stamp, source: source)
        }
        let blocks = Int(seconds * sampleRate) / SubBlock.longest
        var pushed = 0
        let start = crt_thread_time()
        for block in 0..<blocks {
            let end = (block + 1) * SubBlock.longest
            while pushed < events.count, rig.timebase.frame(of: events[pushed].stamp) < end {
                rig.input.push(events[pushed])
                pushed += 1
            }
            rig.render()
        }
        return Double(crt_thread_time() - start) * 1e-9
    }

    /// CPU time in seconds to compile `patch` once.
    public static func compiling(_ patch: Patch, _ registry: ModuleRegistry) throws(PatchError) -> Double {
        let start = crt_thread_time()
        _ = try CompiledPatch(patch, registry: registry)
        return Double(crt_thread_time() - start) * 1e-9
    }
}

extension CompiledPatch {
    /// Sets the polyphony, as if the patch had asked for it.
    mutating func limitVoices(to count: Int) { schedule.setVoices(count) }
}

extension Schedule {
    fileprivate mutating func setVoices(_ count: Int) {
        patch.voicing.voices = count
        groups = (count * patch.voicing.unison + 15) / 16
    }
}
