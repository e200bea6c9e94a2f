import KairosDSP

extension ReverbNetwork {
    /// Rows of the table of vectors. A row with one value per line is read as sixteen floats.
    enum Table {
        /// Outputs of the lines in the tick, after the first half of the Hadamard matrix; sixteen rows.
        static var feedback: Int { 0 }
        /// Low-pass outputs of the lines' shelving filters; sixteen rows.
        static var lowPass: Int { 16 }
        /// Reverberation in the tick: eight frames of the bus in each of two rows.
        static var wet: Int { 32 }
        /// Input in the tick, likewise.
        static var collected: Int { 34 }
        /// Low-pass outputs of the high-pass filters of the input, left and right.
        static var inputLow: Int { 36 }
        /// Gains of the lines at high frequencies, at the beginning and the end of the tick.
        static var high: Int { 38 }
        /// Gains of the lines at low frequencies minus those at high ones, likewise.
        static var low: Int { 40 }
        /// Poles of the shelving filters, and their powers 2, 4 and 8.
        static var pole: Int { 42 }
        /// Gains of the inputs of their low-pass filters.
        static var feed: Int { 46 }
        /// Sines (lanes 0…7) and cosines of the rotations times ¼, at the beginning and the end of the tick.
        static var rotation: Int { 47 }
        /// Number of rows.
        static var count: Int { 49 }
        /// Number of rows that hold a signal.
        static var signals: Int { 38 }
    }

    /// Rows of sixteen of the table of lengths, in frames.
    enum Lengths {
        /// Delay lines that fade out, and that fade in.
        static var lines: Int { 0 }
        /// Two places in each line, likewise: first, first of the next, second, second of the next.
        static var taps: Int { 32 }
        /// Twelve allpass filters.
        static var diffusers: Int { 96 }
        /// Number of lengths.
        static var count: Int { 108 }
    }

    /// Addresses of the buffers, in one sub-block. [audio]
    struct Access {
        let lines: FrameRows.Access
        let diffusers: FrameRows.Access
        let input: FrameRows.Access
        let table: UnsafeMutablePointer<Lanes>
        let lengths: UnsafeMutablePointer<Int32>

        @inline(__always) init<M: Module>(_ memory: Memory, _ io: ModuleIO<M>) {
            lines = memory.lines.access(io)
            diffusers = memory.diffusers.access(io)
            input = memory.input.access(io)
            table = io[memory.table]
            lengths = io[memory.lengths]
        }

        /// One lane of a row of the table.
        @inline(__always) func value(_ row: Int, _ lane: Int) -> Float {
            UnsafeRawPointer(table).load(fromByteOffset: 64 &* row &+ 4 &* lane, as: Float.self)
        }

        /// One lane of a pair of rows, over the tick.
        @inline(__always) func ramp(_ row: Int, _ lane: Int) -> Lanes {
            let from = value(row, lane), to = value(row &+ 1, lane)
            return Lanes(repeating: from).addingProduct(Lanes(repeating: to - from), .tickPositions)
        }

        /// One of the lengths.
        @inline(__always) func length(_ index: Int) -> Int { Int(lengths[index]) }

        /// Length of the longest line, in frames.
        @inline(__always) var longest: Int { max(length(Lengths.lines &+ 15), length(Lengths.lines &+ 31)) }

        /// Clears the signals of the tick.
        func clear() { for row in 0..<Table.signals { table[row] = .zero } }

        /// Begins the next tick for a row with one value per line: its values become `target`.
        @inline(__always) func aim(_ row: Int, at target: Lanes, snapping: Bool) {
            table[row] = snapping ? target : table[row &+ 1]
            table[row &+ 1] = target
        }

