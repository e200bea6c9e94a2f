import KairosDSP

/// The master effects: one instance that the sum of all parts feeds and that no program change touches.
///
/// [audio], but for `init` and `deinit`.
struct MasterEffects: ~Copyable {
    /// The audio that a sub-block brings, up to 64 frames.
    struct Buffers {
        /// The sum of the parts, which the effects process in place.
        let parts: StereoBuffer
        /// The sum of the slots that end together with the effects, or nil.
        let outgoing: StereoBuffer?
    }

    /// The sound that they are to have; nil for none.
    private var wanted: SoundID?
    /// The instance that plays, or nil.
    private var playing: InstanceHandoff?
    /// Counts the instances that played here.
    private var generation: UInt32 = 0
    private var gain: Float = 1
    /// The decrease of the gain per frame; negative where it rises.
    private var fade: Float = 0
    /// True where the sum of the parts is heard without effects as far as the gain is below 1.
    private var isBlended = false
    /// True while they end with the outgoing sum, which alone feeds them until then.
    private(set) var isEnding = false
    /// True where they are not rendered before something feeds them.
    private var isSilenced = false
    /// True where the instance that replaces this one is not rendered before something feeds it.
    private var isReplaced = false
    /// True where the next instance replaces another one, or none, while parts may sound: it is blended in.
    private var isChanging = false
    private let fixedAddress = FixedAddress()

    init(sound: SoundID?) { wanted = sound }

    deinit { playing?.release() }

    /// The instance that plays, or nil.
    var core: Reference<InstanceCore>? { playing?.core }

    /// The sound that plays, or nil.
    var sound: SoundID? { playing?.sound }

    /// The present use of the place.
    var address: InstanceAddress { InstanceAddress(place: .masterEffects, generation: generation) }

    /// True where they can be heard, now or later, without another note.
    var isSounding: Bool { core.map { !$0.pointee.state.isIdle && !isSilenced && !isEnding } ?? false }

    /// Ends them with the outgoing sum: they fade out within `frames`, and a new instance replaces them.
    mutating func end(frames: Int) {
        fade = 1 / Float(max(1, frames))
        isEnding = true
        isBlended = false
    }

    /// Another rig wants this sound, or none: what plays is blended out within 10 ms.
    mutating func change(to sound: SoundID?, _ clock: EngineClock) {
        guard sound != wanted else { return }
        wanted = sound
        isChanging = true
        fade = 100 / clock.sampleRate
        isBlended = true
    }

    /// Puts a ready instance into the place, where it is empty and one is ready.
    mutating func install(
        _ pool: inout StandbyPool, _ meters: Reference<Meters>, _ clock: EngineClock,
        keeping old: Reference<InstanceCore>? = nil
    ) {
        guard let wanted, playing == nil, let instance = pool.pop(wanted) else { return }
        if let old { instance.core.pointee.keep(valuesOf: old) }
        playing = instance
        generation &+= 1
        gain = 1
        fade = 0
        isBlended = false
        isSilenced = isReplaced
        if isChanging || isReplaced {
            gain = 0
            fade = -100 / clock.sampleRate
            isBlended = true
        }
        isReplaced = false
        isChanging = false
        meters.pointee.countTouch()
    }

    /// Replaces the instance that plays by an edited one. It is sent back where another one plays by now.
    mutating func succeed(
        with new: InstanceHandoff, _ succession: InstanceSuccession, fadeFrames: Int
    ) -> InstanceHandoff? {
        guard let old = playing, old.core.pointee.id == succession.id, let transfer = succession.transfer
        else {
            return nil
        }
        let fades = !succession.settles && !isSilenced
        transfer.move(
            from: &old.core.pointee, to: &new.core.pointee, fadeFrames: fades ? fadeFrames : 0)
        playing = InstanceHandoff(
            instance: new.instance, core: new.core, sound: old.sound, version: new.version,
            transfer: nil)
        return old
    }

    /// Sends the sum of the parts through the effects, in place.
    mutating func render(
        _ piece: SubBlock, _ io: Buffers, isFed: Bool, _ pool: inout StandbyPool,
        _ link: borrowing LoaderLink,
        _ meters: Reference<Meters>, _ clock: EngineClock
    ) {
        guard let core else { return }
        if isEnding { return renderEnd(core, piece, io, &pool, link, meters, clock) }
        if isFed {
            core.pointee.state.isIdle = false
            isSilenced = false
        }
        if !core.pointee.state.isIdle, !isSilenced {
            process(&core.pointee, piece, io)
            if let module = core.pointee.popFaultyModule() {
                link.report(.notFinite(module: module, of: sound))
            }
        } else {
            gain = fade > 0 ? 0 : fade < 0 ? 1 : gain
        }
        guard piece.endsBlock, gain == 0, fade > 0, let playing else { return }
        link.sendBack(playing)
        clear()
    }

    /// Renders the effects and blends them with the sum of the parts, in place.
    private mutating func process(_ core: inout InstanceCore, _ piece: SubBlock, _ io: Buffers) {
        core.buffers.input.copy(io.parts, piece.frames)
        core.render(piece)
        for n in 0..<piece.frames {
            // Zero, and not a product with zero: a value that is not finite does not pass.
            let dryLeft = isBlended ? io.parts.left[n] * (1 - gain) : 0
            let dryRight = isBlended ? io.parts.right[n] * (1 - gain) : 0
            io.parts.left[n] = core.buffers.output.left[n] * gain + dryLeft
            io.parts.right[n] = core.buffers.output.right[n] * gain + dryRight
            gain = min(1, max(0, gain - fade))
        }
        if fade < 0, gain == 1 {
            fade = 0
            isBlended = false
        }
    }

    /// Sends the outgoing sum through the effects, which end with it. Parts that follow are heard without effects
    /// until the new instance plays.
    private mutating func renderEnd(
        _ core: Reference<InstanceCore>, _ piece: SubBlock, _ io: Buffers,
        _ pool: inout StandbyPool,
        _ link: borrowing LoaderLink, _ meters: Reference<Meters>, _ clock: EngineClock
    ) {
        processEnd(&core.pointee, piece, io)
        guard piece.endsBlock, gain == 0, let playing else { return }
        clear()
        isReplaced = true
        install(&pool, meters, clock, keeping: playing.sound == wanted ? core : nil)
        link.sendBack(playing)
    }

    private mutating func processEnd(_ core: inout InstanceCore, _ piece: SubBlock, _ io: Buffers) {
        if let outgoing = io.outgoing {
            core.buffers.input.copy(outgoing, piece.frames)
        } else {
            core.buffers.input.clear(piece.frames)
        }
        core.render(piece)
        // A module that is not finite ends here: it is not reported, because it is over.
        _ = core.popFaultyModule()
        for n in 0..<piece.frames {
            io.parts.left[n] += core.buffers.output.left[n] * gain
            io.parts.right[n] += core.buffers.output.right[n] * gain
            gain = max(0, gain - fade)
        }
    }

    /// Empties the place.
    private mutating func clear() {
        playing = nil
        gain = 1
        fade = 0
        isBlended = false
        isEnding = false
        isSilenced = false
        isReplaced = false
    }
}
