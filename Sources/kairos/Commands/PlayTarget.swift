import KairosCompiler
import KairosFiles
import KairosPatch

/// The meaning of the argument of `kairos play`: a MIDI file, a set list, or else a patch by name or file.
enum PlayTarget: Equatable {
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

extension RigSources {
    /// The index of the entry to start with. A patch file outside the folders is compiled and added as an
    /// entry. Throws ``Failure``.
    mutating func startIndex(of name: String) throws -> Int {
        do { return try index(of: name) } catch {
            guard list == nil, name.contains("/") || FileName.isYAML(name) else { throw error }
        }
        let compiled: CompiledPatch
        do { compiled = try FileStore().compile(path: name, registry: modules.registry) } catch {
            throw Failure(error.description)
        }
        _ = replace(compiled.patch, compiled)
        try rebuildRig(edited: { _ in nil }, modules.registry)
        return try index(of: name)
    }
}
