import Glibc
import KairosDSP

extension ParamSpec {
    /// Where a parameter stands `frame` frames after it was set from `a` to `b`: what a host's smoothing does.
    ///
    /// Worked out on the grid, in a straight line between its points.
    public func smoothed(from a: Float, to b: Float, frame: Int, sampleRate: Float) -> Float {
        guard frame > 0 else { return a }
        let grid = SubBlock.controlTick
        let whole = frame / grid * grid
        let here = onGrid(a, b, Double(whole) / Double(sampleRate))
        let next = onGrid(a, b, Double(whole + grid) / Double(sampleRate))
        return Float(here + (next - here) * Double(frame - whole) / Double(grid))
    }

    private func onGrid(_ from: Float, _ to: Float, _ seconds: Double) -> Double {
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