        /// Sets sixteen lengths to `frames`, rounded.
        @inline(__always) func setLengths(_ index: Int, _ frames: Lanes) {
            // 1.5·2²³: after the addition the low bits hold the nearest integer.
            let magic = Lanes(repeating: 12_582_912)
            let whole =
                unsafeBitCast(frames + magic, to: SIMD16<Int32>.self)
                &- unsafeBitCast(magic, to: SIMD16<Int32>.self)
            UnsafeMutableRawPointer(lengths).storeBytes(
                of: whole, toByteOffset: 4 &* index, as: SIMD16<Int32>.self)
        }
    }

    /// Coefficients, and the parameter values that they belong to.
    struct Coefficients: BitwiseCopyable {
        /// Size of the lines, 1 is 100 %.
        private(set) var size: Crossfade
        /// Pre-delay in frames.
        private(set) var preDelay: Crossfade
        /// Gain of the input of the lines. It grows as the decay gets shorter, so that steady noise keeps its level.
        private(set) var inputGain = TickRamp()
        /// Gain of the input at the output.
        private(set) var dry = TickRamp()
        /// Gain of each channel of the reverberation at its own output.
        private(set) var direct = TickRamp()
        /// Gain of each channel of the reverberation at the other output.
        private(set) var cross = TickRamp()
        /// Low-pass filter whose output the high-pass filter of the input subtracts.
        private(set) var lowCut = Pole()

        private let sampleRate: Float
        /// Phase increments of the rotations per frame, for eight pairs, twice.
        private let rates: SIMD16<UInt32>
        private var scale: Float = 0
        private var decay: Float = 0
        private var damping: Float = 0
        private var lowCutHertz: Float = 0
        private var inputTarget: Float = 0
        /// True if the gains of the lines differ between the beginning and the end of the tick.
        private var isMoving = false

        /// One-pole low-pass filter.
        struct Pole: BitwiseCopyable {
            /// The pole, and its powers 2, 4 and 8.
            var powers: (Float, Float, Float, Float) = (0, 0, 0, 0)
            /// Gain of the sum of the last two inputs.
            var feed: Float = 0
        }

        init(sampleRate: Float) {
            self.sampleRate = sampleRate
            size = Crossfade(sampleRate: sampleRate)
            preDelay = Crossfade(sampleRate: sampleRate)
            var hertz = Lanes.zero
            for lane in 0..<16 { hertz[lane] = 0.8 + 0.4 * Float(lane % 8) / 7 }
            rates = phaseIncrement(hertz * Lanes(repeating: 1 / sampleRate))
        }

        /// Ends the rotations of the tick that is over with those at `clock`. Angles reach 4 rad at a `depth` of 1.
        @inline(__always) mutating func rotate(
            _ access: Access, _ depth: Float, clock: Int, snapping: Bool
        ) {
            let pairs = SIMD16<UInt32>(0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7)
            let start = pairs &<< SIMD16<UInt32>(repeating: 28)
            let phase = start &+ rates &* SIMD16(repeating: UInt32(truncatingIfNeeded: clock))
            let turns = sine(phase: phase) * Lanes(repeating: 0.636_62 * depth)
            let quarter = Lanes(
                0, 0, 0, 0, 0, 0, 0, 0, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25)
            // The Hadamard matrix of sixteen lines preserves energy if it is divided by 4.
            let target = sine(phase: phaseOffset(turns: turns + quarter)) * Lanes(repeating: 0.25)
            access.aim(Table.rotation, at: target, snapping: snapping)
        }

