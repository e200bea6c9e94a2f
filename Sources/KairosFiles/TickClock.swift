/// The time of a MIDI file's ticks, in nanoseconds. It is asked in rising order. Times that a stamp cannot hold are
/// `UInt64.max`.
struct TickClock {
    /// A tempo from a tick on.
    struct Tempo: Equatable {
        var tick: UInt64
        /// Of a quarter note, more than 0.
        var microseconds: UInt64
    }

    /// The tempo before the first tempo event: 120 quarter notes a minute.
    static let defaultTempo: UInt64 = 500_000

    /// The unit of a file's ticks.
    enum Division: Equatable {
        /// Ticks in a quarter note, more than 0.
        case quarter(UInt64)
        /// A tick lasts `nanoseconds` ÷ `ticks` (more than 0).
        case timeCode(ticks: UInt64, nanoseconds: UInt64)
    }

    private let tempos: [Tempo]
    private let division: Division
    private var next = 0
    private var tick: UInt64 = 0
    /// Microseconds × ticks per quarter note at `tick`: whole numbers, so that no rounding error adds up.
    private var scaled: UInt64 = 0
    private var tempo = TickClock.defaultTempo

    init(_ division: Division, tempos: [Tempo]) {
        self.division = division
        self.tempos = tempos.sorted { $0.tick < $1.tick }
    }

    /// Nanoseconds from the start to `target`, with one rounding.
    mutating func nanoseconds(at target: UInt64) -> UInt64 {
        switch division {
        case .timeCode(let ticks, let nanoseconds):
            return target.scaledSaturated(by: nanoseconds, over: ticks)
        case .quarter(let ticks):
            while next < tempos.count, tempos[next].tick <= target {
                scaled = time(at: tempos[next].tick)
                tick = tempos[next].tick
                tempo = tempos[next].microseconds
                next += 1
            }
            let total = time(at: target)
            return total == .max ? .max : total.scaledSaturated(by: 1000, over: ticks)
        }
    }

    private func time(at target: UInt64) -> UInt64 {
        scaled.addingSaturated((target - tick).multipliedSaturated(by: tempo))
    }
}
