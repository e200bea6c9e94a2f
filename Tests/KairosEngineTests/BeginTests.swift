import KairosControl
import KairosDSP
import KairosPatch
import KairosTestSupport
import Testing

@testable import KairosCompiler
@testable import KairosEngine
@testable import KairosSession

@Suite struct BeginTests {
    private static let patch = """
        level: -12 dB
        modules:
          keys: { type: keys }
          osc: { type: saw }
          env: { type: adsr, attack: 5 ms }
          filter: { type: svf, cutoff: 500 Hz }
          vca: { type: vca }
          out: { type: output }
        connections:
          - keys.pitch -> osc.pitch
          - keys.gate -> env.gate
          - osc -> filter
          - filter.low -> vca
          - env -> vca.level
          - vca -> out
        """

    private func host(_ text: String = patch) throws -> OfflineHost {
        OfflineHost(Rig([Sound(try compile(text))]), mode: .entry)
    }

    private func sound(_ host: OfflineHost, frames: Int = 4800) -> [Float] {
        host.play([Event(.noteOn, number: 57, normalized: .max)])
        var left = [Float](repeating: 0, count: frames), right = left
        left.withUnsafeMutableBufferPointer { l in
            right.withUnsafeMutableBufferPointer { r in
                if let l = l.baseAddress, let r = r.baseAddress {
                    host.render(left: l, right: r, frames: frames)
                }
            }
        }
        return left
    }

    @Test func `restored values sound from the first frame as if the patch had them`() throws {
        let written = try host(
            Self.patch.replacing("500 Hz", with: "3210.5 Hz").replacing("attack: 5 ms", with: "attack: 50 ms")
        )
        let restored = try host(), untouched = try host()
        let count = restored.engine.begin(
            LiveSettings(),
            values: [
                (0, ParamKeys.key("filter", "cutoff"), 3210.5), (0, ParamKeys.key("env", "attack"), 0.05),
                (0, ParamKeys.key("nobody", "home"), 1), (16, ParamKeys.key("filter", "cutoff"), 1),
            ])
        #expect(count == 2)
        let (a, b) = (sound(written), sound(restored))
        #expect(a.contains { $0 != 0 })
        let differences = a.indices.filter { a[$0].bitPattern != b[$0].bitPattern }
        #expect(
            differences.isEmpty,
            "from frame \(differences.first ?? 0) on: \(differences.prefix(3).map { (a[$0], b[$0]) })")
        let isOther = sound(untouched) != b
        #expect(isOther)
    }

    /// Settings that all differ from their initial values.
    private func settings() -> LiveSettings {
        var settings = LiveSettings()
        settings.entry = 0
        settings.tempo = 97.25
        settings.volume = 0.25
        settings.balance = 0.75
        settings.fineTuning = 0.5
        settings.coarseTuning = -3
        for index in settings.channels.indices {
            settings.channels[index].volume = Float(index) / 16
            settings.channels[index].pan = Float(16 - index) / 16
        }
        for index in 0..<16 {
            settings.channels[index].bendRange = index % 2 == 0 ? 7.25 : nil
            settings.channels[index].fineTuning = 8000 + index
            settings.channels[index].coarseTuning = index - 8
            settings.channels[index].tuningProgram = index
            settings.channels[index].octave[index % 12] = Float(index) / 50
            settings.keptMacros[index] = index % 3 == 0 ? Float(index) / 16 : nil
        }
        settings.tunings = [0: [60: 60.5, 0: 0.25], 127: [127: 127.75]]
        return settings
    }

    private func copied(_ host: OfflineHost) -> LiveSettings {
        host.play([Event(.snapshot)])
        _ = sound(host, frames: 256)
        return host.engine.copiedSettings
    }

    @Test func `settings are restored completely, at the start and while playing`() throws {
        let wished = settings()
        let before = try host(), during = try host()
        _ = before.engine.begin(wished, values: [])
        #expect(copied(before) == wished)
        _ = sound(during, frames: 1000)
        var plain = LiveSettings()
        plain.entry = 0
        #expect(copied(during) == plain)
        let touches = during.engine.touches
        during.engine.request(wished)
        during.play([Event(.restore)])
        _ = sound(during, frames: 1000)
        #expect(during.engine.touches > touches)
        #expect(copied(during) == wished)
        during.engine.request(LiveSettings())
        during.play([Event(.restore)])
        _ = sound(during, frames: 1000)
        #expect(copied(during) == plain, "and go again")
    }

    @Test func `volume applies from the first frame, without a ramp`() throws {
        var quiet = LiveSettings()
        quiet.volume = 0.5
        let loud = try host(), soft = try host()
        _ = soft.engine.begin(quiet, values: [])
        let (a, b) = (sound(loud), sound(soft))
        // Volume has a square law from the first frame on.
        #expect(zip(a, b).allSatisfy { ($0 * 0.25 - $1).magnitude < 1e-7 })
        #expect(b.contains { $0 != 0 })
    }

    @Test func `the change counter does not move without changes, nor by reading`() throws {
        let host = try host()
        _ = sound(host, frames: 9600)
        let touches = host.engine.touches
        var left = [Float](repeating: 0, count: 4800), right = left
        for _ in 0..<20 {
            host.play([Event(.snapshot)])
            left.withUnsafeMutableBufferPointer { l in
                right.withUnsafeMutableBufferPointer { r in
                    if let l = l.baseAddress, let r = r.baseAddress {
                        host.render(left: l, right: r, frames: 4800)
                    }
                }
            }
        }
        #expect(host.engine.touches == touches)
        host.play([Event(set: ParamKeys.key("filter", "cutoff"), of: 0, to: 800)])
        _ = sound(host, frames: 64)
        #expect(host.engine.touches > touches)
    }
}
