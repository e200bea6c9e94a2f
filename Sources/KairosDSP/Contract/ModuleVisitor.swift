/// What is done with each module type of a list, each under its own type.
public protocol ModuleVisitor {
    /// Meets one module type.
    mutating func visit<M: Module & ~Copyable>(_ type: M.Type)
    /// Meets one module type that may stand in a cycle.
    mutating func visit<M: FeedbackModule & ~Copyable>(feedback type: M.Type)
}

extension ModuleVisitor {
    /// To most visitors it is a module like any other.
    public mutating func visit<M: FeedbackModule & ~Copyable>(feedback type: M.Type) { visit(type) }
}
