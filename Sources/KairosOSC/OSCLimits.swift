/// Limits of one command, one packet or one client. The reference quotes them.
enum OSCLimits {
    /// Steps of pattern matching for one command; they take some ten milliseconds.
    static let patternSteps = 4_000_000
    /// Parameters that one pattern can set.
    static let valuesSet = 1024
    /// Parameters that one pattern can read.
    static let valuesRead = 8192
    /// The size of a packet, in bytes.
    static let packetBytes = 1 << 20
    /// The number and the total size in bytes of the commands in the queue, and of those in the schedule.
    static let jobs = 1024, jobBytes = 16 << 20
    /// Commands of one client in the schedule.
    static let jobsOfOneClient = 512
    /// The greatest distance of a time tag in the future, in seconds.
    static let secondsAhead: UInt64 = 3600
    /// Open TCP connections.
    static let connections = 32
    /// The idle time after which a connection may be closed to make room for another, in seconds.
    static let secondsIdle: UInt64 = 60
}
