import KairosDSP

/// The two halves of a tick: the lines are read at its beginning and written at its end.
extension ReverbNetwork {
    /// Reads sixteen frames of every line, filters them, and computes the reverberation of the tick.
    ///
    /// `isWhole` is true if every line has been written since the start for its whole length, and none is in a
    /// crossfade.
    @inline(__always) func read(_ access: Access, isWhole: Bool) {
        var left = Lanes.zero, right = Lanes.zero
        for first in 0..<4 {
            let (a, b) = (line(first, access, isWhole), line(first &+ 4, access, isWhole))
            let (c, d) = (line(first &+ 8, access, isWhole), line(first &+ 12, access, isWhole))
            let (e, f, g, h) = (a + b, a - b, c + d, c - d)
            let sum = e + g
            if first & 1 == 0 { left += sum } else { right += sum }
            access.table[Table.feedback &+ first] = sum
            access.table[Table.feedback &+ first &+ 4] = f + h
            access.table[Table.feedback &+ first &+ 8] = e - g
            access.table[Table.feedback &+ first &+ 12] = f - h
        }
        if design.hasTaps {
            left = .zero
            right = .zero
            for pair in 0..<8 {
                left += taps(2 &* pair, access, isWhole)
                right += taps(2 &* pair &+ 1, access, isWhole)
            }
        }
        let direct = coefficients.direct.values(.tickPositions)
        let cross = coefficients.cross.values(.tickPositions)
        let outLeft = (left * direct).addingProduct(right, cross)
        let outRight = (right * direct).addingProduct(left, cross)
        access.table[Table.wet] = .firstFrames(left: outLeft, right: outRight)
        access.table[Table.wet &+ 1] = .lastFrames(left: outLeft, right: outRight)
        access.table[Table.collected] = .zero
        access.table[Table.collected &+ 1] = .zero
    }

    /// Sixteen frames of a line after its shelving filter.
    @inline(__always) private func line(_ line: Int, _ access: Access, _ isWhole: Bool) -> Lanes {
        let x = delayed(line, Lengths.lines, 0, access, isWhole)
        let low = lowPass(
            x + delayed(line, Lengths.lines, 1, access, isWhole), Table.lowPass &+ line, access,
            Pole(
                powers: (
                    access.value(Table.pole, line), access.value(Table.pole &+ 1, line),
                    access.value(Table.pole &+ 2, line), access.value(Table.pole &+ 3, line)
                ), feed: access.value(Table.feed, line)))
        return (x * access.ramp(Table.high, line)).addingProduct(low, access.ramp(Table.low, line))
    }

    /// Sixteen frames of the two outputs inside a line. Every second line subtracts one of them, so that the outputs
    /// of both channels differ.
    @inline(__always) private func taps(_ line: Int, _ access: Access, _ isWhole: Bool) -> Lanes {
        let near = delayed(line, Lengths.taps, 0, access, isWhole)
        let far = delayed(line, Lengths.taps &+ 32, 0, access, isWhole)
        return line & 2 == 0 ? near + far : near - far
    }

    /// Sixteen frames of a line, as long ago as the length in the row `lengths` and `older` frames more.
    @inline(__always) private func delayed(
        _ line: Int, _ lengths: Int, _ older: Int, _ access: Access, _ isWhole: Bool
    ) -> Lanes {
        let age = access.length(lengths &+ line) &+ older
        if isWhole { return access.lines.read(line, state.position, age: age) }
        let now = access.lines.read(line, state.position, age: age, of: state.written)
        let next = access.lines.read(
            line, state.position, age: access.length(lengths &+ 16 &+ line) &+ older, of: state.written)
        return now.addingProduct(next - now, coefficients.size.parts)
    }

    /// Sixteen frames of a one-pole low-pass filter, for the sums of each input and the one before. The row of the
    /// table has its last outputs.
    @inline(__always) private func lowPass(
        _ sums: Lanes, _ row: Int, _ access: Access, _ pole: Pole
    ) -> Lanes {
        let first = Lanes(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        let (p, p2, p4, p8) = pole.powers
        let last = access.value(row, 15)
        let y = (sums * Lanes(repeating: pole.feed)).addingProduct(first, Lanes(repeating: p * last))
            .recursion(p, p2, p4, p8)
        access.table[row] = y
        return y
    }

    private typealias Pole = Coefficients.Pole

    /// Writes the sixteen frames of the tick that is over: its feedback and its input.
    @inline(__always) func write(_ access: Access) {
        let (first, last) = (access.table[Table.collected], access.table[Table.collected &+ 1])
        let left = channel(0, .left(first, last), access)
        let right = channel(1, .right(first, last), access)
        for group in 0..<4 {
            let rows = access.table + (Table.feedback &+ 4 &* group)
            let (e, f) = (rows[0] + rows[1], rows[0] - rows[1])
            let (g, h) = (rows[2] + rows[3], rows[2] - rows[3])
            rotate(4 &* group, e + g, f + h, left, right, access)
            rotate(4 &* group &+ 2, e - g, f - h, left.negated, right.negated, access)
        }
    }

    /// Writes a pair of lines: `a` and `b` rotated, plus the inputs.
    @inline(__always) private func rotate(
        _ line: Int, _ a: Lanes, _ b: Lanes, _ left: Lanes, _ right: Lanes, _ access: Access
    ) {
        let s = access.ramp(Table.rotation, line / 2), c = access.ramp(Table.rotation, line / 2 &+ 8)
        access.lines.write(line, state.position, left.addingProduct(a, c).subtractingProduct(b, s))
        access.lines.write(line &+ 1, state.position, right.addingProduct(a, s).addingProduct(b, c))
    }

    /// Sixteen frames of a channel's input to the lines: pre-delay, high-pass filter, gain and allpass filters.
    @inline(__always) private func channel(_ channel: Int, _ x: Lanes, _ access: Access) -> Lanes {
        access.input.write(channel, state.position, x)
        let now = Int(coefficients.preDelay.now), next = Int(coefficients.preDelay.next)
        var y = access.input.read(channel, state.position, age: now, of: state.written)
        var before = access.input.read(channel, state.position, age: now &+ 1, of: state.written)
        if coefficients.preDelay.isMoving {
            let parts = coefficients.preDelay.parts
            y += (access.input.read(channel, state.position, age: next, of: state.written) - y) * parts
            before +=
                (access.input.read(channel, state.position, age: next &+ 1, of: state.written) - before)
                * parts
        }
        y -= lowPass(y + before, Table.inputLow &+ channel, access, coefficients.lowCut)
        y *= coefficients.inputGain.values(.tickPositions)
        let diffusion = Lanes(repeating: design.diffusion)
        for stage in 6 &* channel..<6 &* channel &+ 6 {
            let z = access.diffusers.read(
                stage, state.position, age: access.length(Lengths.diffusers &+ stage), of: state.written)
            let w = y.addingProduct(z, diffusion)
            access.diffusers.write(stage, state.position, w)
            y = z.subtractingProduct(diffusion, w)
        }
        return y
    }
}
