import CJACK
import Glibc
import Synchronization
import Testing

/// The JACK callbacks under cancellation: libjack cancels its threads when a client is closed.
struct JACKCallbackTests {
    /// The progress of a callback.
    private final class Progress: Sendable {
        let hasBegun = Atomic<Bool>(false), mayEnd = Atomic<Bool>(false), hasEnded = Atomic<Bool>(false)

        func run() {
            hasBegun.store(true, ordering: .releasing)
            while !mayEnd.load(ordering: .acquiring) { sched_yield() }
            hasEnded.store(true, ordering: .releasing)
        }

        static func run(_ me: UnsafeMutableRawPointer?) -> Int32 {
            if let me { Unmanaged<Progress>.fromOpaque(me).takeUnretainedValue().run() }
            return 0
        }
    }

    /// The callbacks, called as by libjack.
    private static let calls: [@convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?] = [
        { cancellable { cjack_process(64, $0) }($0) },
        { cancellable { cjack_buffer_size(64, $0) }($0) },
        { cancellable { cjack_xrun($0) }($0) },
        { cancellable { cjack_port_registration(1, 1, $0) }($0) },
        { cancellable { cjack_port_connect(1, 2, 1, $0) }($0) },
        { cancellable { cjack_latency(JackCaptureLatency, $0) }($0) },
        { cancellable { cjack_shutdown($0) }($0) },
    ]

    private static func cancellable<Result>(
        _ body: @escaping (UnsafeMutableRawPointer?) -> Result
    ) -> (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        { callbacks in
            pthread_setcanceltype(Int32(PTHREAD_CANCEL_ASYNCHRONOUS), nil)
            _ = body(callbacks)
            return callbacks
        }
    }

    @Test(arguments: calls.indices)
    func `a thread that is cancelled finishes its callback`(index: Int) {
        let progress = Progress()
        var callbacks = cjack_callbacks(
            process: { Progress.run($1) }, buffer_size: { Progress.run($1) }, xrun: { Progress.run($0) },
            port_registration: { _ = Progress.run($2) }, port_connect: { _ = Progress.run($3) },
            latency: { _ = Progress.run($1) }, shutdown: { _ = Progress.run($0) },
            context: Unmanaged.passUnretained(progress).toOpaque())
        withUnsafeMutablePointer(to: &callbacks) { callbacks in
            var thread = pthread_t(), status: UnsafeMutableRawPointer?
            #expect(pthread_create(&thread, nil, Self.calls[index], callbacks) == 0)
            while !progress.hasBegun.load(ordering: .acquiring) { sched_yield() }
            pthread_cancel(thread)
            usleep(20_000)
            progress.mayEnd.store(true, ordering: .releasing)
            pthread_join(thread, &status)
            #expect(status != UnsafeMutableRawPointer(callbacks), "it went on after the callback")
            let hasEnded = progress.hasEnded.load(ordering: .acquiring)
            #expect(hasEnded)
        }
    }
}
