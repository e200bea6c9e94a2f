import KairosCompiler
import KairosDSP

// The engine's own steps (see ``Step/Op``). [audio]
//
// Each is a function of its own: inlined, they would all take registers from the loop over the steps. Each is mutating
// and takes its step `inout`: a call of another function copies the whole core, or the step.
extension InstanceCore {
    /// Amplitude below which the output is silent: −140 dBFS.
    private static let silence: Float = 1e-7

    @inline(__always) private func inlet(_ step: inout Step, _ index: Int) -> SignalCell {
        schedule.cells[Int(schedule.ports[Int(step.ports) + index])]
    }

    @inline(never) mutating func sum(_ step: inout Step) {
        let target = Int(step.target), out = schedule.cells[target].base
        schedule.cells[target].stride = 1
        let first = inlet(&step, 0)
        for n in 0..<subBlock.frames { out[n] = first.base[n &* first.stride] }
        for index in 1..<Int(step.count) {
            let next = inlet(&step, index)
            for n in 0..<subBlock.frames { out[n] += next.base[n &* next.stride] }
        }
    }

    /// `fade`: a connection that a live edit adds or removes. After the crossfade it passes the signal, or is silent.
    @inline(never) mutating func fade(_ step: inout Step) {
        let target = Int(step.target), out = schedule.cells[target].base
        let source = inlet(&step, 0)
        let isLeaving = step.side == 1
        if state.fade.moves {
            schedule.cells[target].stride = 1
            for n in 0..<subBlock.frames {
                let gain = isLeaving ? 1 - buffers.fadeGains[n] : buffers.fadeGains[n]
                out[n] = source.base[n &* source.stride] * gain
            }
        } else if isLeaving {
            schedule.cells[target].stride = 0
            out[0] = .zero
        } else {
            schedule.cells[target].stride = source.stride
            for n in 0..<(source.stride == 0 ? 1 : subBlock.frames) { out[n] = source.base[n] }
        }
    }

    /// `modulate`: adds signals to a parameter in the unit of its depths, and clamps the sum once.
    @inline(never) mutating func modulate(_ step: inout Step) {
        let param = Int(step.box)
        let base = schedule.cells[Int(params.states[param].cell)]
        let target = Int(step.target), out = LaneBuffer(schedule.cells[target].base)
        var moves = base.stride
        for index in 0..<Int(step.count) { moves |= inlet(&step, index).stride }
        schedule.cells[target].stride = moves
        if moves == 0 {
            modulate(&step, out, base, at: 0, params.states[param].law)
        } else if params.states[param].atControlTicks {
            for segment in ControlSegments(of: subBlock) {
                modulate(&step, out, base, at: segment.first, params.states[param].law)
            }
        } else {
            modulate(&step, out, base, 0..<subBlock.frames, params.states[param].law)
        }
    }

    /// The modulated value of one frame. It is stored here: a function that returns it would return it in parts.
    private mutating func modulate(
        _ step: inout Step, _ out: LaneBuffer, _ base: SignalCell, at n: Int, _ law: ParamLaw
    ) {
        var sum = Lanes.zero
        for index in 0..<Int(step.count) {
            let next = inlet(&step, index)
            sum += next.base[n &* next.stride] * Lanes(repeating: schedule.depths[Int(step.depths) + index])
        }
        let value = base.base[n &* base.stride]
        if law.curve == .exponential {
            // On an exponential curve a depth is in semitones: twelfths of a power of two.
            out[n] = (value * exp2(sum * Lanes(repeating: 1 / 12))).clamped(law.low, law.high)
        } else {
            out[n] = (value + sum).clamped(law.low, law.high)
        }
    }

    /// `latch`: a parameter that is read at note-on, with the modulation of each voice's last note-on.
    @inline(never) mutating func latch(_ step: inout Step, _ group: Int) {
        let index = Int(step.outlets) &* voices.groups.count &+ max(group, 0)
        let triggered = gates[Int(step.read)].triggered
        if !triggered.isEmpty {
            var sum = Lanes.zero
            for term in 0..<Int(step.count) {
                let depth = Lanes(repeating: schedule.depths[Int(step.depths) + term])
                sum = sum.addingProduct(inlet(&step, term).base[0], depth)
            }
            latches[index].replace(with: sum, in: triggered)
        }
        let param = Int(step.box), target = Int(step.target), law = params.states[param].law
        let value = schedule.cells[Int(params.states[param].cell)].base[0], sum = latches[index]
        var modulated: Lanes
        if let octaves = params.states[param].depthOctaves {
            modulated = value * exp2(sum * Lanes(repeating: octaves))
        } else {
            modulated = value + sum
        }
        modulated = modulated.clamped(law.low, law.high)
        if law.steps > 0 {
            // Rounds to a whole number: after the addition of 1.5 · 2²³ no fraction is left.
            let magic = Lanes(repeating: 12_582_912)
            modulated = (modulated + magic) - magic
        }
        schedule.cells[target].stride = 0
        schedule.cells[target].base[0] = modulated
    }

