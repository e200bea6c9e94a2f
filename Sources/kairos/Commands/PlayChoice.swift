import Foundation
import KairosEngine
import KairosFiles

/// What `kairos play WORD` plays: a song, a set list, or else a patch, by its name or its file.
enum PlayChoice: Equatable {
    case song(String)
    case setList(String)
    case patch(String)

    init(_ word: String) {
        if Self.isSong(word) {
            self = .song(word)
        } else if FileName.isSetList(word) {
            self = .setList(word)
        } else {
            self = .patch(word)
        }
    }

    /// Whether a word names a MIDI file: by its extension, or by how it begins.
    static func isSong(_ word: String) -> Bool {
        let extensions = ["mid", "midi", "smf", "kar", "rmi"]
        if extensions.contains(URL(fileURLWithPath: word).pathExtension.lowercased()) { return true }
        // A pipe would be waited for.
        let type = try? FileManager.default.attributesOfItem(atPath: word)[.type] as? FileAttributeType
        guard type == .typeRegular, let file = FileHandle(forReadingAtPath: word),
            let head = try? file.read(upToCount: 12)
        else {
            return false
        }
        return head.starts(with: Data("MThd".utf8))
            || (head.starts(with: Data("RIFF".utf8)) && head.dropFirst(8) == Data("RMID".utf8))
    }
}

extension Sounds {
    /// The place of the entry to begin with. A patch's file that is in no folder of patches becomes an entry.
    mutating func place(of name: String) throws -> Int {
        do { return try index(of: name) } catch {
            guard list == nil, name.contains("/") || FileName.isYAML(name) else { throw error }
        }
        let compiled: CompiledPatch
        do { compiled = try PatchFile.compile(path: name, catalog: modules.catalog) } catch {
            throw Failure(error.description)
        }
        _ = put(compiled.patch, compiled)
        try arrange(edited: { _ in nil }, modules.catalog)
        return try index(of: name)
    }
}
