/// The names by which a patch can be addressed: that of its file, and its own.
public struct PatchNames: Sendable {
    /// The file's name without folder and extension; the patch's own name if it has no file.
    public let stem: String
    /// The patch's own name.
    public let name: String

    /// Creates the names of a patch. `file` is a path, or empty.
    public init(file: String, name: String) {
        stem = file.isEmpty ? name : FileName.stem(file)
        self.name = name
    }

    /// Rank of the match with `word`, 0…3 with 0 the best; nil if it does not match. The file's name ranks before
    /// the patch's own, and the exact spelling before another case.
    private func rank(_ word: String, _ lower: String) -> Int? {
        if stem == word { return 0 }
        if name == word { return 1 }
        if stem.lowercased() == lower { return 2 }
        return name.lowercased() == lower ? 3 : nil
    }

    /// True if `word` is one of the names, case-insensitive.
    public func matches(_ word: String) -> Bool { rank(word, word.lowercased()) != nil }

    /// The index of the patch that `word` names: the best match, and the first of equal ones; nil if there is
    /// none. Unicode's canonical equivalents are equal, however the file system writes them. [any]
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
