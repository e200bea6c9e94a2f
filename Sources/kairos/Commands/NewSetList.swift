import ArgumentParser

/// `kairos new setlist NAME`: writes a set list.
struct NewSetList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setlist", abstract: "Write an example set list.",
        discussion: "kairos new setlist friday\nkairos play --setlist friday")

    @OptionGroup var location: NewOptions

    func run() throws {
        try FileForm.setlist.write(NewText.setList(location.name), location)
        printLine("to play it: kairos play --setlist \(location.name)")
    }
}
