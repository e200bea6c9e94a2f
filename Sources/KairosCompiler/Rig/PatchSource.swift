public import KairosPatch
import Synchronization

/// The error of a patch that cannot be played: the reason, with its position in a file.
private struct PatchReadError: Error, CustomStringConvertible {
    let description: String
}

/// A patch whose header is known and whose body is read and compiled on first use. [loader, input, control]
///
/// Reading takes about a millisecond; concurrent callers wait for it.
public final class PatchSource: Sendable {
    private enum Body {
        case unread(@Sendable () throws -> CompiledPatch)
        case read(CompiledPatch)
        /// The error, and a silent patch as a stand-in.
        case failed(String, CompiledPatch)
    }

    /// Name, file and number of the patch.
    public let header: PatchHeader
    private let body: Mutex<Body>

    /// Creates a patch whose body is read by `read` on first use. An error that it throws becomes ``fault``.
    public init(_ header: PatchHeader, read: @escaping @Sendable () throws -> CompiledPatch) {
        self.header = header
        body = Mutex(.unread(read))
    }

    /// Creates a patch that is already compiled.
    public init(_ compiled: CompiledPatch) {
        header = PatchHeader(compiled.patch)
        body = Mutex(.read(compiled))
    }

    /// The same patch with another bank and program number (nil for none). Either one is read only when it is
    /// used.
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

    /// True if the body has been read, successfully or not.
    public var isRead: Bool { body.withLock { if case .unread = $0 { false } else { true } } }

    /// The compiled patch; reads it on first use. A silent patch if it cannot be played.
    public var compiled: CompiledPatch {
        switch load() {
        case .read(let compiled), .failed(_, let compiled): compiled
        case .unread: silent
        }
    }

    /// Reason why the patch cannot be played; nil if it can. Reads the body on first use.
    public var fault: String? {
        if case .failed(let why, _) = load() { why } else { nil }
    }

    /// Like ``fault``, but nil if the body has not been read yet.
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

    /// A silent patch with the same names and number.
    private var silent: CompiledPatch {
        var patch = Patch(name: header.name)
        (patch.file, patch.bank, patch.program) = (header.file, header.bank, header.program)
        return CompiledPatch(silent: patch, isMaster: header.isMaster)
    }
}
