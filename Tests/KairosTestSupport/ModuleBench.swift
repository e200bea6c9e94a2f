public import KairosDSP

extension Format {
    /// Sixteen voices, and a bus, at 48 kHz.
    public static var both: [Format] { [.voices(sampleRate: 48_000), .bus(sampleRate: 48_000)] }

    /// Formats for laws about bits: at other rates than 48 kHz a module may take other paths.
    public static var forLaws: [Format] { both + [.voices(sampleRate: 44_100), .voices(sampleRate: 96_000)] }
}

extension Module {
    /// Formats that the module can have at 48 kHz.
    public static var formats: [Format] { info.runsOnce ? [.bus(sampleRate: 48_000)] : Format.both }

    /// Formats for laws about bits.
    public static var formatsForLaws: [Format] {
        info.runsOnce ? [48_000, 44_100, 96_000].map { .bus(sampleRate: $0) } : Format.forLaws
    }
}

/// A test bench for one module: inlets, parameters and notes by frame, and the lengths of sub-blocks.
///
/// Signals are functions of lane and frame number, so that they do not depend on the lengths of sub-blocks.
public struct ModuleBench<M: Module> {
    /// The signal of an inlet or parameter.
    public enum Source {
        /// One constant value in all lanes.
        case steady(Float)
        /// One constant value per lane.
        case lanes([Float])
        /// A value by lane and frame.
        case moving((_ lane: Int, _ frame: Int) -> Float)
    }

    /// An event before a frame. A sub-block ends there.
    public struct Event {
        /// The frame.
        public var frame: Int
        /// Lanes that a new note takes.
        public var start = LaneMask.none
        /// Lanes whose gates are triggered, rise, and fall.
        public var strike = LaneMask.none
        /// Lanes whose gates go low.
        public var release = LaneMask.none
        /// Seeds of the new notes.
        public var seeds = SIMD16<UInt32>(repeating: 7)
        /// Parameters that change without smoothing: index and value.
        public var set: [(param: Int, value: Source)] = []

        /// An empty event at `frame`.
        public init(_ frame: Int) { self.frame = frame }

        /// A note in `lanes`: start, trigger and rising gate.
        public static func note(_ frame: Int, _ lanes: LaneMask = .all, seed: UInt32 = 7) -> Event {
            var event = Event(frame)
            event.start = lanes
            event.strike = lanes
            event.seeds = SIMD16(repeating: seed)
            return event
        }

        /// Falling gates in `lanes`.
        public static func release(_ frame: Int, _ lanes: LaneMask = .all) -> Event {
            var event = Event(frame)
            event.release = lanes
            return event
        }
    }

    /// Format of the module.
    public var format: Format
    /// Signals by the inlet's index; unconnected where none is given.
    public var inlets: [Int: Source] = [:]
    /// Signals by the parameter's index; the default where none is given.
    public var params: [Int: Source] = [:]
    /// Events in order of their frames.
    public var events: [Event] = []
    /// Lengths of sub-blocks, repeated in order. Events and the total length split further.
    public var cuts = [SubBlock.longest]
    /// The clock of the first frame.
    public var clock = 0
    /// Function that renders a sub-block: `process`, or the two steps of a module in a feedback loop.
    public var render: (_ module: inout M, _ io: ModuleIO<M>) -> Void = { $0.process($1) }
    /// Passes constant signals as changing ones, so that no fast path is taken.
    public var unsteady = false
    /// Declares that outlets are read at control ticks only.
    public var atControlTicks = false
    /// Lengths of note values by the parameter's index; numbers where none is given.
    public var periods: [Int: BeatPeriod] = [:]
    /// The transport by frame; one that stands still where none is given.
    public var transport: (_ frame: Int) -> TransportPosition = { _ in TransportPosition() }
    /// Range of frames for which the module is not run.
    public var idle: Range<Int>?

    /// A bench at 48 kHz for sixteen voices.
    public init(_ type: M.Type, format: Format = .voices(sampleRate: 48_000)) { self.format = format }

    /// Sets an inlet.
    public mutating func feed(_ inlet: M.Inlet, _ source: Source) { inlets[inlet.rawValue] = source }

    /// Sets a parameter.
    public mutating func set(_ param: M.Param, _ source: Source) { params[param.rawValue] = source }

