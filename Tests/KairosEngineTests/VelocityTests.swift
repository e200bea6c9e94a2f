import Glibc
import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosTestSupport
import Testing

/// Velocity as a level and as a source of modulation.
@Suite struct VelocityTests {
    /// Levels, in dB re full velocity, of a constant through a `vca` that follows the velocity.
    private static func levels(_ velocities: [UInt8], settings: String = "") throws -> [Double] {
        let sound = Sound(
            try compile(
                """
                voices: mono
                level: 0.0625
                modules:
                  keys: { type: keys }
                  env: { type: adsr, attack: 0, decay: 0, sustain: 100 %, release: 0 }
                  vca: { type: vca\(settings) }
                  out: { type: output }
                connections:
                  - keys.gate -> env.gate
                  - env -> vca
                  - keys.velocity -> vca.velocity
                  - vca -> out
                """))
        var score = Score()
        for (index, velocity) in velocities.enumerated() {
            score.on(index * 4800, 60, velocity: velocity)
            score.off(index * 4800 + 4000, 60)
        }
        let value = Rendering([sound], score.events, frames: velocities.count * 4800).left
        return velocities.indices.map { 20 * log10(16 * Double(value[$0 * 4800 + 3000])) }
    }

    /// General MIDI's 40 log10 of velocity / 127. MIDI 2.0 scaling puts 64 at exactly one half, so that values up to
    /// 64 lie 0.14 dB below.
    @Test func `the level follows 40 log10 of the velocity`() throws {
        let velocities: [UInt8] = [1, 32, 64, 100, 127]
        let found = try Self.levels(velocities)
        for (velocity, level) in zip(velocities, found) {
            let fraction = Double(NormalizedValue.fraction(NormalizedValue.scaled(velocity)))
            #expect(abs(level - 40 * log10(fraction)) < 0.002, "velocity \(velocity)")
            #expect(abs(level - 40 * log10(Double(velocity) / 127)) < 0.15, "velocity \(velocity)")
        }
        #expect(found[4] == 0)
    }

    @Test func `the range is adjustable, down to none`() throws {
        for range in [0, 12.5, 25, 50] {
            let found = try Self.levels([127, 64, 30], settings: ", velocityRange: \(range) dB")
            #expect(abs(found[0]) < 1e-6)
            // 64 is one half: 20 log10(½) · range / 12.5 dB.
            #expect(abs(found[1] + 6.0206 * range / 12.5) < 0.002)
            #expect(abs(found[2] + range) < range * 0.012 + 1e-6)
        }
    }

    /// `keys.dynamics`: 1 at full velocity, a quarter less for each halving, at least 0.
    @Test func `dynamics is linear in dB, and keytrack in octaves`() throws {
        let dynamics = try Probe("dynamics")
        for (velocity, expected) in [
            (UInt8(127), Float(1)), (64, 0.75), (32, 0.5), (16, 0.25), (8, 0), (1, 0),
        ] {
            let value = dynamics.values(at: [2000]) { $0.on(100, 60, velocity: velocity) }[0]
            #expect(abs(value - expected) < 2e-6, "velocity \(velocity)")
        }
        let keytrack = try Probe("keytrack")
        for (key, expected) in [(60, Float(0)), (72, 1), (0, -5), (127, 67.0 / 12), (66, 0.5)] {
            let value = keytrack.values(at: [2000]) { score in
                score.bend(50, 8191)
                score.on(100, key)
            }[0]
            #expect(abs(value - expected) < 1e-6, "key \(key)")
        }
    }
}
