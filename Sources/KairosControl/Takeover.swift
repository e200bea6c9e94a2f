import KairosDSP

// How a movement becomes a value. Audio thread; pure.
extension ControlTable.Row {
    typealias Verdict = ControlTable.Verdict

    /// What becomes of a movement when the target stands at `present` and this row last set it to `inHand`.
    func judge(_ movement: Movement, present: Float, inHand: Float) -> Verdict {
        switch movement {
        case .step(let steps): return turn(steps, present)
        case .to(let position, let from):
            if let button { return press(button, position, from, present) }
            switch takeover {
            case .jump: return .set(value(at: position))
            case .pickup: return pickUp(position, from, present, inHand)
            case .scale: return scale(position, from, present)
            case .relative: return turn(encoding.steps(sevenBits(position)), present)
            }
        }
    }

    private func press(_ button: Mapping.Button, _ position: Float, _ from: Float, _ present: Float)
        -> Verdict
    {
        let isDown = position > 0, wasDown = from > 0
        switch button {
        case .momentary: return .set(value(at: isDown ? 1 : 0))
        case .latch:
            guard isDown, !wasDown else { return .nothing }
            let low = value(at: 0), high = value(at: 1)
            return .set(abs(present - high) <= abs(present - low) ? low : high)
        }
    }

    /// In hand is what this row set last; else it is caught where the knob passes it, or comes within a hundredth.
    private func pickUp(_ position: Float, _ from: Float, _ present: Float, _ inHand: Float) -> Verdict {
        let new = value(at: position)
        if present == inHand || new == present { return .set(new) }
        let place = self.position(of: present)
        let hasPassed = !from.isNaN && (from - place) * (position - place) <= 0
        return hasPassed || abs(position - place) <= 0.01 ? .set(new) : .waits(place)
    }

    /// What is left of the knob's way is what is left of the parameter's: both reach their ends together.
    private func scale(_ position: Float, _ from: Float, _ present: Float) -> Verdict {
        if position <= 0 || position >= 1 { return .set(value(at: position)) }
        guard !from.isNaN, position != from else { return .nothing }
        let place = self.position(of: present)
        let left = position > from ? 1 - from : from
        guard left > 0 else { return .set(value(at: position)) }
        let way = position > from ? 1 - place : place
        return .set(value(at: min(1, max(0, place + way * (position - from) / left))))
    }

    /// An encoder's steps: so many choices, or parts of the way.
    private func turn(_ steps: Int32, _ present: Float) -> Verdict {
        guard steps != 0 else { return .nothing }
        if law.steps > 0 && step == 0 {
            let way: Float = inverted ? -1 : 1
            let new = law.clamp(present + Float(steps) * way)
            return new == present ? .atEnd : .set(new)
        }
        let place = position(of: present)
        let distance = step > 0 ? step : 1 / 128
        let next = min(1, max(0, place + Float(steps) * distance))
        return next == place ? .atEnd : .set(value(at: next))
    }

    /// A position is a fraction of 127 steps again.
    private func sevenBits(_ position: Float) -> UInt8 {
        UInt8(min(127, max(0, (position < 0.5 ? position * 128 : 64 + (position - 0.5) * 126).rounded())))
    }
}