    /// Sets a parameter to one value.
    public mutating func set(_ param: M.Param, _ value: Float) { params[param.rawValue] = .steady(value) }

    /// Sets a parameter to a note value, and its number at 120 beats per minute.
    public mutating func set(_ param: M.Param, _ note: NoteValue) {
        guard let (number, period) = param.spec.noteLaw?.resolve(note) else { return }
        params[param.rawValue] = .steady(number)
        periods[param.rawValue] = period
    }

    /// Runs the transport at 120 beats per minute from a frame on.
    public mutating func run(transportFrom start: Int, beats: Double = 0) {
        let perFrame = Int64((2 / Double(format.sampleRate) * 4_294_967_296).rounded())
        let first = Int64(beats * 4_294_967_296)
        transport = { frame in
            var position = TransportPosition()
            guard frame >= start else { return position }
            position.isRunning = true
            position.perFrame = perFrame
            position.position = first + perFrame * Int64(frame - start)
            return position
        }
    }

    /// The output of a new module: by outlet, then frame.
    public func run(_ frames: Int) -> [[Lanes]] { run(BenchModule(format), frames) }

    /// The output of `module` from its present state: by outlet, then frame.
    public func run(_ module: borrowing BenchModule<M>, _ frames: Int) -> [[Lanes]] {
        var rig = ModuleRig<M>(self)
        return rig.run(module, to: frames)
    }

    /// The outputs of two modules from frame `border` on: one that continues, and another one that has rendered
    /// something else and then loads the state that the first had at `border`. The second renders after the first
    /// has ended.
    public func runSaved(at border: Int, _ frames: Int) -> (whole: [[Lanes]], loaded: [[Lanes]]) {
        let first = BenchModule<M>(format), second = BenchModule<M>(format)
        var rig = ModuleRig<M>(self), other = ModuleRig<M>(self)
        _ = rig.run(first, to: border)
        _ = other.run(BenchModule(format), to: border)
        _ = ModuleBench.busy(seed: 99, format: format).run(second, 300)
        let image = first.image
        let whole = rig.run(first, to: frames)
        second.load(image)
        return (whole, other.run(second, to: frames))
    }
}

/// A module in memory of its own, as a patch instance has it in its region.
public struct BenchModule<M: Module>: ~Copyable {
    private let memory: UnsafeMutableRawBufferPointer
    fileprivate let module: UnsafeMutablePointer<M>

    /// A module for `format`.
    public init(_ format: Format) {
        memory = .allocate(byteCount: M.memoryBytes(format), alignment: ModuleMemory.alignment)
        module = M.make(format, in: memory)
    }

    deinit { memory.deallocate() }

    /// Resets the module.
    public func reset() { module.pointee.reset() }

    fileprivate func io(_ context: UnsafePointer<StepContext>) -> ModuleIO<M> {
        ModuleIO(context, module: UnsafeMutableRawPointer(module))
    }

    /// The bytes of the module and its buffers.
    fileprivate var image: [UInt8] { Array(memory) }

    fileprivate func load(_ image: [UInt8]) { memory.copyBytes(from: image) }
}

/// The buffers of one run of a ``ModuleBench``.
struct ModuleRig<M: Module>: ~Copyable {
    private let bench: ModuleBench<M>
    private let blocks: UnsafeMutablePointer<Lanes>
    private let cells: UnsafeMutablePointer<SignalCell>
    private let gates: UnsafeMutablePointer<Gate>
    private let places: UnsafeMutablePointer<Int32>
    private let periods: UnsafeMutablePointer<BeatPeriod?>
    private let inletCount: Int
    private let outletCount: Int
    private let cellCount: Int
    private var sources: [ModuleBench<M>.Source]
    /// The next frame, the index of the sub-block, the lanes with a high gate, and the events that remain.
    private var frame = 0
    private var turn = 0
    private var high = LaneMask.none
    private var events: ArraySlice<ModuleBench<M>.Event>

