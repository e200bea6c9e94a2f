/// Type name, description and properties of a module.
public struct ModuleInfo: Sendable, Equatable {
    /// Type name in patch files, for example `svf`.
    public let type: String
    /// Description for players, one sentence.
    public let about: String
    /// True if the module makes stereo from mono. In the voices it is then instantiated twice, for left and
    /// right.
    public let widens: Bool
    /// True if each voice that reads the module needs its own instance although no per-voice signal reaches
    /// it (noise).
    public let ownPerVoice: Bool
    /// True if the output is a control signal, meant for modulation and not for listening.
    public let isControl: Bool
    /// True if the module has an output without an input signal: oscillators, noise, envelopes, LFOs. Any
    /// other module must be silent while its inlets are.
    public let isSource: Bool
    /// True if the module always runs once, in stereo, on the sum of the voices: its lanes are other than voices.
    /// Its format is always a bus.
    public let runsOnce: Bool

    /// `type` is in lower case, `about` is one sentence.
    public init(
        _ type: String, _ about: String, widens: Bool = false, ownPerVoice: Bool = false,
        isControl: Bool = false, isSource: Bool = false, runsOnce: Bool = false
    ) {
        self.type = type
        self.about = about
        self.widens = widens
        self.ownPerVoice = ownPerVoice
        self.isControl = isControl
        self.isSource = isSource
        self.runsOnce = runsOnce
    }
}
