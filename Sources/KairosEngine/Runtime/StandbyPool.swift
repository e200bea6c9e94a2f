import KairosDSP
import Synchronization

/// Instances that are built, tested and ready to sound at once, up to ``depth`` of each sound.
///
/// [audio], but for `init` and `deinit`.
struct StandbyPool: ~Copyable {
    /// The greatest number of ready instances of one sound.
    static let depth = 16

    /// The state of every sound, which the loader and the audio thread share.
    private let state: Reference<StandbyState>
    private var instances: FixedArray<InstanceHandoff?>
    private var counts: FixedArray<Int32>
    /// The number of edits whose outdated instances were sent back.
    private var editsSeen = 0
    private let fixedAddress = FixedAddress()

    /// `state` must exist as long as the pool.
    init(_ state: Reference<StandbyState>) {
        self.state = state
        instances = FixedArray(count: state.pointee.count * Self.depth, repeating: nil)
        counts = FixedArray(count: state.pointee.count, repeating: 0)
    }

    deinit {
        for sound in 0..<counts.count {
            for place in 0..<Int(counts[sound]) { instances[sound * Self.depth + place]?.release() }
        }
    }

    /// The number of ready instances of a sound.
    func count(of sound: SoundID) -> Int { Int(counts[sound.index]) }

    /// True where a sound has failed its self-test.
    func hasFailed(_ sound: SoundID) -> Bool { state.pointee.failed[sound.index].load(ordering: .acquiring) }

    /// The cost of a sound in its self-test, in nanoseconds per frame.
    func cost(of sound: SoundID) -> Float { state.pointee.cost(of: sound.index) }

    /// True where an instance has the present version of its sound.
    func isCurrent(_ instance: InstanceHandoff) -> Bool {
        instance.version == Int32(truncatingIfNeeded: state.pointee.version(of: instance.sound.index))
    }

    /// Removes a ready instance of a sound and returns it; nil where there is none.
    mutating func pop(_ sound: SoundID) -> InstanceHandoff? {
        let count = counts[sound.index]
        guard count > 0 else { return nil }
        counts[sound.index] = count - 1
        state.pointee.taken[sound.index].add(1, ordering: .releasing)
        return instances[sound.index * Self.depth + Int(count) - 1]
    }

    /// Puts an instance back that was removed and not used. False, and nothing is done, where it is outdated or there
    /// is no room.
    mutating func putBack(_ instance: InstanceHandoff) -> Bool {
        guard push(instance) else { return false }
        state.pointee.taken[instance.sound.index].subtract(1, ordering: .releasing)
        return true
    }

    /// Adds an instance that the loader has built. One that is outdated, or has no room, is sent back.
    mutating func receive(_ instance: InstanceHandoff, _ link: borrowing LoaderLink) {
        guard !push(instance) else { return }
        state.pointee.taken[instance.sound.index].add(1, ordering: .releasing)
        link.sendBack(instance)
    }

    private mutating func push(_ instance: InstanceHandoff) -> Bool {
        let sound = instance.sound, count = counts[sound.index]
        guard count < Self.depth, isCurrent(instance) else { return false }
        instances[sound.index * Self.depth + Int(count)] = instance
        counts[sound.index] = count + 1
        return true
    }

    /// Sends instances of edited sounds back, where there was an edit since the last call.
    @inline(__always) mutating func sendBackOutdated(_ link: borrowing LoaderLink) {
        let edits = state.pointee.edits.load(ordering: .acquiring)
        if edits != editsSeen { sendBackOutdated(edits, link) }
    }

    private mutating func sendBackOutdated(_ edits: Int, _ link: borrowing LoaderLink) {
        editsSeen = edits
        for index in 0..<counts.count {
            while counts[index] > 0,
                let last = instances[index * Self.depth + Int(counts[index]) - 1], !isCurrent(last),
                let instance = pop(SoundID(index))
            {
                link.sendBack(instance)
            }
        }
    }

    /// Gives every ready instance the controls and macros of the new rig.
    mutating func adoptComingTables() {
        for sound in 0..<counts.count {
            for place in 0..<Int(counts[sound]) {
                instances[sound * Self.depth + place]?.core.pointee.adoptComingTables()
            }
        }
    }
}
