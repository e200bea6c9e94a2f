/// A patch of one oscillator: keys, an oscillator, an envelope, an amplifier.
public enum TonePatch {
    /// The patch's text. `header` stands before its modules. The other arguments are module types, with values
    /// after a comma.
    public static func text(
        header: String = "level: -12 dB", oscillator: String = "sine", envelope: String = "adsr",
        amplifier: String = "vca"
    ) -> String {
        """
        \(header)
        modules:
          keys: { type: keys }
          osc: { type: \(oscillator) }
          env: { type: \(envelope) }
          vca: { type: \(amplifier) }
          out: { type: output }
        connections:
          - keys.pitch -> osc.pitch
          - keys.gate -> env.gate
          - osc -> vca
          - env -> vca.level
          - vca -> out
        """
    }
}
