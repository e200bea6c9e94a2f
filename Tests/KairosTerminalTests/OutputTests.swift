import Dispatch
import Glibc
import Testing

@testable import KairosTerminal

/// Output whose reader is slow, blocked or gone.
struct OutputTests {
    @Test func `a queue keeps the newest lines and counts the dropped ones`() {
        var queue = OutputQueue(lineLimit: 10, byteLimit: 1 << 20)
        for n in 0..<1000 { queue.append("line \(n)\n") }
        #expect(
            queue.next()
                == "(990 lines dropped: the output was too slow)\n"
                + (990..<1000).map { "line \($0)\n" }.joined())
        #expect(queue.next() == nil)
        #expect(queue.isEmpty)
    }

    @Test func `a queue's bytes are bounded, and the last line is always kept`() {
        var queue = OutputQueue(lineLimit: 1000, byteLimit: 100)
        queue.append("first\n")
        queue.append(String(repeating: "x", count: 500) + "\n")
        #expect(queue.next()?.hasPrefix("(1 lines dropped") == true)
        #expect(queue.isEmpty)
    }

    @Test func `fields keep their tabs, and nothing else that controls a terminal`() {
        let (reader, writer) = pipe()
        Output(writer).fields("word\tabout\u{1b}[2J\nnext\n")
        var bytes = [UInt8](repeating: 0, count: 100)
        let count = read(reader, &bytes, bytes.count)
        #expect(
            String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
                == "word\tabout\\x1b[2J\nnext\n")
        close(reader)
        close(writer)
    }

    /// Every line is either written once or counted as dropped, for random sequences of writes and reads.
    @Test func `no line is lost without being counted`() {
        for seed in 0..<200 {
            var state = UInt64(seed &+ 1) &* 0x9e37_79b9_7f4a_7c15
            func random(_ bound: Int) -> Int {
                state = state &* 6_364_136_223_846_793_005 &+ 1
                return Int(state >> 33) % bound
            }
            var queue = OutputQueue(lineLimit: 7, byteLimit: 400), said = 0, written = 0, missing = 0
            func read() {
                for line in (queue.next() ?? "").split(separator: "\n") {
                    if line.hasPrefix("(") { missing += Int(line.dropFirst().prefix { $0.isNumber }) ?? 0 }
                    if line.hasPrefix("line") { written += 1 }
                }
            }
            for _ in 0..<300 {
                if random(4) == 0 { read() }
                queue.append("line \(said)" + String(repeating: ".", count: random(100)) + "\n")
                said += 1
            }
            while !queue.isEmpty { read() }
            #expect(written + missing == said)
        }
    }

    @Test func `lines go above the status line, of which only the latest is written`() {
        var queue = OutputQueue()
        queue.setStatus("one")
        queue.setStatus("two")
        #expect(queue.next() == "\rtwo\u{1b}[K")
        #expect(queue.next() == nil)
        queue.append("line\n")
        #expect(queue.next() == "\r\u{1b}[Kline\n\rtwo\u{1b}[K")
        queue.redraw()
        #expect(queue.next() == "\rtwo\u{1b}[K")
    }

    private func pipe() -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        #expect(Glibc.pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    @Test func `a pipe without a reader blocks no caller`() {
        let (reader, writer) = pipe()
        let output = Output(writer)
        output.goLive()
        // Ten times the capacity of the pipe and the queue: if a caller waited, this test would never end.
        for n in 0..<100_000 { output.line("line \(n) " + String(repeating: ".", count: 100)) }
        #expect(!output.drain(milliseconds: 10))
        // The remaining lines are written once there is a reader.
        var text = "", bytes = [UInt8](repeating: 0, count: 65_536)
        while !text.contains("line 99999 ") {
            let count = read(reader, &bytes, bytes.count)
            guard count > 0 else { break }
            text += String(decoding: bytes[..<count], as: UTF8.self)
        }
        #expect(text.contains("lines dropped"))
        #expect(output.drain(milliseconds: 10_000))
        #expect(output.failure == nil)
    }

    @Test func `drain waits for a writer thread that has no processor`() {
        // The descriptor is ready, but the writer thread is not scheduled for a long time.
        let (reader, writer) = pipe(), processor = DispatchSemaphore(value: 0)
        let output = Output(writer) { text, descriptor in
            processor.wait()
            return text.withCString { Glibc.write(descriptor, $0, strlen($0)) < 0 ? errno : 0 }
        }
        output.goLive()
        output.line("why it ends")
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(500)) { processor.signal() }
        #expect(output.drain(milliseconds: 100))
        var bytes = [UInt8](repeating: 0, count: 100)
        let count = read(reader, &bytes, bytes.count)
        #expect(String(decoding: bytes[..<count], as: UTF8.self) == "why it ends\n")
    }

    @Test(arguments: [false, true])
    func `an error is stored and does not end the process`(isLive: Bool) {
        signal(SIGPIPE, SIG_IGN)
        let full = open("/dev/full", O_WRONLY), readOnly = open("/dev/null", O_RDONLY),
            (reader, writer) = pipe()
        close(reader)
        for (descriptor, error) in [(full, ENOSPC), (readOnly, EBADF), (writer, EPIPE), (-1, EBADF)] {
            let output = Output(descriptor)
            if isLive { output.goLive() }
            output.line("a")
            output.line("b")
            #expect(output.drain(milliseconds: 10_000))
            #expect(output.failure == error)
        }
    }
}
