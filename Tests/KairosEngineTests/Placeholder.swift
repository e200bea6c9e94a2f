import KairosControl
import KairosDSP
@testable import KairosEngine
import KairosModules
import KairosTestSupport
import Testing

func catalog() -> ModuleCatalog {
    var c = ModuleCatalog()
    c.add(Sine.self)
    c.add(Amplifier.self)
    c.add(Envelope.self)
    c.add(StateVariableFilter.self)
    return c
}

func simplePatch(_ name: String, program: Int = 0, cutoff: String = "1 kHz", mode: Voicing.Mode = .poly) -> Patch {
    var patch = Patch(name: name)
    patch.program = program
    patch.level = 0.2
    patch.voicing.mode = mode
    patch.modules = [
        .init(.init("keys"), type: .init("keys")), .init(.init("osc"), type: .init("sine")),
        .init(.init("env"), type: .init("adsr")), .init(.init("vca"), type: .init("vca")),
        .init(.init("filter"), type: .init("svf"), settings: [(.init("cutoff"), .init(cutoff))]), .init(.init("out"), type: .init("output")),
    ]
    func wire(_ a: String, _ o: String?, _ b: String, _ p: String?, _ d: String? = nil) -> Patch.Wire {
        .init(from: .init(a), outlet: o.map { .init($0) }, to: .init(b), port: p.map { .init($0) }, depth: d.map { .init($0) })
    }
    patch.wires = [
        wire("keys", "pitch", "osc", "pitch"), wire("keys", "gate", "env", "gate"), wire("osc", nil, "filter", nil),
        wire("env", nil, "filter", "cutoff", "24 st"), wire("filter", "low", "vca", nil), wire("env", nil, "vca", "level"),
        wire("vca", nil, "out", nil),
    ]
    return patch
}

@Test func swapLaw() throws {
    let a = Loader.Entry(try CompiledPatch(simplePatch("A", program: 0), catalog: catalog()))
    let b = Loader.Entry(try CompiledPatch(simplePatch("B", program: 1, cutoff: "300 Hz", mode: .mono), catalog: catalog()))
    var score = Score()
    for key in [60, 64, 67] { score.on(1000, key); score.off(30000, key) }
    score.control(2000, 64, 127)
    score.program(12345, 1)
    for key in [48, 72] { score.on(13000 + key, key); score.off(40000, key) }
    score.control(45000, 64, 0)
    let law = SwapLaw([a, b], score.events, change: 12345, frames: 96_000)
    print(law.residual, dB(law.whole.peak), law.residual(of: law.hardCut(at: 12345)), law.residual(of: law.crossfade(at: 12345, length: 480)))
    #expect(law.residual < -130)
    for periods in [[64], [100], [1024], [1, 7, 33, 512, 15]] {
        let other = Rendering([a, b], score.events, frames: 96_000, periods: periods)
        #expect(law.whole.firstDifference(other) == nil)
    }
}
