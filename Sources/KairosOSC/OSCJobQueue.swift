/// A first-in, first-out queue of commands, bounded by ``OSCLimits/jobs`` and ``OSCLimits/jobBytes``. Used
/// under a lock. [any]
struct OSCJobQueue: Sendable {
    private var jobs: [OSCJob] = []
    private var bytes = 0

    /// Appends a command. Returns false if the queue is full.
    mutating func append(_ job: OSCJob) -> Bool {
        guard jobs.count < OSCLimits.jobs, bytes + job.message.size <= OSCLimits.jobBytes else {
            return false
        }
        jobs.append(job)
        bytes += job.message.size
        return true
    }

    /// Removes and returns the oldest command, or nil if the queue is empty.
    mutating func pop() -> OSCJob? {
        guard !jobs.isEmpty else { return nil }
        let job = jobs.removeFirst()
        bytes -= job.message.size
        return job
    }
}
