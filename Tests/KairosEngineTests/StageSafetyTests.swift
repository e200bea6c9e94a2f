import Foundation
import KairosControl
import KairosDSP
import KairosFiles
import KairosModules
import KairosPatch
import KairosTestSupport
import Testing

@testable import KairosCompiler
@testable import KairosEngine
@testable import KairosSession

/// What must not reach the audience, and what happens instead.
@Suite struct StageSafety {
    /// Passes its inlet on, and makes something that is no number of what is above 100.
    fileprivate struct Bomb: Module {
        static let info = ModuleInfo("bomb", "Fails for what is above 100.")
        enum Inlet: Int, InletKey {
            case input
            var info: InletInfo { .audio("What it fails for.") }
        }
        enum Outlet: Int, OutletKey {
            case output
            var info: OutletInfo { .audio("The same.") }
        }
        enum Param: Int, ParamKey {
            case unused
            var spec: ParamSpec { .ratio("Nothing.", default: 0) }
        }
        init(_ format: Format, _: inout ModuleMemory) {}
        mutating func reset() {}
        mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {}
        mutating func process(_ io: ModuleIO<Self>) {
            let input = io[.input], output = io[.output]
            for n in 0..<io.frames {
                output[n] = input[n].replacing(
                    with: Lanes(repeating: .nan), where: input[n] .> Lanes(repeating: 100))
            }
        }
    }

    /// Each note adds its key ÷ 1024; keys above 100 go off.
    private static func bombPatch(_ name: String = "B", program: Int = 0, module: String = "bomb") throws
        -> CompiledPatch
    {
        var registry = ModuleRegistry.standard
        registry.visit(Bomb.self)
        let patch = """
            kairos: patch/1
            name: \(name)
            program: \(program)
            voices: 4
            level: 0.0009765625
            modules:
              keys: { type: keys }
              env: { type: adsr, attack: 0 s, decay: 0 s, sustain: 100 %, release: 0 s }
              fuse: { type: \(module) }
              vca: { type: vca }
              out: { type: output }
            connections:
              - keys.gate -> env.gate
              - keys.note -> fuse
              - fuse -> vca
              - env -> vca.level
              - vca -> out
            """
        return try CompiledPatch(try parse(patch), registry: registry)
    }

    @Test
    func
        `a voice that is no number is silent until its next note, the others play on, and the module is named`()
        throws
    {
        var score = Score()
        score.on(1000, 60)
        score.on(2000, 110)
        score.off(5000, 110)
        score.on(6000, 50)
        let rig = Rig([Sound(try Self.bombPatch())])
        let host = OfflineHost(rig, mode: .entry)
        host.play(score.events)
        var left = [Float](repeating: 0, count: 9600), right = left
        host.render(left: &left, right: &right, frames: left.count)
        let finite = left.filter(\.isFinite).count
        #expect(finite == left.count)
        #expect(abs(left[4000] * 1024 - 60) < 0.1 && abs(left[9000] * 1024 - 110) < 0.1)
        var named: [String] = []
        while let report = host.engine.nextReport() {
            guard report.kind == .notFinite else { continue }
            named.append(rig.sounds[Int(report.sound)].compiled.moduleName(Int(report.index)))
        }
        #expect(named == ["fuse"])
    }

