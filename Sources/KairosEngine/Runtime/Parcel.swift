import KairosControl

/// The controls and macros of one program for the rig to come; after it has come, those from before.
///
/// > Written by the loader while no rig is on its way, exchanged by the audio thread.
struct ComingTables: @unchecked Sendable {
    var controls: ControlTable
    var macros: MacroTable
    var generation: Int

    func free() {
        controls.free()
        macros.free()
    }
}

/// Tables on their way back to the loader.
struct ReturnedTables: @unchecked Sendable { let tables: UnsafeMutablePointer<RigTables> }

/// What the loader hands to the audio thread, in order.
enum Parcel: @unchecked Sendable {
    case program(Delivery)
    case rig(UnsafeMutablePointer<RigTables>)
}
