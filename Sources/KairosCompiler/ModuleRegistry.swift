public import KairosDSP
public import KairosPatch

/// All module types that a patch may use: the engine's own, the built-in modules and compound modules. A
/// declaration is validated when it is added.
public struct ModuleRegistry: Sendable, ModuleVisitor {
    /// All types, in the order they were added.
    public private(set) var types: [ModuleType] = []
    private var indices: [String: Int] = [:]
    /// Files of compound modules that could not be loaded, by module name; used in messages.
    public internal(set) var unreadable: [String: String] = [:]

    /// Creates a registry with the engine's own types only: `keys`, `input` and `output`.
    public init() { for type in ModuleType.engine { insert(type) } }

    /// Adds a module type. A faulty declaration is a programming error and traps.
    public mutating func visit<M: Module>(_ module: M.Type) {
        insert(ModuleType(module, breaksCycles: false, box: Box<M>.self))
    }

    /// Adds a module type that may be part of a feedback loop.
    public mutating func visit<M: FeedbackModule>(feedback module: M.Type) {
        insert(ModuleType(module, breaksCycles: true, box: FeedbackBox<M>.self))
    }

    /// Adds a note stage.
    public mutating func visit<M: NoteStage>(stage module: M.Type) {
        insert(ModuleType(stage: module))
    }

    /// The type named `name`; nil if there is none.
    public subscript(_ name: String) -> ModuleType? { indices[name].map { types[$0] } }

    /// The declarations of all types, in the order they were added.
    public var declarations: [ModuleDeclaration] { types.map(\.declaration) }

    /// Adds a type. Traps if its declaration is faulty or its name is taken.
    mutating func insert(_ type: ModuleType) {
        let faults = type.faults + (indices[type.name] == nil ? [] : ["its name is already used"])
        precondition(faults.isEmpty, "module '\(type.name)': \(faults.joined(separator: "; "))")
        indices[type.name] = types.count
        types.append(type)
    }
}
