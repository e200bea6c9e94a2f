import KairosDSP

// Takeover: turns a movement of a control into a value of its target. Pure functions. [audio]
extension ControlTable.Row {
    typealias Outcome = ControlTable.Outcome

    /// The result of a movement. `current` is the target's value; `lastSet` is the value that this row last
    /// set, nil for none.
    func evaluate(_ movement: Movement, current: ParamValue, lastSet: ParamValue?) -> Outcome {
        switch movement {
        case .step(let steps): return step(by: steps, current)
        case .to(let normalized, let from):
            if let button { return press(button, normalized, from, current) }
            switch takeover {
            case .jump: return .set(value(at: normalized))
            case .pickup: return pickUp(normalized, from, current, lastSet)
            case .scale: return scale(normalized, from, current)
            case .relative: return step(by: encoding.steps(sevenBits(normalized)), current)
            }
        }
    }

    private func press(
        _ button: Mapping.Button, _ normalized: Float, _ from: Float?, _ current: ParamValue
    ) -> Outcome {
        let isDown = normalized > 0, wasDown = (from ?? 0) > 0
        switch button {
        case .momentary: return .set(value(at: isDown ? 1 : 0))
        case .latch:
            guard isDown, !wasDown else { return .nothing }
            let low = value(at: 0), high = value(at: 1)
            return .set(law.distance(current, high) <= law.distance(current, low) ? low : high)
        }
    }

    /// The control follows at once where the target still has the value that this row last set. Otherwise the
    /// control must pass the target's normalized value or come within 0.01 of it.
    private func pickUp(
        _ normalized: Float, _ from: Float?, _ current: ParamValue, _ lastSet: ParamValue?
    ) -> Outcome {
        let new = value(at: normalized)
        if current == lastSet || new == current { return .set(new) }
        let target = self.normalized(of: current)
        let hasPassed = from.map { ($0 - target) * (normalized - target) <= 0 } ?? false
        return hasPassed || abs(normalized - target) <= 0.01 ? .set(new) : .waits(target)
    }

    /// Scales the movement so that the control's remaining range covers the parameter's remaining range: both
    /// reach their ends together.
    private func scale(_ normalized: Float, _ from: Float?, _ current: ParamValue) -> Outcome {
        if normalized <= 0 || normalized >= 1 { return .set(value(at: normalized)) }
        guard let from, normalized != from else { return .nothing }
        let target = self.normalized(of: current)
        let controlRange = normalized > from ? 1 - from : from
        guard controlRange > 0 else { return .set(value(at: normalized)) }
        let targetRange = normalized > from ? 1 - target : target
        return .set(value(at: min(1, max(0, target + targetRange * (normalized - from) / controlRange))))
    }

    /// Moves the target by encoder steps: by whole steps of a stepped parameter, otherwise by ``step`` (or
    /// 1/128) of its normalized range.
    private func step(by steps: Int32, _ current: ParamValue) -> Outcome {
        guard steps != 0 else { return .nothing }
        if law.steps > 0 && step == 0 {
            let direction: Float = inverted ? -1 : 1
            let new = law.stepped(current, by: Float(steps) * direction)
            return new == current ? .atEnd : .set(new)
        }
        let target = normalized(of: current)
        let distance = step > 0 ? step : 1 / 128
        let next = min(1, max(0, target + Float(steps) * distance))
        return next == target ? .atEnd : .set(value(at: next))
    }

    /// Converts a normalized value back to the MIDI value 0…127.
    private func sevenBits(_ normalized: Float) -> UInt8 {
        UInt8(
            min(127, max(0, (normalized < 0.5 ? normalized * 128 : 64 + (normalized - 0.5) * 126).rounded())))
    }
}
