import CRealtime
import KairosCompiler
import KairosControl
public import KairosEngine
import KairosPatch

/// Builds and tests patch instances, keeps the standby pool filled within its memory limit, and takes back instances
/// that are silent. It also carries out live edits and the change to another rig.
///
/// All functions belong to one thread: live the loader thread, offline the thread of the host. [loader]
public final class Loader {
    let engine: Engine
    /// The rig that was sent last, with removed entries that may still play.
    var rig: Rig
    /// The number of the rig: 0 for the first one.
    var generation = 0
    /// True from sending a rig until the audio thread has returned the tables of the one before.
    var isRigUnderway = false
    /// Memory limit of the standby pool in bytes.
    private let budget: Int
    /// One for each sound, by its index.
    var stocks: [SoundStock]
    private var order = StandbyOrder()
    /// Signal buffers shared by all instances that play.
    var scratch: Scratch
    private var tester: SelfTester
    /// All instances that the audio thread has, in the pool or playing, by their numbers.
    var sent: [Int: PatchInstance] = [:]
    /// For each playing instance that another one is about to succeed, the number of that one.
    var successors: [Int: Int] = [:]
    /// The value of `LiveSounds.edits` up to which edits are carried out.
    var editsTaken = 0
    /// The digest after the last round, if that left nothing to do.
    private var settledDigest: Int?
    /// The state of every entry.
    public let states: EntryStates
    /// The sounds of all instances that the audio thread has.
    public let instances = LiveInstances()
    /// The commits that wait until they sound.
    public let completions = CommitCompletions()

    /// A loader for `engine`. `budget` is the memory limit of the standby pool in bytes; an instance that a program
    /// change waits for is built in any case.
    public init(_ engine: Engine, budget: Int = 512 << 20) {
        self.engine = engine
        rig = engine.setup.rig
        self.budget = budget
        scratch = Scratch(for: rig.sounds)
        tester = SelfTester(for: rig.sounds)
        stocks = rig.sounds.map { _ in SoundStock() }
        states = EntryStates(rig.entries.map { $0.fault.map(EntryState.failed) ?? .building })
        relax()
    }

    deinit { completions.end() }

    /// Demands as many instances as play an entry `count` times at once, at most 16 of each sound.
    public func require(_ count: Int, ofEntry entry: Int) {
        guard rig.entry(at: entry) != nil else { return }
        for (sound, perEntry) in rig.instances(ofEntry: entry) {
            stocks[sound].demand = max(stocks[sound].demand, min(16, count * perEntry))
        }
    }

    /// Reduces the demand to what plays each entry once.
    public func relax() {
        for sound in stocks.indices { stocks[sound].demand = 0 }
        if let master = rig.master { stocks[master].demand = 1 }
        for entry in 0..<rig.entries.count + rig.gone.count { require(1, ofEntry: entry) }
    }

    /// Gives the entries their indices in another rig, nil for those that are gone, and takes sounds that no entry has
    /// out of the standby pool.
    func remap(_ entries: [Int?]) {
        order.remap(entries)
        settledDigest = nil
        relax()
        for sound in stocks.indices where stocks[sound].demand == 0 {
            stocks[sound].spares = []
            while pooled(sound) > 0 { withdraw(sound) }
        }
        publish()
    }

    /// One round: takes back returned instances, carries out edits and a change of the rig, and builds missing
    /// instances, the most needed first, at most `limit`.
    ///
    /// - Returns: The number of instances that were built.
    @discardableResult
    public func service(limit: Int = .max) -> Int {
        finishRigChange()
        let hasTaken = takeBack()
        let isChanging = isRigUnderway || changeRig()
        let digest = digest, isEditing = !isChanging && carryOutEdits()
        completeCommits()
        guard !isChanging else { return 0 }
        guard hasTaken || isEditing || digest != settledDigest else { return 0 }
        let active = active, needs = awaited()
        order.record(active: active)
        let sounds = order.sounds(of: rig, awaited: needs.keys, active: active)
        makeRoom(needs, sounds)
        let (built, isPutOff) = fill(sounds, needs, limit)
        publish()
        settledDigest = built < limit && !isPutOff ? self.digest : nil
        return built
    }

