/// The MPE zones of one source, and the bank of its channel states.
struct MIDIZones: BitwiseCopyable {
    /// The bank of sixteen channel states that the source has for itself; nil where it shares the common ones.
    var bank: UInt8?
    /// The member channels of the lower and of the upper zone; 0 where there is no such zone.
    private(set) var lowerMembers: UInt8 = 0
    private(set) var upperMembers: UInt8 = 0
    /// True once the zones of the source's mapping are set up.
    var isKnown = false
    /// True where the sustain pedal is inverted; nil before its first message.
    var isPedalInverted: Bool?

    /// True where there is a zone.
    var hasZones: Bool { lowerMembers > 0 || upperMembers > 0 }

    /// Sets the number of members of a zone. The other zone keeps the channels that are left (MPE 1.1, 2.1).
    mutating func set(isLower: Bool, members: UInt8) {
        let members = min(15, members)
        if isLower {
            lowerMembers = members
            upperMembers = min(upperMembers, 14 - min(14, members))
        } else {
            upperMembers = members
            lowerMembers = min(lowerMembers, 14 - min(14, members))
        }
    }

    /// The master channel of the zone that `channel` belongs to; nil outside every zone.
    func master(of channel: UInt8) -> UInt8? {
        if lowerMembers > 0, channel <= lowerMembers { return 0 }
        if upperMembers > 0, channel >= 15 - upperMembers { return 15 }
        return nil
    }
}
