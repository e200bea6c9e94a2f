/// A patch that makes a parameter heard: while a key is down it puts out `mix.gainA`, for each key once.
public enum LevelPatch {
    /// Its text, without the head. `gain` is where the parameter begins; `knob` is what its one knob's line says
    /// beside name and target, or nil for a patch without knobs. From 0 to 100 % the level is the third power of the
    /// knob's position, so that 12.5 % is half-way.
    public static func text(
        voices: Int = 2, gain: String = "12.5 %", knob: String? = "from: 0 %, upTo: 100 %"
    ) -> String {
        """
        voices: \(voices)
        modules:
          keys: { type: keys }
          env: { type: adsr, attack: 0 s, sustain: 100 %, release: 0 s }
          mix: { type: mix, gainA: \(gain) }
          out: { type: output }
        connections:
          - keys.gate -> env.gate
          - env -> mix.a
          - mix -> out

        """ + (knob.map { "knobs:\n  - { name: Level, to: mix.gainA, \($0) }\n" } ?? "")
    }
}
