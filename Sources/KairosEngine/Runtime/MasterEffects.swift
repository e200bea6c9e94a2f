import KairosControl
import KairosDSP
import Synchronization

/// The one program that all parts feed and that no program change touches.
struct MasterEffects {
    /// The slot that stands for it where a slot is named.
    static let slot: Int16 = -2

    var sound: Int32 = -1
    var program: UnsafeMutableRawPointer?
    var core: UnsafeMutablePointer<InstanceCore>?
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
    /// Sends the sum of the parts through the master effects, in place.
    mutating func renderMaster(_ piece: SubBlock, fed: Bool, isOutgoing: Bool) {
        if effects.isEnding { return renderEndingMaster(piece, isOutgoing: isOutgoing) }
        renderMaster(piece, fed: fed)
        if isOutgoing { addOutgoing(piece.frames) }
    }

    private mutating func renderMaster(_ piece: SubBlock, fed: Bool) {
        guard let core = effects.core else { return }
        if fed {
            core.pointee.isIdle = false
            effects.isSilenced = false
        }
        if !core.pointee.isIdle, !effects.isSilenced {
            core.pointee.inputLeft.update(from: left, count: piece.frames)
            core.pointee.inputRight.update(from: right, count: piece.frames)
            core.pointee.render(piece)
            for n in 0..<piece.frames {
                // Zero, and not times zero: what is no number does not pass.
                let dryLeft = effects.isBlended ? left[n] * (1 - effects.gain) : 0
                let dryRight = effects.isBlended ? right[n] * (1 - effects.gain) : 0
                left[n] = core.pointee.left[n] * effects.gain + dryLeft
                right[n] = core.pointee.right[n] * effects.gain + dryRight
                effects.gain = min(1, max(0, effects.gain - effects.fade))
            }
            if effects.fade < 0, effects.gain == 1 {
                effects.fade = 0
                effects.isBlended = false
            }
            if core.pointee.faultyModule >= 0 {
                report(
                    Report(
                        kind: .notFinite, slot: MasterEffects.slot, sound: effects.sound,
                        index: core.pointee.faultyModule))
                core.pointee.faultyModule = -1
            }
        } else {
            effects.gain = effects.fade > 0 ? 0 : effects.fade < 0 ? 1 : effects.gain
        }
        guard piece.endsBlock, effects.gain == 0, effects.fade > 0, let program = effects.program else {
            return
        }
        sendBack(Delivery(program: program, core: core, sound: effects.sound))
        effects = MasterEffects(generation: effects.generation)
    }

    /// What is outgoing, through the master effects that end with it. What follows is heard as it is until their fresh
    /// instance is there.
    private mutating func renderEndingMaster(_ piece: SubBlock, isOutgoing: Bool) {
        guard let core = effects.core, let program = effects.program else { return }
        if isOutgoing {
            core.pointee.inputLeft.update(from: outgoingSum, count: piece.frames)
            core.pointee.inputRight.update(from: outgoingSum + SubBlock.longest, count: piece.frames)
        } else {
            core.pointee.inputLeft.clear(piece.frames)
            core.pointee.inputRight.clear(piece.frames)
        }
        core.pointee.render(piece)
        // What is not finite ends here: it is not named, because it is over.
        core.pointee.faultyModule = -1
        let left = left, right = right
        for n in 0..<piece.frames {
            left[n] += core.pointee.left[n] * effects.gain
            right[n] += core.pointee.right[n] * effects.gain
            effects.gain = max(0, effects.gain - effects.fade)
        }
        guard piece.endsBlock, effects.gain == 0 else { return }
        let former = effects
        effects = MasterEffects(generation: former.generation)
        effects.isReplaced = true
        installMaster(keeping: former.sound == masterSound ? core : nil)
        sendBack(Delivery(program: program, core: core, sound: former.sound))
    }

    /// Puts a ready instance of the master effects in their place, where that is empty.
    mutating func installMaster(keeping old: UnsafeMutablePointer<InstanceCore>? = nil) {
        guard masterSound >= 0, effects.core == nil, let delivery = popStandby(Int(masterSound)) else {
            return
        }
        if let old { delivery.core.pointee.keep(valuesOf: old) }
        let isReplacement = effects.isReplaced
        effects = MasterEffects(
            sound: delivery.sound, program: delivery.program, core: delivery.core,
            generation: effects.generation &+ 1)
        effects.isSilenced = isReplacement
        if masterChanges || isReplacement { effects.arrive(sampleRate) }
        masterChanges = false
        meters.pointee.touches.add(1, ordering: .releasing)
    }
}
