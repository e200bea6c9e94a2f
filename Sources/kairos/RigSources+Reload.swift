import Foundation
import KairosCompiler
import KairosControl
import KairosFiles
import KairosPatch

// Replacement of single files. If a method throws, the value is unchanged or must be discarded.
extension RigSources {
    /// Adds a patch, or replaces the one with the same file name. A patch with the same text whose file is
    /// gone is removed, because its file was renamed. Returns errors, such as duplicate program numbers.
    mutating func replace(_ patch: Patch, _ compiled: CompiledPatch) -> [String] {
        let name = URL(fileURLWithPath: patch.file).lastPathComponent, text = PatchFile.text(patch)
        let others = patches.filter { source in
            let file = source.header.file
            guard URL(fileURLWithPath: file).lastPathComponent != name else { return false }
            return FileManager.default.fileExists(atPath: file) || !source.isRead
                || PatchFile.text(source.compiled.patch) != text
        }
        let sources = others + [PatchSource(compiled)]
        let ordered = Library.ordered(sources.map(\.header))
        let byFile = Dictionary(sources.map { ($0.header.file, $0) }, uniquingKeysWith: { $1 })
        patches = ordered.patches.compactMap {
            byFile[$0.file]?.renumbered(bank: $0.bank, program: $0.program)
        }
        unreadable[FileName.stem(patch.file)] = nil
        return ordered.faults.map(\.description)
    }

    /// Adds or replaces a mapping; `files` are all mapping files in search order. Throws ``Failure`` if it
    /// does not fit the rig.
    mutating func replace(_ mapping: Mapping, order files: [String]) throws {
        let faults = Self.faults(of: [mapping], patches, unreadable) + rig.actionRows([mapping]).faults
        guard faults.isEmpty else { throw Failure(faults.joined(separator: "\n")) }
        let order = files.map(FileName.stem)
        // An equal mapping whose file is gone: the file was renamed.
        mappings.removeAll {
            $0.name == mapping.name || (!order.contains($0.name) && $0.hasSameContent(as: mapping))
        }
        mappings.append(mapping)
        func position(_ mapping: Mapping) -> Int { order.firstIndex(of: mapping.name) ?? order.count }
        mappings = mappings.enumerated().sorted {
            (position($0.element), $0.offset) < (position($1.element), $1.offset)
        }.map(\.element)
    }

    /// Replaces the set list. Throws ``Failure`` if a patch or macro it names does not exist.
    mutating func replace(_ list: SetList) throws {
        let faults = list.rig(of: patches, unreadable: unreadable, mappings: mappings).faults
        guard faults.isEmpty else { throw Failure(faults.joined(separator: "\n")) }
        self.list = list
    }

    /// Rebuilds the rig. `edited` returns the edited version of a patch that was changed by live edits, else
    /// nil. Throws `PatchError` or `Diagnostics`.
    mutating func rebuildRig(edited: (Patch) -> Patch?, _ registry: ModuleRegistry) throws {
        let all = try patches.map { source in
            guard source.isRead else { return source }
            let compiled = source.compiled
            // Compound modules may have changed since it was compiled.
            let usesCompounds = !compiled.compounds.isEmpty
            guard var patch = edited(compiled.patch) ?? (usesCompounds ? compiled.patch : nil) else {
                return source
            }
            (patch.program, patch.bank) = (compiled.patch.program, compiled.patch.bank)
            return PatchSource(try CompiledPatch(tuned: patch, registry: registry))
        }
        if let list {
            rig = list.rig(of: all, unreadable: unreadable, mappings: mappings).rig
        } else {
            rig = Rig(all.filter { !$0.header.isMaster }.map { Sound($0, mappings: mappings) })
        }
    }
}

extension CompiledPatch {
    /// Compiles a patch with the tuning that it names. Throws `PatchError` or `Diagnostics`.
    init(tuned patch: Patch, registry: ModuleRegistry) throws {
        try self.init(patch, registry: registry)
        tuning = try ScalaFile.tuning(of: patch)
    }
}

extension Mapping {
    /// True if two mappings are equal apart from their names and the file positions of their controls.
    fileprivate func hasSameContent(as other: Mapping) -> Bool {
        func withoutNames(_ mapping: Mapping) -> Mapping {
            var mapping = mapping
            mapping.name = ""
            for index in mapping.controls.indices { mapping.controls[index].location = "" }
            return mapping
        }
        return withoutNames(self) == withoutNames(other)
    }
}