    @inline(__always) private mutating func modulate(
        _ step: inout Step, _ out: LaneBuffer, _ base: SignalCell, _ frames: Range<Int>,
        _ law: ParamLaw
    ) {
        let isExponential = law.curve == .exponential
        // On an exponential curve a depth is in semitones: twelfths of a power of two.
        let scale: Float = isExponential ? 1 / 12 : 1
        let low = law.low, high = law.high
        for index in 0..<Int(step.count) {
            let next = inlet(&step, index)
            let depth = Lanes(repeating: schedule.depths[Int(step.depths) + index] * scale)
            if index == 0 {
                for n in frames { out[n] = next.base[n &* next.stride] * depth }
            } else {
                for n in frames { out[n] += next.base[n &* next.stride] * depth }
            }
        }
        if isExponential {
            for n in frames { out[n] = (base.base[n &* base.stride] * exp2(out[n])).clamped(low, high) }
        } else {
            for n in frames { out[n] = (base.base[n &* base.stride] + out[n]).clamped(low, high) }
        }
    }

    /// `spread`: one lane of a bus, for every voice.
    @inline(never) mutating func spread(_ step: inout Step) {
        let source = inlet(&step, 0)
        let target = Int(step.target), out = schedule.cells[target].base
        schedule.cells[target].stride = source.stride
        for n in 0..<(source.stride == 0 ? 1 : subBlock.frames) {
            out[n] = Lanes(repeating: source.base[n][Int(step.side)])
        }
    }

    /// `gather`: adds the voices of one group, each at its gain, to the sum of the other groups.
    @inline(never) mutating func gather(_ step: inout Step, _ group: Int) {
        let source = inlet(&step, 0), frames = subBlock.frames
        let isFirst = soundingGroups == 0
        let sum = buffers.scratch.accumulators.suffix(fromBlock: Int(step.target))
        let mask = (voices.groups[group].used & ~voices.groups[group].muted).vector
        guard !voices.groups[group].watched.isEmpty || gainsMove else {
            let gain = Lanes.zero.replacing(with: buffers.scratch.gains[0], where: mask)
            if isFirst {
                for n in 0..<frames { sum[n] = source.base[n &* source.stride] * gain }
            } else {
                for n in 0..<frames { sum[n] = sum[n].addingProduct(source.base[n &* source.stride], gain) }
            }
            return
        }
        let gainStride = gainsMove ? 1 : 0
        var index = 0
        for segment in ControlSegments(of: subBlock) {
            var peak = buffers.peaks[index]
            for n in segment.first..<segment.end {
                let x = source.base[n &* source.stride], gain = buffers.scratch.gains[n &* gainStride]
                let safe = Lanes.zero.replacing(with: x, where: x.isFinite .& mask)
                sum[n] = isFirst ? safe * gain : sum[n].addingProduct(safe, gain)
                peak = peak.larger((safe * gain).magnitude)
            }
            buffers.peaks[index] = peak
            index += 1
        }
    }

    /// `collapse`: the sum of all voices, as the signal of a bus.
    @inline(never) mutating func collapse(_ step: inout Step) {
        let target = Int(step.target), out = schedule.cells[target].base, frames = subBlock.frames
        guard soundingGroups > 0 else {
            schedule.cells[target].stride = 0
            out[0] = .zero
            return
        }
        schedule.cells[target].stride = 1
        let leftSum = buffers.scratch.accumulators.suffix(fromBlock: Int(step.ports))
        let rightSum = step.count == 1 ? leftSum : leftSum.suffix(fromBlock: 1)
        // The output's buffers hold the sums meanwhile: `output` writes them later.
        leftSum.fold(into: buffers.output.left, frames)
        rightSum.fold(into: buffers.output.right, frames)
        for n in 0..<frames { out[n] = Self.bus(buffers.output.left[n], buffers.output.right[n]) }
    }

