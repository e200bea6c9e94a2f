import KairosDSP

/// Feedback delay network: sixteen delay lines whose outputs are mixed and fed back into all of them (J.-M. Jot,
/// A. Chaigne, "Digital delay networks for designing artificial reverberators", 1991).
///
/// * Each channel passes the pre-delay, a high-pass filter and six allpass filters, and enters eight lines.
/// * Each line ends in a shelving filter whose gain is the decay of its length: 10^(−3 · length / decay time).
/// * A Hadamard matrix mixes the lines. It preserves energy, and so do the slow rotations of pairs of lines
///   that follow: they move the resonances, which are then too short to be heard as tones.
/// * The lines are whole frames long. An interpolation inside the loop would shorten the decay of high
///   frequencies (by 15 % at 8 kHz and 4 s); the rotations do not.
///
/// The shortest line is longer than a control tick, so all of a tick's feedback is known at its beginning. The
/// network runs once per tick, sixteen frames of a line in one vector; the input of a tick enters at its end.
struct ReverbNetwork: BitwiseCopyable {
    /// Longest pre-delay in seconds.
    static var longestPreDelay: Float { 0.25 }
    /// Corner frequency of the shelving filters in Hz: there a line's gain in dB is between its ends.
    static var corner: Float { 5000 }

    let design: Design
    let memory: Memory
    var state = State()
    var coefficients: Coefficients

    /// Properties of the kind of reverb, at the sample rate.
    struct Design: BitwiseCopyable {
        /// Lengths of the lines at 100 %, in frames with fractions.
        let lines: Lanes
        /// Places of the two outputs in a line, as parts of its length.
        let taps: (Float, Float)
        /// True if the output is at the taps, false if it is at the ends of the lines.
        let hasTaps: Bool
        /// Coefficient of the allpass filters.
        let diffusion: Float
        /// Length of all allpass filters of a channel, in frames.
        let diffusers: Int
    }

    /// Buffers.
    struct Memory: BitwiseCopyable {
        let lines: FrameRows
        let diffusers: FrameRows
        let input: FrameRows
        /// Vectors of the tick: see ``Table``.
        let table: Buffer<Lanes>
        /// Lengths in frames: see ``Lengths``.
        let lengths: Buffer<Int32>
    }

    /// State that changes from tick to tick.
    struct State: BitwiseCopyable {
        /// First frame of the tick in the rows, a multiple of 16.
        var position = 0
        /// Frames in the rows that were written since the start.
        var written = 0
        /// Clock of the frame that follows the last one rendered.
        var nextClock = 0
        /// True until the first frame after a start.
        var isRestarting = true
    }

    /// A network for `format`.
    init(_ design: ReverbDesign, _ format: Format, _ memory: inout ModuleMemory) {
        let scale = format.sampleRate / 48_000
        let diffusers = design.diffusers.map { Int(($0 * scale).rounded()) }
        let longest = design.lines.max() * scale * 2
        self.memory = Memory(
            lines: FrameRows(16, longest: Int(longest) + 2, &memory),
            diffusers: FrameRows(12, longest: diffusers.max() ?? 0, &memory),
            input: FrameRows(2, longest: Int(Self.longestPreDelay * format.sampleRate) + 2, &memory),
            table: memory.buffer(Table.count, repeating: .zero),
            lengths: memory.buffer(Lengths.count) { index in
                index < Lengths.diffusers ? 32 : Int32(diffusers[index - Lengths.diffusers])
            })
        self.design = Design(
            lines: design.lines * Lanes(repeating: scale), taps: design.taps ?? (0, 0),
            hasTaps: design.taps != nil, diffusion: design.diffusion,
            diffusers: max(diffusers[..<6].reduce(0, +), diffusers[6...].reduce(0, +)))
        coefficients = Coefficients(sampleRate: format.sampleRate)
    }

    /// Longest time from an input to a reflection, in frames.
    var longestReflection: Int {
        let size = max(coefficients.size.now, coefficients.size.next)
        let before = max(coefficients.preDelay.now, coefficients.preDelay.next)
        return Int(design.lines[15] * size + before) + design.diffusers + SubBlock.longest
    }

    /// Clears all state before the next frame.
    mutating func restart() { state.isRestarting = true }

    /// Renders one sub-block.
    @inline(__always) mutating func render<M: Module>(_ io: ModuleIO<M>)
    where M.Inlet == ReverbInlet, M.Outlet == ReverbOutlet, M.Param == ReverbParam {
        let input = io[.input], output = io[.output], table = io[memory.table]
        for segment in io.segments {
            let clock = io.clock &+ segment.first
            // After a start, or frames for which the engine did not run the module, a tick begins anywhere.
            if segment.phase == 0 || state.isRestarting || clock != state.nextClock {
                advance(
                    Access(memory, io), ReverbControls(io, segment.first), clock: clock &- segment.phase)
            }
            state.nextClock = io.clock &+ segment.end
            let dry = coefficients.dry
            if segment.end &- segment.first == SubBlock.controlTick {
                let positions = Lanes.tickPositions, n = segment.first
                let first = input.eightFrames(from: n), last = input.eightFrames(from: n &+ 8)
                table[Table.collected] = first
                table[Table.collected &+ 1] = last
                let firstGain = dry.values(.firstFrames(left: positions, right: positions))
                let lastGain = dry.values(.lastFrames(left: positions, right: positions))
                output.set(eightFramesFrom: n, to: table[Table.wet].addingProduct(first, firstGain))
                output.set(eightFramesFrom: n &+ 8, to: table[Table.wet &+ 1].addingProduct(last, lastGain))
            } else {
                let memory = UnsafeMutableRawPointer(table)
                for n in segment.first..<segment.end {
                    let frame = segment.phase &+ n &- segment.first
                    let x = input[n].stereo, bytes = 64 &* Table.wet &+ 8 &* frame
                    memory.storeBytes(
                        of: x, toByteOffset: 64 &* Table.collected &+ 8 &* frame, as: SIMD2<Float>.self)
                    let wet = Lanes(stereo: memory.load(fromByteOffset: bytes, as: SIMD2<Float>.self))
                    output[n] = wet.addingProduct(
                        Lanes(stereo: x), Lanes(repeating: dry.value(frame)))
                }
            }
        }
    }

    /// Ends the tick that is over and begins the one at `clock`.
    private mutating func advance(_ access: Access, _ controls: ReverbControls, clock: Int) {
        let isFirst = state.isRestarting
        if isFirst {
            state.isRestarting = false
            state.written = 0
            access.clear()
        }
        coefficients.rotate(access, controls.modulation, clock: clock, snapping: isFirst)
        if !isFirst {
            write(access)
            state.position &+= SubBlock.controlTick
            state.written &+= SubBlock.controlTick
        }
        coefficients.aim(access, controls, design, snapping: isFirst)
        if coefficients.size.isMoving || state.written <= access.longest {
            read(access, isWhole: false)
        } else {
            read(access, isWhole: true)
        }
    }
}
