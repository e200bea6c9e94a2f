import KairosDSP
import KairosPatch

/// One step of a schedule. It refers to everything by index. A step works on cells: a cell is a numbered
/// signal of the patch instance, which holds a constant, a parameter's value or a buffer of 64 frames (see
/// ``Schedule/Storage``).
package struct Step: Sendable {
    /// What the step does. In the descriptions, *the cell at `ports`* is the cell whose index stands at that
    /// offset of `Schedule.ports`.
    package enum Op: UInt8, Sendable {
        /// Runs a module's `process`, `read` or `write`.
        case process, read, write
        /// Copies the cell at `ports` into `target`, faded in (`side` 0) or out (`side` 1) during a live
        /// edit.
        case fade
        /// Writes pitch, velocity and so on of one voice group into the cells of `keys`.
        case keys
        /// Copies the sum of the parts into `target`.
        case input
        /// Sums `count` cells at `ports` into `target`.
        case sum
        /// Adds `count` cells at `ports`, each times its depth, to parameter `box`; writes `target`.
        case modulate
        /// Copies lane `side` of the cell at `ports` into every lane of `target`.
        case spread
        /// Multiplies the voices' cell at `ports` by each lane's gain and adds it to accumulator `target`.
        case gather
        /// Sums the lanes of accumulators `ports` (left) and `ports + 1` (right; one accumulator for mono)
        /// into `target`.
        case collapse
        /// Copies the newest note's lane of the cell at `ports` into every lane of `target`. Memory `box`
        /// keeps the last value for the time when no note sounds.
        case newest
        /// Writes the cell at `ports` to the patch's output.
        case output
        /// Sums the lanes of accumulators `ports` (left) and `ports + 1` (right; one accumulator for mono)
        /// and writes the patch's output.
        case deliver
    }

    /// What the step does.
    package var op: Op
    /// 1 left, 2 right for a stereo module that runs per voice, which has a box per side; else 0. `spread`:
    /// the lane; `fade`: the direction.
    package var side: UInt8 = 0
    /// Index of the node it belongs to, for reports.
    package var node: Int32
    /// Index of the module's box; of the parameter (`modulate`); of the memory (`newest`).
    package var box: Int32 = 0
    /// Offset in `Schedule.ports` of the inlets' cells.
    package var ports: Int32 = 0
    /// Offset in `Schedule.ports` of the outlets' cells.
    package var outlets: Int32 = 0
    /// Offset in `Schedule.ports` of the parameters' cells.
    package var params: Int32 = 0
    /// Number of cells at `ports`; for a module, of cells at `read`.
    package var count: Int32 = 0
    /// Index of the cell or accumulator that is written.
    package var target: Int32 = 0
    /// Offset in `Schedule.depths` of the modulation depths.
    package var depths: Int32 = 0
    /// One bit for each outlet that is read at control ticks only.
    package var atControlTicks: UInt32 = 0
    /// Offset in `Schedule.ports` of the `count` outlet cells that are read by anything, used to find
    /// non-finite output. The complement of a cell's index means that it is read at control ticks only.
    package var read: Int32 = 0
    /// Index of the step's `StepContext`; set when a patch instance is built.
    package var context: Int32 = 0
}

/// The compiler's result: the ordered, flat steps of a patch and the tables they refer to. Any number of
/// patch instances can be built from it.
package struct Schedule: Sendable {
    /// The recipe of a box: what is needed to create one ``ModuleBox`` when a patch instance is built.
    package struct BoxRecipe: Sendable {
        /// Index of the module.
        package var node: Int
        /// −1 left, 1 right; 0 for mono, and on a bus, which computes both.
        package var side: Float
        /// Seed of the module's random numbers.
        package var seed: UInt32
    }

    /// A parameter of a module.
    package struct Leaf: Hashable, Sendable {
        package var node: Int
        package var symbol: String

        package init(node: Int, symbol: String) {
            self.node = node
            self.symbol = symbol
        }
    }

    /// A parameter of the patch, with one value.
    package struct Param: Sendable {
        /// Name of the module by which it is addressed: a plain or a compound module.
        package var module: String
        /// Its symbol in that module.
        package var symbol: String
        /// Its declaration.
        package var spec: ParamSpec
        /// The law that clamps the modulated value. In a compound module its range can be wider than that of
        /// `spec`.
        package var law: ParamLaw
        /// The module parameters that have this value: one, or several for a compound module's parameter.
        package var leaves: [Leaf]
        /// Start value.
        package var value: Float
        /// Index of its cell.
        package var cell: Int
    }

    /// Where a cell's frames are stored.
    package enum Storage: Sendable, Equatable {
        /// A constant.
        case constant(Float)
        /// The current value of a parameter; a ramp while it changes.
        case param
        /// A buffer of 64 frames, by index. −1 until buffers are allocated.
        case block(Int)
    }

    /// A memory: the last value of a per-voice outlet at the newest note, which a module that runs once reads
    /// while no note sounds.
    package struct Memory: Sendable {
        package var node: Int
        package var outlet: Int
    }

    /// A gate inlet without a connection.
    package struct Gate: Sendable {
        package var node: Int
        package var inlet: Int
        package var voice: Bool
    }

    /// The patch it was compiled from.
    package var patch: Patch
    /// Name of each module.
    package var names: [String] = []
    /// For each module, its name in the patch instance that a live edit replaces, whose state it continues;
    /// nil if it is new.
    package var origins: [String?] = []
    /// Type of each module.
    package var types: [ModuleType] = []
    /// The steps of each phase (``ModuleOrder/Phase``).
    package var steps: [[Step]] = [[], [], []]
    /// Lists of cell indices that steps refer to by offset.
    package var ports: [Int32] = []
    /// Modulation depths that steps refer to by offset.
    package var depths: [Float] = []
    /// Storage of each cell.
    package var cells: [Storage] = []
    /// Number of buffers.
    package var blocks = 0
    /// Number of accumulators: buffers in which per-voice signals are summed over all voice groups, lane by
    /// lane.
    package var accumulators = 0
    /// Memories, one for each `newest` step.
    package var memories: [Memory] = []
    /// Parameters, by index.
    package var params: [Param] = []
    /// Unconnected gates, which a mapping can move. In `ports`, gate 0 is the voice's, 1 the patch's, and
    /// these follow from 2.
    package var gates: [Gate] = []
    /// Recipes of boxes that exist once per voice group.
    package var voiceBoxes: [BoxRecipe] = []
    /// Recipes of boxes that exist once.
    package var onceBoxes: [BoxRecipe] = []
    /// Number of voice groups.
    package var groups = 1
    /// The cell of each outlet of `keys`, in the order of ``KeysOutlet``; −1 if nothing reads it.
    package var keyCells: [Int32] = []
    /// True if a module reads the gate of `keys`. If none does, the engine fades each voice in and out with
    /// its gate over 5 ms.
    package var gated = true
    /// True if it may sound without a note.
    package var soundsWithoutNotes = false
    /// True if a module that runs before the voices changes all the time, so that rendering can never be
    /// skipped.
    package var neverIdle = false
    /// Seed of the patch's random numbers, from its name.
    package var seed: UInt32 = 0
}

