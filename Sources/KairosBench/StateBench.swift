import CRealtime
public import KairosCompiler
import KairosDSP
import KairosEngine

/// Measures saving and loading the state of a playing instance, for `kairos bench --state`.
public struct StateBench: Sendable {
    /// Size of the image in bytes.
    public let bytes: Int
    /// Time to copy the state of the instance to the image, in seconds: the median, and the longest.
    public let save: (median: Double, longest: Double)
    /// Time to copy the image to another instance, in seconds: the median, and the longest.
    public let load: (median: Double, longest: Double)

    /// Plays `voices` voices of `compiled`, and saves and loads after each of `times` blocks.
    public init(_ compiled: CompiledPatch, voices: Int, times: Int) {
        var limited = compiled
        limited.limitVoices(to: max(1, voices))
        let sound = Sound(limited)
        let instance = PatchInstance(sound, sampleRate: 48_000)
        let other = PatchInstance(sound, sampleRate: 48_000)
        let probe = InstanceProbe(instance)
        bytes = instance.imageBytes
        // In touched pages of its own, as a checkpoint is.
        let image = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 4096)
        defer { image.deallocate() }
        image.initializeMemory(as: UInt8.self, repeating: 0)
        crt_flush_to_zero()
        for voice in 0..<(compiled.isMaster ? 0 : voices) {
            probe.startNote(
                serial: UInt32(voice + 1), key: UInt8(36 + voice * 7 % 48), velocity: 0.8)
        }
        var saves: [Double] = [], loads: [Double] = []
        for block in 0..<max(1, times) {
            probe.render(clock: block * SubBlock.longest)
            let began = crt_now()
            instance.save(into: image)
            let saved = crt_now()
            let isLoaded = other.load(from: UnsafeRawBufferPointer(image))
            let loaded = crt_now()
            precondition(isLoaded, "an image of the same patch is loaded")
            saves.append(Double(saved - began) * 1e-9)
            loads.append(Double(loaded - saved) * 1e-9)
        }
        save = Self.summary(saves)
        load = Self.summary(loads)
    }

    private static func summary(_ times: [Double]) -> (median: Double, longest: Double) {
        let sorted = times.sorted()
        return (sorted[sorted.count / 2], sorted[sorted.count - 1])
    }
}
