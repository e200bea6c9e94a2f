import KairosCompiler
import KairosDSP

// The engine's own steps. Everything here runs in the audio thread.
// Mutating, all of them: else the whole core is copied for the call.
extension InstanceCore {
    private func cell(_ step: Step, _ index: Int) -> SignalCell { cells[Int(ports[Int(step.ports) + index])] }

    mutating func sum(_ step: Step, _ piece: SubBlock) {
        let target = cells + Int(step.target)
        target.pointee.stride = 1
        let out = target.pointee.base
        let first = cell(step, 0)
        for n in 0..<piece.frames { out[n] = first.base[n &* first.stride] }
        for index in 1..<Int(step.count) {
            let next = cell(step, index)
            for n in 0..<piece.frames { out[n] += next.base[n &* next.stride] }
        }
    }

    /// A connection that comes or goes; as it is, or nothing, once it has.
    mutating func fade(_ step: Step, _ piece: SubBlock) {
        let target = cells + Int(step.target)
        let source = cell(step, 0), out = target.pointee.base
        let isLeaving = step.side == 1
        if fade.moves {
            target.pointee.stride = 1
            for n in 0..<piece.frames {
                let gain = isLeaving ? 1 - fadeGains[n] : fadeGains[n]
                out[n] = source.base[n &* source.stride] * gain
            }
        } else if isLeaving {
            target.pointee.stride = 0
            out[0] = .zero
        } else {
            target.pointee.stride = source.stride
            for n in 0..<(source.stride == 0 ? 1 : piece.frames) { out[n] = source.base[n] }
        }
    }

    /// Adds connections to a parameter in its own domain and clamps once.
    mutating func modulate(_ step: Step, _ piece: SubBlock) {
        let state = params.states + Int(step.box)
        let base = cells[Int(state.pointee.cell)]
        let target = cells + Int(step.target)
        let out = target.pointee.base
        var moves = base.stride
        for index in 0..<Int(step.count) { moves |= cell(step, index).stride }
        target.pointee.stride = moves
        if moves == 0 {
            modulate(step, out, base, at: 0, state.pointee.law)
        } else if state.pointee.atControlTicks {
            for run in ControlSegments(of: piece) {
                modulate(step, out, base, at: run.first, state.pointee.law)
            }
        } else {
            modulate(step, out, base, 0..<piece.frames, state.pointee.law)
        }
    }

    /// One frame of it. (It stores what it makes: lanes that are returned are taken apart.)
    private mutating func modulate(
        _ step: Step, _ out: UnsafeMutablePointer<Lanes>, _ base: SignalCell, at n: Int, _ law: ParamLaw
    ) {
        var sum = Lanes.zero
        for index in 0..<Int(step.count) {
            let next = cell(step, index)
            sum += next.base[n &* next.stride] * Lanes(repeating: depths[Int(step.depths) + index])
        }
        let value = base.base[n &* base.stride]
        if law.curve == .exponential {
            // On an exponential curve a depth is in semitones: twelfths of a power of two.
            out[n] = (value * exp2(sum * Lanes(repeating: 1 / 12))).clamped(law.low, law.high)
        } else {
            out[n] = (value + sum).clamped(law.low, law.high)
        }
    }

