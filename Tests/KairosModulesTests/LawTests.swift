import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// Laws that every module of the registry must keep.
@Suite struct LawTests {
    @Test func declarationsAreSound() {
        var check = DeclarationCheck()
        forEachStandardModule(&check)
        #expect(check.faults == [])
        #expect(check.types.count >= 14)
        #expect(Set(check.types).count == check.types.count)
    }

    @Test func resetEqualsNew() {
        var check = ResetCheck()
        forEachStandardModule(&check)
        #expect(check.faults == [])
    }

    @Test func anySplitHasTheSameBits() {
        var check = SplitCheck()
        forEachStandardModule(&check)
        #expect(check.faults == [])
    }

    @Test func fastPathsHaveTheSameBits() {
        var check = FastPathCheck()
        forEachStandardModule(&check)
        #expect(check.faults == [])
    }

    @Test func valuesAtControlTicksAreTheSame() {
        var check = ControlTickCheck()
        forEachStandardModule(&check)
        #expect(check.faults == [])
        #expect(check.sparseCount >= 2)
    }

    @Test func goesOnFromASavedState() {
        var check = SavedStateCheck()
        forEachStandardModule(&check)
        #expect(check.faults == [])
    }

    /// The law finds state that is not in the module's memory.
    @Test func findsStateElsewhere() {
        var check = SavedStateCheck()
        check.visit(Forgetful.self)
        #expect(!check.faults.isEmpty)
    }

    @Test func lanesAreIndependent() {
        var check = LaneCheck()
        forEachStandardModule(&check)
        #expect(check.faults == [])
    }

    @Test func extremesStayFinite() {
        var check = ExtremesCheck()
        forEachStandardModule(&check)
        #expect(check.faults == [])
    }

    @Test func silenceStaysSilent() {
        var check = SilenceCheck()
        forEachStandardModule(&check)
        #expect(check.faults == [])
    }

    @Test func silenceDoesNotDependOnTheNamesOfInlets() {
        var check = SilenceCheck()
        check.visit(Hum.self)
        check.visit(SilentSource.self)
        #expect(check.faults == ["hum is not silent", "silent-source is a source without an output"])
    }
}

/// Ports and parameters have unique names, descriptions and valid ranges.
struct DeclarationCheck: ModuleVisitor {
    var faults: [String] = []
    var types: [String] = []

    mutating func visit<M: Module>(_ type: M.Type) {
        let name = M.info.type
        types.append(name)
        if name.isEmpty || name != name.lowercased() { faults.append("'\(name)' is not lower case") }
        if M.info.about.isEmpty { faults.append("\(name) has no description") }
        var symbols: [String] = []
        for (index, inlet) in M.Inlet.allCases.enumerated() {
            symbols.append("\(inlet)")
            if inlet.rawValue != index { faults.append("\(name).\(inlet) is out of order") }
            checkPort("\(name).\(inlet)", inlet.info.kind, inlet.info.about)
        }
        for (index, outlet) in M.Outlet.allCases.enumerated() {
            symbols.append("\(outlet)")
            if outlet.rawValue != index { faults.append("\(name).\(outlet) is out of order") }
            checkPort("\(name).\(outlet)", outlet.info.kind, outlet.info.about)
        }
        for (index, param) in M.Param.allCases.enumerated() {
            symbols.append("\(param)")
            if param.rawValue != index { faults.append("\(name).\(param) is out of order") }
            if let fault = param.spec.fault { faults.append("\(name).\(param): \(fault)") }
        }
        if Set(symbols).count != symbols.count { faults.append("\(name) uses a name twice: \(symbols)") }
    }

    /// The description of an inlet or outlet is a sentence that states the range of a signal.
    private mutating func checkPort(_ name: String, _ kind: PortKind, _ about: String) {
        if about.last != "." { faults.append("\(name): the description does not end with a full stop") }
        if kind == .audio, !about.contains(" … ") {
            faults.append("\(name): the description states no range such as '−1 … 1'")
        }
    }
}

/// After `reset` a module has the same output as a new one.
struct ResetCheck: ModuleVisitor {
    var faults: [String] = []

    mutating func visit<M: Module>(_ type: M.Type) {
        for format in M.formatsForLaws {
            let bench = ModuleBench<M>.busy(seed: 3, format: format)
            let module = BenchModule<M>(format)
            let fresh = bench.run(module, 1500)
            module.reset()
            let again = bench.run(module, 1500)
            compare(fresh, again, M.info.type, &faults)
        }
    }
}

/// The output does not depend on where a block is split.
struct SplitCheck: ModuleVisitor {
    var faults: [String] = []

