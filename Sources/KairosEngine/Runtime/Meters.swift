import KairosControl
import Synchronization

/// Numbers the audio thread keeps for whoever wants to look.
///
/// > Written by the audio thread, read by any.
struct Meters: ~Copyable {
    let voices = Atomic<Int>(0)
    let slots = Atomic<Int>(0)
    let clock = Atomic<Int>(0)
    let late = Atomic<Int>(0)
    let events = Atomic<Int>(0)
    let changes = Atomic<Int>(0)
    let cuts = Atomic<Int>(0)
    /// Whatever may have moved a parameter or a setting.
    let touches = Atomic<Int>(0)
    let mostVoices = Atomic<Int>(0)
    /// Bits of the tempo.
    let tempo = Atomic<UInt32>(0)
    /// Bits of the loudest sample before the ceiling since it was last taken.
    let peak = Atomic<UInt32>(0)
    /// The entry of each part, and the one it waits for, each with the rig that it counts in.
    let partEntries: UnsafeMutablePointer<Atomic<Int>>
    let partPending: UnsafeMutablePointer<Atomic<Int>>
    /// The program of each active slot, and last of the master effects, doubled, plus 1 where no edit fades; −1 for none.
    let programs: UnsafeMutablePointer<Atomic<Int>>
    /// Of each slot its sound, −1 where it is free; doubled, plus 1 where it is active.
    private let slotSounds: UnsafeMutablePointer<Atomic<Int>>
    /// Bits of nanoseconds a frame, of each slot and of each of its modules.
    private let slotCosts: UnsafeMutablePointer<Atomic<UInt32>>
    private let moduleCosts: UnsafeMutablePointer<Atomic<UInt32>>

    /// How many events came so many frames after the frame of their stamp; the last counts all beyond.
    private let delays: UnsafeMutablePointer<Atomic<Int>>

    static let delayLimit = 1024
    /// Modules of a patch beyond these are not told apart.
    static let nodeLimit = 512

    init() {
        func room<T: AtomicRepresentable>(_ count: Int, _ value: T) -> UnsafeMutablePointer<Atomic<T>> {
            let memory = UnsafeMutablePointer<Atomic<T>>.allocate(capacity: count)
            for index in 0..<count { (memory + index).initialize(to: Atomic(value)) }
            return memory
        }
        partEntries = room(EngineCore.partCount, Self.packed(-1, 0))
        partPending = room(EngineCore.partCount, Self.packed(-1, 0))
        programs = room(EngineCore.slotCount + 1, -1)
        slotSounds = room(EngineCore.slotCount, -1)
        slotCosts = room(EngineCore.slotCount, 0)
        delays = room(Self.delayLimit, 0)
        moduleCosts = room(EngineCore.slotCount * Self.nodeLimit, 0)
    }

    deinit {
        partEntries.deallocate()
        partPending.deallocate()
        programs.deallocate()
        slotSounds.deallocate()
        slotCosts.deallocate()
        moduleCosts.deallocate()
        delays.deallocate()
    }

    /// An entry, or −1, with its rig.
    static func packed(_ entry: Int, _ generation: Int) -> Int { generation << 24 | (entry + 1) }

    static func entry(_ word: Int) -> Int { word & 0xff_ffff - 1 }

    static func generation(_ word: Int) -> Int { word >> 24 }

    func setSlot(_ slot: Int, sound: Int32, cost: Float, isActive: Bool) {
        slotSounds[slot].store(sound < 0 ? -1 : Int(sound) * 2 + (isActive ? 1 : 0), ordering: .relaxed)
        slotCosts[slot].store(cost.bitPattern, ordering: .relaxed)
    }

    func setModule(_ slot: Int, _ node: Int, cost: Float) {
        moduleCosts[slot * Self.nodeLimit + node].store(cost.bitPattern, ordering: .relaxed)
    }

    func count(delay: Int) {
        let place = min(Self.delayLimit - 1, max(0, delay))
        delays[place].store(delays[place].load(ordering: .relaxed) + 1, ordering: .relaxed)
    }

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

    func load(ofSlot slot: Int, sampleRate: Double) -> SlotLoad? {
        let sound = slotSounds[slot].load(ordering: .relaxed)
        guard sound >= 0 else { return nil }
        func part(_ bits: borrowing Atomic<UInt32>) -> Double {
            Double(Float(bitPattern: bits.load(ordering: .relaxed))) * 1e-9 * sampleRate
        }
        let modules = (0..<Self.nodeLimit).map { part(moduleCosts[slot * Self.nodeLimit + $0]) }
        return SlotLoad(
            sound: sound / 2, isActive: sound % 2 == 1, load: part(slotCosts[slot]),
            modules: modules.enumerated().filter { $0.element > 0 }.map { ($0.offset, $0.element) })
    }
}

/// What one playing slot costs.
public struct SlotLoad: Sendable {
    /// Its sound, by its place among the sounds.
    public var sound: Int
    /// Whether new notes go to it.
    public var isActive: Bool
    /// The part of the time it takes, 0…1.
    public var load: Double
    /// Modules by their place in the patch, with the part of the time they took when they were last looked at.
    public var modules: [(module: Int, load: Double)]
}

/// How much later than one period after their stamps notes, pedals and program changes acted, in frames. What is
/// the same for all is latency; this is the jitter.
public struct EventTiming: Sendable, Equatable {
    /// How many there were.
    public var events = 0
    /// The median.
    public var p50 = 0
    /// The 99th percentile.
    public var p99 = 0
    /// The most; 1023 is that or more.
    public var most = 0
}

/// A look at the engine.
public struct EngineStatus: Sendable, Equatable {
    /// Voices that sound now.
    public var voices = 0
    /// The most voices that sounded at once.
    public var mostVoices = 0
    /// Programs that play or ring.
    public var slots = 0
    /// Frames rendered.
    public var clock = 0
    /// The first part's entry, or −1.
    public var entry = -1
    /// The entry it waits for, or −1.
    public var pending = -1
    /// Events that came too late for their frame.
    public var lateEvents = 0
    /// Events taken.
    public var events = 0
    /// Program changes carried out.
    public var changes = 0
    /// The loudest sample before the ceiling since the last look.
    public var peak: Float = 0
}
