import ArgumentParser
import KairosCompiler

/// `kairos new patch NAME`: writes a playable patch.
struct NewPatch: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "patch", abstract: "Write a playable example patch.",
        discussion: "kairos new patch my-bass\nkairos play --watch my-bass")

    @OptionGroup var location: NewOptions
    @OptionGroup var modules: ModuleOptions

    func run() throws {
        try FileForm.patch.write(NewText.patch(location.name), location, registry: modules.known().registry)
        printLine("to play it and edit it while it sounds: kairos play --watch \(location.name)")
    }
}
