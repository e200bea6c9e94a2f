/// Commands that wait for the time tag of their bundle, ordered by time. Used under a lock. [any]
struct OSCSchedule: Sendable {
    private var jobs: [OSCJob] = []
    private var bytes = 0

    /// The time at which the next command acts, in nanoseconds of CLOCK_MONOTONIC; nil if there is none.
    var next: UInt64? { jobs.first?.stamp }

    /// Inserts a command after those with the same time. Throws `limit` if its time is too far ahead of
    /// `now`, or `busy` if the schedule or the client's share of it is full.
    mutating func insert(_ job: OSCJob, now: UInt64) throws(OSCError) {
        let address = String(job.message.address.prefix(80))
        guard job.stamp <= now + OSCLimits.secondsAhead * 1_000_000_000 else {
            throw OSCError(
                .limit,
                "the time tag is more than \(OSCLimits.secondsAhead) s in the future; nothing was done",
                name: address
            )
        }
        let own = jobs.count { $0.sender.name == job.sender.name }
        guard jobs.count < OSCLimits.jobs, own < OSCLimits.jobsOfOneClient,
            bytes + job.message.size <= OSCLimits.jobBytes
        else {
            throw OSCError(
                .busy,
                "too many scheduled commands: \(own) of this client, \(jobs.count) in all; nothing was done",
                name: address)
        }
        let index = jobs.firstIndex { $0.stamp > job.stamp } ?? jobs.count
        jobs.insert(job, at: index)
        bytes += job.message.size
    }

    /// Removes and returns the commands whose time is not after `stamp`, in order.
    mutating func popDue(_ stamp: UInt64) -> [OSCJob] {
        let count = jobs.firstIndex { $0.stamp > stamp } ?? jobs.count
        defer { jobs.removeFirst(count) }
        for job in jobs[..<count] { bytes -= job.message.size }
        return Array(jobs[..<count])
    }
}
