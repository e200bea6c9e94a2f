import KairosDSP

extension Schedule {
    /// Buffer allocation, the compiler's last pass: assigns each cell that carries a signal a buffer of 64
    /// frames.
    ///
    /// The pass works from liveness. Within a phase a buffer is free for reuse after its last reader. A cell
    /// that is used in several phases keeps a buffer of its own, because its frames must survive from one
    /// phase to the next and from one voice group to the next.
    ///
    /// - Parameter planned: Storage of each cell; nil for a signal.
    mutating func allocateBuffers(_ planned: [Storage?]) {
        var storage = planned
        let touched = steps.map { $0.map { reads($0) + writes($0) } }
        // Per cell, one bit for each phase that reads or writes it.
        var phases = [UInt8](repeating: 0, count: storage.count)
        for (phase, steps) in touched.enumerated() {
            for cells in steps { for cell in cells { phases[cell] |= 1 << UInt8(phase) } }
        }
        var shared: [Int] = []
        if phases[Int(StepContext.unread)] == 0 { storage[Int(StepContext.unread)] = .constant(0) }
        for cell in storage.indices where storage[cell] == nil && phases[cell].nonzeroBitCount != 1 {
            storage[cell] = .block(blocks)
            blocks += 1
        }
        var lastUse = [Int?](repeating: nil, count: storage.count)
        for (phase, steps) in steps.enumerated() {
            for (index, cells) in touched[phase].enumerated() {
                for cell in cells { lastUse[cell] = index }
            }
            var free = shared
            for (index, step) in steps.enumerated() {
                // Outputs are allocated before inputs are released, so that no step writes into its own
                // input.
                for cell in writes(step) where storage[cell] == nil {
                    if let block = free.popLast() {
                        storage[cell] = .block(block)
                    } else {
                        storage[cell] = .block(blocks)
                        shared.append(blocks)
                        blocks += 1
                    }
                }
                for cell in Set(touched[phase][index]).sorted()
                where lastUse[cell] == index && phases[cell].nonzeroBitCount == 1 {
                    if case .block(let block) = storage[cell] { free.append(block) }
                }
            }
        }
        // A cell that no step writes reads 0.
        cells = storage.map { $0 ?? .constant(0) }
    }

    /// The `count` cells listed at `offset` in `ports`.
    private func listed(_ offset: Int32, _ count: Int) -> [Int] {
        (0..<count).map { Int(ports[Int(offset) + $0]) }
    }

    /// The cells that a step reads.
    private func reads(_ step: Step) -> [Int] {
        switch step.op {
        case .process, .write, .read:
            let type = types[Int(step.node)]
            let inlets = type.inlets.indices.filter {
                type.inlets[$0].info.kind == .audio && step.op != .read
            }
            .map { Int(ports[Int(step.ports) + $0]) }
            return inlets + listed(step.params, type.params.count)
        case .sum, .modulate, .latch: return listed(step.ports, Int(step.count))
        case .spread, .gather, .newest, .output, .fade: return listed(step.ports, 1)
        case .keys, .input, .collapse, .deliver: return []
        }
    }

    /// The cells that a step writes.
    private func writes(_ step: Step) -> [Int] {
        switch step.op {
        case .process, .read: return listed(step.outlets, types[Int(step.node)].outlets.count)
        case .keys: return (keyCells + onsetCells).compactMap { $0 }.map(Int.init)
        case .input, .sum, .modulate, .latch, .spread, .collapse, .newest, .fade: return [Int(step.target)]
        case .write, .gather, .output, .deliver: return []
        }
    }
}
