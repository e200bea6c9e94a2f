import Foundation
import KairosPatch
import KairosSession

/// Files that commands write in the user's folders. [any]
enum UserFile {
    /// Throws `bad-name` if a name cannot be the name of a file. `kind` is "patch" or "preset".
    static func checkName(_ name: String, of kind: String) throws(EditError) {
        guard !Draft.isName(name) else { return }
        throw EditError(
            .badName,
            "invalid \(kind) name '\(name.prefix(64))': use at most 64 letters, digits, '-' and '_', starting with a letter",
            name: String(name.prefix(64)))
    }

    /// Writes a file atomically and durably, so that a power cut leaves the old content or the new one. An
    /// existing file is first kept as a copy whose name ends in '~'. Throws `file`, with `name` for what is
    /// written.
    static func write(
        _ text: String, to path: String, name: String, _ store: any PatchStore
    ) throws(OSCError) {
        do { try store.save(text, path: path) } catch {
            throw OSCError(.file, error.description, name: name)
        }
    }
}
