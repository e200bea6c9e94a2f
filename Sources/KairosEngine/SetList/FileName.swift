/// The names that Kairos' files have: which files of a folder count, and what each is called. [any]
///
/// Every place that turns a file into a name, or a name into a file, asks here.
public enum FileName {
    /// The endings of a YAML file, in lower case.
    private static let yaml = [".yaml", ".yml"]
    /// What a set list has before its ending.
    private static let setList = ".setlist"

    /// What a file is called: everything before the last extension. `my.bass.yaml` is `my.bass`. A set list's name
    /// ends before `.setlist.yaml`.
    public static func stem(_ path: String) -> String {
        let last = lastComponent(path)
        guard let dot = last.lastIndex(of: "."), dot != last.startIndex else { return String(last) }
        let stem = last[..<dot]
        guard isYAML(path), let inner = cut(String(stem), [setList]), !inner.isEmpty else {
            return String(stem)
        }
        return inner
    }

    /// Whether a file is a YAML text that counts: `.yaml` or `.yml`, in capitals or not. What begins with `.` does
    /// not (editors' own files, and `._x.yaml`, which other systems write beside `x.yaml`), nor what begins with `#`.
    public static func isYAML(_ path: String) -> Bool {
        isVisible(path) && cut(String(lastComponent(path)), yaml) != nil
    }

    /// Whether a file is a set list by its name.
    public static func isSetList(_ path: String) -> Bool {
        isYAML(path) && cut(String(lastComponent(path)), yaml).flatMap { cut($0, [setList]) } != nil
    }

    /// Whether a file is one that a folder shows.
    public static func isVisible(_ path: String) -> Bool {
        guard let first = lastComponent(path).first else { return false }
        return first != "." && first != "#"
    }

    /// Whether a file's name ends with one of `endings`, which are in lower case and begin with a dot.
    public static func has(_ endings: [String], _ path: String) -> Bool {
        cut(String(lastComponent(path)), endings) != nil
    }

    /// A path's last component.
    private static func lastComponent(_ path: String) -> Substring {
        path.split(separator: "/").last ?? path[...]
    }

    /// A text without one of `endings`, or nil where it has none.
    private static func cut(_ text: String, _ endings: [String]) -> String? {
        let lower = text.utf8.suffix(16).map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }
        guard let ending = endings.first(where: { lower.suffix($0.utf8.count).elementsEqual($0.utf8) }) else {
            return nil
        }
        return String(text.utf8.dropLast(ending.utf8.count)) ?? text
    }
}

/// What a patch can be named by: its file's name without the ending, and its own name.
public struct PatchNames: Sendable {
    /// The file's name without the ending; the patch's own where it has no file.
    public let stem: String
    /// The patch's own name.
    public let name: String

    /// The names of a patch.
    public init(file: String, name: String) {
        stem = file.isEmpty ? name : FileName.stem(file)
        self.name = name
    }

    /// How well `word` names the patch, 0 the best; nil where it does not. The file's name comes before the patch's
    /// own, and the exact spelling before one in other capitals.
    private func rank(_ word: String, _ lower: String) -> Int? {
        if stem == word { return 0 }
        if name == word { return 1 }
        if stem.lowercased() == lower { return 2 }
        return name.lowercased() == lower ? 3 : nil
    }

    /// Whether `word` names the patch.
    public func answer(to word: String) -> Bool { rank(word, word.lowercased()) != nil }

    /// The place of the patch that `word` names; of several the best, then the first. Letters that look the same are
    /// the same, however a file system writes them (Unicode's canonical equivalence). [any]
    public static func find<Names: Sequence<PatchNames>>(_ word: String, in names: Names) -> Int? {
        let lower = word.lowercased()
        var best: (rank: Int, place: Int)?
        for (place, names) in names.enumerated() {
            guard let rank = names.rank(word, lower), rank < best?.rank ?? .max else { continue }
            if rank == 0 { return place }
            best = (rank, place)
        }
        return best?.place
    }
}
