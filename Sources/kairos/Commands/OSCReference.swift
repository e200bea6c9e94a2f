import ArgumentParser
import KairosOSC

/// `kairos osc`: what can be said to a running instrument.
struct OSCReference: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "osc",
        abstract: "List what can be said to a running instrument over OSC.",
        discussion: """
            kairos osc                           every command with what it takes
            kairos osc --markdown                the reference of the documentation
            oscsend localhost 9000 /mod/filter/cutoff s '2 kHz'
            """)

    @Flag(help: "Print docs/osc.md.") var markdown = false

    func run() throws {
        show(markdown ? OSCDispatcher.reference : OSCDispatcher.list)
    }
}
