import CRealtime
import KairosDSP

extension PatchInstance {
    /// Result of a self-test.
    enum SelfTest: Equatable {
        /// It can be played; nanoseconds a frame with eight notes.
        case good(cost: Float)
        /// It cannot: the module that made something that is no number, or nil where it was too loud, and the
        /// loudest sample.
        case failed(node: Int32?, peak: Float)
    }

    /// +12 dBFS.
    static let loudest: Float = 3.981_072

    /// Plays eight notes at full velocity for 200 ms, and makes it as good as new again.
    ///
    /// They are struck one piece after the other, as closely as hands can: attacks of one frame do not add up.
    ///
    /// > Loader thread, before it is delivered.
    func selfTest(in scratch: Scratch, sampleRate: Float) -> SelfTest {
        computing(in: scratch) { selfTest(sampleRate: sampleRate) }
    }

    private func selfTest(sampleRate: Float) -> SelfTest {
        crt_flush_to_zero()
        defer { reset() }
        let keys = [36, 43, 48, 55, 60, 64, 72, 84]
        var peak: Float = 0
        let began = crt_thread_time()
        let pieces = Int(0.2 * sampleRate) / SubBlock.longest
        for piece in 0..<pieces {
            if piece < keys.count { strike(keys[piece]) }
            feed()
            core.pointee.render(
                SubBlock(frames: SubBlock.longest, clock: piece * SubBlock.longest, phase: 0, closes: true))
            if core.pointee.faultyModule >= 0 {
                return .failed(node: core.pointee.faultyModule, peak: .infinity)
            }
            for n in 0..<SubBlock.longest {
                peak = max(peak, max(abs(core.pointee.left[n]), abs(core.pointee.right[n])))
            }
            guard peak <= Self.loudest else { return .failed(node: nil, peak: peak) }
        }
        let spent = Float(crt_thread_time() - began)
        return .good(cost: spent / Float(pieces * SubBlock.longest))
    }

    private func strike(_ key: Int) {
        core.pointee.voices.start(
            NoteStart(serial: UInt32(key), key: UInt8(key), velocity: 1, in: core.pointee.voices))
    }

    /// Master effects are self-tested with a click each piece at full scale.
    private func feed() {
        for n in 0..<SubBlock.longest {
            core.pointee.inputLeft[n] = n == 0 ? 1 : 0
            core.pointee.inputRight[n] = n == 0 ? 1 : 0
        }
    }
}