extension Schedule {
    /// The steps as text, one per line, for `kairos schedule` and for tests.
    var text: String {
        var lines: [String] = []
        for (phase, title) in zip(ModuleOrder.Phase.allCases, ["before", "voices", "after"])
        where !steps[phase.rawValue].isEmpty {
            lines.append(title + ":")
            for (index, step) in steps[phase.rawValue].enumerated() {
                let number = String(index)
                lines.append(
                    "  " + String(repeating: " ", count: max(0, 3 - number.count)) + number + "  "
                        + text(step))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func text(_ step: Step) -> String {
        let node = Int(step.node)
        let side = step.side == 1 ? ".l" : step.side == 2 ? ".r" : ""
        func port(_ offset: Int32, _ index: Int) -> String { cell(Int(ports[Int(offset) + index])) }
        switch step.op {
        case .process, .read, .write:
            let type = types[node]
            let inlets = type.inlets.indices.map { index in
                type.inlets[index].info.kind == .gate
                    ? "g\(ports[Int(step.ports) + index])" : port(step.ports, index)
            }
            let outlets = type.outlets.indices.map { port(step.outlets, $0) }
            let params = type.params.indices.map { "\(type.params[$0].symbol)=\(port(step.params, $0))" }
            let verb = step.op == .process ? "" : step.op == .read ? " read" : " write"
            return
                (["\(names[node])\(side)", type.name + verb] + (step.op == .read ? [] : inlets) + params
                + (step.op == .write ? [] : ["->"] + outlets)).joined(separator: " ")
        case .keys:
            return (["keys ->"] + keyCells.filter { $0 >= 0 }.map { cell(Int($0)) }).joined(separator: " ")
        case .input: return "input -> \(cell(Int(step.target)))"
        case .sum:
            return "sum " + (0..<Int(step.count)).map { port(step.ports, $0) }.joined(separator: " + ")
                + " -> \(cell(Int(step.target)))"
        case .modulate:
            let terms = (0..<Int(step.count)).map {
                "\(port(step.ports, $0)) @ \(plainText(depths[Int(step.depths) + $0]))"
            }
            return
                "modulate \(name(Int(step.box))) + \(terms.joined(separator: " + ")) -> \(cell(Int(step.target)))"
        case .spread: return "spread \(port(step.ports, 0)).\(step.side) -> \(cell(Int(step.target)))"
        case .gather: return "gather \(port(step.ports, 0)) -> a\(step.target)"
        case .collapse:
            return "collapse a\(step.ports)" + (step.count == 2 ? " a\(step.ports + 1)" : "")
                + " -> \(cell(Int(step.target)))"
        case .newest: return "newest \(port(step.ports, 0)) -> \(cell(Int(step.target)))"
        case .output: return "output \(port(step.ports, 0))"
        case .deliver: return "deliver a\(step.ports)" + (step.count == 2 ? " a\(step.ports + 1)" : "")
        case .fade:
            return
                "\(step.side == 0 ? "arriving" : "leaving") \(port(step.ports, 0)) -> \(cell(Int(step.target)))"
        }
    }

    private func name(_ param: Int) -> String { "\(params[param].module).\(params[param].symbol)" }

    private func cell(_ index: Int) -> String {
        guard index >= 0, index != StepContext.unread else { return "." }
        switch cells[index] {
        case .constant(let value): return plainText(value)
        case .param:
            return params.first { $0.cell == index }.map { $0.spec.text($0.value).filter { $0 != " " } }
                ?? "p\(index)"
        case .block(let block): return "b\(block)"
        }
    }
}

private func plainText(_ value: Float) -> String {
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
