import KairosControl

/// Relation of a mapping to the standard meaning of an event. [audio]
enum MappingRole {
    /// Mappings do not apply to it.
    case none
    /// A mapping acts in addition to its standard meaning.
    case adds
    /// A mapping that handles it replaces its standard meaning.
    case replaces

    /// The role for a message that acts on a channel.
    init(_ message: Event.Message, _ address: ChannelAddress) {
        switch message {
        case .noteOn: self = .replaces
        case .noteOff, .polyPressure, .channelPressure, .pitchBend, .nonRegistered: self = .adds
        case .registered(let entry): self = entry.hasMeaning ? .none : .adds
        case .control(let number, _, _):
            switch number & 127 {
            case 7, 10, 11: self = .replaces
            case 5, 64...69, 74, 84: self = address.isMember ? .none : .adds
            case 120...127: self = .none
            default: self = .adds
            }
        default: self = .none
        }
    }
}
