/// Crossfade of the connections that a live edit adds and removes. [audio]
struct EditFade: BitwiseCopyable {
    /// True if the gains change during the current sub-block.
    private(set) var moves = false
    private var done = 0
    private var length = 0

    /// True if no crossfade is in progress.
    var isSettled: Bool { done >= length }

    /// Starts a crossfade of `frames` frames.
    mutating func start(frames: Int) {
        done = 0
        length = frames
    }

    /// Advances by `frames` frames. While the crossfade is in progress, writes the gain of the added connections
    /// for each frame, 0…1, to `gains`.
    mutating func advance(_ frames: Int, _ gains: SampleBuffer) {
        moves = !isSettled
        guard moves else { return }
        for n in 0..<frames { gains[n] = min(1, Float(done + n + 1) / Float(length)) }
        done += frames
    }
}