    /// Sends missing instances to the standby pool, at most `limit` new ones. `sounds` are ordered by need, `needs` are
    /// the instances that something waits for. Returns the number of new ones, and true if any were put off.
    private func fill(_ sounds: [Int], _ needs: [Int: Int], _ limit: Int) -> (built: Int, isPutOff: Bool) {
        var built = 0, isPutOff = false
        var room = budget - memory
        let isAnswerDue = !completions.isEmpty
        for sound in sounds where stocks[sound].fault == nil {
            while isShort(sound), built < limit, stocks[sound].fault == nil {
                if let spare = stocks[sound].spares.last {
                    guard deliver(spare) else { break }
                    stocks[sound].spares.removeLast()
                    continue
                }
                let isAwaited = pooled(sound) < needs[sound, default: 0]
                // Edits come first: while one is not answered, only what a program change waits for is built.
                guard isAwaited || !(isAnswerDue || stocks[sound].isBeingEdited(now: crt_now())) else {
                    isPutOff = true
                    break
                }
                // A sound that has not been tested is built even if there is no room to keep the instance.
                guard !stocks[sound].isTested || stocks[sound].size <= room || isAwaited else { break }
                built += 1
                guard let instance = buildTested(sound), instance.memory <= room || isAwaited else { break }
                guard deliver(instance) else {
                    stocks[sound].spares.append(instance)
                    break
                }
                room -= instance.memory
            }
        }
        return (built, isPutOff)
    }

    /// Builds an instance, which is tested if it is the first one of its version. Nil if the sound has failed.
    private func buildTested(_ sound: Int) -> PatchInstance? {
        let source = engine.sounds[sound]
        if let fault = source.fault {
            reject(sound, fault)
            return nil
        }
        let instance = make(source, sound)
        stocks[sound].size = instance.memory
        guard !stocks[sound].isTested else { return instance }
        switch tester.test(instance, sampleRate: Float(engine.sampleRate)) {
        case .passed(let cost):
            stocks[sound].isTested = true
            engine.setSelfTest(sound, hasFailed: false, cost: cost)
            return instance
        case .failed(let reason):
            reject(sound, reason)
            return nil
        }
    }

    /// Marks a sound as one that cannot be played.
    private func reject(_ sound: Int, _ reason: String) {
        stocks[sound].isTested = true
        stocks[sound].fault = reason
        engine.setSelfTest(sound, hasFailed: true, cost: 0)
    }

    /// A hash of everything that a round depends on: while it is the same and no instance comes back, another round
    /// would do nothing.
    private var digest: Int {
        var digest = 0
        func mix(_ value: Int) { digest = (digest &+ value) &* 0x2545_f491_4f6c_dd1d }
        for part in 0..<Engine.partCount {
            let entries = engine.entries(of: part)
            mix(entries.now.map { $0 + 1 } ?? 0)
            mix(entries.pending.map { $0 + 1 } ?? 0)
        }
        for sound in stocks.indices {
            mix(engine.taken(sound))
            mix(stocks[sound].demand)
        }
        return digest
    }

    /// Takes back instances that the audio thread has returned. Those that can be used again are reset and kept, so
    /// that continued playing neither builds nor frees anything. Returns true if any came back.
    private func takeBack() -> Bool {
        var any = false
        while let instance = engine.reclaim() {
            any = true
            let sound = instance.sound
            sent[instance.id] = nil
            instances.remove(instance)
            successors[instance.id] = nil
            // If it came too late to succeed another one, that one gets a new successor.
            successors = successors.filter { $0.value != instance.id }
            if instance.generation != generation { instance.adoptComingTables() }
            if stocks[sound].withdrawn > 0 {
                stocks[sound].withdrawn -= 1
                continue
            }
            guard stocks[sound].demand > 0, instance.version == stocks[sound].version, !instance.isTransition,
                memory + instance.memory <= budget, stocks[sound].spares.count < 2
            else { continue }
            instance.reset()
            if !isShort(sound) || !deliver(instance) { stocks[sound].spares.append(instance) }
        }
        return any
    }

