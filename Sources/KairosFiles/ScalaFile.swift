import Foundation
public import KairosControl
public import KairosPatch

/// Reads Scala scales (.scl) and keyboard mappings (.kbm), in all dialects that are in use.
///
/// Sources: "Scala scale file format", huygens-fokker.org/scala/scl_format.html; the help of Scala,
/// "mappings".
public enum ScalaFile {
    /// Reads a scale. Throws ``Diagnostics`` with line and column.
    public static func scale(path: String) throws(Diagnostics) -> Scale {
        try scale(try text(path, .scale), file: path)
    }

    /// Reads a keyboard mapping. Throws ``Diagnostics`` with line and column.
    public static func keyboard(path: String) throws(Diagnostics) -> KeyboardMap {
        try keyboard(try text(path, .keyboard), file: path)
    }

    /// Reads the bytes of a text file of at most 1 MiB, without zeros at its end.
    private static func text(_ path: String, _ kind: FileKind) throws(Diagnostics) -> [UInt8] {
        var bytes = try TextFile.bytes(path, limit: 1 << 20, kind: kind.noun)
        // Some programs pad the last block of a file with zeros.
        while bytes.last == 0 { bytes.removeLast() }
        if bytes.isEmpty { throw Diagnostics(path, "the file is empty; expected \(kind.noun)") }
        guard !bytes.contains(0) else {
            throw Diagnostics(path, "this is not UTF-8 or Latin-1 text (is it UTF-16?); save it as UTF-8")
        }
        return bytes
    }

    /// Reads the tuning of a patch from the scale and the keyboard mapping that it names, in the folder of
    /// its file. Nil if it names neither.
    public static func tuning(of patch: Patch) throws(Diagnostics) -> Tuning? {
        if patch.tuning == nil, patch.keyboard == nil { return nil }
        let folder = URL(fileURLWithPath: patch.file).deletingLastPathComponent()
        func path(_ name: Patch.Text) -> String { URL(fileURLWithPath: name.text, relativeTo: folder).path }
        func found<T>(_ name: Patch.Text?, _ read: (String) throws(Diagnostics) -> T) throws(Diagnostics)
            -> T?
        {
            guard let name else { return nil }
            guard FileManager.default.fileExists(atPath: path(name)) else {
                throw Diagnostics([
                    Diagnostic(
                        file: patch.file, line: name.place.line, column: name.place.column,
                        message: "there is no file '\(name.text)' beside the patch")
                ])
            }
            return try read(path(name))
        }
        let keyboard = try found(patch.keyboard, keyboard(path:)) ?? KeyboardMap()
        return Tuning(try found(patch.tuning, scale(path:)) ?? .equal, keyboard: keyboard)
    }

    /// Parses the bytes of a scale file; diagnostics name `file`. Throws ``Diagnostics`` with line and
    /// column.
    public static func scale(_ bytes: [UInt8], file: String) throws(Diagnostics) -> Scale {
        var lines = ScalaLines(bytes, file: file)
        // The first line is the description, which may be empty.
        let name = try lines.next("a description").text
        let count = try lines.integer("the number of notes", 0...4096)
        var cents: [Double] = []
        for note in 0..<count {
            let line = try lines.next("note \(note + 1) of \(count)")
            cents.append(try pitch(line, lines))
        }
        // A scale without notes has one degree, and every key plays the reference pitch.
        return Scale(name: name.trimmingCharacters(in: .whitespaces), cents: cents.isEmpty ? [0] : cents)
    }

    /// Parses the bytes of a keyboard mapping file; diagnostics name `file`. Throws ``Diagnostics`` with line
    /// and column.
    public static func keyboard(_ bytes: [UInt8], file: String) throws(Diagnostics) -> KeyboardMap {
        var lines = ScalaLines(bytes, file: file)
        var map = KeyboardMap()
        let size = try lines.integer("the size of the pattern", 0...4096)
        let first = try lines.integer("the first key", 0...127)
        let last = try lines.integer("the last key", 0...127)
        guard first <= last else {
            throw lines.fault("the last key, \(last), must not be below the first key, \(first)")
        }
        map.keys = first...last
        map.middle = try lines.integer("the middle key", 0...127)
        map.reference = try lines.integer("the reference key", 0...127)
        let frequency = try lines.next("the reference frequency")
        guard let hertz = decimal(word(frequency.text)), (0.001..<1e6).contains(hertz) else {
            throw lines.fault(
                "the reference frequency must be 0.001 to 1000000 Hz, "
                    + "as in 440.0, not '\(word(frequency.text))'",
                at: frequency.number, column: frequency.text.indentation + 1)
        }
        map.frequency = hertz
        map.octaveDegree = try lines.integer("the degree of the octave", 0...100_000)
        for _ in 0..<size {
            // Keys beyond the end of the file are silent, as in Scala.
            guard let line = lines.nextIfAny() else {
                map.degrees.append(nil)
                continue
            }
            let text = word(line.text)
            if text.lowercased() == "x" {
                map.degrees.append(nil)
            } else if let degree = Int(text), (-100_000...100_000).contains(degree) {
                map.degrees.append(degree)
            } else {
                throw lines.fault(
                    "a key must be a scale degree (-100000 to 100000) or x, not '\(text)'",
                    at: line.number, column: line.text.indentation + 1)
            }
        }
        return map
    }

