import CRealtime
import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosPatch
import Synchronization

/// Whether an entry can be played at once.
public enum EntryState: Sendable, Equatable {
    /// On the standby pool: a change takes place on its own frame.
    case ready
    /// On its way to the standby pool.
    case building
    /// Passed its self-test and not kept: the standby pool has no room for it. It is built when it is asked for.
    case tested
    /// It cannot be played, and why.
    case failed(String)

    /// In a word.
    public var word: String {
        switch self {
        case .ready: "ready"
        case .building: "building"
        case .tested: "tested"
        case .failed(let why): "failed (\(why))"
        }
    }
}

/// The state of every entry, for whoever wants to look.
public final class EntryStates: Sendable {
    private let states: Mutex<[EntryState]>

    init(_ states: [EntryState]) { self.states = Mutex(states) }

    /// In the order of the entries.
    ///
    /// > Any thread.
    public var all: [EntryState] { states.withLock { $0 } }

    func publish(_ new: [EntryState]) { states.withLock { $0 = new } }
}

/// Builds programs, self-tests them, keeps the standby pool stocked within its budget, and takes back what has rung out.
///
/// > One thread: the loader's, live; the host's own, offline.
public final class Loader {
    let engine: Engine
    /// With what is gone from its list and may play yet.
    var rig: Rig
    /// Which of all rigs it is, and whether it is on its way to the audio thread.
    var generation = 0
    var isRenewing = false
    private let budget: Int
    private var delivered: [Int]
    private var demand: [Int]
    /// Bytes of one program of each sound, once one was made.
    private var sizes: [Int]
    var faults: [String?]
    var isTested: [Bool]
    private var withdrawn: [Int]
    /// What came back, as good as new, for the next time it is wanted.
    var spares: [[PatchInstance]]
    /// Entries as they were last active, the newest first.
    private var recent: [Int] = []
    /// What the programs that play compute in, and meanwhile self-tests.
    var scratch: Scratch
    private var rehearsal: Scratch
    /// Every program that the audio thread has, by its number, and those that another is to follow already.
    var out: [Int: PatchInstance] = [:]
    /// What they play, for whoever asks.
    public let programs = LiveInstances()
    var underway: [Int: Int] = [:]
    /// Which state each sound is in, and how many edits that takes in.
    var versions: [Int]
    var editsTaken = 0
    /// When each sound was edited last, in nanoseconds: while it is edited on and on, nothing is stocked that the next
    /// edit would make worthless. (Live only: offline nothing depends on measured time.)
    var editTimes: [UInt64]
    /// Nanoseconds after an edit in which the next one may come.
    static let editPause: UInt64 = 250_000_000
    /// The digest after a round that left nothing to do.
    private var settled: Int?
    /// The state of every entry.
    public let states: EntryStates

    /// A loader for `engine`. Programs beyond `budget` bytes are kept only while they are wanted.
    public init(_ engine: Engine, budget: Int = 512 << 20) {
        self.engine = engine
        rig = engine.setup.rig
        self.budget = budget
        scratch = Scratch(for: rig.sounds)
        rehearsal = Scratch(for: rig.sounds)
        let count = rig.sounds.count
        delivered = Array(repeating: 0, count: count)
        sizes = delivered
        withdrawn = delivered
        versions = delivered
        editTimes = Array(repeating: 0, count: count)
        spares = Array(repeating: [], count: count)
        faults = Array(repeating: nil, count: count)
        isTested = Array(repeating: false, count: count)
        demand = delivered
        states = EntryStates(rig.entries.map { $0.fault.map(EntryState.failed) ?? .building })
        relax()
    }

    /// Has room for so many sounds.
    func grow(to count: Int) {
        for _ in delivered.count..<max(count, delivered.count) {
            delivered.append(0)
            sizes.append(0)
            withdrawn.append(0)
            versions.append(0)
            editTimes.append(0)
            demand.append(0)
            spares.append([])
            faults.append(nil)
            isTested.append(false)
        }
    }

    /// Entries have other numbers now; what no entry has is not wanted.
    func remap(_ entries: [Int]) {
        recent = recent.compactMap { entries.indices.contains($0) && entries[$0] >= 0 ? entries[$0] : nil }
        settled = nil
        relax()
        for sound in demand.indices where demand[sound] == 0 {
            spares[sound] = []
            while onShelf(sound) > 0 {
                engine.withdraw(sound)
                withdrawn[sound] += 1
            }
        }
        publish()
    }

    /// Asks for programs enough to play an entry `count` times at once, at most 16 of each sound.
    public func require(_ count: Int, ofEntry entry: Int) {
        guard rig.entry(at: entry) != nil else { return }
        for (sound, layers) in uses(entry) { demand[sound] = max(demand[sound], min(16, count * layers)) }
    }

