/// A patch that makes a parameter heard: while a key is down it puts out `mix.gainA`, for each key once.
public enum LevelPatch {
    /// Its text, without the head. `gain` is where the parameter begins; `macro` is what its one macro's line says
    /// beside name and target, or nil for a patch without macros. From 0 to 100 % the level is the third power of the
    /// macro's position, so that 12.5 % is half-way.
    public static func text(
        voices: Int = 2, gain: String = "12.5 %", macro: String? = "range: [0 %, 100 %]"
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

        """ + (macro.map { "macros:\n  - { name: Level, to: mix.gainA, \($0) }\n" } ?? "")
    }
}
