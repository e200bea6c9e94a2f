import KairosPatch

/// A patch that has been edited, with its earlier versions for undo and its undone ones for redo.
struct EditHistory: Sendable {
    /// The patch as of the last commit.
    private(set) var patch: Patch
    /// Versions for undo, the newest last.
    private var done: [Patch] = []
    /// Versions for redo, the next last.
    private var undone: [Patch] = []

    /// A history of `patch` before its first commit.
    init(_ patch: Patch) { self.patch = patch }

    /// The version that an undo leads to; nil if there is nothing to undo.
    var previous: Patch? { done.last }

    /// The version that a redo leads to; nil if there is nothing to redo.
    var next: Patch? { undone.last }

    /// Records a commit, which clears the versions for redo. The oldest versions beyond the limits are dropped,
    /// but the last commit can always be undone.
    mutating func record(before: Patch, after: Patch) {
        done.append(before)
        undone = []
        patch = after
        var size = done.reduce(0) { $0 + $1.modules.count + $1.connections.count }
        while done.count > PatchEditor.undoLimit || (done.count > 1 && size > PatchEditor.undoSize) {
            let oldest = done.removeFirst()
            size -= oldest.modules.count + oldest.connections.count
        }
    }

    /// Returns to the previous version, if there is one.
    mutating func undo() {
        guard let version = done.popLast() else { return }
        undone.append(patch)
        patch = version
    }

    /// Returns to the version that was undone last, if there is one.
    mutating func redo() {
        guard let version = undone.popLast() else { return }
        done.append(patch)
        patch = version
    }
}
