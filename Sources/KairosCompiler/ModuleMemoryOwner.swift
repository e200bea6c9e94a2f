/// Owner of the memory that modules lie in.
package protocol ModuleMemoryOwner: AnyObject {
    /// Takes back the memory of a module whose box was released. [loader]
    func giveBack(_ memory: UnsafeMutableRawBufferPointer)
}
