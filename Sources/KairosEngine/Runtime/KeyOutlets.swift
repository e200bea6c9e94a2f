import KairosCompiler
import KairosDSP

/// The outlets of `keys` in a patch instance: it writes pitch, velocity and so on of one voice group into their cells.
/// [audio]
struct KeyOutlets: BitwiseCopyable {
    /// Cells of the instance.
    private let cells: RegionTable<SignalCell>
    /// The cell of each outlet, in the order of ``KeysOutlet``; nil if nothing reads it.
    private let current: RegionTable<Int32?>
    /// For each outlet, the cell with the values that a note begins with; nil if nothing reads it.
    private let onsets: RegionTable<Int32?>
    /// True if anything reads one of ``onsets``.
    private let hasOnsets: Bool

    /// The outlets of `schedule`. [loader]
    init(_ schedule: Schedule, cells: RegionTable<SignalCell>, _ arena: inout Arena) {
        self.cells = cells
        current = arena.place(schedule.keyCells)
        onsets = arena.place(schedule.onsetCells)
        hasOnsets = schedule.onsetCells.contains { $0 != nil }
    }

    /// Writes the cells for a sub-block of `frames`, and advances the ramps of group `index`.
    @inline(never) func write(_ groups: RegionTable<Group>, _ index: Int, _ frames: Int) {
        if hasOnsets { writeOnsets(groups, index) }
        if groups[index].pitch.isSettled && groups[index].offset.isSettled {
            hold(.pitch, groups[index].pitch.value + groups[index].offset.value)
        } else {
            for n in 0..<frames {
                put(.pitch, n, groups[index].pitch.value + groups[index].offset.value)
                groups[index].pitch.advance()
                groups[index].offset.advance()
            }
        }
        ramp(.bend, &groups[index].bend, frames)
        ramp(.timbre, &groups[index].timbre, frames)
        if current[KeysOutlet.dynamics.index] != nil { writeDynamics(groups[index].velocity, frames) }
        ramp(.velocity, &groups[index].velocity, frames)
        hold(.release, groups[index].release)
        ramp(.pressure, &groups[index].pressure, frames)
        hold(.note, groups[index].note)
        hold(.spread, groups[index].spread)
        hold(.keytrack, groups[index].keytrack)
    }

    /// Writes the values that a note begins with, which `latch` steps read when it triggers.
    private func writeOnsets(_ groups: RegionTable<Group>, _ index: Int) {
        let velocity = groups[index].velocity.targets
        begin(.pitch, groups[index].pitch.targets + groups[index].offset.targets)
        begin(.velocity, velocity)
        begin(.release, groups[index].release)
        begin(.pressure, groups[index].pressure.targets)
        begin(.bend, groups[index].bend.targets)
        begin(.note, groups[index].note)
        begin(.spread, groups[index].spread)
        begin(.timbre, groups[index].timbre.targets)
        begin(.keytrack, groups[index].keytrack)
        begin(.dynamics, Self.dynamics(velocity))
    }

    /// Writes the outlet `dynamics` for a velocity that may move.
    private func writeDynamics(_ velocity: LaneRamp, _ frames: Int) {
        if velocity.isSettled { return hold(.dynamics, Self.dynamics(velocity.value)) }
        var velocity = velocity
        for n in 0..<frames {
            put(.dynamics, n, Self.dynamics(velocity.value))
            velocity.advance()
        }
    }

    /// Velocity by its level: 1 at full velocity, a quarter less for each halving, at least 0. A quarter is 12 dB by
    /// the law 40 · log10 of the velocity (DLS Level 1, MIDI Manufacturers Association, 1997).
    @inline(__always) private static func dynamics(_ velocity: Lanes) -> Lanes {
        Lanes.one.addingProduct(log2(velocity), Lanes(repeating: 0.25)).clamped(0, 1)
    }

    private func ramp(_ outlet: KeysOutlet, _ ramp: inout LaneRamp, _ frames: Int) {
        if ramp.isSettled { return hold(outlet, ramp.value) }
        for n in 0..<frames {
            put(outlet, n, ramp.value)
            ramp.advance()
        }
    }

    private func begin(_ outlet: KeysOutlet, _ value: Lanes) { fill(onsets[outlet.index], value) }

    @inline(__always) private func hold(_ outlet: KeysOutlet, _ value: Lanes) {
        fill(current[outlet.index], value)
    }

    @inline(__always) private func fill(_ cell: Int32?, _ value: Lanes) {
        guard let cell else { return }
        cells[Int(cell)].stride = 0
        cells[Int(cell)].base[0] = value
    }

    @inline(__always) private func put(_ outlet: KeysOutlet, _ frame: Int, _ value: Lanes) {
        guard let cell = current[outlet.index] else { return }
        cells[Int(cell)].stride = 1
        cells[Int(cell)].base[frame] = value
    }
}

extension KeysOutlet {
    /// The raw value as a constant: the getter of another module is a call.
    fileprivate var index: Int {
        @inline(__always) get {
            switch self {
            case .pitch: 0
            case .gate: 1
            case .velocity: 2
            case .release: 3
            case .pressure: 4
            case .bend: 5
            case .note: 6
            case .spread: 7
            case .timbre: 8
            case .keytrack: 9
            case .dynamics: 10
            }
        }
    }
}
