import CRealtime
public import KairosCompiler
import KairosDSP
import KairosEngine

/// Measures the cost of each module of a patch while notes are held, for `kairos profile`.
///
/// A patch instance plays the same repeatedly, alternately with every step timed and with only the whole
/// timed. Time is divided into slices of a few sub-blocks. Of each slice the lower quartile over all runs
/// counts, which excludes runs in which the machine did something else. The cost of reading the clock is
/// measured too and subtracted.
public struct ProfileBench {
    /// The cost of a module, or of all engine steps of one kind.
    public struct Row: Sendable {
        /// The module's name, or the kind of step.
        public var name: String
        /// The module's type; nil for engine steps.
        public var type: String?
        /// CPU time in nanoseconds per frame.
        public var cost: Double
    }

    /// The result of a measurement.
    public struct Profile: Sendable {
        /// The modules that ran, in the order of the patch, then the engine steps.
        public var rows: [Row]
        /// CPU time of the whole in nanoseconds per frame, measured without timing single steps.
        public var whole: Double
        /// Overhead of timing one step in nanoseconds, already subtracted.
        public var clock: Double
    }

    private let sound: Sound
    private let voices: Int
    private let sampleRate: Float
    private let slices: Int
    /// Sub-blocks per slice.
    private static let slice = 4
    private static let engineSteps = [
        "keys", "input", "sum", "modulate", "spread", "gather", "collapse", "newest", "output",
    ]

    /// Creates a benchmark of `seconds` with `voices` held voices; the polyphony is set accordingly. Master
    /// effects get noise.
    public init(_ compiled: CompiledPatch, voices: Int, seconds: Double, sampleRate: Double = 48_000) {
        var limited = compiled
        limited.limitVoices(to: max(1, voices))
        sound = Sound(limited.engineStepsApart(Self.engineSteps))
        self.voices = compiled.isMaster ? 0 : voices
        self.sampleRate = Float(sampleRate)
        slices = max(1, Int(seconds * sampleRate) / (SubBlock.longest * Self.slice))
    }

    /// Size in bytes of an instance with this polyphony.
    public var memory: Int { PatchInstance(sound, sampleRate: sampleRate).memory }

    /// Measures the cost of each step and of the whole.
    public func profile(runs: Int = 15) -> Profile {
        let probe = InstanceProbe(PatchInstance(sound, sampleRate: sampleRate))
        let nodes = probe.nodeCount
        var steps = [[UInt64]](repeating: [], count: slices * nodes)
        var wholes = [[UInt64]](repeating: [], count: slices)
        var calls = [Int](repeating: 0, count: nodes)
        var clocks: [UInt64] = []
        for _ in 0..<runs {
            clocks.append(Self.clockCost())
            calls = [Int](repeating: 0, count: nodes)
            probe.isTimed = true
            play(probe) { index, _ in
                for node in 0..<nodes {
                    steps[index * nodes + node].append(UInt64(probe.popCost(ofNode: node)))
                }
                count(&calls, groups: probe.soundingGroups)
            }
            probe.isTimed = false
            play(probe) { index, spent in wholes[index].append(spent) }
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

    /// Measures the cost of the whole in nanoseconds per frame.
    public func whole(runs: Int = 15) -> Double {
        let probe = InstanceProbe(PatchInstance(sound, sampleRate: sampleRate))
        var wholes = [[UInt64]](repeating: [], count: slices)
        for _ in 0..<runs { play(probe) { index, spent in wholes[index].append(spent) } }
        return Self.total(wholes, Double(Self.clockCost())) / Double(slices * Self.slice * SubBlock.longest)
    }

    /// Renders from the start and calls `report` for each slice with its time in nanoseconds.
    private func play(_ probe: InstanceProbe, _ report: (_ slice: Int, _ spent: UInt64) -> Void) {
        crt_flush_to_zero()
        probe.reset()
        for n in 0..<SubBlock.longest {
            let noise = Float(scrambled(UInt32(n)) >> 8) / Float(1 << 24) - 0.5
            probe.setInput(frame: n, left: noise, right: -noise)
        }
        for voice in 0..<voices {
            let key = 36 + voice * 7 % 48
            probe.startNote(serial: UInt32(voice + 1), key: UInt8(key), velocity: 0.8)
        }
        for index in 0..<slices {
            let began = crt_now()
            for subBlock in 0..<Self.slice {
                probe.render(clock: (index * Self.slice + subBlock) * SubBlock.longest)
            }
            report(index, crt_now() - began)
        }
    }

    /// Adds the number of runs of each node in one slice.
    private func count(_ calls: inout [Int], groups: Int) {
        for (phase, steps) in sound.compiled.schedule.steps.enumerated() {
            let times = Self.slice * (phase == ModuleOrder.Phase.voices.rawValue ? groups : 1)
            for step in steps { calls[Int(step.node)] += times }
        }
    }

    /// Cost of reading the clock in nanoseconds.
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
    /// The same patch with a node for each kind of engine step after the modules, so that these steps are not
    /// attributed to the modules they serve.
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
