import Foundation
import KairosEngine
import KairosFiles

/// The files that a render reads: none of them may be the one that it writes.
struct RenderInputs {
    /// The MIDI file, the set list, and the tuning with its keyboard mapping, where they are given.
    var files: [String?]
    /// Folders of patches, modules and mappings, of which the YAML files are read.
    var folders: [String]
    /// Those that were read may name tunings beside them.
    var patches: [PatchSource]

    /// Throws `Failure` where `output` is one of the files, by whatever path or link.
    func refuse(_ output: String) throws {
        let path = AudioFile.isStandardOutput(output) ? "/dev/stdout" : output
        guard let identity = FileIdentity(path: path) else { return }
        guard let input = all.first(where: { FileIdentity(path: $0) == identity }) else { return }
        throw Failure(
            "\(output): this file is read (as \(input)) and cannot be written; give -o another name")
    }

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
