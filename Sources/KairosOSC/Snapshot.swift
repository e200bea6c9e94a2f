import KairosControl
import KairosDSP
import KairosEngine
import KairosPatch

/// All values and settings at one moment.
struct Snapshot: Sendable {
    /// The values of each sounding layer, and of the master effects.
    var values: [LayerValues]
    /// The settings: entry, tempo, volumes, tunings.
    var settings: LiveSettings
}
