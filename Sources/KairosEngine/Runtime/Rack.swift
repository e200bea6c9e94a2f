import KairosControl
import KairosDSP

/// The one program that all parts feed and that no program change touches.
struct Rack {
    /// The slot that stands for it where a slot is named.
    static let slot: Int16 = -2

    var sound: Int32 = -1
    var program: UnsafeMutableRawPointer?
    var core: UnsafeMutablePointer<ProgramCore>?
    var generation: UInt32 = 0
    var gain: Float = 1
    /// What the gain loses each frame; 0 where it neither comes nor goes.
    var fade: Float = 0
    /// Whether the parts are heard as they are by as much as the gain is less than 1.
    var isBlended = false

    /// Everything ends within 10 ms, and so does it.
    mutating func end(_ sampleRate: Float) {
        fade = 100 / sampleRate
        isBlended = false
    }

    /// Gives way to the parts as they are within 10 ms.
    mutating func leave(_ sampleRate: Float) {
        fade = 100 / sampleRate
        isBlended = true
    }

    /// Takes over from the parts as they are within 10 ms.
    mutating func arrive(_ sampleRate: Float) {
        gain = 0
        fade = -100 / sampleRate
        isBlended = true
    }
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
                // Zero, and not times zero: what is no number does not pass.
                let dryLeft = rack.isBlended ? left[n] * (1 - rack.gain) : 0
                let dryRight = rack.isBlended ? right[n] * (1 - rack.gain) : 0
                left[n] = core.pointee.left[n] * rack.gain + dryLeft
                right[n] = core.pointee.right[n] * rack.gain + dryRight
                rack.gain = min(1, max(0, rack.gain - rack.fade))
            }
            if rack.fade < 0, rack.gain == 1 {
                rack.fade = 0
                rack.isBlended = false
            }
            if core.pointee.culprit >= 0 {
                report(
                    Report(
                        kind: .notFinite, slot: Rack.slot, sound: rack.sound, index: core.pointee.culprit))
                core.pointee.culprit = -1
            }
        } else {
            rack.gain = rack.fade > 0 ? 0 : rack.fade < 0 ? 1 : rack.gain
        }
        // After a panic it is made anew; until it is there the parts are heard as they are.
        guard piece.closes, rack.gain == 0, rack.fade > 0, let program = rack.program else { return }
        sendBack(Delivery(program: program, core: core, sound: rack.sound))
        rack = Rack(generation: rack.generation)
    }
}
