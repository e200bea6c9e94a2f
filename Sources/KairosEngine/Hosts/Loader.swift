import KairosControl

/// Builds programs, keeps the shelf stocked, and takes back what has rung out.
///
/// > One thread: the loader's, live; the host's own, offline.
public final class Loader {
    /// A sound that can be chosen, ready to be built.
    public struct Entry: Sendable {
        /// The compiled patch.
        public let compiled: CompiledPatch
        /// What the mappings' controls do in it.
        public let controls: [ControlTable.Row]

        /// An entry whose knobs are moved by `mappings`.
        public init(_ compiled: CompiledPatch, mappings: [Mapping] = []) {
            self.compiled = compiled
            controls = compiled.controls(mappings).rows
        }

        /// Bank × 128 + program, or nil.
        public var number: Int? { compiled.patch.program.map { compiled.patch.bank * 128 + $0 } }
    }

    private let engine: Engine
    private let entries: [Entry]
    private var delivered: [Int]
    private var stock: [Int]

    /// A loader for an engine that was set up with the same entries.
    public init(_ engine: Engine, entries: [Entry]) {
        self.engine = engine
        self.entries = entries
        delivered = entries.map { _ in 0 }
        stock = entries.map { _ in 1 }
    }

    /// Asks for at least `count` ready programs of an entry, at most 16.
    public func require(_ count: Int, of entry: Int) {
        stock[entry] = max(1, min(EngineCore.shelfDepth, count))
    }

    /// One round: what came back is shelved or freed, what is missing is built.
    ///
    /// Returns how many programs were built.
    @discardableResult
    public func service() -> Int {
        var built = 0
        while let program = engine.reclaim() {
            guard isShort(program.entry) else { continue }
            program.reset()
            deliver(program)
        }
        for index in entries.indices {
            while isShort(index) {
                let program = Program(
                    entries[index].compiled, sampleRate: Float(engine.sampleRate), entry: index,
                    controls: entries[index].controls)
                guard deliver(program) else { return built }
                built += 1
            }
        }
        return built
    }

    private func isShort(_ entry: Int) -> Bool { delivered[entry] - engine.taken(entry) < stock[entry] }

    @discardableResult
    private func deliver(_ program: Program) -> Bool {
        guard engine.deliver(program) else { return false }
        delivered[program.entry] += 1
        return true
    }
}