    @Test func `what fails its selfTest is broken with a reason, and stops no other`() throws {
        // The eight notes of a self-test reach key 84: this one fails at once.
        let loud = try compile(
            "voices: 8\nmodules:\n  keys: { type: keys }\n  osc: { type: sine }\nconnections:\n  - keys.pitch -> osc\n",
            name: "Loud", program: 1)
        let good = try Self.bombPatch("Good", program: 0, module: "bomb")
        let bad = try Self.bombPatch("Bad", program: 2, module: "bomb").failingAlways()
        let rig = Rig([Sound(good), Sound(loud), Sound(bad)])
        let host = OfflineHost(rig, mode: .entry)
        #expect(host.states[0] == .ready)
        #expect(host.states[1].word.contains("test.yaml: eight notes reach +1"))
        #expect(
            host.states[2].word.contains("test.yaml: the output of module 'fuse' is not a finite number"))
        // Asked for, they leave the sound as it is.
        var score = Score()
        score.on(100, 60)
        score.program(1000, 1)
        score.program(2000, 2)
        score.on(3000, 50)
        let sound = Rendering(rig, score.events, frames: 6000)
        #expect(abs(sound.left[5900] * 1024 - 110) < 0.1)
        var outcomes: [Report.Outcome] = []
        host.play(score.events)
        var left = [Float](repeating: 0, count: 6000), right = left
        host.render(left: &left, right: &right, frames: left.count)
        while let report = host.engine.nextReport() {
            if report.kind == .event, report.event.kind == .program { outcomes.append(report.outcome) }
        }
        #expect(outcomes == [.failedEntry, .failedEntry])
    }

    @Test func `the ceiling is the identity up to its knee, and nothing passes 0 dBFS`() {
        for step in 0...400 {
            let x = Float(step) / 100
            let y = SoftClipper.limit(x)
            #expect(y <= 1 && y == -SoftClipper.limit(-x))
            if x <= 0.89 { #expect(y == x) }
            #expect(y >= SoftClipper.limit(max(0, x - 0.01)))
        }
        #expect(SoftClipper.limit(.greatestFiniteMagnitude) <= 1)
    }

    @Test func `the process begins with a ramp`() throws {
        var setup = EngineSetup(rig: Rig([Sound(try Self.bombPatch())]))
        setup.startRamp = 2400
        let engine = Engine(setup)
        engine.select(entry: 0, part: 0)
        Loader(engine).service()
        let input = engine.addInput()
        input.push(Event(.noteOn, number: 64, normalized: .max))
        var left = [Float](repeating: 1, count: 4800), right = left
        engine.render(left: &left, right: &right, frames: 4800, timebase: .offline(sampleRate: 48_000))
        #expect(left[0] == 0 && abs(left[1200] * 2 - left[2400]) < 1e-6 && left[4000] * 1024 == 64)
    }

    @Test func `a change that would overload shortens the oldest tail, never the new sound`() throws {
        for (limit, heard) in [(1e-6, Float(50)), (1e6, 60 + 55 + 50)] {
            let patches = try (0..<3).map { try Self.bombPatch("P\($0)", program: $0) }
            var setup = EngineSetup(rig: Rig(patches.map { Sound($0) }))
            setup.isLive = true
            setup.loadLimit = limit
            let engine = Engine(setup)
            engine.select(entry: 0, part: 0)
            Loader(engine).service()
            let input = engine.addInput()
            let timebase = Timebase.offline(sampleRate: 48_000)
            var score = Score()
            score.on(100, 60)
            score.program(4800, 1)
            score.on(5000, 55)
            score.program(9600, 2)
            score.on(9700, 50)
            for event in score.events { input.push(event) }
            var left = [Float](repeating: 0, count: 19_200), right = left
            engine.render(left: &left, right: &right, frames: left.count, timebase: timebase)
            #expect(abs(left[19_000] * 1024 - heard) < 0.1)
            var shortened: [Int32] = []
            while let report = engine.nextReport() {
                if report.kind == .shortened { shortened.append(report.entry) }
            }
            #expect(shortened == (limit < 1 ? [0, 1] : []))
        }
    }

    @Test func `each playing slot and each of its modules has its cost`() throws {
        var setup = EngineSetup(rig: Rig([Sound(try Self.bombPatch())]))
        setup.isLive = true
        let engine = Engine(setup)
        engine.select(entry: 0, part: 0)
        Loader(engine).service()
        engine.addInput().push(Event(.noteOn, number: 64, normalized: .max))
        var left = [Float](repeating: 0, count: 48_000), right = left
        engine.render(left: &left, right: &right, frames: left.count, timebase: .offline(sampleRate: 48_000))
        let loads = engine.loads
        #expect(loads.count == 1 && loads[0].isActive && loads[0].load > 0)
        let names = loads[0].modules.map { engine.setup.rig.sounds[0].compiled.moduleName($0.module) }
        #expect(Set(names).isSuperset(of: ["env", "fuse", "vca"]))
        // The parts are not dearer than the whole, but for the clock that is read between them.
        #expect(loads[0].modules.reduce(0) { $0 + $1.load } < 20 * loads[0].load)
    }
}

/// What stands on the standby pool.
@Suite struct StandbyPoolTests {
    private func counted(_ count: Int) throws -> Rig {
        Rig(
            try (0..<count).map {
                Sound(
                    try compile(
                        "voices: 2\nlevel: 0.1\nmodules:\n  keys: { type: keys }\n  osc: { type: sine }\n  echo: { type: delay, each: once }\nconnections:\n  - keys.pitch -> osc\n  - osc -> echo\n",
                        name: "P\($0)", program: $0))
            })
    }

    @Test func `what does not fit is tested and freed, and is built when it is asked for`() throws {
        let rig = try counted(10)
        let engine = Engine(EngineSetup(rig: rig))
        engine.select(entry: 4, part: 0)
        // Room for four of them.
        let size = PatchInstance(rig.sounds[0], sampleRate: 48_000).memory
        let loader = Loader(engine, budget: 4 * size + size / 2)
        let input = engine.addInput()
        var left = [Float](repeating: 0, count: 64), right = left
        var frame = 0
        let timebase = Timebase.offline(sampleRate: 48_000)
        func turn(_ count: Int = 20) {
            for _ in 0..<count {
                loader.service(limit: 1)
                engine.render(left: &left, right: &right, frames: 64, timebase: timebase)
                frame += 64
            }
        }
        turn()
        let words = loader.states.all.map(\.word)
        #expect(words.filter { $0 == "tested" }.count == 6 && words[4] == "ready")
        // The neighbours are there; another is built first, and then its neighbours are.
        #expect(words[3] == "ready" && words[5] == "ready")
        input.push(Event(.program, stamp: timebase.stamp(of: frame), number: 9))
        turn()
        #expect(engine.status.entry == 9)
        var waited: Float = 0
        while let report = engine.nextReport() { if report.kind == .changed { waited = report.value } }
        #expect(waited > 0 && waited <= 256)
        #expect(loader.states.all[8] == .ready && loader.states.all[4].word != "building")
    }

