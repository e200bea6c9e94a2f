/// The role of a macro. It binds the macro to a standard MIDI controller (MIDI 1.0 sound controllers,
/// RP-021).
public enum Role: String, Sendable, CaseIterable {
    case modulation, breath, foot
    case timbre, release, attack, brightness, decay
    case vibratoRate, vibratoDepth, vibratoDelay
    case reverb, chorus

    /// The controller number of the MIDI standard.
    public var controller: Int {
        switch self {
        case .modulation: 1
        case .breath: 2
        case .foot: 4
        case .timbre: 71
        case .release: 72
        case .attack: 73
        case .brightness: 74
        case .decay: 75
        case .vibratoRate: 76
        case .vibratoDepth: 77
        case .vibratoDelay: 78
        case .reverb: 91
        case .chorus: 93
        }
    }
}