    /// Memory of all ready instances, in the standby pool and outside it, in bytes.
    private var memory: Int {
        stocks.indices.reduce(0) { $0 + (pooled($1) + stocks[$1].spares.count) * stocks[$1].size }
    }

    /// The number of instances of a sound in the standby pool, with those on their way to it and without those on
    /// their way back.
    private func pooled(_ sound: Int) -> Int {
        stocks[sound].delivered - engine.taken(sound) - stocks[sound].withdrawn
    }

    /// True if the standby pool has fewer instances of a sound than it should have.
    private func isShort(_ sound: Int) -> Bool { pooled(sound) < stocks[sound].demand }

    /// The active entries of all parts.
    private var active: [Int] { (0..<Engine.partCount).compactMap { engine.entries(of: $0).now } }

    /// The number of instances of each sound that are needed even beyond the memory limit: those that a program change
    /// waits for, and the master effects at the start.
    private func awaited() -> [Int: Int] {
        var needs: [Int: Int] = [:]
        for part in 0..<Engine.partCount {
            guard let pending = engine.entries(of: part).pending else { continue }
            for (sound, count) in rig.instances(ofEntry: pending) { needs[sound, default: 0] += count }
        }
        if let master = rig.master, !sent.values.contains(where: { $0.sound == master }) { needs[master] = 1 }
        return needs
    }

    /// Removes the least needed instances if a sound that is needed more has no room. `sounds` are ordered by need.
    private func makeRoom(_ needs: [Int: Int], _ sounds: [Int]) {
        let short = sounds.filter { isShort($0) && stocks[$0].isTested && stocks[$0].fault == nil }
        let awaited = short.filter { pooled($0) < needs[$0, default: 0] }
        guard let last = awaited.last ?? short.first, let place = sounds.firstIndex(of: last) else { return }
        var missing = memory - budget
        for sound in awaited.isEmpty ? [last] : awaited { missing += stocks[sound].size }
        for sound in sounds.reversed() where missing > 0 && !stocks[sound].spares.isEmpty {
            missing -= stocks[sound].spares.count * stocks[sound].size
            stocks[sound].spares = []
        }
        for sound in sounds[(place + 1)...].reversed() where missing > 0 {
            while pooled(sound) > 0, missing > 0 {
                withdraw(sound)
                missing -= stocks[sound].size
            }
        }
    }

    /// Requests an instance back from the standby pool.
    private func withdraw(_ sound: Int) {
        engine.withdraw(sound)
        stocks[sound].withdrawn += 1
    }

    /// Sends an instance to the standby pool. Returns false if too many instances exist.
    private func deliver(_ instance: PatchInstance) -> Bool {
        instances.add(instance)
        guard engine.deliver(instance) else {
            instances.remove(instance)
            return false
        }
        stocks[instance.sound].delivered += 1
        sent[instance.id] = instance
        return true
    }

    /// Publishes the state of every entry.
    private func publish() {
        let memory = memory, active = Set(active)
        states.publish(
            rig.entries.indices.map { state(of: $0, isActive: active.contains($0), memory: memory) })
    }

    /// The state of an entry; `memory` is that of all ready instances, in bytes.
    private func state(of entry: Int, isActive: Bool, memory: Int) -> EntryState {
        if let fault = rig.entries[entry].fault { return .failed(fault) }
        let needs = rig.instances(ofEntry: entry)
        if let fault = needs.lazy.compactMap({ self.stocks[$0.sound].fault }).first { return .failed(fault) }
        if isActive || needs.allSatisfy({ pooled($0.sound) >= $0.count }) { return .ready }
        let size = needs.reduce(memory) { $0 + max(0, $1.count - pooled($1.sound)) * stocks[$1.sound].size }
        return size > budget && needs.allSatisfy { stocks[$0.sound].isTested } ? .tested : .building
    }
}
