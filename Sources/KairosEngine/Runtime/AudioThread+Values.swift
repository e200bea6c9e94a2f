import KairosControl
import KairosDSP

// Values and settings from outside: set, copied, restored. [audio]
extension AudioThread {
    /// Sets a parameter of a layer of the first part, or of the master effects, by its key.
    mutating func setParam(_ event: Event, _ frame: Int, _ report: inout Report) {
        guard let (core, instance) = playback.instance(ofLayer: Int(event.channel)),
            let index = core.pointee.param(of: event.paramKey)
        else {
            report.outcome = .noSuchParam
            return
        }
        let value = core.pointee.params.intend(index, Float(bitPattern: event.normalized))
        schedule(.parameter(instance, Int32(index)), value, frame)
        report.outcome = .mapped
        playback.concern(&report, instance)
        report.index = Int32(index)
        report.value = value
    }

    /// Copies the value of every parameter of the first part and of the master effects, and all settings.
    mutating func copyValues() {
        // Read first: for ThreadSanitizer, Swift 6.3 sees an overlap with the owners otherwise.
        let board = board
        board.pointee.write { copy in
            for layer in 0..<ValueBoard.layerCount {
                copy.copy(playback.instance(ofLayer: layer)?.core, ofLayer: layer)
            }
            changer.copySettings(to: &copy.settings.settings)
            playback.mixer.copy(to: &copy.settings.settings)
            channels.copySettings(to: &copy.settings)
        }
    }

    /// Restores the settings that were handed over, as smoothly as messages would bring them. Sounding keys keep the
    /// pitch that they began with.
    mutating func restoreSettings(_ frame: Int) {
        let board = board
        board.pointee.readRequest { restore($0, frame) }
    }

    private mutating func restore(_ request: borrowing SettingsBoard, _ frame: Int) {
        let settings = request.settings
        changer.restore(settings, at: playback.clock.frame)
        let tuning = channels.tuning.restore(
            keys: request.tunings, fine: settings.fineTuning, coarse: settings.coarseTuning)
        schedule(.master(.tuning), tuning, frame)
        schedule(.master(.volume), settings.volume, frame)
        schedule(.master(.balance), settings.balance, frame)
        for index in 0..<Mixer.stripCount {
            schedule(.strip(.volume, index), settings.channels[index].volume, frame)
            schedule(.strip(.pan, index), settings.channels[index].pan, frame)
        }
        for index in 0..<16 {
            let (range, tuning) = channels.restore(settings.channels[index], of: index)
            schedule(.channel(.bendRange, state: index), range ?? .nan, frame)
            schedule(.channel(.tuning, state: index), tuning, frame)
        }
    }

    /// Makes the entry that was selected active, with the settings that were handed over: nothing has sounded yet, so
    /// nothing glides. [control], before the first block
    mutating func begin() {
        restoreSettings(playback.clock.frame)
        applyChanges()
        playback.mixer.snap()
        receive()
    }

    /// Sets a parameter at once, by its key. False where the layer has no such parameter. [control], before the first
    /// block
    mutating func begin(_ key: UInt64, ofLayer layer: Int, at value: Float) -> Bool {
        guard let (core, instance) = playback.instance(ofLayer: layer),
            let index = core.pointee.param(of: key)
        else { return false }
        core.pointee.params.snap(index, to: value)
        if let slot = instance.place.slotIndex { playback.slots[slot].isUntouched = false }
        return true
    }
}
