/// The channel that an event acts on.
struct ChannelAddress: BitwiseCopyable, Sendable {
    /// The channel of its part, its strip and its pedals, 0…15: its own, or the master channel of its MPE zone.
    var home: UInt8
    /// The index of its channel state (see ``MIDIChannels``).
    var state: Int
    /// The index of the channel state of its zone's master channel; nil where the event is not from a member.
    var master: Int?

    /// True for a member channel of an MPE zone: one finger.
    var isMember: Bool { master != nil }

    /// The index of the channel state whose pedals act on its notes.
    var pedals: Int { master ?? state }
}
