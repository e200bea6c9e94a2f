import CRealtime
import KairosDSP

extension Program {
    /// What an audition found.
    enum Audition: Equatable {
        /// It can be played; nanoseconds a frame with eight notes.
        case good(cost: Float)
        /// It cannot: the module that made something that is no number, or nil where it was too loud, and the
        /// loudest sample.
        case broken(node: Int32?, peak: Float)
    }

    /// +12 dBFS.
    static let loudest: Float = 3.981_072

    /// Plays eight notes at full velocity for 200 ms, and makes it as good as new again.
    ///
    /// They are struck one piece after the other, as closely as hands can: attacks of one frame do not add up.
    ///
    /// > Loader thread, before it is delivered.
    func audition(in scratch: Scratch, sampleRate: Float) -> Audition {
        computing(in: scratch) { audition(sampleRate: sampleRate) }
    }

    private func audition(sampleRate: Float) -> Audition {
        crt_flush_to_zero()
        defer { reset() }
        let keys = [36, 43, 48, 55, 60, 64, 72, 84]
        var peak: Float = 0
        let began = crt_thread_time()
        let pieces = Int(0.2 * sampleRate) / Piece.longest
        for piece in 0..<pieces {
            if piece < keys.count { strike(keys[piece]) }
            feed()
            core.pointee.render(
                Piece(frames: Piece.longest, clock: piece * Piece.longest, phase: 0, closes: true))
            if core.pointee.culprit >= 0 { return .broken(node: core.pointee.culprit, peak: .infinity) }
            for n in 0..<Piece.longest {
                peak = max(peak, max(abs(core.pointee.left[n]), abs(core.pointee.right[n])))
            }
            guard peak <= Self.loudest else { return .broken(node: nil, peak: peak) }
        }
        let spent = Float(crt_thread_time() - began)
        return .good(cost: spent / Float(pieces * Piece.longest))
    }

    private func strike(_ key: Int) {
        core.pointee.voices.start(
            NoteStart(serial: UInt32(key), key: UInt8(key), velocity: 1, in: core.pointee.voices))
    }

    /// A rack is auditioned with a click each piece at full scale.
    private func feed() {
        for n in 0..<Piece.longest {
            core.pointee.inputLeft[n] = n == 0 ? 1 : 0
            core.pointee.inputRight[n] = n == 0 ? 1 : 0
        }
    }
}