    /// `deliver`: the sum of all voices is the patch's output.
    @inline(never) mutating func deliver(_ step: inout Step) {
        let frames = subBlock.frames
        if soundingGroups == 0 {
            buffers.output.clear(frames)
        } else {
            let sum = buffers.scratch.accumulators.suffix(fromBlock: Int(step.ports))
            sum.fold(into: buffers.output.left, frames)
            if step.count == 1 {
                buffers.output.right.copy(buffers.output.left, frames)
            } else {
                sum.suffix(fromBlock: 1).fold(into: buffers.output.right, frames)
            }
        }
        finish()
    }

    /// `input`: the input of master effects, as the signal of a bus.
    @inline(never) mutating func readInput(_ step: inout Step) {
        let target = Int(step.target), out = schedule.cells[target].base
        schedule.cells[target].stride = 1
        for n in 0..<subBlock.frames { out[n] = Self.bus(buffers.input.left[n], buffers.input.right[n]) }
    }

    @inline(__always) private static func bus(_ left: Float, _ right: Float) -> Lanes {
        Lanes(left, right, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    }

    /// `newest`: the lane of the newest note, if this group has it.
    @inline(never) mutating func newest(_ step: inout Step, _ group: Int) {
        guard group == voices.newestGroup else { return }
        let lane = voices.newestLane
        guard voices.groups[group].used.contains(lane) else { return }
        let source = inlet(&step, 0)
        let target = Int(step.target), out = schedule.cells[target].base
        schedule.cells[target].stride = source.stride
        for n in 0..<(source.stride == 0 ? 1 : subBlock.frames) {
            out[n] = Lanes(repeating: source.base[n][lane])
        }
        memories[Int(step.box)] = out[source.stride == 0 ? 0 : subBlock.frames - 1][0]
    }

    /// Holds the last value of every `newest` step, until the group that has the newest note runs.
    @inline(never) mutating func holdNewest() {
        for index in schedule.newestSteps.indices {
            let target = Int(schedule.newestSteps[index].target)
            schedule.cells[target].stride = 0
            schedule.cells[target].base[0] = Lanes(repeating: memories[Int(schedule.newestSteps[index].box)])
        }
    }

    /// `output`: lanes 0 and 1 of a bus are the patch's output.
    @inline(never) mutating func output(_ step: inout Step) {
        let source = inlet(&step, 0)
        for n in 0..<subBlock.frames {
            let frame = source.base[n &* source.stride]
            buffers.output.left[n] = frame[0]
            buffers.output.right[n] = frame[1]
        }
        finish()
    }

    /// Applies the patch's level, replaces values that are not finite by 0, and counts control ticks of silence.
    private mutating func finish() {
        for segment in ControlSegments(of: subBlock) {
            if segment.end - segment.first == SubBlock.controlTick, state.level.isSettled {
                let l = finite(buffers.output.left[sixteen: segment.first]),
                    r = finite(buffers.output.right[sixteen: segment.first])
                buffers.output.left[sixteen: segment.first] = l
                buffers.output.right[sixteen: segment.first] = r
                let isLoud = l.magnitude.larger(r.magnitude) .>= Lanes(repeating: Self.silence)
                state.quiet = isLoud.any ? 0 : state.quiet + 1
                state.peak = 0
                continue
            }
            for n in segment.first..<segment.end {
                let l = buffers.output.left[n] * state.level.value,
                    r = buffers.output.right[n] * state.level.value
                state.level.advance()
                buffers.output.left[n] = l - l == 0 ? l : 0
                buffers.output.right[n] = r - r == 0 ? r : 0
                state.peak = max(state.peak, max(abs(buffers.output.left[n]), abs(buffers.output.right[n])))
            }
            guard segment.phase + segment.end - segment.first == SubBlock.controlTick else { continue }
            state.quiet = state.peak < Self.silence ? state.quiet + 1 : 0
            state.peak = 0
        }
    }

    /// Sixteen samples at the patch's level; 0 in place of values that are not finite.
    @inline(__always) private mutating func finite(_ samples: Lanes) -> Lanes {
        let samples = samples * state.level.value
        return Lanes.zero.replacing(with: samples, where: samples.isFinite)
    }
}
