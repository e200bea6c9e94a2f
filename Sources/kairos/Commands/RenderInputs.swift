import Foundation
import KairosCompiler
import KairosFiles
import KairosPatch

/// The files that `kairos render` reads, to prevent it from overwriting one of them.
struct RenderInputs {
    /// The MIDI file, the set list, the tuning and its keyboard mapping; nil if not given.
    var files: [String?]
    /// Folders of patches, modules and mappings, whose YAML files are read.
    var folders: [String]
    /// All patches; those that have been read may name tuning files.
    var patches: [PatchSource]

    /// Throws `Failure` if `output` is one of the files, also through another path or a link.
    func checkOutput(_ output: String) throws {
        let path = AudioFile.isStandardOutput(output) ? "/dev/stdout" : output
        guard let identity = FileIdentity(path: path) else { return }
        guard let input = all.first(where: { FileIdentity(path: $0) == identity }) else { return }
        throw Failure(
            "\(output): this file is an input (\(input)) and would be overwritten; give another file with -o")
    }

    /// The paths of all inputs.
    private var all: [String] {
        let listed = folders.flatMap { folder in
            ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
                .filter(FileName.isYAML).map { folder + "/" + $0 }
        }
        let tunings = patches.filter(\.isRead).flatMap { source -> [String] in
            let patch = source.compiled.patch
            let folder = URL(fileURLWithPath: patch.file).deletingLastPathComponent()
            return [patch.tuning, patch.keyboard].compactMap {
                $0.map { URL(fileURLWithPath: $0.text, relativeTo: folder).path }
            }
        }
        return files.compactMap { $0 } + patches.map(\.header.file) + tunings + listed
    }
}
