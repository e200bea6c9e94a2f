/// A patch whose output shows a parameter: while a key is held it outputs `mix.gainA`, once for each key.
public enum LevelPatch {
    /// The patch's text without its header. `gain` is the initial value of the parameter. `macro` is the rest of
    /// the line of its one macro after name and target, or nil for a patch without macros. The level is the third
    /// power of the macro's position, so that 50 % gives 12.5 %.
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
