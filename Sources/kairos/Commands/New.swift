import ArgumentParser
import Foundation
import KairosEngine
import KairosFiles

/// `kairos new`: a file to begin with.
struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a file to begin with.", subcommands: [NewPatch.self])
}

/// `kairos new patch NAME`: a patch that sounds.
struct NewPatch: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "patch", abstract: "Write a patch that sounds, to begin with.",
        discussion: """
            kairos new patch my-bass             in your own folder of patches
            kairos new patch my-bass --patches . here

            Then: kairos play --watch --patch my-bass, and edit the file while it sounds.
            """)

    @Argument(help: "What it is called: letters, digits, '-' and '_'.") var name: String
    @Option(help: ArgumentHelp("Write it into this folder.", valueName: "dir")) var patches: String?
    @OptionGroup var modules: ModuleOptions

    func run() throws {
        guard Draft.isName(name) else {
            throw Failure(
                "'\(name)' is no name of a patch: letters, digits, '-' and '_', beginning with a letter, 64 at most"
            )
        }
        let folder = patches ?? Library.userFolder(.patches)
        let path = folder + "/" + name + ".yaml"
        guard !FileManager.default.fileExists(atPath: path) else {
            throw Failure("\(path) is there already; nothing was written")
        }
        let catalog = try modules.known().catalog
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(Self.text(name).utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
            try PatchSchema.text(catalog).write(
                toFile: folder + "/patch.schema.json", atomically: true, encoding: .utf8)
        } catch { throw Failure("\(path): cannot be written: \(error.localizedDescription)") }
        print("\(path) is written, and patch.schema.json beside it for your editor")
        print("hear it, and edit it while it sounds: kairos play --watch --patch \(name)")
    }

    /// A saw through a filter, with a remark for each part of the file.
    static func text(_ name: String) -> String {
        """
        # yaml-language-server: $schema=patch.schema.json
        kairos: patch/1
        name: \(name)
        voices: 16                      # or mono, or legato
        level: -12 dB
        modules:                        # 'kairos modules' lists them, 'kairos modules svf' describes one
          keys:   { type: keys }
          osc:    { type: saw }
          env:    { type: adsr, attack: 5 ms, decay: 300 ms, sustain: 70 %, release: 400 ms }
          filter: { type: svf, cutoff: 1.2 kHz, resonance: 20 % }
          vca:    { type: vca }
          out:    { type: output }
        wires:                          # a bare name means its first port; into a parameter with a depth
          - keys.pitch -> osc.pitch
          - keys.gate -> env.gate
          - osc -> filter
          - env -> filter.cutoff @ 24 st
          - filter.low -> vca
          - env -> vca.level
          - vca -> out
        knobs:                          # up to eight, in this order
          - { name: Bright, to: filter.cutoff, from: 200 Hz, upTo: 9 kHz, role: brightness }
          - { name: Resonance, to: filter.resonance, role: timbre }

        """
    }
}

/// `kairos schema`: what an editor needs to complete and check files.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the form of a patch, module, mapping or set list as a JSON Schema, for editors.",
        discussion: """
            kairos schema patch > patch.schema.json
            # then, as the first line of a patch:
            # yaml-language-server: $schema=patch.schema.json
            """)

    enum Form: String, CaseIterable, ExpressibleByArgument { case patch, module, mapping, setlist }

    @Argument(help: "patch, module, mapping or setlist.") var form = Form.patch
    @OptionGroup var modules: ModuleOptions

    func run() throws {
        let text =
            switch form {
            case .patch: PatchSchema.text(try modules.known().catalog)
            case .module: ModuleSchema.text(try modules.known().catalog)
            case .mapping: MappingSchema.text
            case .setlist: SetListSchema.text
            }
        print(text, terminator: "")
    }
}