    mutating func visit<M: Module>(_ type: M.Type) {
        for seed in 1...6 {
            for format in M.formatsForLaws {
                var bench = ModuleBench<M>.busy(seed: UInt32(seed), format: format)
                bench.clock = seed * 7
                let whole = bench.run(2000)
                for cuts in [[1], [16], [5, 64, 1, 31, 17, 2], [63, 1], [7]] {
                    bench.cuts = cuts
                    let what =
                        "\(M.info.type), \(format.lanes) lanes, \(format.sampleRate) Hz, sub-blocks of \(cuts)"
                    compare(whole, bench.run(2000), what, &faults, lanes: format.lanes)
                }
            }
        }
    }
}

/// A module goes on with the same bits in the memory of another one that its own was copied to, in the middle of
/// notes.
struct SavedStateCheck: ModuleVisitor {
    var faults: [String] = []

    mutating func visit<M: Module>(_ type: M.Type) {
        for seed in 1...6 {
            for format in M.formats {
                var bench = ModuleBench<M>.busy(seed: UInt32(seed), format: format)
                bench.cuts = [64, 5, 31]
                // Gates are high at 704, and every gate is low at 1152.
                for border in [704, 1152] {
                    let (whole, loaded) = bench.runSaved(at: border, 2000)
                    let what = "\(M.info.type) of \(format.lanes) lanes, saved at \(border)"
                    compare(whole, loaded, what, &faults, lanes: format.lanes)
                }
            }
        }
    }

    mutating func visit<M: FeedbackModule>(feedback type: M.Type) {
        visit(type)
        for format in M.formats {
            var bench = ModuleBench<M>.busy(seed: 7, format: format)
            bench.render = { module, io in
                module.read(io)
                module.write(io)
            }
            let (whole, loaded) = bench.runSaved(at: 704, 2000)
            compare(whole, loaded, "\(M.info.type) in a feedback loop", &faults, lanes: format.lanes)
        }
    }
}

/// A one-pole filter that keeps its state elsewhere.
private struct Forgetful: Module {
    static let info = ModuleInfo("forgetful", "Filter that cannot be saved.")
    typealias Param = NoParams

    enum Inlet: Int, InletKey {
        case input
        var info: InletInfo { .audio("Input signal.") }
    }

    enum Outlet: Int, OutletKey {
        case output
        var info: OutletInfo { .audio("Filtered signal.") }
    }

    /// Never freed: the test makes a few.
    private let last: UnsafeMutablePointer<Lanes>

    init(_ format: Format, _: inout ModuleMemory) {
        last = .allocate(capacity: 1)
        last.initialize(to: .zero)
    }

    mutating func reset() { last.pointee = .zero }
    mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) { last.pointee.set(lanes, to: 0) }

    mutating func process(_ io: ModuleIO<Self>) {
        let input = io[.input], output = io[.output]
        for n in 0..<io.frames {
            last.pointee = input[n] + (last.pointee - input[n]) * 0.9
            output[n] = last.pointee
        }
    }
}

/// A signal that is declared constant gives the same output as one that merely does not change.
struct FastPathCheck: ModuleVisitor {
    var faults: [String] = []

    mutating func visit<M: Module>(_ type: M.Type) {
        for seed in 1...6 {
            for format in M.formatsForLaws {
                var bench = ModuleBench<M>.busy(seed: UInt32(seed), moving: 0.3, format: format)
                let fast = bench.run(2000)
                bench.unsteady = true
                let what = "\(M.info.type) of \(format.lanes) lanes at \(format.sampleRate) Hz"
                compare(fast, bench.run(2000), what, &faults, lanes: format.lanes)
            }
        }
    }
}

/// An outlet that is read on the first frame of each control segment only has the same values there as one
/// that is read on every frame.
struct ControlTickCheck: ModuleVisitor {
    var faults: [String] = []
    /// Number of modules that write fewer frames then.
    var sparseCount = 0

    mutating func visit<M: Module>(_ type: M.Type) {
        var isSparse = false
        for seed in 1...6 {
            var bench = ModuleBench<M>.busy(seed: UInt32(seed), moving: 0.3, format: M.formats[0])
            bench.cuts = seed % 2 == 0 ? [64] : [5, 64, 1, 31, 17, 2]
            let whole = bench.run(2000)
            bench.atControlTicks = true
            let sparse = bench.run(2000)
            let firsts = Set(bench.events.map(\.frame)).union(
                stride(from: 0, to: 2000, by: SubBlock.controlTick))
            func read(_ output: [[Lanes]]) -> [[Lanes]] {
                output.map { signal in firsts.sorted().filter { $0 < 2000 }.map { signal[$0] } }
            }
            compare(read(whole), read(sparse), "\(M.info.type)", &faults)
            isSparse = isSparse || whole != sparse
        }
        if isSparse { sparseCount += 1 }
    }
}

