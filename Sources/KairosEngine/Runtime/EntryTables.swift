import KairosCompiler
import KairosDSP
import KairosPatch

/// An entry as a flat record for the audio thread.
struct EntryTables: BitwiseCopyable {
    /// The moment of a change to an entry: at once, when no note is held, or at the next beat or bar.
    enum Switching: UInt8, BitwiseCopyable { case now, afterRelease, beat, bar }

    /// The index of its first layer among all layers, and the number of its layers.
    let first: Int
    let count: Int
    /// The moment of a change to it.
    let switching: Switching
    /// The frames over which it fades when another entry replaces it; nil where it rings.
    let tail: Int?
    /// True where all macros keep their values over a change to it.
    let keepsValues: Bool
    /// The kept macros: bit n is the name with index n.
    let keptMacros: UInt16
    /// True where it cannot be played, which was found before anything was built.
    let hasFailed: Bool
    /// The indices of the entries after and before it in the list. There is none where the index is outside the list.
    let next: Int
    let previous: Int

    init(_ entry: Rig.Entry, first: Int, next: Int, previous: Int, sampleRate: Double) {
        self.first = first
        self.next = next
        self.previous = previous
        count = min(entry.layers.count, Part.layerLimit)
        switch entry.switching {
        case .now: switching = .now
        case .afterRelease: switching = .afterRelease
        case .beat: switching = .beat
        case .bar: switching = .bar
        }
        switch entry.tail {
        case .ring: tail = nil
        case .fade(let seconds): tail = max(1, Int(Double(seconds) * sampleRate))
        // As short as is possible without a click.
        case .cut: tail = max(1, Int(0.005 * sampleRate))
        }
        keepsValues = entry.values == .keep
        keptMacros = entry.keptMacros
        hasFailed = entry.fault != nil || entry.layers.isEmpty
    }
}
