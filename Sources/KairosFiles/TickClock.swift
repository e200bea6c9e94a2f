/// Converts the ticks of a MIDI file to nanoseconds, by its tempo map. Ticks must be queried in ascending
/// order. Times that a time stamp cannot hold are `UInt64.max`.
struct TickClock {
    /// A tempo change.
    struct Tempo: Equatable {
        /// Tick at which the tempo begins.
        var tick: UInt64
        /// Microseconds per quarter note, greater than 0.
        var microseconds: UInt64
    }

    /// The tempo before the first tempo event, in microseconds per quarter note: 120 quarter notes per
    /// minute.
    static let defaultTempo: UInt64 = 500_000

    /// The unit of a file's ticks.
    enum Division: Equatable {
        /// Ticks per quarter note, greater than 0.
        case quarter(UInt64)
        /// Time code: a tick lasts `nanoseconds` ÷ `ticks`, which is greater than 0.
        case timeCode(ticks: UInt64, nanoseconds: UInt64)
    }

    private let tempos: [Tempo]
    private let division: Division
    /// Index of the next tempo change.
    private var next = 0
    /// Tick of the last tempo change.
    private var tick: UInt64 = 0
    /// Time at `tick` in microseconds × ticks per quarter note: a whole number, so that rounding errors do
    /// not add up.
    private var scaled: UInt64 = 0
    /// The present tempo in microseconds per quarter note.
    private var tempo = TickClock.defaultTempo

    init(_ division: Division, tempos: [Tempo]) {
        self.division = division
        self.tempos = tempos.sorted { $0.tick < $1.tick }
    }

    /// Nanoseconds from the start to the tick `target`, rounded once.
    mutating func nanoseconds(at target: UInt64) -> UInt64 {
        switch division {
        case .timeCode(let ticks, let nanoseconds):
            return target.scaledSaturated(by: nanoseconds, over: ticks)
        case .quarter(let ticks):
            while next < tempos.count, tempos[next].tick <= target {
                scaled = scaledTime(at: tempos[next].tick)
                tick = tempos[next].tick
                tempo = tempos[next].microseconds
                next += 1
            }
            let total = scaledTime(at: target)
            return total == .max ? .max : total.scaledSaturated(by: 1000, over: ticks)
        }
    }

    /// Time at `target` in the unit of ``scaled``, at the present tempo.
    private func scaledTime(at target: UInt64) -> UInt64 {
        scaled.addingSaturated((target - tick).multipliedSaturated(by: tempo))
    }
}
