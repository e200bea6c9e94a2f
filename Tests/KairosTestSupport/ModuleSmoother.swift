import Glibc
public import KairosDSP

extension ParamSpec {
    /// The value of a parameter `frame` frames after it was set from `a` to `b`, as the engine smooths it: computed
    /// at control ticks, and linear in between.
    public func smoothed(from a: Float, to b: Float, frame: Int, sampleRate: Float) -> Float {
        guard frame > 0 else { return a }
        let grid = SubBlock.controlTick
        let whole = frame / grid * grid
        let here = valueAtControlTick(a, b, Double(whole) / Double(sampleRate))
        let next = valueAtControlTick(a, b, Double(whole + grid) / Double(sampleRate))
        return Float(here + (next - here) * Double(frame - whole) / Double(grid))
    }

    private func valueAtControlTick(_ from: Float, _ to: Float, _ seconds: Double) -> Double {
        let a = Double(from), b = Double(to)
        let part = seconds / Double(smoothingTime)
        switch smoothing {
        case .none: return seconds > 0 ? b : a
        case .linear: return part < 1 ? a + (b - a) * part : b
        case .logarithmic: return part < 1 ? a * pow(b / a, part) : b
        case .exponential: return part < 2 ? b + (a - b) * pow(10, -3 * part) : b
        }
    }
}
