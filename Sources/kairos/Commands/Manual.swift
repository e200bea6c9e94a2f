import ArgumentParser
import KairosFiles

/// `kairos manual`: prints the manual pages and the reference of the commands, made from the declarations of
/// the commands and the file formats. Used by `make install`; not shown in the help.
struct Manual: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the reference of the commands, or write the manual pages.",
        discussion: """
            kairos manual kairos-play                    print one page; 'man -l' shows it
            kairos manual --dir share/man                write all pages
            kairos manual --markdown                     print docs/reference/commands.md
            kairos --generate-completion-script bash     print a completion script
            """, shouldDisplay: false)

    @Argument(help: "Page to print (default: list all pages).") var page: String?
    @Option(
        help: ArgumentHelp("Write all pages to the folders man1 and man5 in this folder.", valueName: "dir"),
        completion: .directory)
    var dir: String?
    @Option(
        help: ArgumentHelp("Folder below which Kairos is installed.", valueName: "dir"),
        completion: .directory)
    var prefix = "/usr/local"
    @Option(help: ArgumentHelp("Date in the footers of the pages.", valueName: "date")) var date = ""
    @Flag(help: "Print docs/reference/commands.md.") var markdown = false

    func run() throws {
        let root = try CommandInfo.root()
        if markdown { return printText(CommandReference.page(root)) }
        let edition = ManualPage.Edition(prefix: prefix, date: date)
        let formats = FileFormat.allCases
        let pages =
            root.all.map { ManualPage($0, formats: formats, edition) }
            + formats.map { ManualPage($0, commands: root.all, edition) }
            + [ManualPage(files: formats, edition)]
        if let page {
            guard let found = pages.first(where: { $0.name == page || $0.fileName == page }) else {
                throw Failure("there is no manual page '\(page)'\(near(page, pages.map(\.name)))")
            }
            return printText(found.source)
        }
        guard let dir else { return pages.forEach { printLine($0.fileName) } }
        do throws(FileFailure) {
            for page in pages {
                try DurableFile.write(page.source, to: "\(dir)/man\(page.section)/\(page.fileName)")
            }
        } catch { throw Failure(error.description) }
    }
}
