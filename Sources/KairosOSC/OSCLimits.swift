/// What one command, one packet or one client may ask for. The reference is written from these.
enum OSCLimits {
    /// Steps of matching patterns for one command: some ten milliseconds.
    static let patternSteps = 4_000_000
    /// Parameters that one pattern sets.
    static let valuesSet = 1024
    /// Parameters that one pattern asks for.
    static let valuesAsked = 8192
    /// The largest packet that is taken, in bytes.
    static let packet = 1 << 20
    /// Commands that wait to be carried out, or for their time: how many, and how many bytes they have together.
    static let jobs = 1024, jobBytes = 16 << 20
    /// Commands of one client that wait for their time.
    static let jobsOfOneClient = 512
    /// How far ahead a time tag may be, in seconds.
    static let secondsAhead: UInt64 = 3600
    /// TCP connections.
    static let connections = 32
    /// How long a connection may have sent nothing before it makes room for another, in seconds.
    static let secondsIdle: UInt64 = 60
}