    /// Each entry once again.
    public func relax() {
        for sound in demand.indices { demand[sound] = 0 }
        if let master = rig.master { demand[master] = 1 }
        for entry in 0..<rig.entries.count + rig.gone.count { require(1, ofEntry: entry) }
    }

    /// How many programs of each sound an entry needs.
    private func uses(_ entry: Int) -> [(key: Int, value: Int)] {
        let layers = rig.entry(at: entry)?.layers ?? []
        // Most entries have one layer.
        if layers.count == 1 { return [(layers[0].sound, 1)] }
        return layers.reduce(into: [Int: Int]()) { $0[$1.sound, default: 0] += 1 }.map { $0 }
    }

    /// One round: what came back is pooled or freed, what is missing is built, the most wanted first.
    ///
    /// Returns how many programs were built. With a `limit`, what is wanted is looked at again after so many.
    @discardableResult
    public func service(limit: Int = .max) -> Int {
        acknowledge()
        let isBack = takeBack()
        guard !isRenewing, !renew() else { return 0 }
        let digest = digest
        let isFollowing = follow()
        guard isBack || isFollowing || digest != settled else { return 0 }
        remember()
        let needs = awaited(), order = wanted(needs)
        makeRoom(needs, order)
        var built = 0, isPutOff = false
        var room = budget - kept
        for sound in order where faults[sound] == nil {
            while isShort(sound), built < limit, faults[sound] == nil {
                if let spare = spares[sound].last {
                    guard deliver(spare) else { break }
                    spares[sound].removeLast()
                    continue
                }
                // What was never heard is self-tested, even where there is no room to keep it.
                let isAwaited = onShelf(sound) < needs[sound, default: 0]
                guard isAwaited || !isBeingEdited(sound) else {
                    isPutOff = true
                    break
                }
                guard !isTested[sound] || sizes[sound] <= room || isAwaited else { break }
                built += 1
                let source = engine.sounds[sound]
                if let why = source.fault {
                    refuse(sound, why)
                    break
                }
                let program = make(source, sound)
                sizes[sound] = program.memory
                if !isTested[sound] { check(program) }
                guard faults[sound] == nil, program.memory <= room || isAwaited else { break }
                guard deliver(program) else {
                    spares[sound].append(program)
                    break
                }
                room -= program.memory
            }
        }
        publish()
        settled = built < limit && !isPutOff ? self.digest : nil
        return built
    }

    /// Of all that a round looks at: while it stays the same and nothing comes back, another round would do nothing.
    private var digest: Int {
        var digest = 0
        func mix(_ value: Int) { digest = (digest &+ value) &* 0x2545_f491_4f6c_dd1d }
        for part in 0..<Engine.partCount {
            let entries = engine.entries(of: part)
            mix(entries.now ?? -1)
            mix(entries.pending ?? -1)
        }
        for sound in demand.indices {
            mix(engine.taken(sound))
            mix(demand[sound])
        }
        return digest
    }

    /// What comes back is made as good as new and kept, where there is room: playing on, nothing is built or
    /// freed. Whether anything came.
    private func takeBack() -> Bool {
        var any = false
        while let program = engine.reclaim() {
            any = true
            let sound = program.sound
            out[program.id] = nil
            programs.remove(program)
            underway[program.id] = nil
            // What was refused may be tried again.
            underway = underway.filter { $0.value != program.id }
            if program.generation != generation { program.adoptComingTables() }
            if withdrawn[sound] > 0 {
                withdrawn[sound] -= 1
                continue
            }
            // What was edited since, or only led from one state to another, is of no more use.
            guard demand[sound] > 0, program.version == versions[sound], !program.isTransition,
                kept + program.memory <= budget,
                spares[sound].count < 2
            else { continue }
            program.reset()
            if !isShort(sound) || !deliver(program) { spares[sound].append(program) }
        }
        return any
    }

    /// Bytes of what stands on the standby pool, and beside it.
    private var kept: Int {
        var bytes = 0
        for sound in sizes.indices { bytes += (onShelf(sound) + spares[sound].count) * sizes[sound] }
        return bytes
    }

    private func onShelf(_ sound: Int) -> Int { delivered[sound] - engine.taken(sound) - withdrawn[sound] }

    private func isBeingEdited(_ sound: Int) -> Bool {
        editTimes[sound] > 0 && crt_now() &- editTimes[sound] < Self.editPause
    }

    private func isShort(_ sound: Int) -> Bool { onShelf(sound) < demand[sound] }

    private func remember() {
        for part in 0..<Engine.partCount {
            guard let entry = engine.entries(of: part).now, recent.first != entry else { continue }
            recent.removeAll { $0 == entry }
            recent.insert(entry, at: 0)
        }
    }

