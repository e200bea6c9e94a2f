import KairosCompiler
import KairosControl
import KairosDSP
import KairosPatch

/// Where one entry plays: one for all channels, or one for each channel in `multi`.
struct Part {
    static let layerLimit = 16

    /// The entry that new notes play, or −1.
    var entry: Int32 = -1
    /// Its slots, in the order of its layers.
    var slots = InlineArray<16, Int16>(repeating: -1)
    var slotCount = 0
    /// The change that was asked for and has not come yet.
    var pending: Int32 = -1
    /// When it was asked for.
    var pendingSince = 0
    /// Whether it waits for its moment, not for the loader.
    var waitsForMoment = false
    /// Everything was silenced since it was asked for: it sounds from its first note on.
    var startsSilent = false
    /// Where the macros that stay were left, by name.
    var keptPositions = InlineArray<16, Float>(repeating: 0)
    /// Which of them were ever left somewhere.
    var known: UInt16 = 0
}

/// What controllers 7, 10 and 11 say: past all slots, so that a change of program does not touch it.
struct Strip {
    /// As positions 0…1.
    var volume: Float = 1
    var expression: Float = 1
    var pan: Float = 0.5
    var left = ScalarRamp(1)
    var right = ScalarRamp(1)

    var isSettled: Bool { left.isSettled && right.isSettled }

    /// Volume and expression by the square (MMA RP-015's 40·log10), pan as a balance: the middle is untouched.
    mutating func aim(frames: Int) {
        let level = volume * volume * expression * expression
        left.move(to: level * min(1, 2 - 2 * pan), frames: frames)
        right.move(to: level * min(1, 2 * pan), frames: frames)
    }
}

/// An entry as the audio thread knows it.
struct EntryTables {
    enum Switching: UInt8 { case now, afterRelease, beat, bar }

    /// Where its layers begin among all layers.
    var first = 0
    var count = 0
    var switching = Switching.now
    /// Frames over which it fades when another takes over; −1: it rings.
    var tail = -1
    var keepsValues = false
    var keptMacros: UInt16 = 0
    /// Found out before anything was built.
    var hasFailed = false
    /// The entries after and before it in the list.
    var next: Int32 = -1
    var previous: Int32 = -1

    init(_ entry: Rig.Entry, first: Int, sampleRate: Double) {
        self.first = first
        count = min(entry.layers.count, Part.layerLimit)
        switch entry.switching {
        case .now: switching = .now
        case .afterRelease: switching = .afterRelease
        case .beat: switching = .beat
        case .bar: switching = .bar
        }
        switch entry.tail {
        case .ring: tail = -1
        case .fade(let seconds): tail = max(1, Int(Double(seconds) * sampleRate))
        // As short as can be without a click.
        case .cut: tail = max(1, Int(0.005 * sampleRate))
        }
        keepsValues = entry.values == .keep
        keptMacros = entry.keptMacros
        hasFailed = entry.fault != nil || entry.layers.isEmpty
    }
}
