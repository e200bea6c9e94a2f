import CRealtime
import KairosCompiler
import KairosEngine

// Live edits: from a new version of a sound to the instances that play it. [loader]
extension Loader {
    /// Brings every playing instance one step nearer to the current version of its sound: through a transition whose
    /// connections fade, then to the version itself. Returns true if any instance is not there yet.
    func carryOutEdits() -> Bool {
        takeEdits()
        var isBusy = false
        for (place, playing, isSettled) in self.playing {
            let isCurrent = playing.version == stocks[playing.sound].version
            guard !isCurrent || playing.isTransition else { continue }
            isBusy = true
            // One edit at a time: the fade of the one before has to end first.
            guard isSettled, successors[playing.id] == nil else { continue }
            succeed(playing, at: place, by: isCurrent ? settled(playing) : next(after: playing))
        }
        return isBusy
    }

    /// Answers the commits that sound wherever their patch plays, and those whose time limit has passed.
    func completeCommits() {
        guard !completions.isEmpty else { return }
        let playing = playing.map { $0.instance }
        completions.complete(now: crt_now()) { goals in
            goals.allSatisfy { goal in
                // Before the loader has taken the edit, the pool has outdated instances for the next program change.
                stocks[goal.sound].version >= goal.version
                    && !playing.contains { $0.sound == goal.sound && $0.version < goal.version }
            }
        }
    }

    /// The instances that play, each with its place, and true if no edit of it is fading.
    private var playing: [(place: InstancePlace, instance: PatchInstance, isSettled: Bool)] {
        (0..<InstancePlace.count).compactMap { index in
            let place = InstancePlace(index: index)
            guard let published = engine.instance(at: place), let instance = sent[published.id] else {
                return nil
            }
            return (place, instance, published.isSettled)
        }
    }

    /// Takes the new versions of edited sounds, which make their instances in the standby pool outdated.
    private func takeEdits() {
        guard engine.sounds.edits != editsTaken else { return }
        editsTaken = engine.sounds.edits
        for sound in stocks.indices where engine.sounds.version(sound) != stocks[sound].version {
            stocks[sound].begin(version: engine.sounds.version(sound))
            if engine.setup.isLive { stocks[sound].editTime = crt_now() }
            engine.setVersion(sound, stocks[sound].version)
        }
        engine.noteEdits(editsTaken)
    }

    /// Sends an instance that succeeds `playing` at `place`.
    private func succeed(_ playing: PatchInstance, at place: InstancePlace, by instance: PatchInstance) {
        instances.add(instance)
        guard
            engine.deliver(
                instance, succeeding: playing.id, at: place,
                settles: instance.transfersState && !instance.isTransition && playing.isTransition)
        else { return instances.remove(instance) }
        sent[instance.id] = instance
        successors[playing.id] = instance.id
    }

    /// The instance of the current version that follows a transition whose fades have ended.
    private func settled(_ playing: PatchInstance) -> PatchInstance {
        make(engine.sounds[playing.sound], playing.sound, following: playing)
    }

    /// The next instance on the way to the current version: a transition, or if the voices differ the version
    /// itself.
    private func next(after playing: PatchInstance) -> PatchInstance {
        let goal = engine.sounds[playing.sound]
        guard goal.compiled.hasVoices(of: playing.source.compiled),
            let transition = Transition.make(
                from: playing.source.compiled.orderedGraph, to: goal.compiled.orderedGraph)
        else { return make(goal, playing.sound) }
        let source = Sound(
            CompiledPatch(transition, towards: goal.compiled), mappings: goal.mappings,
            keptMacros: goal.keptMacros)
        return make(
            source, playing.sound,
            version: transition.reachesGoal ? stocks[playing.sound].version : playing.version,
            following: playing, isTransition: true)
    }

    /// Builds an instance of `source` that plays a sound, by default in its current version.
    func make(
        _ source: Sound, _ sound: Int, version: Int? = nil, following: PatchInstance? = nil,
        isTransition: Bool = false
    ) -> PatchInstance {
        if !scratch.fits(source) { scratch = Scratch(for: [source]) }
        return PatchInstance(
            source, sampleRate: Float(engine.sampleRate), sound: sound,
            version: version ?? stocks[sound].version, scratch: scratch, tuning: engine.setup.tuning,
            following: following, isTransition: isTransition, generation: generation)
    }
}
