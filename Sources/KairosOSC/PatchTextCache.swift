import Glibc
import KairosPatch
import Synchronization

/// The text of patch files in Kairos' own formatting. A file is read again only when it has changed. Its
/// functions lock. [any]
final class PatchTextCache: Sendable {
    /// By path; `stamp` is inode, size and modification time.
    private let texts = Mutex<[String: (stamp: [Int], text: String)]>([:])

    /// The text of a patch's file as it is now, or of the patch itself if there is no file.
    func text(of patch: Patch, _ store: any PatchStore) -> String {
        var status = stat()
        guard unsafe stat(patch.file, &status) == 0 else { return store.text(patch) }
        let stamp = [
            Int(status.st_ino), Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
        ]
        if let known = texts.withLock({ $0[patch.file] }), known.stamp == stamp { return known.text }
        let text = store.storedText(of: patch)
        texts.withLock { $0[patch.file] = (stamp, text) }
        return text
    }
}
