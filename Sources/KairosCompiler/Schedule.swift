package import KairosDSP
package import KairosPatch

/// The compiler's result: the ordered, flat steps of a patch and the tables they refer to. Any number of
/// patch instances can be built from it.
package struct Schedule: Sendable {
    /// Recipe of a box, from which one ``ModuleBox`` is created when a patch instance is built.
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
        package var value: ParamValue
        /// Index of its cell.
        package var cell: Int
    }

    /// Storage of a cell's frames.
    package enum Storage: Sendable, Equatable {
        /// A constant.
        case constant(Float)
        /// The current value of a parameter; a ramp while it changes.
        case param
        /// A buffer of 64 frames, by index.
        case block(Int)
    }

    /// A memory: the last value of a per-voice outlet at the newest note, which a module that runs once reads
    /// while no note sounds.
    package struct Memory: Sendable {
        package var node: Int
        package var outlet: Int
    }

    /// A latch: the modulation of a parameter that is read at note-on, kept for each voice until its next note.
    package struct Latch: Sendable {
        package var node: Int
        /// Symbol of the parameter.
        package var symbol: String
        /// Side of the module, as in ``Step/side``.
        package var side: Int
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
    /// The note stages, first to last. They are not rendered: the engine passes notes through them.
    package var noteStages: [Step] = []
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
    /// Latches, one for each `latch` step.
    package var latches: [Latch] = []
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
    /// The cell of each outlet of `keys`, in the order of ``KeysOutlet``; nil if nothing reads it.
    package var keyCells: [Int32?] = []
    /// For each outlet of `keys`, the cell with the values that a note begins with: without glide, and without
    /// the ramp to the velocity of a note that takes over a voice. nil if no `latch` step reads it.
    package var onsetCells: [Int32?] = []
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
