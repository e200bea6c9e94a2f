import KairosControl
import KairosDSP

/// The one program that all parts feed and that no program change touches.
struct Rack {
    /// The slot that stands for it where a slot is named.
    static let slot: Int16 = -2

    var program: UnsafeMutableRawPointer?
    var core: UnsafeMutablePointer<ProgramCore>?
    var generation: UInt32 = 0
    var gain: Float = 1
    /// What the gain loses each frame; 0 but after a panic.
    var fade: Float = 0
}

extension EngineCore {
    /// Sends the sum of the parts through the rack, in place.
    mutating func renderRack(_ piece: Piece, fed: Bool) {
        guard let core = rack.core else { return }
        if fed { core.pointee.isIdle = false }
        if !core.pointee.isIdle {
            core.pointee.inputLeft.update(from: left, count: piece.frames)
            core.pointee.inputRight.update(from: right, count: piece.frames)
            core.pointee.render(piece)
            for n in 0..<piece.frames {
                left[n] = core.pointee.left[n] * rack.gain
                right[n] = core.pointee.right[n] * rack.gain
                rack.gain = max(0, rack.gain - rack.fade)
            }
            if core.pointee.culprit >= 0 {
                report(
                    Report(
                        kind: .notFinite, slot: Rack.slot, sound: rackSound, index: core.pointee.culprit))
                core.pointee.culprit = -1
            }
        } else {
            rack.gain = rack.fade > 0 ? 0 : rack.gain
        }
        // After a panic it is made anew; until it is there the parts are heard as they are.
        guard piece.closes, rack.gain == 0, let program = rack.program else { return }
        sendBack(Delivery(program: program, core: core, sound: rackSound))
        rack = Rack(generation: rack.generation)
    }
}
