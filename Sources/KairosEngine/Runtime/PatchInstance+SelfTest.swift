import CRealtime
import KairosDSP

extension PatchInstance {
    /// Result of a self-test.
    package enum SelfTest: Equatable {
        /// The patch can be played. `cost` is the CPU time in nanoseconds per frame, with eight notes.
        case good(cost: Float)
        /// The patch cannot be played. `node` is the index of the module with non-finite output, or nil if
        /// the output was too loud; `peak` is the greatest sample.
        case failed(node: Int32?, peak: Float)
    }

    /// Greatest permitted sample: +12 dBFS.
    package static let loudest: Float = 3.981_072

    /// Self-test: renders eight notes at full velocity for 200 ms and resets the instance. [loader]
    ///
    /// The notes start one sub-block apart, which is as close as a player's are: attacks at exactly the same
    /// frame would add up.
    package func selfTest(in scratch: Scratch, sampleRate: Float) -> SelfTest {
        computing(in: scratch) { selfTest(sampleRate: sampleRate) }
    }

    private func selfTest(sampleRate: Float) -> SelfTest {
        crt_flush_to_zero()
        defer { reset() }
        let keys = [36, 43, 48, 55, 60, 64, 72, 84]
        var peak: Float = 0
        let began = crt_thread_time()
        let subBlocks = Int(0.2 * sampleRate) / SubBlock.longest
        for subBlock in 0..<subBlocks {
            if subBlock < keys.count { startNote(keys[subBlock]) }
            setInput()
            let output = core.pointee.buffers.output
            core.pointee.render(
                SubBlock(
                    frames: SubBlock.longest, clock: subBlock * SubBlock.longest, phase: 0, endsBlock: true)
            )
            if let node = core.pointee.popFaultyModule() { return .failed(node: node, peak: .infinity) }
            for n in 0..<SubBlock.longest { peak = max(peak, max(abs(output.left[n]), abs(output.right[n]))) }
            guard peak <= Self.loudest else { return .failed(node: nil, peak: peak) }
        }
        let spent = Float(crt_thread_time() - began)
        return .good(cost: spent / Float(subBlocks * SubBlock.longest))
    }

    /// Starts a note at full velocity.
    private func startNote(_ key: Int) {
        core.pointee.voices.start(
            NoteStart(serial: UInt32(key), key: UInt8(key), velocity: 1, in: core.pointee.voices))
    }

    /// Sets the input of master effects: an impulse at full scale in each sub-block.
    private func setInput() {
        for n in 0..<SubBlock.longest {
            core.pointee.buffers.input.left[n] = n == 0 ? 1 : 0
            core.pointee.buffers.input.right[n] = n == 0 ? 1 : 0
        }
    }
}