/// Compares a note in lane 0 of a fresh module with the same note in lane 9 of a used one, among other notes.
struct LaneCheck: ModuleVisitor {
    var faults: [String] = []

    mutating func visit<M: Module>(_ type: M.Type) {
        // A module that always runs once has no voices.
        if M.info.runsOnce { return }
        for seed in 1...6 {
            let format = Format.voices(sampleRate: seed % 2 == 0 ? 96_000 : 48_000)
            let used = ModuleBench<M>.busy(seed: UInt32(seed), format: format)
            var alone = ModuleBench<M>.busy(seed: UInt32(seed), lane: 0, format: format)
            alone.clock = 2000
            alone.events = [.note(11, LaneMask(lane: 0), seed: 5), .release(900, LaneMask(lane: 0))]
            var among = ModuleBench<M>.busy(seed: UInt32(seed), lane: 9, format: format)
            among.clock = 2000
            among.events = [
                .note(11, LaneMask(lane: 9), seed: 5), .note(300, LaneMask(bits: 0b1101), seed: 6),
                .release(700, LaneMask(bits: 0b100)), .release(900, LaneMask(lane: 9)),
            ]
            let module = BenchModule<M>(used.format)
            _ = used.run(module, 2000)
            let here = alone.run(1500), there = among.run(module, 1500)
            for outlet in here.indices {
                let differs = (11..<1500).first {
                    here[outlet][$0][0].bitPattern != there[outlet][$0][9].bitPattern
                }
                if let differs {
                    faults.append("\(M.info.type) outlet \(outlet) at frame \(differs), seed \(seed)")
                }
            }
        }
    }
}

/// Output is finite with every pair of parameters at both ends of their ranges, for noise, an impulse and
/// silence.
struct ExtremesCheck: ModuleVisitor {
    var faults: [String] = []

    mutating func visit<M: Module>(_ type: M.Type) {
        let specs = M.Param.allCases.map { ($0.rawValue, $0.spec) }
        var settings: [[Int: Float]] = [[:]]
        for (a, first) in specs {
            for (b, second) in specs where b > a || specs.count == 1 {
                for x in [first.range.lowerBound, first.range.upperBound] {
                    for y in [second.range.lowerBound, second.range.upperBound] {
                        settings.append([a: x].merging([b: y]) { $1 })
                    }
                }
            }
        }
        settings.append(Dictionary(uniqueKeysWithValues: specs.map { ($0.0, $0.1.range.lowerBound) }))
        settings.append(Dictionary(uniqueKeysWithValues: specs.map { ($0.0, $0.1.range.upperBound) }))
        for setting in settings {
            var bench = ModuleBench<M>(M.self, format: M.formats[0])
            bench.params = setting.mapValues { .steady($0) }
            bench.events = [.note(0), .release(900)]
            // Lanes 0…7 get noise, 8…11 an impulse, 12…15 silence; a pitch goes far beyond the MIDI notes.
            for inlet in M.Inlet.allCases {
                let size = max(1, 4.5 * inlet.info.idle.magnitude)
                bench.inlets[inlet.rawValue] = .moving { lane, frame in
                    lane < 8
                        ? noise(lane, frame, UInt32(inlet.rawValue)) * size
                        : lane < 12 && frame == 3 ? size : 0
                }
            }
            for (outlet, frames) in bench.run(1800).enumerated() {
                for (frame, value) in frames.enumerated()
                where !all(value.isFinite) || (value.magnitude .> 1e6).any {
                    faults.append("\(M.info.type) outlet \(outlet) frame \(frame): \(value) with \(setting)")
                    break
                }
            }
        }
    }
}

/// A module is silent while its input signals are silent, whatever its inlets are called; a source is not.
struct SilenceCheck: ModuleVisitor {
    var faults: [String] = []

    mutating func visit<M: Module>(_ type: M.Type) {
        var isSilent = true
        for seed in 1...6 {
            for format in M.formatsForLaws {
                var bench = ModuleBench<M>.busy(seed: UInt32(seed), format: format)
                // Inlets that idle at another value, such as pitches and levels, keep moving.
                for inlet in M.Inlet.allCases where inlet.info.idle == 0 {
                    bench.inlets[inlet.rawValue] = .steady(0)
                }
                for frames in bench.run(2000) {
                    isSilent = isSilent && !frames.contains { ($0 .!= Lanes.zero).any }
                }
            }
        }
        if M.info.isSource, isSilent { faults.append("\(M.info.type) is a source without an output") }
        if !M.info.isSource, !isSilent { faults.append("\(M.info.type) is not silent") }
    }
}