        /// Begins a tick with `controls`.
        @inline(__always) mutating func aim(
            _ access: Access, _ controls: ReverbControls, _ design: Design, snapping: Bool
        ) {
            _ = preDelay.advance(to: (controls.preDelay * sampleRate).rounded(), snapping: snapping)
            if size.advance(to: controls.size, snapping: snapping) { setLengths(access, design) }
            aimLines(access, controls, design, snapping: snapping)
            inputGain.aim(at: inputTarget, snapping: snapping)
            if controls.lowCut != lowCutHertz || snapping {
                lowCutHertz = controls.lowCut
                let pole = Self.pole(Lanes(repeating: lowCutHertz / sampleRate))[0]
                let second = pole * pole, fourth = second * second
                lowCut = Pole(powers: (pole, second, fourth, fourth * fourth), feed: 0.5 - 0.5 * pole)
            }
            let mix = DryWet(controls.mix)
            dry.aim(at: mix.dry, snapping: snapping)
            // A rotation by 45° makes mono of both channels; a small one is left at full width, so that a mono sum
            // loses less than the 3 dB of unlike channels.
            let turn = 0.125 - 0.115 * controls.width
            let part = quarterSine(Lanes(repeating: turn))[0]
            let gain = mix.wet * (design.hasTaps ? 0.25 : 0.353_553_4)
            cross.aim(at: gain * part, snapping: snapping)
            direct.aim(at: gain * (1 - part * part).squareRoot(), snapping: snapping)
        }

        private func setLengths(_ access: Access, _ design: Design) {
            let now = design.lines * Lanes(repeating: size.now),
                next = design.lines * Lanes(repeating: size.next)
            access.setLengths(Lengths.lines, now)
            access.setLengths(Lengths.lines &+ 16, next)
            access.setLengths(Lengths.taps, now * Lanes(repeating: design.taps.0))
            access.setLengths(Lengths.taps &+ 16, next * Lanes(repeating: design.taps.0))
            access.setLengths(Lengths.taps &+ 32, now * Lanes(repeating: design.taps.1))
            access.setLengths(Lengths.taps &+ 48, next * Lanes(repeating: design.taps.1))
        }

        /// Pole of a one-pole low-pass filter (bilinear transform) with this cutoff, in cycles per frame.
        @inline(__always) private static func pole(_ cutoff: Lanes) -> Lanes {
            let s = sine(halfTurns: cutoff), c = cosine(halfTurns: cutoff)
            return (c - s) / (c + s)
        }

        /// Gains and poles of the lines.
        @inline(__always) private mutating func aimLines(
            _ access: Access, _ controls: ReverbControls, _ design: Design, snapping: Bool
        ) {
            let scale = size.value
            guard snapping || scale != self.scale || controls.decay != decay || controls.damping != damping
            else {
                if isMoving {
                    access.table[Table.high] = access.table[Table.high &+ 1]
                    access.table[Table.low] = access.table[Table.low &+ 1]
                    isMoving = false
                }
                return
            }
            self.scale = scale
            decay = controls.decay
            damping = controls.damping
            isMoving = true
            // 60 dB are 9.97 octaves. A tenth of the decay time is ten times the decibels, at most 36 dB more per
            // line.
            let octaves = design.lines * Lanes(repeating: scale * -9.965_784 / (decay * sampleRate))
            let factor = exp2(Lanes(repeating: 3.321_928 * damping)) - .one
            let more = (octaves * factor).larger(Lanes(repeating: -6))
            let gain = exp2(octaves), high = exp2(octaves + more)
            // With the pole at the corner times the root of the ratio of both gains, lines of all lengths decay alike.
            let pole = Self.pole(
                exp2(more * Lanes(repeating: 0.5)) * Lanes(repeating: ReverbNetwork.corner / sampleRate))
            access.aim(Table.high, at: high, snapping: snapping)
            access.aim(Table.low, at: gain - high, snapping: snapping)
            let second = pole * pole, fourth = second * second
            access.table[Table.pole] = pole
            access.table[Table.pole &+ 1] = second
            access.table[Table.pole &+ 2] = fourth
            access.table[Table.pole &+ 3] = fourth * fourth
            access.table[Table.feed] = Lanes(repeating: 0.5).subtractingProduct(Lanes(repeating: 0.5), pole)
            // The lines' mean power is 1 behind their inputs, and that times their gains at their ends.
            let power = (gain * gain).laneSum * 0.0625
            inputTarget = ((1 - power) / (design.hasTaps ? 1 : max(power, 0.25))).squareRoot()
        }
    }
}
