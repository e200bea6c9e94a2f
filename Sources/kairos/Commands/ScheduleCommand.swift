import ArgumentParser
import KairosCompiler

/// `kairos schedule`: prints the schedule of a compiled patch.
struct ScheduleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule", abstract: "Print the compiled steps of a patch.",
        discussion: "kairos schedule slow-tide\nkairos schedule my-patch.yaml")

    @Argument(help: "Patch name or file.", completion: .patch) var patch: String
    @OptionGroup var rigOptions: RigOptions

    func run() throws {
        printText(try RigSources.patch(patch, rigOptions).scheduleText)
    }
}
