import KairosCompiler
import KairosControl
import KairosDSP
import KairosPatch
import Synchronization

/// Where every parameter of what plays stands, copied when it is asked for.
///
/// > Written by the audio thread while it is asked; read by the one who asked.
struct ValueBoard: @unchecked Sendable {
    /// Layers of the first part, and the master effects behind the last.
    static let places = Part.layerLimit + 1
    /// Parameters of a patch beyond these are not copied.
    static let limit = 8192

    /// How many copies were made.
    let copies = UnsafeMutablePointer<Atomic<Int>>.allocate(capacity: 1)
    /// The program of each place, or −1, and its parameters' values.
    let programs = UnsafeMutablePointer<Int>.allocate(capacity: Self.places)
    let counts = UnsafeMutablePointer<Int>.allocate(capacity: Self.places)
    let values = UnsafeMutablePointer<Float>.allocate(capacity: Self.places * Self.limit)
    let settings = SettingsBoard()

    init() {
        copies.initialize(to: Atomic(0))
        programs.initialize(repeating: -1, count: Self.places)
        counts.initialize(repeating: 0, count: Self.places)
        values.initialize(repeating: 0, count: Self.places * Self.limit)
    }

    func free() {
        copies.deallocate()
        programs.deallocate()
        counts.deallocate()
        values.deallocate()
        settings.free()
    }
}

extension Event {
    /// Sets a parameter of what plays, by its key (see ``ParamKeys``): the value in its own unit. `layer` counts from
    /// 0; 16 is the master effects.
    public init(set key: UInt64, of layer: Int, to value: Float, stamp: UInt64 = 0) {
        self.init(
            .setParam, stamp: stamp, channel: UInt8(layer), number: UInt32(truncatingIfNeeded: key),
            normalized: value.bitPattern, detail: UInt32(truncatingIfNeeded: key >> 32))
    }

    /// A note at a pitch of its own, in semitones; `key` is the nearest key, for splits and key tracking. A velocity
    /// of 0 ends the note of exactly this pitch. [any]
    public init(
        pitch: Float, key: UInt8, velocity: UInt32, channel: UInt8, stamp: UInt64 = 0
    ) {
        self.init(
            velocity == 0 ? .noteOffPitch : .noteOnPitch, stamp: stamp, channel: channel, number: UInt32(key),
            normalized: velocity,
            detail: pitch.bitPattern)
    }
}

/// How a parameter is known outside its program, whatever is edited around it.
public enum ParamKeys {
    /// FNV-1a of `module.parameter`, 64 bits.
    public static func key(_ module: String, _ parameter: String) -> UInt64 {
        func hash(_ text: String, _ from: UInt64) -> UInt64 {
            text.utf8.reduce(from) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        }
        return hash(parameter, hash(".", hash(module, 0xcbf2_9ce4_8422_2325)))
    }
}

/// A parameter by its key, in the order of the keys.
struct ParamKey64 {
    var key: UInt64
    var index: Int32
}

// Values from outside. Everything here runs in the audio thread.
extension EngineCore {
    /// The program of a layer of the first part, or of the master effects, and where it stands.
    func program(ofLayer layer: Int) -> (UnsafeMutablePointer<InstanceCore>, InstanceAddress)? {
        if layer == Part.layerLimit { return effects.core.map { ($0, masterEffects) } }
        guard layer < parts[0].slotCount else { return nil }
        let slot = Int(parts[0].slots[layer])
        return slots[slot].core.map { ($0, instance(inSlot: slot)) }
    }

    mutating func setParam(_ event: Event, _ frame: Int, _ report: inout Report) {
        let key = UInt64(event.detail) << 32 | UInt64(event.number)
        guard let (core, instance) = program(ofLayer: Int(event.channel)),
            let index = core.pointee.param(of: key)
        else {
            report.outcome = .noSuchParam
            return
        }
        let value = core.pointee.params.intend(index, Float(bitPattern: event.normalized))
        later(.parameter(instance, Int32(index)), value, frame)
        report.outcome = .mapped
        report.concern(instance, sound: sound(of: instance))
        report.index = Int32(index)
        report.value = value
    }

