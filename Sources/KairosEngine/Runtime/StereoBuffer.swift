import KairosDSP

/// Samples of a left and a right channel in memory that something else owns. A copy refers to the same samples. [audio]
struct StereoBuffer: BitwiseCopyable {
    /// Samples of the left channel.
    let left: SampleBuffer
    /// Samples of the right channel.
    let right: SampleBuffer

    /// A pair of channels.
    @inline(__always) init(left: SampleBuffer, right: SampleBuffer) {
        self.left = left
        self.right = right
    }

    /// A sub-block of two channels in `arena`, all samples 0. [loader]
    init(_ arena: inout Arena) {
        left = SampleBuffer(&arena)
        right = SampleBuffer(&arena)
    }

    /// The samples from index `n` on.
    @inline(__always) func suffix(from n: Int) -> StereoBuffer {
        StereoBuffer(left: left.suffix(from: n), right: right.suffix(from: n))
    }

    /// Sets the samples to 0.
    @inline(__always) func clear(_ frames: Int) {
        left.clear(frames)
        right.clear(frames)
    }

    /// Sets `frames` samples of each channel to those of another pair. It changes none behind them.
    @inline(__always) func copy(_ other: StereoBuffer, _ frames: Int) {
        left.copy(other.left, frames)
        right.copy(other.right, frames)
    }

    /// Sets the samples to those of another pair, times the gain of each channel.
    @inline(__always) func set(
        _ other: StereoBuffer, times leftGain: Float, _ rightGain: Float, _ frames: Int
    ) {
        left.set(other.left, times: leftGain, frames)
        right.set(other.right, times: rightGain, frames)
    }

    /// Adds the samples of another pair, times the gain of each channel.
    @inline(__always) func add(
        _ other: StereoBuffer, times leftGain: Float, _ rightGain: Float, _ frames: Int
    ) {
        left.add(other.left, times: leftGain, frames)
        right.add(other.right, times: rightGain, frames)
    }

    /// Peak of both channels: the greatest absolute sample; NaN if a sample is not finite.
    @inline(__always) func peak(_ frames: Int) -> Float {
        var loudest = Lanes.zero, wild = Lanes.zero
        let whole = frames & ~15
        steps(of: 16, to: whole) { n in
            let x = left[sixteen: n], y = right[sixteen: n]
            loudest = loudest.larger(x.magnitude).larger(y.magnitude)
            wild += (x - x) + (y - y)
        }
        var peak = loudest.laneMax, probe = wild.laneSum
        for n in whole..<frames {
            peak = max(peak, max(abs(left[n]), abs(right[n])))
            probe += (left[n] - left[n]) + (right[n] - right[n])
        }
        return probe == 0 ? peak : .nan
    }
}
