import CRealtime
import KairosCompiler
import KairosEngine
import Synchronization

// How edits come to what plays. The loader's thread.
extension Loader {
    /// Lets what plays follow its sound, where that was edited: one step nearer each time it is called. Whether
    /// anything is still on its way.
    func follow() -> Bool {
        takeEdits()
        var isBusy = false
        for index in 0..<InstancePlace.count {
            let place = InstancePlace(index: index)
            guard let published = engine.instance(at: place), let playing = out[published.id] else {
                continue
            }
            let isCurrent = playing.version == versions[playing.sound]
            guard !isCurrent || playing.isTransition else { continue }
            isBusy = true
            // One edit after the other, and not twice the same.
            guard published.isSettled, underway[playing.id] == nil else { continue }
            hand(isCurrent ? settled(playing) : next(after: playing), to: place, after: playing)
        }
        return isBusy
    }

    /// Sounds that were edited: what waits for them is out of date.
    private func takeEdits() {
        guard engine.sounds.edits != editsTaken else { return }
        editsTaken = engine.sounds.edits
        for sound in versions.indices where engine.sounds.version(sound) != versions[sound] {
            versions[sound] = engine.sounds.version(sound)
            spares[sound] = []
            faults[sound] = nil
            isTested[sound] = false
            if engine.setup.isLive { editTimes[sound] = crt_now() }
            engine.setVersion(sound, versions[sound])
        }
        engine.noteEdits(editsTaken)
    }

    private func hand(_ program: PatchInstance?, to place: InstancePlace, after playing: PatchInstance) {
        guard let program else { return }
        let follows = program.transfersState
        programs.add(program)
        guard
            engine.deliver(
                program, succeeding: playing.id, at: place,
                settles: follows && !program.isTransition && playing.isTransition)
        else { return programs.remove(program) }
        out[program.id] = program
        underway[playing.id] = program.id
    }

    /// What a program that has faded over settles into.
    private func settled(_ playing: PatchInstance) -> PatchInstance {
        make(engine.sounds[playing.sound], playing.sound, following: playing)
    }

    /// The next program on the way to a sound as it is now.
    private func next(after playing: PatchInstance) -> PatchInstance {
        let goal = engine.sounds[playing.sound]
        guard goal.compiled.hasVoices(of: playing.source.compiled),
            let transition = Transition.make(
                from: playing.source.compiled.orderedGraph, to: goal.compiled.orderedGraph)
        else { return make(goal, playing.sound) }
        let source = Sound(
            CompiledPatch(transition, towards: goal.compiled), mappings: goal.mappings,
            keptMacros: goal.keptMacros)
        let isGoal = transition.reachesGoal
        return make(
            source, playing.sound, version: isGoal ? versions[playing.sound] : playing.version,
            following: playing,
            isTransition: true)
    }

    func make(
        _ source: Sound, _ sound: Int, version: Int? = nil, following: PatchInstance? = nil,
        isTransition: Bool = false
    ) -> PatchInstance {
        if !scratch.fits(source) { scratch = Scratch(for: [source]) }
        return PatchInstance(
            source, sampleRate: Float(engine.sampleRate), sound: sound, version: version ?? versions[sound],
            scratch: scratch, tuning: engine.setup.tuning, following: following, isTransition: isTransition,
            generation: generation)
    }
}