    @inline(__always) private mutating func modulate(
        _ step: Step, _ out: UnsafeMutablePointer<Lanes>, _ base: SignalCell, _ frames: Range<Int>,
        _ law: ParamLaw
    ) {
        let isExponential = law.curve == .exponential
        // On an exponential curve a depth is in semitones: twelfths of a power of two.
        let scale: Float = isExponential ? 1 / 12 : 1
        let low = law.low, high = law.high
        for index in 0..<Int(step.count) {
            let next = cell(step, index), depth = Lanes(repeating: depths[Int(step.depths) + index] * scale)
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

    mutating func spread(_ step: Step, _ piece: SubBlock) {
        let source = cell(step, 0)
        let target = cells + Int(step.target)
        target.pointee.stride = source.stride
        for n in 0..<(source.stride == 0 ? 1 : piece.frames) {
            target.pointee.base[n] = Lanes(repeating: source.base[n][Int(step.side)])
        }
    }

    /// The voices of one group, each by its gain, onto what the other groups made.
    mutating func gather(_ step: Step, _ g: Int, _ piece: SubBlock) {
        let source = cell(step, 0)
        let isFirst = soundingGroups == 0
        let sum = scratch.accumulators + Int(step.target) * SubBlock.longest
        let group = voices.groups + g
        let audible = group.pointee.used & ~group.pointee.muted
        let mask = audible.vector
        guard !group.pointee.watched.isEmpty || gainsMove else {
            let gain = Lanes.zero.replacing(with: scratch.gains[0], where: mask)
            if isFirst {
                for n in 0..<piece.frames { sum[n] = source.base[n &* source.stride] * gain }
            } else {
                for n in 0..<piece.frames {
                    sum[n] = sum[n].addingProduct(source.base[n &* source.stride], gain)
                }
            }
            return
        }
        let gainStride = gainsMove ? 1 : 0
        var index = 0
        for run in ControlSegments(of: piece) {
            var peak = peaks[index]
            for n in run.first..<run.end {
                let x = source.base[n &* source.stride], gain = scratch.gains[n &* gainStride]
                let safe = Lanes.zero.replacing(with: x, where: x.isFinite .& mask)
                sum[n] = isFirst ? safe * gain : sum[n].addingProduct(safe, gain)
                peak = peak.larger((safe * gain).magnitude)
            }
            peaks[index] = peak
            index += 1
        }
    }

    mutating func collapse(_ step: Step, _ piece: SubBlock) {
        let target = cells + Int(step.target)
        let out = target.pointee.base
        guard soundingGroups > 0 else {
            target.pointee.stride = 0
            out[0] = .zero
            return
        }
        target.pointee.stride = 1
        let left = scratch.accumulators + Int(step.ports) * SubBlock.longest
        let right = step.count == 1 ? left : left + SubBlock.longest
        // Folded side by side into what comes out: that is written later.
        left.fold(into: self.left, piece.frames)
        right.fold(into: self.right, piece.frames)
        for n in 0..<piece.frames { out[n] = Self.bus(self.left[n], self.right[n]) }
    }

    /// The voices straight to the outside.
    mutating func deliver(_ step: Step, _ piece: SubBlock) {
        if soundingGroups == 0 {
            left.clear(piece.frames)
            right.clear(piece.frames)
        } else {
            let sum = scratch.accumulators + Int(step.ports) * SubBlock.longest
            sum.fold(into: left, piece.frames)
            if step.count == 1 {
                right.update(from: left, count: piece.frames)
            } else {
                (sum + SubBlock.longest).fold(into: right, piece.frames)
            }
        }
        finish(piece)
    }

    /// What feeds master effects, into their cell.
    mutating func takeInput(_ step: Step, _ piece: SubBlock) {
        let target = cells + Int(step.target)
        target.pointee.stride = 1
        for n in 0..<piece.frames { target.pointee.base[n] = Self.bus(inputLeft[n], inputRight[n]) }
    }

    private static func bus(_ left: Float, _ right: Float) -> Lanes {
        Lanes(left, right, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    }

    /// The lane of the newest note; between notes, where it was last.
    mutating func newest(_ step: Step, _ g: Int, _ piece: SubBlock) {
        guard g == voices.newestGroup else { return }
        let lane = voices.newestLane
        guard voices.groups[g].used.contains(lane) else { return }
        let source = cell(step, 0)
        let target = cells + Int(step.target)
        target.pointee.stride = source.stride
        for n in 0..<(source.stride == 0 ? 1 : piece.frames) {
            target.pointee.base[n] = Lanes(repeating: source.base[n][lane])
        }
        memories[Int(step.box)] = target.pointee.base[source.stride == 0 ? 0 : piece.frames - 1][0]
    }

    /// What follows the newest note holds where it was, until a group that has the note runs.
    mutating func holdNewest() {
        for step in voiced {
            // Not `==`, which would be a call into the compiler's module.
            guard case .newest = step.op else { continue }
            let target = cells + Int(step.target)
            target.pointee.stride = 0
            target.pointee.base[0] = Lanes(repeating: memories[Int(step.box)])
        }
    }

    mutating func output(_ step: Step, _ piece: SubBlock) {
        let source = cell(step, 0)
        for n in 0..<piece.frames {
            let frame = source.base[n &* source.stride]
            left[n] = frame[0]
            right[n] = frame[1]
        }
        finish(piece)
    }

    /// What comes out, at the patch's level, and how loud it is.
    private mutating func finish(_ piece: SubBlock) {
        for run in ControlSegments(of: piece) {
            if run.end - run.first == SubBlock.controlTick, level.isSettled {
                let (l, r) = (finite(left[sixteen: run.first]), finite(right[sixteen: run.first]))
                left[sixteen: run.first] = l
                right[sixteen: run.first] = r
                peak = l.magnitude.larger(r.magnitude).laneMax
            } else {
                for n in run.first..<run.end {
                    let l = left[n] * level.value, r = right[n] * level.value
                    level.advance()
                    left[n] = l - l == 0 ? l : 0
                    right[n] = r - r == 0 ? r : 0
                    peak = max(peak, max(abs(left[n]), abs(right[n])))
                }
            }
            guard run.phase + run.end - run.first == SubBlock.controlTick else { continue }
            quiet = peak < Self.silence ? quiet + 1 : 0
            peak = 0
        }
    }

    /// At the patch's level; what is not finite is 0.
    @inline(__always) private func finite(_ samples: Lanes) -> Lanes {
        let samples = samples * level.value
        return Lanes.zero.replacing(with: samples, where: samples.isFinite)
    }
}
