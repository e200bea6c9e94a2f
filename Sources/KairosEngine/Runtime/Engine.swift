import CRealtime
public import KairosCompiler
public import KairosControl
import KairosDSP
import Synchronization

/// The engine: events in, sound out. One thread renders; others send events, deliver instances and read its state.
public final class Engine: Sendable {
    /// The greatest number of patch instances that exist at once: the ring on which they come back has room for all.
    package static let instanceLimit = 1024
    /// The number of parts.
    package static let partCount = Part.count

    /// The settings of the engine.
    public let setup: EngineSetup
    /// The sounds in their present versions.
    public let sounds: LiveSounds
    /// The greatest number of sounds of a rig.
    public let soundLimit: Int

    /// [audio]; [control] before the first block
    let audio: Exclusive<AudioThread>
    let meters: Box<Meters>
    let board: Box<ValueBoard>
    let standby: Box<StandbyState>
    let rigs: Mutex<Rigs>
    let messages = Ring<LoaderMessage>(capacity: 2 * Engine.instanceLimit + 1)
    let retired = Ring<InstanceHandoff>(capacity: Engine.instanceLimit)
    let returned = Ring<Box<RigTables>>(capacity: 2)
    private let reports = Ring<Report>(capacity: 4096)
    private let inputs = Mutex<[Ring<Event>]>([])
    /// The number of instances that exist. [loader]
    let live = Atomic<Int>(0)
    /// The frames of the start ramp that are rendered. [audio]
    private let rampDone = Atomic<Int>(0)

    /// Creates an engine. It is silent until instances are delivered and an entry is selected.
    public init(_ setup: EngineSetup) {
        self.setup = setup
        meters = Box(Meters())
        board = Box(ValueBoard())
        soundLimit = 2 * setup.rig.sounds.count + 128
        sounds = LiveSounds(setup.rig)
        // The sounds of the coming rig, those of the rig before that still play, and those of older ones that ring.
        standby = Box(StandbyState(count: 2 * soundLimit + SlotTable.count))
        let states = ControlStates(setup.rig.mappings)
        rigs = Mutex(Rigs(active: ActiveRig(rig: setup.rig, states: states)))
        audio = Exclusive(
            AudioThread(
                setup, RigTables(setup.rig, sampleRate: setup.sampleRate, states: states),
                standby: standby.reference,
                link: LoaderLink(messages: messages, retired: retired, returned: returned, reports: reports),
                meters: meters.reference, board: board.reference))
    }

    deinit {
        // Instances in the rings; those that play are released by their owners.
        while reclaim() != nil {}
        while let message = messages.pop() {
            switch consume message {
            case .instance(let instance): instance.release()
            case .successor(let instance, _, _, _): instance.release()
            case .rig: break
            case .withdraw: break
            }
        }
    }

    /// Frames per second. [any]
    public var sampleRate: Double { setup.sampleRate }

    /// Frames from the frame at which an event acts to the one at which it is heard at the output: those of the
    /// limiter, or 0 without it. It never changes. [any]
    public var latency: Int { setup.hasLimiter ? OutputLimiter.latency(at: sampleRate) : 0 }

    // MARK: the audio thread

    /// Prepares the calling thread for rendering: denormal numbers become zero, which would otherwise cost many times
    /// as much. Every thread that renders calls it once, first. [audio]
    public static func prepareAudioThread() { crt_flush_to_zero() }

    /// The first frame of the next block, counted from the start. [audio]
    public var clock: Int { audio.withValue { $0.playback.clock.frame } }

