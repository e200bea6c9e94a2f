import Foundation
public import KairosCompiler
public import KairosControl
import KairosFiles
import KairosModules
import KairosPatch

extension ModuleRegistry {
    /// Registry of all built-in modules.
    public static let standard: ModuleRegistry = {
        var registry = ModuleRegistry()
        forEachStandardModule(&registry)
        return registry
    }()
}

extension ModuleRegistry {
    /// Registry of all built-in modules and of compound modules, given by name and text without header. Throws
    /// their errors.
    public static func standard(with modules: KeyValuePairs<String, String>) throws -> ModuleRegistry {
        let found = standard.with(
            try modules.map { name, text in
                try ModuleFile.parse("kairos: module/1\nabout: A test.\n" + text, file: name + ".yaml")
            })
        if let fault = found.faults.first { throw fault }
        return found.registry
    }
}

/// Files of the checkout.
public enum Checkout {
    /// The top folder.
    public static let folder: String = {
        var url = URL(fileURLWithPath: #filePath)
        while !FileManager.default.fileExists(atPath: url.appendingPathComponent("Package.swift").path) {
            url.deleteLastPathComponent()
        }
        return url.path
    }()

    /// The bundled patches, compiled, in order of their programs; without master effects.
    public static func patches() throws -> [CompiledPatch] { try allPatches().filter { !$0.isMaster } }

    /// The bundled patches and master effects, compiled.
    public static func allPatches() throws -> [CompiledPatch] {
        let found = Library.patches(in: [folder + "/Patches"])
        guard found.faults.isEmpty else { throw Diagnostics(found.faults) }
        return try found.patches.map { try CompiledPatch($0, registry: .standard) }
    }

    /// The bundled mappings.
    public static func mappings() throws -> [Mapping] {
        let found = Library.mappings(in: [folder + "/Mappings"])
        guard found.faults.isEmpty else { throw Diagnostics(found.faults) }
        return found.mappings
    }
}

/// A test patch from the text after its header: `modules`, `connections` and other keys as in a file.
public func compile(
    _ text: String, name: String = "Test", program: Int = 0, registry: ModuleRegistry = .standard
) throws -> CompiledPatch {
    // The default is the output of the module itself, unless the text states a level.
    let level = text.split(separator: "\n").contains { $0.hasPrefix("level:") } ? "" : "level: 0 dB\n"
    let header = "kairos: patch/1\nname: \(name)\nprogram: \(program)\n\(level)"
    return try CompiledPatch(try PatchFile.parse(header + text, file: "test.yaml"), registry: registry)
}
