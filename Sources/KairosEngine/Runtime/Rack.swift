import KairosControl
import KairosDSP
import Synchronization

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

    /// It ends with what is outgoing, which alone feeds it until then.
    var isEnding = false
    /// Not rendered before something feeds it.
    var isSilenced = false
    /// What takes its place is not rendered before something feeds it.
    var isReplaced = false

    /// Whether it can be heard, now or later, without another note.
    var isSounding: Bool { core.map { !$0.pointee.isIdle && !isSilenced && !isEnding } ?? false }

    /// It fades within so many frames, and a fresh instance takes its place.
    mutating func end(frames: Int) {
        fade = 1 / Float(max(1, frames))
        isEnding = true
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
    mutating func renderRack(_ piece: Piece, fed: Bool, isOutgoing: Bool) {
        if rack.isEnding { return renderEndingRack(piece, isOutgoing: isOutgoing) }
        renderRack(piece, fed: fed)
        if isOutgoing { addOutgoing(piece.frames) }
    }

    private mutating func renderRack(_ piece: Piece, fed: Bool) {
        guard let core = rack.core else { return }
        if fed {
            core.pointee.isIdle = false
            rack.isSilenced = false
        }
        if !core.pointee.isIdle, !rack.isSilenced {
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
        guard piece.closes, rack.gain == 0, rack.fade > 0, let program = rack.program else { return }
        sendBack(Delivery(program: program, core: core, sound: rack.sound))
        rack = Rack(generation: rack.generation)
    }

    /// What is outgoing, through the master effects that end with it. What follows is heard as it is until their fresh
    /// instance is there.
    private mutating func renderEndingRack(_ piece: Piece, isOutgoing: Bool) {
        guard let core = rack.core, let program = rack.program else { return }
        if isOutgoing {
            core.pointee.inputLeft.update(from: outgoingSum, count: piece.frames)
            core.pointee.inputRight.update(from: outgoingSum + Piece.longest, count: piece.frames)
        } else {
            core.pointee.inputLeft.clear(piece.frames)
            core.pointee.inputRight.clear(piece.frames)
        }
        core.pointee.render(piece)
        // What is not finite ends here: it is not named, because it is over.
        core.pointee.culprit = -1
        let left = left, right = right
        for n in 0..<piece.frames {
            left[n] += core.pointee.left[n] * rack.gain
            right[n] += core.pointee.right[n] * rack.gain
            rack.gain = max(0, rack.gain - rack.fade)
        }
        guard piece.closes, rack.gain == 0 else { return }
        let former = rack
        rack = Rack(generation: former.generation)
        rack.isReplaced = true
        installRack(keeping: former.sound == rackSound ? core : nil)
        sendBack(Delivery(program: program, core: core, sound: former.sound))
    }

    /// Puts a ready instance of the master effects in their place, where that is empty.
    mutating func installRack(keeping old: UnsafeMutablePointer<ProgramCore>? = nil) {
        guard rackSound >= 0, rack.core == nil, let delivery = takeShelved(Int(rackSound)) else { return }
        if let old { delivery.core.pointee.keep(valuesOf: old) }
        let isReplacement = rack.isReplaced
        rack = Rack(
            sound: delivery.sound, program: delivery.program, core: delivery.core,
            generation: rack.generation &+ 1)
        rack.isSilenced = isReplacement
        if rackChanges || isReplacement { rack.arrive(sampleRate) }
        rackChanges = false
        meters.pointee.touches.add(1, ordering: .releasing)
    }
}
