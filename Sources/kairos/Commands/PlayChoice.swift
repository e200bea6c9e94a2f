import KairosEngine
import KairosFiles

/// What `kairos play WORD` plays: a song, a set list, or else a patch, by its name or its file.
enum PlayChoice: Equatable {
    case song(String)
    case setList(String)
    case patch(String)

    init(_ word: String) {
        if FileKind.isSong(word) {
            self = .song(word)
        } else if FileName.isSetList(word) {
            self = .setList(word)
        } else {
            self = .patch(word)
        }
    }
}

extension Sounds {
    /// The place of the entry to begin with. A patch's file that is in no folder of patches becomes an entry.
    mutating func place(of name: String) throws -> Int {
        do { return try index(of: name) } catch {
            guard list == nil, name.contains("/") || FileName.isYAML(name) else { throw error }
        }
        let compiled: CompiledPatch
        do { compiled = try PatchFile.compile(path: name, registry: modules.registry) } catch {
            throw Failure(error.description)
        }
        _ = put(compiled.patch, compiled)
        try arrange(edited: { _ in nil }, modules.registry)
        return try index(of: name)
    }
}
