/// The tables of a former rig on their way back to the loader, which owns them once they arrive.
struct ReturnedTables: BitwiseCopyable, @unchecked Sendable { let tables: UnsafeMutablePointer<RigTables> }
