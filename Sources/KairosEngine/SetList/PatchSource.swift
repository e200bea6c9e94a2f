import Synchronization

/// What the beginning of a patch's file says: enough to list the patch and to make an entry of it.
public struct PatchHeader: Sendable, Equatable {
    /// The path; empty for a patch without a file.
    public var file = ""
    /// What the player reads.
    public var name: String
    /// One or two sentences for the player.
    public var about = ""
    /// 0…16 383.
    public var bank = 0
    /// 0…127; nil when no program change reaches it.
    public var program: Int?
    /// Whether it is a patch for the master effects: it listens to `input` and not to keys.
    public var isMaster = false

    /// The header of a patch called `name`.
    public init(name: String) { self.name = name }

    /// The header of a patch.
    public init(_ patch: Patch) {
        file = patch.file
        name = patch.name
        about = patch.about
        bank = patch.bank
        program = patch.program
        isMaster = patch.modules.contains { $0.type.text == ModuleType.input.name }
    }

    /// What the patch can be named by.
    public var names: PatchNames { PatchNames(file: file, name: name) }

    /// Bank × 128 + program, or nil.
    public var number: Int? { program.map { bank * 128 + $0 } }
}

/// Why a patch cannot be played, with its place in a file.
private struct PatchReadError: Error, CustomStringConvertible {
    let description: String
}

/// A patch of which the header is known and the body is read when somebody first asks for it.
///
/// > Any thread but the audio thread. Reading takes about a millisecond; who asks meanwhile waits for it.
public final class PatchSource: Sendable {
    private enum Body {
        case unread(@Sendable () throws -> CompiledPatch)
        case read(CompiledPatch)
        /// Why it cannot be played, with a silent patch in its place.
        case failed(String, CompiledPatch)
    }

    /// What the file says at its beginning.
    public let header: PatchHeader
    private let body: Mutex<Body>

    /// A patch whose body `read` makes. What it throws says why the patch cannot be played.
    public init(_ header: PatchHeader, read: @escaping @Sendable () throws -> CompiledPatch) {
        self.header = header
        body = Mutex(.unread(read))
    }

    /// A patch that is compiled already.
    public init(_ compiled: CompiledPatch) {
        header = PatchHeader(compiled.patch)
        body = Mutex(.read(compiled))
    }

    /// The same patch with another program number, or none. It is read when either is.
    public func renumbered(bank: Int, program: Int?) -> PatchSource {
        if bank == header.bank, program == header.program { return self }
        var header = header
        (header.bank, header.program) = (bank, program)
        return PatchSource(header) { [self] in
            if let fault { throw PatchReadError(description: fault) }
            var compiled = compiled
            compiled.renumber(bank: bank, program: program)
            return compiled
        }
    }

    /// Whether the body was read, well or not.
    public var isRead: Bool { body.withLock { if case .unread = $0 { false } else { true } } }

    /// The body, which is read now where it was not before. A silent patch stands for one that cannot be played.
    public var compiled: CompiledPatch {
        switch load() {
        case .read(let compiled), .failed(_, let compiled): compiled
        case .unread: silent
        }
    }

    /// Why the patch cannot be played, or nil. It is read for that.
    public var fault: String? {
        if case .failed(let why, _) = load() { why } else { nil }
    }

    /// Why a patch that was read cannot be played; nil where it can, or nobody has read it yet.
    public var knownFault: String? { isRead ? fault : nil }

    private func load() -> Body {
        body.withLock { body in
            if case .unread(let read) = body {
                do {
                    body = .read(try read())
                } catch { body = .failed("\(error)", silent) }
            }
            return body
        }
    }

    /// A patch of the same name that makes no sound.
    private var silent: CompiledPatch {
        var patch = Patch(name: header.name)
        (patch.file, patch.bank, patch.program) = (header.file, header.bank, header.program)
        return CompiledPatch(silent: patch, isMaster: header.isMaster)
    }
}
