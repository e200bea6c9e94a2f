/// What is to be written: lines in their order, and one status line of which only the latest counts.
///
/// It is bounded: when a reader does not keep up, the oldest lines are dropped, and their number is told in their
/// place. `[any]`
struct OutputQueue {
    /// The most lines and bytes that wait.
    private let lineLimit: Int, byteLimit: Int
    /// The most bytes that are written in one go, so that what comes later still can be dropped.
    private static let chunkSize = 16_384

    private var texts: [String] = []
    private var first = 0
    private var bytes = 0
    private var dropped = 0
    /// What the status line should be, and what the terminal shows now.
    private var status = "", shown = ""

    init(lineLimit: Int = 2000, byteLimit: Int = 1 << 20) {
        self.lineLimit = lineLimit
        self.byteLimit = byteLimit
    }

    /// Whether there is nothing to write.
    var isEmpty: Bool { first == texts.count && dropped == 0 && status == shown }

    /// Adds a text that ends with a line break.
    mutating func append(_ text: String) {
        texts.append(text)
        bytes += text.utf8.count
        while texts.count - first > lineLimit || (bytes > byteLimit && texts.count - first > 1) {
            bytes -= texts[first].utf8.count
            first += 1
            dropped += 1
        }
        if first > lineLimit {
            texts.removeFirst(first)
            first = 0
        }
    }

    /// Replaces the status line; an empty one takes it away.
    mutating func setStatus(_ text: String) { status = text }

    /// Whether the status line is written again although it has not changed.
    mutating func redraw() { shown = "" }

    /// What is to be written next, or nil. Lines go above the status line.
    mutating func next() -> String? {
        guard !isEmpty else { return nil }
        var chunk = ""
        if first < texts.count || dropped > 0 {
            if !shown.isEmpty { chunk += "\r" + Self.eraseToEnd }
            shown = ""
            if dropped > 0 {
                chunk += "(\(dropped) lines are missing here: they could not be written in time)\n"
            }
            dropped = 0
            while first < texts.count, chunk.utf8.count < Self.chunkSize {
                chunk += texts[first]
                bytes -= texts[first].utf8.count
                first += 1
            }
            if first == texts.count {
                texts.removeAll()
                first = 0
            }
        }
        if first == texts.count, status != shown {
            chunk += "\r" + status + Self.eraseToEnd
            shown = status
        }
        return chunk
    }

    private static let eraseToEnd = "\u{1b}[K"
}