    /// Renders the next `frames` frames, any number, into two channels, up to −0.9 dBFS (true peak), or without limiter
    /// up to 0 dBFS. They are ``latency`` frames late. It allocates nothing, locks nothing and waits for nothing.
    /// [audio]
    ///
    /// It is not inlined, so that a profiler counts all of it here.
    @inline(never) public func render(
        left: UnsafeMutablePointer<Float>, right: UnsafeMutablePointer<Float>, frames: Int, timebase: Timebase
    ) {
        crt_realtime_enter()
        let output = StereoBuffer(left: SampleBuffer(left), right: SampleBuffer(right))
        audio.withValue {
            $0.render(to: output, frames: frames, timebase: timebase, isWhole: true)
        }
        let done = rampDone.load(ordering: .relaxed)
        if done < setup.startRamp {
            for n in 0..<min(frames, setup.startRamp - done) {
                let gain = Float(done + n) / Float(setup.startRamp)
                left[n] *= gain
                right[n] *= gain
            }
            rampDone.store(done + frames, ordering: .relaxed)
        }
        crt_realtime_exit()
    }

    /// Like ``render(left:right:frames:timebase:)``, but without master effects, master volume, limiter and soft
    /// clipper: they are not late. [audio]
    public func renderSum(
        left: UnsafeMutablePointer<Float>, right: UnsafeMutablePointer<Float>, frames: Int, timebase: Timebase
    ) {
        crt_realtime_enter()
        let output = StereoBuffer(left: SampleBuffer(left), right: SampleBuffer(right))
        audio.withValue {
            $0.render(to: output, frames: frames, timebase: timebase, isWhole: false)
        }
        crt_realtime_exit()
    }

    /// Takes in events and performs those that are due at the next frame, so that an input can send more events than
    /// its ring holds. Renders nothing. [audio]
    package func absorb(timebase: Timebase) {
        crt_realtime_enter()
        audio.withValue { $0.absorb(timebase) }
        crt_realtime_exit()
    }

    // MARK: before the first block

    /// Creates a queue for one more event input, up to 16. The input pushes from one thread of its own. [control],
    /// before the first block
    public func addInput() -> Ring<Event> {
        let input = Ring<Event>(capacity: EventQueue.share)
        inputs.withLock { $0.append(input) }
        audio.withValue { $0.events.add(input) }
        return input
    }

    /// Selects the entry of a part at the start; an index outside the list is ignored. [control], before the first
    /// block
    public func select(entry: Int, part: Int) {
        guard setup.rig.entries.indices.contains(entry) else { return }
        audio.withValue { $0.changer.begin(EntryID(entry), part: part) }
        meters.pointee.setPart(part, entry: nil, pending: EntryID(entry), generation: 0)
    }

    // MARK: state

    /// The rig that plays, and the index of the first part's entry, or at the very start of the one to come; nil for
    /// none. [any]
    public var playing: (rig: Rig, entry: Int?) {
        let now = meters.pointee.entry(of: 0)
        let next = meters.pointee.pendingEntry(of: 0)
        let published = now.entry == nil ? next : now
        return (rigs.withLock { $0.of(published.generation).rig }, published.entry?.index)
    }

    /// The rig that plays. [any]
    public var rig: Rig { activeRig.rig }

    /// The entry of a part, and the one that it waits for; nil for none. [any]
    package func entries(of part: Int) -> (now: Int?, pending: Int?) {
        (meters.pointee.entry(of: part).entry?.index, meters.pointee.pendingEntry(of: part).entry?.index)
    }

    /// The number of sounding voices. [any]
    public var voices: Int { meters.pointee.voiceCount }

    /// The number of slots in use. [any]
    public var slotsInUse: Int { meters.pointee.slotCount }

    /// The delays of events over the whole session. [any]
    public var timing: EventTiming { meters.pointee.timing }

    /// The tempo in beats per minute. [any]
    public var tempo: Double { Double(meters.pointee.tempo) }

    /// A snapshot of the engine's state. It takes the peaks out: the next snapshot has those since this one.
    /// [any]
    public var status: EngineStatus { meters.pointee.status() }

    /// The load of each slot in use and of its modules. Live only; empty offline. [any]
    public var loads: [SlotLoad] {
        (0..<SlotTable.count).compactMap { meters.pointee.load(ofSlot: $0, sampleRate: sampleRate) }
    }

    /// The audio thread's next report, or nil. [control], one thread
    public func nextReport() -> Report? { reports.pop() }
}