    @Test func `what a change waits for is built, whatever the budget`() throws {
        var rig = try counted(3)
        rig.sounds.append(
            Sound(
                try compile(
                    "modules:\n  in: { type: input }\n  out: { type: output }\nconnections:\n  - in -> out\n",
                    name: "MasterEffects", program: 9)))
        rig.master = 3
        // A layer of the same sound twice, and another.
        rig.entries[1].layers = [0, 0, 1].map { Rig.Layer(sound: $0, rule: LayerRule()) }
        let engine = Engine(EngineSetup(rig: rig))
        engine.select(entry: 0, part: 0)
        let loader = Loader(engine, budget: 1)
        let input = engine.addInput()
        let timebase = Timebase.offline(sampleRate: 48_000)
        var left = [Float](repeating: 0, count: 64), right = left
        var peak: Float = 0
        for block in 0..<200 {
            loader.service(limit: 1)
            if block == 50 { input.push(Event(.program, stamp: timebase.stamp(of: block * 64), number: 1)) }
            if block == 100 { input.push(Event(.noteOn, stamp: timebase.stamp(of: block * 64), number: 60)) }
            engine.render(left: &left, right: &right, frames: 64, timebase: timebase)
            peak = max(peak, left.max() ?? 0)
            if block == 49 { #expect(engine.status.entry == 0) }
        }
        #expect(engine.status.entry == 1 && engine.status.slots == 3)
        #expect(peak > 0.1)
    }

    /// Fails where each of many edits stocks and self-tests what the next one makes worthless.
    @Test func `what is edited on and on is stocked when that is over, or when it is asked for`() throws {
        let rig = try counted(2)
        var setup = EngineSetup(rig: rig)
        setup.isLive = true
        let engine = Engine(setup)
        engine.select(entry: 0, part: 0)
        let loader = Loader(engine), input = engine.addInput()
        let timebase = Timebase.offline(sampleRate: 48_000)
        var left = [Float](repeating: 0, count: 64), right = left
        func turn() -> Int {
            let built = loader.service()
            engine.render(left: &left, right: &right, frames: 64, timebase: timebase)
            return built
        }
        for _ in 0..<10 { _ = turn() }
        #expect(turn() == 0 && loader.states.all == [.ready, .ready])
        for _ in 0..<10 {
            for sound in 0...1 { engine.sounds.replace(sound, with: rig.sounds[sound]) }
            #expect(turn() == 0)
        }
        #expect(loader.states.all == [.ready, .building])
        input.push(Event(.program, stamp: timebase.stamp(of: engine.clock), number: 1))
        let asked = (0..<4).map { _ in turn() }
        #expect(asked.reduce(0, +) == 1 && engine.status.entry == 1, "\(asked)")
        Thread.sleep(forTimeInterval: Double(SoundStock.editPause) * 1.2e-9)
        #expect(turn() == 2 && loader.states.all == [.ready, .ready])
    }

    @Test func `next and previous again are instant, and a storm leaves nothing behind`() throws {
        let rig = try counted(6)
        let engine = Engine(EngineSetup(rig: rig))
        engine.select(entry: 0, part: 0)
        let loader = Loader(engine)
        loader.service()
        let input = engine.addInput()
        let timebase = Timebase.offline(sampleRate: 48_000)
        var left = [Float](repeating: 0, count: 64), right = left
        var delays: [Float] = []
        for block in 0..<2000 {
            // Without the loader's help: what nobody played goes straight back to the standby pool.
            for change in 0..<5 {
                input.push(
                    Event(
                        .program, stamp: timebase.stamp(of: block * 64 + change * 12),
                        number: UInt32((block * 5 + change) % 6)))
            }
            engine.render(left: &left, right: &right, frames: 64, timebase: timebase)
            while let report = engine.nextReport() {
                if report.kind == .changed { delays.append(report.value) }
            }
        }
        #expect(delays.count > 9000 && delays.allSatisfy { $0 == 0 })
        #expect(engine.status.slots == 1)
    }
}

private func parse(_ text: String) throws -> Patch { try PatchFile.parse(text, file: "test.yaml") }

extension CompiledPatch {
    /// Its bomb goes off for every key.
    fileprivate func failingAlways() throws -> CompiledPatch {
        var patch = self.patch
        patch.modules.append(
            .init(.init("hot"), type: .init("mix"), settings: [(.init("gainA"), .init("12 dB"))]))
        patch.connections = patch.connections.map { connection in
            var connection = connection
            if connection.to.text == "fuse" { connection.to = .init("hot") }
            return connection
        }
        patch.connections.append(.init(from: .init("hot"), to: .init("fuse")))
        var registry = ModuleRegistry.standard
        registry.visit(StageSafety.Bomb.self)
        return try CompiledPatch(patch, registry: registry)
    }
}
