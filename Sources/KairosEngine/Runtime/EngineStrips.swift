import KairosCompiler
import KairosDSP

// From what the slots made to what comes out: strips, their volumes, the master. The audio thread's.
extension EngineCore {
    /// Adds the strips up, each at its volume. What is outgoing stays apart.
    mutating func mix(_ frames: Int) {
        left.clear(frames)
        right.clear(frames)
        let left = left, right = right
        var rest = (sounding | moving) & ~Self.outgoingBit
        while rest != 0 {
            let index = rest.trailingZeroBitCount, bit = UInt32(1) &<< UInt32(index)
            rest &= ~bit
            let strip = strips + index, sounds = sounding & bit != 0
            let sumLeft = stripSums + index * 2 * SubBlock.longest, sumRight = sumLeft + SubBlock.longest
            if moving & bit == 0 {
                left.add(sumLeft, times: strip.pointee.left.value, frames)
                right.add(sumRight, times: strip.pointee.right.value, frames)
                continue
            }
            for n in 0..<frames {
                if sounds {
                    left[n] += sumLeft[n] * strip.pointee.left.value
                    right[n] += sumRight[n] * strip.pointee.right.value
                }
                strip.pointee.left.advance()
                strip.pointee.right.advance()
            }
            if strip.pointee.isSettled { moving &= ~bit }
        }
        sounding = 0
    }

    /// The bit of `sounding` for what is outgoing.
    static var outgoingBit: UInt32 { 1 << UInt32(outgoing) }

    /// What is outgoing, past the strips: 64 frames on the left, then on the right.
    var outgoingSum: UnsafeMutablePointer<Float> { stripSums + Self.outgoing * 2 * SubBlock.longest }

    /// Adds what is outgoing where no master effects end with it.
    mutating func addOutgoing(_ frames: Int) {
        left.add(outgoingSum, times: 1, frames)
        right.add(outgoingSum + SubBlock.longest, times: 1, frames)
    }

    /// Lets a strip go to where its controllers stand.
    mutating func aim(strip index: Int) {
        (strips + index).pointee.aim(frames: 2 * controlGlide)
        moving |= 1 &<< UInt32(index)
    }

    /// The instrument's own volume and balance, past the master effects.
    mutating func applyMaster(_ frames: Int) {
        if master.isSettled, master.left.value == 1, master.right.value == 1 { return }
        let left = left, right = right
        for n in 0..<frames {
            left[n] *= master.left.value
            right[n] *= master.right.value
            master.left.advance()
            master.right.advance()
        }
    }

    /// Adds what a slot made to its strip's sum.
    mutating func add(_ index: Int, _ core: UnsafeMutablePointer<InstanceCore>, _ frames: Int) {
        let slot = slots + index, bit = UInt32(1) &<< UInt32(slot.pointee.strip)
        let sumLeft = stripSums + Int(slot.pointee.strip) * 2 * SubBlock.longest
        let sumRight = sumLeft + SubBlock.longest
        let left = slot.pointee.rule.left, right = slot.pointee.rule.right
        let isFirst = sounding & bit == 0
        sounding |= bit
        guard slot.pointee.phase == .fading else {
            if isFirst {
                sumLeft.set(core.pointee.left, times: left, frames)
                sumRight.set(core.pointee.right, times: right, frames)
            } else {
                sumLeft.add(core.pointee.left, times: left, frames)
                sumRight.add(core.pointee.right, times: right, frames)
            }
            return
        }
        if isFirst {
            sumLeft.clear(frames)
            sumRight.clear(frames)
        }
        for n in 0..<frames {
            sumLeft[n] += core.pointee.left[n] * (left * slot.pointee.gain)
            sumRight[n] += core.pointee.right[n] * (right * slot.pointee.gain)
            slot.pointee.gain = max(0, slot.pointee.gain - slot.pointee.fade)
        }
    }
}