    init(_ bench: ModuleBench<M>) {
        self.bench = bench
        events = bench.events[...]
        inletCount = M.Inlet.allCases.count
        outletCount = M.Outlet.allCases.count
        let params = Array(M.Param.allCases)
        cellCount = inletCount + params.count + outletCount
        blocks = .allocate(capacity: (cellCount + 1) * SubBlock.longest)
        blocks.initialize(repeating: .zero, count: (cellCount + 1) * SubBlock.longest)
        cells = .allocate(capacity: cellCount + 1)
        gates = .allocate(capacity: inletCount + 1)
        gates.initialize(repeating: .low, count: inletCount + 1)
        places = .allocate(capacity: cellCount + 1)
        periods = .allocate(capacity: cellCount + 1)
        periods.initialize(repeating: nil, count: cellCount + 1)
        for (param, period) in bench.periods { periods[inletCount + param] = period }
        for place in 0..<cellCount {
            cells[place] = SignalCell(base: blocks + place * SubBlock.longest, stride: 1)
            places[place] = Int32(place)
        }
        sources =
            M.Inlet.allCases.map { bench.inlets[$0.rawValue] ?? .steady($0.info.idle) }
            + params.map { bench.params[$0.rawValue] ?? .steady($0.spec.defaultValue) }
        for inlet in M.Inlet.allCases where inlet.info.kind == .gate {
            places[inlet.rawValue] = Int32(inlet.rawValue)
        }
    }

    deinit {
        blocks.deallocate()
        cells.deallocate()
        gates.deallocate()
        places.deallocate()
        periods.deallocate()
    }

    /// Renders `module` from the next frame up to `frames`.
    mutating func run(_ module: borrowing BenchModule<M>, to frames: Int) -> [[Lanes]] {
        var output = [[Lanes]](repeating: [], count: outletCount)
        while frame < frames {
            var struck = LaneMask.none
            while let event = events.first, event.frame <= frame {
                if !event.start.isEmpty {
                    module.module.pointee.start(event.start, seeds: event.seeds)
                }
                for (param, value) in event.set { sources[inletCount + param] = value }
                high = (high | event.strike) & ~event.release
                struck = struck | event.strike
                events.removeFirst()
            }
            let toEnd = SubBlock.longest - (bench.clock + frame) % SubBlock.longest
            var count = min(bench.cuts[turn % bench.cuts.count], frames - frame, toEnd)
            if let next = events.first { count = min(count, next.frame - frame) }
            turn += 1
            let isIdle = bench.idle?.contains(frame) == true
            if let idle = bench.idle {
                let border = isIdle ? idle.upperBound : idle.lowerBound
                if border > frame { count = min(count, border - frame) }
            }
            if !isIdle { render(module, frame, count, Gate(high: high, triggered: struck)) }
            for outlet in 0..<outletCount {
                let cell = cells[inletCount + sources.count - inletCount + outlet]
                for n in 0..<count { output[outlet].append(isIdle ? .zero : cell.base[n * cell.stride]) }
            }
            frame += count
        }
        return output
    }

    private func render(_ module: borrowing BenchModule<M>, _ frame: Int, _ count: Int, _ gate: Gate) {
        for (place, source) in sources.enumerated() { fill(place, source, frame, count) }
        for inlet in 0..<inletCount { gates[inlet] = gate }
        let clock = bench.clock + frame
        let piece = SubBlock(
            frames: count, clock: clock, phase: clock % SubBlock.controlTick,
            endsBlock: (clock + count) % SubBlock.longest == 0, transport: bench.transport(frame))
        withUnsafePointer(to: piece) { piece in
            let context = StepContext(
                inlets: places, outlets: places + sources.count, params: places + inletCount, cells: cells,
                gates: gates, subBlock: piece, atControlTicks: bench.atControlTicks ? .max : 0,
                periods: periods)
            withUnsafePointer(to: context) { bench.render(&module.module.pointee, module.io($0)) }
        }
    }

    private func fill(_ place: Int, _ source: ModuleBench<M>.Source, _ frame: Int, _ count: Int) {
        let base = blocks + place * SubBlock.longest
        var isSteady = true
        switch source {
        case .steady(let value): base[0] = Lanes(repeating: value)
        case .lanes(let values): for lane in 0..<16 { base[0][lane] = values[lane] }
        case .moving(let value):
            isSteady = false
            for n in 0..<count {
                for lane in 0..<16 { base[n][lane] = value(lane, frame + n) }
            }
        }
        if isSteady && bench.unsteady {
            for n in 0..<count { base[n] = base[0] }
            isSteady = false
        }
        cells[place] = SignalCell(base: base, stride: isSteady ? 0 : 1)
    }
}
