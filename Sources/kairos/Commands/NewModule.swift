import ArgumentParser
import KairosCompiler

/// `kairos new module NAME`: writes a compound module.
struct NewModule: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "module", abstract: "Write an example of a compound module.",
        discussion: "kairos new module my-voice\nkairos modules my-voice")

    @OptionGroup var location: NewOptions
    @OptionGroup var modules: ModuleOptions

    func run() throws {
        let registry = try modules.known().registry
        guard registry[location.name] == nil else {
            throw Failure("module '\(location.name)' already exists; choose another name")
        }
        var location = location
        location.folder = location.folder ?? modules.modules
        try FileForm.module.write(NewText.module, location, registry: registry)
        printLine(
            "to use it in a patch: 'osc: { type: \(location.name) }'; "
                + "to describe it: kairos modules \(location.name)"
        )
    }
}
