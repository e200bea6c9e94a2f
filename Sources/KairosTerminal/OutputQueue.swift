/// The queue of an output: lines in order, and one status line of which only the latest is written. [any]
///
/// It is bounded: when the reader is too slow, the oldest lines are dropped, and a line with their number
/// replaces them.
struct OutputQueue {
    /// The greatest numbers of waiting lines and bytes.
    private let lineLimit: Int, byteLimit: Int
    /// The number of bytes after which a chunk ends. Chunks are short, so that the lines after them can still
    /// be dropped.
    private static let chunkSize = 16_384

    private var texts: [String] = []
    private var first = 0
    private var bytes = 0
    private var dropped = 0
    /// The latest status line, and the one that the terminal shows.
    private var status = "", shown = ""

    init(lineLimit: Int = 2000, byteLimit: Int = 1 << 20) {
        self.lineLimit = lineLimit
        self.byteLimit = byteLimit
    }

    /// True if there is nothing to write.
    var isEmpty: Bool { first == texts.count && dropped == 0 && status == shown }

    /// Appends a text that ends with a line break.
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

    /// Replaces the status line; an empty text removes it.
    mutating func setStatus(_ text: String) { status = text }

    /// Requests that the status line is written again although it has not changed.
    mutating func redraw() { shown = "" }

    /// Returns the next text to write; nil if there is none. Lines are written above the status line.
    mutating func next() -> String? {
        guard !isEmpty else { return nil }
        var chunk = ""
        if first < texts.count || dropped > 0 {
            if !shown.isEmpty { chunk += "\r" + Self.eraseToEnd }
            shown = ""
            if dropped > 0 {
                chunk += "(\(dropped) lines dropped: the output was too slow)\n"
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
