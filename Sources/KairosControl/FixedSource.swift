/// The fixed source numbers. A note belongs to its source, so no two event inputs share a number.
public enum FixedSource {
    /// The terminal's keys.
    public static let terminal: UInt16 = 0
    /// Senders of the ALSA sequencer, one number each; when all are in use, further senders share the last.
    public static let sequencer: ClosedRange<UInt16> = 1...56
    /// Ports 2 and up of a MIDI file; each has its own MIDI channel state.
    public static var filePorts: ClosedRange<UInt16> { 57...60 }
    /// All OSC clients.
    public static let osc: UInt16 = 61
    /// A MIDI file that is played live.
    public static let file: UInt16 = 62
    /// The RtMidi port, whoever sends to it.
    public static let rtMidi: UInt16 = 63
}
