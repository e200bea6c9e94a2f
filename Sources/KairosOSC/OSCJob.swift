/// A message that waits to be carried out.
struct OSCJob: Sendable {
    var message: OSCMessage
    var sender: Sender
    /// When it acts, in nanoseconds of CLOCK_MONOTONIC.
    var stamp: UInt64
}

/// Commands in the order they came, up to a number and a size. [any, under a lock]
struct OSCJobQueue: Sendable {
    private var jobs: [OSCJob] = []
    private var bytes = 0

    /// Adds a command. False where there is no room.
    mutating func add(_ job: OSCJob) -> Bool {
        guard jobs.count < OSCLimits.jobs, bytes + job.message.size <= OSCLimits.jobBytes else {
            return false
        }
        jobs.append(job)
        bytes += job.message.size
        return true
    }

    /// The oldest command, or nil.
    mutating func next() -> OSCJob? {
        guard !jobs.isEmpty else { return nil }
        let job = jobs.removeFirst()
        bytes -= job.message.size
        return job
    }
}

/// Commands that wait for the time of their bundle, the next one first. [any, under a lock]
struct OSCSchedule: Sendable {
    private var jobs: [OSCJob] = []
    private var bytes = 0

    /// When the next one acts, in nanoseconds of CLOCK_MONOTONIC.
    var next: UInt64? { jobs.first?.stamp }

    /// Adds a command, behind those of the same time. Throws `limit` or `busy`.
    mutating func add(_ job: OSCJob, now: UInt64) throws(OSCError) {
        let address = String(job.message.address.prefix(80))
        guard job.stamp <= now + OSCLimits.secondsAhead * 1_000_000_000 else {
            throw OSCError(
                .limit,
                "the time tag is more than \(OSCLimits.secondsAhead) s ahead; nothing was done", name: address
            )
        }
        let own = jobs.count { $0.sender.name == job.sender.name }
        guard jobs.count < OSCLimits.jobs, own < OSCLimits.jobsOfOneClient,
            bytes + job.message.size <= OSCLimits.jobBytes
        else {
            throw OSCError(
                .busy,
                "\(own) commands of this client and \(jobs.count) in all wait for their time already; nothing was done",
                name: address)
        }
        let place = jobs.firstIndex { $0.stamp > job.stamp } ?? jobs.count
        jobs.insert(job, at: place)
        bytes += job.message.size
    }

    /// Takes out the commands whose time is not after `stamp`, in order.
    mutating func takeDue(_ stamp: UInt64) -> [OSCJob] {
        let count = jobs.firstIndex { $0.stamp > stamp } ?? jobs.count
        defer { jobs.removeFirst(count) }
        for job in jobs[..<count] { bytes -= job.message.size }
        return Array(jobs[..<count])
    }
}
