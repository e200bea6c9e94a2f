import ArgumentParser
import KairosOSC

/// `kairos osc`: prints the OSC reference.
struct OSCReference: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "osc",
        abstract: "List the OSC commands of a running instrument.",
        discussion: """
            kairos osc                           list every command with its arguments
            kairos osc --markdown                print docs/reference/osc.md
            oscsend localhost 9000 /mod/filter/cutoff s '2 kHz'
            """)

    @Flag(help: "Print docs/reference/osc.md.") var markdown = false

    func run() throws {
        printText(markdown ? OSCDispatcher.reference : OSCDispatcher.list)
    }
}
