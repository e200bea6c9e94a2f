import KairosControl
import KairosDSP
import Synchronization

/// The audio thread's figures for other threads. The audio thread writes them, any thread reads them.
struct Meters: ~Copyable {
    /// The number of delays in frames that are counted separately.
    private static let delayLimit = 1024
    /// The number of modules of a patch that are measured separately.
    static let nodeLimit = 512

    private let voices = Atomic<Int>(0)
    private let mostVoices = Atomic<Int>(0)
    private let slots = Atomic<Int>(0)
    private let clock = Atomic<Int>(0)
    private let late = Atomic<Int>(0)
    private let events = Atomic<Int>(0)
    private let changes = Atomic<Int>(0)
    /// The number of events and changes that may have moved a parameter or a setting.
    private let touchCount = Atomic<Int>(0)
    /// The bits of the tempo in beats per minute.
    private let tempoBits = Atomic<UInt32>(0)
    /// The bits of the greatest absolute sample before the limiter since the last ``status()``.
    private let peak = Atomic<UInt32>(0)
    /// The bits of the limiter's smallest gain since then.
    private let gain = Atomic<UInt32>(Float(1).bitPattern)
    /// For each part, its entry and the one it waits for, each with its rig (see ``PublishedEntry``).
    private let partEntries: AtomicArray<Int>
    private let partPending: AtomicArray<Int>
    /// For each place, the instance that plays there (see ``PublishedInstance``).
    private let instances: AtomicArray<Int>
    /// For each slot, its sound (see ``PublishedSound``).
    private let slotSounds: AtomicArray<Int>
    /// The bits of nanoseconds per frame, of each slot and of each of its modules.
    private let slotCosts: AtomicArray<UInt32>
    private let moduleCosts: AtomicArray<UInt32>
    /// The number of events that acted so many frames after the frame of their stamp; the last one counts all beyond.
    private let delays: AtomicArray<Int>

    init() {
        partEntries = AtomicArray(count: Part.count, repeating: PublishedEntry(nil, generation: 0).word)
        partPending = AtomicArray(count: Part.count, repeating: PublishedEntry(nil, generation: 0).word)
        instances = AtomicArray(count: InstancePlace.count, repeating: PublishedInstance.none)
        slotSounds = AtomicArray(count: SlotTable.count, repeating: PublishedSound.none)
        slotCosts = AtomicArray(count: SlotTable.count, repeating: 0)
        moduleCosts = AtomicArray(count: SlotTable.count * Self.nodeLimit, repeating: 0)
        delays = AtomicArray(count: Self.delayLimit, repeating: 0)
    }

    // MARK: written by the audio thread

    /// Stores the number of sounding voices and of slots in use.
    func setVoices(_ count: Int, slots playing: Int) {
        voices.store(count, ordering: .relaxed)
        if count > mostVoices.load(ordering: .relaxed) { mostVoices.store(count, ordering: .relaxed) }
        slots.store(playing, ordering: .relaxed)
    }

    /// Stores the number of frames rendered.
    func setClock(_ frame: Int) { clock.store(frame, ordering: .relaxed) }

    /// Stores the tempo in beats per minute.
    func setTempo(_ tempo: Double) { tempoBits.store(Float(tempo).bitPattern, ordering: .relaxed) }

    /// Stores the peak of a block, where it is greater than those before, and the limiter's gain, where it is smaller.
    func add(peak new: Float, gain newGain: Float) {
        if new > Float(bitPattern: peak.load(ordering: .relaxed)) {
            peak.store(new.bitPattern, ordering: .relaxed)
        }
        if newGain < Float(bitPattern: gain.load(ordering: .relaxed)) {
            gain.store(newGain.bitPattern, ordering: .relaxed)
        }
    }

    /// Stores the entry of a part and the one that it waits for; `generation` is the number of their rig.
    func setPart(_ part: Int, entry: EntryID?, pending: EntryID?, generation: Int) {
        partEntries[part].store(PublishedEntry(entry, generation: generation).word, ordering: .releasing)
        partPending[part].store(PublishedEntry(pending, generation: generation).word, ordering: .releasing)
    }

    /// Stores the instance that plays at a place; nil for none. An instance whose edit still fades is not settled.
    func setInstance(_ core: Reference<InstanceCore>?, at place: InstancePlace) {
        let word =
            core.map { PublishedInstance(id: $0.pointee.id, isSettled: $0.pointee.state.fade.isSettled).word }
            ?? PublishedInstance.none
        instances[place.index].store(word, ordering: .releasing)
    }

    /// Counts an event or a change that may have moved a parameter or a setting.
    func countTouch() { touchCount.add(1, ordering: .releasing) }