    /// The first word of a line; the rest is a comment.
    private static func word(_ text: String) -> String {
        text.split { $0 == " " || $0 == "\t" }.first.map(String.init) ?? ""
    }

    /// A decimal number with a point or a comma. Nil for anything else, including hexadecimal numbers.
    private static func decimal(_ text: String) -> Double? {
        guard text.utf8.allSatisfy({ "+-0123456789.,eE".utf8.contains($0) }) else { return nil }
        return Double(text.replacing(",", with: "."))
    }

    /// The pitch of a line, in cents: see ``ScalaPitch``.
    private static func pitch(
        _ line: (text: String, number: Int), _ lines: ScalaLines
    ) throws(Diagnostics) -> Double {
        var value = ScalaPitch(line.text)
        switch value.read() {
        case .success(let cents): return cents
        case .failure(let fault):
            throw lines.fault(fault.message, at: line.number, column: fault.column)
        }
    }
}

extension StringProtocol {
    /// The number of leading spaces and tabs.
    fileprivate var indentation: Int { prefix { $0 == " " || $0 == "\t" }.count }
}

/// The lines of a Scala file without comments (lines that begin with '!'), with any line ending, in UTF-8 or
/// Latin-1.
private struct ScalaLines {
    private let lines: [(text: String, number: Int)]
    private let file: String
    /// Number of the last line of the file, from 1.
    private let last: Int
    /// Index of the next line.
    private var at = 0

    init(_ bytes: [UInt8], file: String) {
        self.file = file
        // UTF-8 with or without a byte order mark, else Latin-1, in which every byte is a character.
        let text =
            String(
                validating: bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes,
                as: UTF8.self)
            ?? String(bytes.map { Character(Unicode.Scalar($0)) })
        let all = text.replacing("\r\n", with: "\n").split(
            omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r" })
        last = all.count
        lines = all.enumerated().map { (String($1), $0 + 1) }.filter { !$0.0.hasPrefix("!") }
    }

    /// The error about a line and column, from 1; by default about the line read last.
    func fault(_ message: String, at line: Int? = nil, column: Int = 1) -> Diagnostics {
        Diagnostics([
            Diagnostic(
                file: file, line: line ?? (at > 0 ? lines[at - 1].number : 1), column: column,
                message: message)
        ])
    }

    /// The next line that is not blank, or the first line even if it is; nil at the end of the file.
    mutating func nextIfAny() -> (text: String, number: Int)? {
        while at < lines.count {
            at += 1
            let line = lines[at - 1]
            if at == 1 || !line.text.allSatisfy(\.isWhitespace) { return line }
        }
        return nil
    }

    /// The next line, which must exist; `what` names it in messages.
    mutating func next(_ what: String) throws(Diagnostics) -> (text: String, number: Int) {
        guard let line = nextIfAny() else {
            throw Diagnostics([
                Diagnostic(
                    file: file, line: last, column: 1, message: "the file ends before \(what)")
            ])
        }
        return line
    }

    /// The whole number at the start of the next line, within `range`.
    mutating func integer(_ what: String, _ range: ClosedRange<Int>) throws(Diagnostics) -> Int {
        var line = try next(what)
        while line.text.allSatisfy(\.isWhitespace) { line = try next(what) }
        let word = line.text.split { $0 == " " || $0 == "\t" }.first.map(String.init) ?? ""
        // Like Scala, read '60.' and '60.0' as 60.
        guard word.utf8.allSatisfy({ "+-0123456789.".utf8.contains($0) }),
            let value = Int(word) ?? Double(word).flatMap({ Int(exactly: $0) }), range.contains(value)
        else {
            throw fault(
                "\(what) must be a whole number from \(range.lowerBound) "
                    + "to \(range.upperBound), not '\(word)'",
                at: line.number, column: line.text.indentation + 1)
        }
        return value
    }
}