    /// The sound that an instance plays.
    func sound(of instance: InstanceAddress) -> Int32 {
        switch instance.place {
        case .slot(let slot): slots[Int(slot)].sound
        case .masterEffects: effects.sound
        }
    }

    /// Copies where every parameter is sent.
    mutating func copyValues() {
        for place in 0..<ValueBoard.places {
            guard let (core, _) = program(ofLayer: place) else {
                board.programs[place] = -1
                continue
            }
            board.programs[place] = core.pointee.id
            let count = min(core.pointee.params.count, ValueBoard.limit)
            board.counts[place] = count
            for index in 0..<count {
                board.values[place * ValueBoard.limit + index] = core.pointee.params.intent(index)
            }
        }
        copySettings()
        board.copies.pointee.add(1, ordering: .releasing)
    }
}

extension InstanceCore {
    /// A parameter by its key.
    func param(of key: UInt64) -> Int? {
        var low = 0, high = params.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low < params.count && keys[low].key == key ? Int(keys[low].index) : nil
    }
}

/// The values of one layer that plays, or of the master effects.
public struct LayerValues: Sendable {
    /// Its place, from 0; 16 is the master effects.
    public let layer: Int
    /// The sound it plays.
    public let sound: Int
    /// Names (`module.parameter`), specs and values, in the patch's order.
    public let values: [(name: String, spec: ParamSpec, value: Float)]
}

extension Engine {
    /// The first part's entry; at the very start the one that is to come, or −1.
    ///
    /// > Any thread.
    public var partPlaying: Int { playing.entry }

    /// Programs that play or ring.
    ///
    /// > Any thread.
    public var slotsInUse: Int { meters.pointee.slots.load(ordering: .relaxed) }

    /// Whether each of these sounds plays in its new state wherever it plays at all.
    ///
    /// > Any thread.
    public func isSounding(
        _ sounds: [(sound: Int, version: Int)], _ programs: LiveInstances
    ) -> Bool {
        for place in 0...EngineCore.slotCount {
            let word = program(ofSlot: place)
            guard word >= 0, let (sound, version) = programs.version(word / 2) else { continue }
            if sounds.contains(where: { $0.sound == sound && $0.version > version }) { return false }
        }
        return true
    }

    /// How many copies of all values were made. A `snapshot` event makes one more.
    ///
    /// > Any thread.
    public var valueCopies: Int { board.copies.pointee.load(ordering: .acquiring) }

    /// The values of the last copy, as far as the program they belong to is known.
    ///
    /// > The one thread that sends `snapshot` events, once the copy is there.
    public func copiedValues(_ loader: LiveInstances) -> [LayerValues] {
        (0..<ValueBoard.places).compactMap { place in
            let id = board.programs[place]
            guard id >= 0, let (source, sound) = loader.program(id) else { return nil }
            let count = board.counts[place]
            return LayerValues(
                layer: place, sound: sound,
                values: (0..<count).compactMap { index in
                    // What is leaving, and what stands inside a module made of modules, is nobody's to set.
                    guard let (name, spec) = source.compiled.param(at: index), !name.contains("~"),
                        !name.contains(CompoundModule.separator)
                    else { return nil }
                    return (name, spec, board.values[place * ValueBoard.limit + index])
                })
        }
    }
}

/// Which sound each program plays that the audio thread has.
///
/// > Any thread but the audio thread.
public final class LiveInstances: Sendable {
    private let programs = Mutex<[Int: (source: Sound, sound: Int, version: Int)]>([:])

    package init() {}

    package func add(_ program: PatchInstance) {
        programs.withLock { $0[program.id] = (program.source, program.sound, program.version) }
    }

    func version(_ id: Int) -> (sound: Int, version: Int)? {
        programs.withLock { $0[id].map { ($0.sound, $0.version) } }
    }

    package func remove(_ program: PatchInstance) {
        programs.withLock { _ = $0.removeValue(forKey: program.id) }
    }

    func program(_ id: Int) -> (Sound, Int)? { programs.withLock { $0[id].map { ($0.source, $0.sound) } } }
}