    /// Counts a change to another entry.
    func countChange() {
        changes.add(1, ordering: .relaxed)
        countTouch()
    }

    /// Counts events that were taken in.
    func count(events count: Int) { events.add(count, ordering: .relaxed) }

    /// Counts an event that came too late for its frame.
    func countLate() { late.add(1, ordering: .relaxed) }

    /// Counts an event that acted `delay` frames after the frame of its stamp.
    func count(delay: Int) {
        let place = min(Self.delayLimit - 1, max(0, delay))
        delays[place].store(delays[place].load(ordering: .relaxed) + 1, ordering: .relaxed)
    }

    /// Stores the sound of a slot, or nil, and its cost in nanoseconds per frame.
    func setSlot(_ slot: Int, sound: SoundID?, cost: Float, isActive: Bool) {
        let word = sound.map { PublishedSound(sound: $0.index, isActive: isActive).word }
        slotSounds[slot].store(word ?? PublishedSound.none, ordering: .relaxed)
        slotCosts[slot].store(cost.bitPattern, ordering: .relaxed)
    }

    /// Stores that a slot is free.
    func clearSlot(_ slot: Int) { setSlot(slot, sound: nil, cost: 0, isActive: false) }

    /// Stores the cost of a module of a slot, in nanoseconds per frame.
    func setModule(_ slot: Int, _ node: Int, cost: Float) {
        moduleCosts[slot * Self.nodeLimit + node].store(cost.bitPattern, ordering: .relaxed)
    }

    // MARK: read by any thread

    /// The number of events and changes that may have moved a parameter or a setting. [any]
    var touches: Int { touchCount.load(ordering: .acquiring) }

    /// The tempo in beats per minute. [any]
    var tempo: Float { Float(bitPattern: tempoBits.load(ordering: .relaxed)) }

    /// The number of slots in use. [any]
    var slotCount: Int { slots.load(ordering: .relaxed) }

    /// The number of sounding voices. [any]
    var voiceCount: Int { voices.load(ordering: .relaxed) }

    /// The entry of a part, or nil, with its rig. [any]
    func entry(of part: Int) -> PublishedEntry {
        PublishedEntry(word: partEntries[part].load(ordering: .acquiring))
    }

    /// The entry that a part waits for, or nil, with its rig. [any]
    func pendingEntry(of part: Int) -> PublishedEntry {
        PublishedEntry(word: partPending[part].load(ordering: .acquiring))
    }

    /// The instance that plays at a place, or nil. [any]
    func instance(at place: InstancePlace) -> PublishedInstance? {
        PublishedInstance(word: instances[place.index].load(ordering: .acquiring))
    }

    /// A snapshot of the engine's state; peak and gain reduction are taken out. [any]
    func status() -> EngineStatus {
        EngineStatus(
            voices: voiceCount, mostVoices: mostVoices.load(ordering: .relaxed), slots: slotCount,
            clock: clock.load(ordering: .relaxed), entry: entry(of: 0).entry?.index,
            pending: pendingEntry(of: 0).entry?.index, lateEvents: late.load(ordering: .relaxed),
            events: events.load(ordering: .relaxed), changes: changes.load(ordering: .relaxed),
            peak: Float(bitPattern: peak.exchange(0, ordering: .relaxed)),
            gainReduction: 0
                - decibels(
                    amplitude: max(
                        1e-5,
                        Float(bitPattern: gain.exchange(Float(1).bitPattern, ordering: .relaxed)))))
    }

    /// The delays of all events. [any]
    var timing: EventTiming {
        let counts = (0..<Self.delayLimit).map { delays[$0].load(ordering: .relaxed) }
        var timing = EventTiming(events: counts.reduce(0, +))
        var seen = 0
        for (delay, count) in counts.enumerated() where count > 0 {
            if seen * 2 < timing.events { timing.p50 = delay }
            if seen * 100 < timing.events * 99 { timing.p99 = delay }
            seen += count
            timing.most = delay
        }
        return timing
    }

    /// The load of a slot and its modules, or nil where it is free. [any]
    func load(ofSlot slot: Int, sampleRate: Double) -> SlotLoad? {
        guard let sound = PublishedSound(word: slotSounds[slot].load(ordering: .relaxed)) else { return nil }
        func load(_ bits: borrowing Atomic<UInt32>) -> Double {
            Double(Float(bitPattern: bits.load(ordering: .relaxed))) * 1e-9 * sampleRate
        }
        let modules = (0..<Self.nodeLimit).map { load(moduleCosts[slot * Self.nodeLimit + $0]) }
        return SlotLoad(
            sound: sound.sound, isActive: sound.isActive, load: load(slotCosts[slot]),
            modules: modules.enumerated().filter { $0.element > 0 }.map { ($0.offset, $0.element) })
    }
}
