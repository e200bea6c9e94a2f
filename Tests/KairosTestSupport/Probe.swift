import KairosCompiler
public import KairosControl
import KairosDSP
import KairosEngine
import KairosSession

/// A patch whose output is one outlet of `keys`, summed over the held voices: the values of a keyboard's
/// controllers as modules receive them.
public struct Probe {
    private let sound: CompiledPatch
    private let mappings: [Mapping]
    /// A power of two, so that values are transferred exactly.
    private static let level: Float = 1 / 256

    /// `more` is further lines of the patch.
    public init(
        _ outlet: String, release: String = "0 s", more: String = "", mappings: [Mapping] = []
    ) throws {
        self.mappings = mappings
        sound = try compile(
            """
            voices: 8
            level: \(Self.level)
            \(more)
            modules:
              keys: { type: keys }
              env: { type: adsr, attack: 0 s, decay: 0 s, sustain: 100 %, release: \(release) }
              vca: { type: vca }
              out: { type: output }
            connections:
              - keys.gate -> env.gate
              - keys.\(outlet) -> vca
              - env -> vca.level
              - vca -> out
            """)
    }

    /// The sum over the voices at these frames, in `entry` mode.
    public func values(at frames: [Int], scale: Tuning? = nil, _ write: (inout Score) -> Void) -> [Float] {
        var score = Score()
        write(&score)
        var sound = Rendering(frames: (frames.max() ?? 0) + 1)
        let host = OfflineHost(
            Rig([Sound(self.sound, mappings: mappings)]), mode: .entry, tuning: scale)
        host.play(score.events)
        sound.render(with: host)
        return frames.map { sound.left[$0] / Self.level }
    }
}

extension Score {
    /// A registered parameter: its number and both halves of its value.
    public mutating func registered(
        _ frame: Int, _ number: UInt32, coarse: UInt8, fine: UInt8, channel: UInt8 = 0, source: UInt16 = 0
    ) {
        for (part, value) in [(Event.Part.coarse, coarse), (.fine, fine)] {
            var event = Event(
                parameter: .registered, number, part, channel: channel,
                normalized: NormalizedValue.scaled(value))
            event.source = source
            add(frame, event)
        }
    }
}
