/// A usage error; its description is printed and the exit status is 2.
struct UsageFault: Error {
    let description: String

    init(_ description: String) { self.description = description }
}