    /// What must stand on the standby pool, budget or no: what a change waits for, and the master effects at the start.
    private func awaited() -> [Int: Int] {
        var needs: [Int: Int] = [:]
        for part in 0..<Engine.partCount {
            guard let pending = engine.entries(of: part).pending else { continue }
            for (sound, count) in uses(pending) { needs[sound, default: 0] += count }
        }
        if let master = rig.master, !out.values.contains(where: { $0.sound == master }) {
            needs[master] = 1
        }
        return needs
    }

    /// Every sound, the most wanted first: what is awaited, what plays, its neighbours in the list, what played
    /// lately, the rest in the order of the list.
    private func wanted(_ needs: [Int: Int]) -> [Int] {
        var entries: [Int] = []
        for part in 0..<Engine.partCount {
            guard let now = engine.entries(of: part).now else { continue }
            entries += [now, now + 1, now - 1]
        }
        entries += recent
        entries += rig.entries.indices
        var sounds = needs.keys.sorted()
        // The master effects that take the place of those that a panic silences.
        if let master = rig.master, needs[master] == nil { sounds.append(master) }
        var seen = Set(sounds)
        for entry in entries {
            for layer in rig.entry(at: entry)?.layers ?? [] where seen.insert(layer.sound).inserted {
                sounds.append(layer.sound)
            }
        }
        return sounds
    }

    /// Takes what is wanted least off the standby pool where something more wanted has no room.
    private func makeRoom(_ needs: [Int: Int], _ order: [Int]) {
        let short = order.filter { isShort($0) && isTested[$0] && faults[$0] == nil }
        let awaited = short.filter { onShelf($0) < needs[$0, default: 0] }
        guard let last = awaited.last ?? short.first, let place = order.firstIndex(of: last) else { return }
        var missing = kept - budget
        for sound in awaited.isEmpty ? [last] : awaited { missing += sizes[sound] }
        for sound in order.reversed() where missing > 0 && !spares[sound].isEmpty {
            missing -= spares[sound].count * sizes[sound]
            spares[sound] = []
        }
        for sound in order[(place + 1)...].reversed() where missing > 0 {
            while onShelf(sound) > 0, missing > 0 {
                engine.withdraw(sound)
                withdrawn[sound] += 1
                missing -= sizes[sound]
            }
        }
    }

    private func check(_ program: PatchInstance) {
        let sound = program.sound, compiled = engine.sounds[sound].compiled
        isTested[sound] = true
        if !rehearsal.fits(program.source) { rehearsal = Scratch(for: [program.source]) }
        let patch = compiled.patch.file.isEmpty ? "'\(compiled.patch.name)'" : compiled.patch.file
        switch program.selfTest(in: rehearsal, sampleRate: Float(engine.sampleRate)) {
        case .good(let cost): engine.setSelfTest(sound, hasFailed: false, cost: cost)
        case .failed(let node?, _):
            let module = compiled.moduleName(Int(node))
            refuse(sound, "\(patch): its module '\(module)' makes something that is no number")
        case .failed(nil, let peak):
            refuse(
                sound,
                "\(patch): eight notes reach \(decibels(peak)) dBFS, and +12 is the limit; lower its 'level'")
        }
    }

    /// A sound cannot be played, and why: a message that says which patch it is about.
    private func refuse(_ sound: Int, _ why: String) {
        isTested[sound] = true
        faults[sound] = why
        engine.setSelfTest(sound, hasFailed: true, cost: 0)
    }

    private func decibels(_ amplitude: Float) -> String {
        let tenths = Int((KairosDSP.decibels(amplitude: amplitude) * 10).rounded())
        return "\(tenths > 0 ? "+" : "")\(Double(tenths) / 10)"
    }

    @discardableResult
    private func deliver(_ program: PatchInstance) -> Bool {
        programs.add(program)
        guard engine.deliver(program) else {
            programs.remove(program)
            return false
        }
        delivered[program.sound] += 1
        out[program.id] = program
        return true
    }

    private func publish() {
        let kept = kept
        let playing = Set((0..<Engine.partCount).map { engine.entries(of: $0).now ?? -1 })
        states.publish(
            rig.entries.indices.map { state(of: $0, isPlaying: playing.contains($0), kept: kept) })
    }

    /// `kept` is the memory of what stands on the standby pool, in bytes.
    private func state(of entry: Int, isPlaying: Bool, kept: Int) -> EntryState {
        if let fault = rig.entries[entry].fault { return .failed(fault) }
        let needs = uses(entry)
        if let fault = needs.lazy.compactMap({ self.faults[$0.key] }).first { return .failed(fault) }
        if isPlaying || needs.allSatisfy({ onShelf($0.key) >= $0.value }) { return .ready }
        let size = needs.reduce(kept) { $0 + max(0, $1.value - onShelf($1.key)) * sizes[$1.key] }
        return size > budget && needs.allSatisfy { isTested[$0.key] } ? .tested : .building
    }
}
