import CRealtime
import KairosDSP

/// Tells what each module of a patch costs while its voices are held. For `kairos profile`.
///
/// A program plays the same again and again, in turn with every step timed and with nothing timed, which is the
/// whole. Of each few pieces the turn counts that a quarter of the turns beat, so that those in which the machine
/// did something else do not. What reading the clock adds to a step is measured beside it and taken off.
public struct ProfileBench {
    /// What a module cost, or the engine's own steps of one kind.
    public struct Row: Sendable {
        /// What the patch calls the module, or the kind of step.
        public var name: String
        /// The module's type, or nil for the engine's own.
        public var type: String?
        /// Nanoseconds a frame.
        public var cost: Double
    }

    /// What was found.
    public struct Profile: Sendable {
        /// What ran, in the order of the patch, then the engine's own steps.
        public var rows: [Row]
        /// Nanoseconds a frame of the program in which nothing is timed.
        public var whole: Double
        /// Nanoseconds that timing adds to a step, taken off already.
        public var clock: Double
    }

    private let sound: Sound
    private let voices: Int
    private let sampleRate: Float
    private let slices: Int
    /// Pieces that are timed together.
    private static let slice = 4
    private static let engineSteps = [
        "keys", "input", "sum", "modulate", "spread", "gather", "collapse", "newest", "output",
    ]

    /// A bench for `seconds` of `voices` held voices; as if the patch had asked for so many. Master effects hear noise.
    public init(_ compiled: CompiledPatch, voices: Int, seconds: Double, sampleRate: Double = 48_000) {
        var limited = compiled
        limited.limitVoices(to: max(1, voices))
        sound = Sound(limited.engineStepsApart(Self.engineSteps))
        self.voices = compiled.isMaster ? 0 : voices
        self.sampleRate = Float(sampleRate)
        slices = max(1, Int(seconds * sampleRate) / (SubBlock.longest * Self.slice))
    }

    /// Bytes of one program that plays so many voices.
    public var memory: Int { PatchInstance(sound, sampleRate: sampleRate).memory }

    /// The cost of each step and of the whole.
    public func profile(runs: Int = 15) -> Profile {
        let program = PatchInstance(sound, sampleRate: sampleRate)
        let core = program.core
        let nodes = core.pointee.nodeCount
        var steps = [[UInt64]](repeating: [], count: slices * nodes)
        var wholes = [[UInt64]](repeating: [], count: slices)
        var calls = [Int](repeating: 0, count: nodes)
        var clocks: [UInt64] = []
        for _ in 0..<runs {
            clocks.append(Self.clockCost())
            calls = [Int](repeating: 0, count: nodes)
            core.pointee.isTimed = true
            play(program) { index, _ in
                for node in 0..<nodes {
                    steps[index * nodes + node].append(UInt64(core.pointee.nodeCosts[node]))
                    core.pointee.nodeCosts[node] = 0
                }
                count(&calls, groups: core.pointee.soundingGroups)
            }
            core.pointee.isTimed = false
            play(program) { index, spent in wholes[index].append(spent) }
        }
        let clock = Double(Self.quartile(clocks))
        let frames = Double(slices * Self.slice * SubBlock.longest)
        let names = sound.compiled.schedule.names, types = sound.compiled.schedule.types
        var rows: [Row] = []
        for node in 0..<nodes where calls[node] > 0 {
            let spent = (0..<slices).reduce(0.0) { $0 + Double(Self.quartile(steps[$1 * nodes + node])) }
            rows.append(
                Row(
                    name: names[node], type: types.indices.contains(node) ? types[node].name : nil,
                    cost: max(0, spent - Double(calls[node]) * clock) / frames))
        }
        return Profile(rows: rows, whole: Self.total(wholes, clock) / frames, clock: clock)
    }

    /// Nanoseconds a frame, as a whole.
    public func whole(runs: Int = 15) -> Double {
        let program = PatchInstance(sound, sampleRate: sampleRate)
        var wholes = [[UInt64]](repeating: [], count: slices)
        for _ in 0..<runs { play(program) { index, spent in wholes[index].append(spent) } }
        return Self.total(wholes, Double(Self.clockCost())) / Double(slices * Self.slice * SubBlock.longest)
    }

    /// Plays from the start and tells of each slice, and what it took.
    private func play(_ program: PatchInstance, _ tell: (_ slice: Int, _ spent: UInt64) -> Void) {
        crt_flush_to_zero()
        program.reset()
        let core = program.core
        for n in 0..<SubBlock.longest {
            let noise = Float(scrambled(UInt32(n)) >> 8) / Float(1 << 24) - 0.5
            core.pointee.inputLeft[n] = noise
            core.pointee.inputRight[n] = -noise
        }
        for voice in 0..<voices {
            let key = 36 + voice * 7 % 48
            core.pointee.voices.start(
                NoteStart(
                    serial: UInt32(voice + 1), key: UInt8(key), velocity: 0.8, in: core.pointee.voices))
        }
        for index in 0..<slices {
            let began = crt_now()
            for turn in 0..<Self.slice {
                core.pointee.render(
                    SubBlock(
                        frames: SubBlock.longest, clock: (index * Self.slice + turn) * SubBlock.longest,
                        phase: 0,
                        closes: true))
            }
            tell(index, crt_now() - began)
        }
    }

    /// Adds how often each node was timed in one slice.
    private func count(_ calls: inout [Int], groups: Int) {
        for (phase, steps) in sound.compiled.schedule.steps.enumerated() {
            let times = Self.slice * (phase == ModuleOrder.Phase.voices.rawValue ? groups : 1)
            for step in steps { calls[Int(step.node)] += times }
        }
    }

    /// Nanoseconds from one reading of the clock to the next.
    private static func clockCost() -> UInt64 {
        quartile(
            (0..<1001).map { _ in
                let began = crt_now()
                return crt_now() - began
            })
    }

    private static func total(_ slices: [[UInt64]], _ clock: Double) -> Double {
        slices.reduce(0.0) { $0 + Double(quartile($1)) - clock }
    }

    private static func quartile(_ values: [UInt64]) -> UInt64 { values.sorted()[values.count / 4] }
}

extension CompiledPatch {
    /// The engine's own steps belong to nodes of their own, behind the modules, and not to the module they serve.
    fileprivate func engineStepsApart(_ names: [String]) -> CompiledPatch {
        var apart = self
        let first = schedule.names.count
        apart.schedule.names += names
        for phase in schedule.steps.indices {
            for (index, step) in schedule.steps[phase].enumerated() {
                guard let place = names.firstIndex(of: "\(step.op)") else { continue }
                apart.schedule.steps[phase][index].node = Int32(first + place)
            }
        }
        return apart
    }
}
