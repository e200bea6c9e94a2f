import KairosCompiler
import KairosControl
import KairosDSP

/// State that an instance takes over from the instance that it replaces, as index maps. A live edit makes it.
///
/// It lies in the region of the new instance, which frees it. [audio]
struct StateTransfer: BitwiseCopyable {
    /// For each box of the new instance that exists once, the index of the old box; nil if it is new.
    let once: RegionTable<Int32?>
    /// For each box of a voice group of the new instance, the index of the old box; nil if it is new.
    let voice: RegionTable<Int32?>
    /// For each new parameter, the index of the old one; nil if it is new.
    let params: RegionTable<Int32?>
    /// For each new parameter, true if the edit gives it another value.
    let isSet: RegionTable<Bool>
    /// For each new unconnected gate, the index of the old gate; nil if it is new.
    let gates: RegionTable<Int32?>
    /// For each new memory, the index of the old one; nil if it is new.
    let memories: RegionTable<Int32?>
    /// For each new latch, the index of the old one; nil if it is new.
    let latches: RegionTable<Int32?>
    /// For each old parameter, the index of the new one; nil if it is gone.
    let newParams: RegionTable<Int32?>
    /// For each old unconnected gate, the index of the new gate; nil if it is gone.
    let newGates: RegionTable<Int32?>

    /// The tables of `indices`, placed in `arena`. [loader]
    init(_ indices: StateIndices, _ arena: inout Arena) {
        once = arena.place(indices.once)
        voice = arena.place(indices.voice)
        params = arena.place(indices.params)
        isSet = arena.place(indices.isSet)
        gates = arena.place(indices.gates)
        memories = arena.place(indices.memories)
        latches = arena.place(indices.latches)
        newParams = arena.place(indices.newParams)
        newGates = arena.place(indices.newGates)
    }

    /// Moves the state of `old` to `new`, module by module: boxes that both have are exchanged. `old` can be freed
    /// afterwards. Connections that the edit adds or removes fade within `fadeFrames`. [audio]
    ///
    /// It exchanges a pointer per module and copies the voice groups.
    func move(from old: inout InstanceCore, to new: inout InstanceCore, fadeFrames: Int) {
        new.voices.succeed(old.voices)
        new.stages.succeed(old.stages)
        for index in once.indices {
            if let origin = once[index] { swap(&new.modules.once[index], &old.modules.once[Int(origin)]) }
        }
        for group in new.voices.groups.indices {
            for index in voice.indices {
                guard let origin = voice[index] else { continue }
                swap(
                    &new.modules.voice[group * new.schedule.voiceCount + index],
                    &old.modules.voice[group * old.schedule.voiceCount + Int(origin)])
            }
        }
        new.params.follow(tempoOf: old.params)
        for index in params.indices {
            if let origin = params[index] { new.params.succeed(index, old.params, Int(origin)) }
        }
        for index in gates.indices {
            if let origin = gates[index] {
                new.gates[InstanceCore.keysGates + index] = old.gates[Int(origin)]
            }
        }
        new.gates[InstanceCore.patchGate] = old.gates[InstanceCore.patchGate]
        for index in memories.indices {
            if let origin = memories[index] { new.memories[index] = old.memories[Int(origin)] }
        }
        for index in latches.indices {
            guard let origin = latches[index] else { continue }
            let groups = min(new.voices.groups.count, old.voices.groups.count)
            for group in 0..<groups {
                new.latches[index * new.voices.groups.count + group] =
                    old.latches[Int(origin) * old.voices.groups.count + group]
            }
        }
        new.tables.pointee.controls.succeed(old.tables.pointee.controls)
        new.state.unstarted = old.state.unstarted
        if !new.state.unstarted { startNewOnce(in: &new) }
        for group in new.voices.groups.indices { startNewVoices(of: group, in: &new) }
        new.state.epoch = old.state.epoch
        new.state.onceMuted = old.state.onceMuted
        new.state.peak = old.state.peak
        new.state.quiet = 0
        new.state.isIdle = false
        new.state.level = old.state.level
        new.state.level.move(to: new.schedule.targetLevel, frames: fadeFrames)
        new.state.fade.start(frames: fadeFrames)
    }

    /// Starts the new modules that run once.
    private func startNewOnce(in new: inout InstanceCore) {
        for index in once.indices where once[index] == nil {
            let seeds = SIMD16<UInt32>(repeating: new.schedule.onceSeeds[index])
            new.modules.once[index]._withUnsafeGuaranteedRef { $0.start(.all, seeds: seeds) }
        }
    }

    /// Starts the new modules of a voice group, in the lanes that sound.
    private func startNewVoices(of group: Int, in new: inout InstanceCore) {
        let used = new.voices.groups[group].used
        guard !used.isEmpty else { return }
        for index in voice.indices where voice[index] == nil {
            let seeds = scrambled(
                new.voices.groups[group].seeds ^ SIMD16(repeating: new.schedule.voiceSeeds[index]))
            new.modules.voice[group * new.schedule.voiceCount + index]._withUnsafeGuaranteedRef {
                $0.start(used, seeds: seeds)
            }
        }
    }
}
