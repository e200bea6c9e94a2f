import KairosDSP

/// One step of a schedule. It refers to everything by index. A step works on cells: a cell is a numbered
/// signal of the patch instance, which holds a constant, a parameter's value or a buffer of 64 frames (see
/// ``Schedule/Storage``).
package struct Step: Sendable {
    /// Kind of a step. In the descriptions, *the cell at `ports`* is the cell whose index stands at that offset
    /// of `Schedule.ports`.
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
        /// Stores, at a note-on, the sum of `count` cells at `ports`, each times its depth, in latch `outlets`,
        /// in the lanes that gate `read` triggers; then writes parameter `box` with this modulation into
        /// `target`.
        case latch
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

    /// Kind of step.
    package var op: Op
    /// 1 left, 2 right for a stereo module that runs per voice, which has a box per side; else 0. `spread`:
    /// the lane; `fade`: the direction.
    package var side: UInt8 = 0
    /// Index of the node it belongs to, for reports.
    package var node: Int32
    /// Index of the module's box; of the parameter (`modulate`, `latch`); of the memory (`newest`).
    package var box: Int32 = 0
    /// Offset in `Schedule.ports` of the inlets' cells.
    package var ports: Int32 = 0
    /// Offset in `Schedule.ports` of the outlets' cells; index of the latch (`latch`).
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
    /// non-finite output (`latch`: index of the gate). The complement of a cell's index means that it is read at control ticks only.
    package var read: Int32 = 0
    /// Index of the step's `StepContext`; set when a patch instance is built.
    package var context: Int32 = 0
}
