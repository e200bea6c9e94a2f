/// Generic operation on the module types of a list; each type is passed as itself, without an existential.
public protocol ModuleVisitor {
    /// Handles one module type.
    mutating func visit<M: Module>(_ type: M.Type)
    /// Handles one module type that is allowed in a feedback loop.
    mutating func visit<M: FeedbackModule>(feedback type: M.Type)
    /// Handles one note stage.
    mutating func visit<M: NoteStage>(stage type: M.Type)
}

extension ModuleVisitor {
    /// Handles the type like any other module.
    public mutating func visit<M: FeedbackModule>(feedback type: M.Type) { visit(type) }
    /// Does nothing: what holds for modules with sound does not hold for note stages.
    public mutating func visit<M: NoteStage>(stage type: M.Type) {}
}
