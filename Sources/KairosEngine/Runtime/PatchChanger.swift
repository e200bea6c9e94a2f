import KairosControl
import KairosDSP

/// The parts, the changes to other entries that they wait for, and the transport.
///
/// [audio], but for `init` and `deinit`.
struct PatchChanger: ~Copyable {
    private var parts: FixedArray<Part>
    /// The entries of the rig.
    private var list: EntryList
    /// The number of the rig, counted from the first one, 0.
    private var generation = 0
    private var macros = KeptMacros()
    /// The transport, which program changes do not touch.
    var transport: Transport
    /// The transport's position as modules get it.
    private var beatClock: BeatClock
    private let fixedAddress = FixedAddress()

    init(_ entries: consuming EntryList, meter: Int, sampleRate: Double) {
        parts = FixedArray(count: Part.count, repeating: Part())
        list = entries
        transport = Transport(meter: meter, sampleRate: sampleRate)
        beatClock = BeatClock(sampleRate: sampleRate)
    }

    /// The entry of a part, or nil.
    func entry(of part: Int) -> EntryID? { parts[part].entry }

    /// Selects the entry of a part at the start. [control], before the first block
    mutating func begin(_ entry: EntryID, part: Int) {
        parts[part].change = Part.Change(entry: entry, since: 0, waitsForMoment: false)
    }

    // MARK: requests

    /// Performs a program change to the entry with a number (bank × 128 + program).
    mutating func change(
        _ part: Int, toNumber number: UInt32, _ playback: inout Playback, _ channels: inout MIDIChannels,
        _ map: borrowing ControllerMap, _ report: inout EventReport
    ) {
        guard let entry = list.entry(number: number) else {
            report.outcome = .unknownProgram
            return
        }
        request(entry, part, &playback, &channels, map, &report)
    }

    /// Changes to the entry with an index of the list.
    mutating func select(
        _ part: Int, index: UInt32, _ playback: inout Playback, _ channels: inout MIDIChannels,
        _ map: borrowing ControllerMap, _ report: inout EventReport
    ) {
        guard let entry = list.entry(at: Int(index)) else {
            report.outcome = .unknownProgram
            return
        }
        request(entry, part, &playback, &channels, map, &report)
    }

    /// Changes to the next entry of the list, or to the previous one.
    mutating func step(
        _ part: Int, isForward: Bool, _ playback: inout Playback, _ channels: inout MIDIChannels,
        _ map: borrowing ControllerMap, _ report: inout EventReport
    ) {
        let from = parts[part].change?.entry ?? parts[part].entry
        let index = from.map { isForward ? list[$0].next : list[$0].previous } ?? (isForward ? 0 : nil)
        guard let index, let entry = list.entry(at: index) else {
            report.outcome = .endOfList
            return
        }
        request(entry, part, &playback, &channels, map, &report)
    }

    /// Changes a part to an entry, now or at its moment. Not inlined, so that a profiler counts all of it here.
    @inline(never) private mutating func request(
        _ entry: EntryID, _ part: Int, _ playback: inout Playback, _ channels: inout MIDIChannels,
        _ map: borrowing ControllerMap, _ report: inout EventReport
    ) {
        report.outcome = .plays(entry)
        parts[part].change?.startsSilent = false
        if list.hasFailed(entry, playback.pool) {
            report.outcome = .failedEntry(entry)
        } else if parts[part].entry == entry {
            // The last request counts, and this one is already met.
            parts[part].change = nil
            playback.unsilence(part)
            report.outcome = .sameEntry(entry)
        } else if parts[part].change?.entry == entry {
            report.outcome = .waits(entry)
        } else {
            parts[part].change = Part.Change(
                entry: entry, since: playback.clock.frame, waitsForMoment: parts[part].entry != nil)
            settleMoment(part, &playback, &channels, map)
            guard let change = parts[part].change else { return }
            report.outcome = .waits(entry)
            if !change.waitsForMoment { playback.link.report(.wanted(entry)) }
        }
    }

    // MARK: moments

    /// True where a part waits for its moment.
    func waitsForMoment(_ part: Int) -> Bool { parts[part].change?.waitsForMoment ?? false }

    /// Makes every change whose moment has come.
    mutating func settleMoments(
        _ playback: inout Playback, _ channels: inout MIDIChannels, _ map: borrowing ControllerMap
    ) {
        for part in 0..<playback.slots.partCount where waitsForMoment(part) {
            settleMoment(part, &playback, &channels, map)
        }
    }

    /// The first frame from `frame` on at which a change may happen without an event, or nil.
    mutating func nextMoment(from frame: Int, partCount: Int) -> Int? {
        var next: Int?
        for part in 0..<partCount {
            guard let change = parts[part].change, change.waitsForMoment,
                let frame = transport.nextBoundary(list[change.entry].switching, from: frame)
            else { continue }
            next = min(next ?? frame, frame)
        }
        return next
    }

    private mutating func settleMoment(
        _ part: Int, _ playback: inout Playback, _ channels: inout MIDIChannels,
        _ map: borrowing ControllerMap
    ) {
        guard let change = parts[part].change else { return }
        if change.waitsForMoment {
            let switching = list[change.entry].switching
            switch switching {
            case .now: break
            case .afterRelease: guard !playback.holdsNote(part: part) else { return }
            case .beat, .bar: guard transport.allows(switching, at: playback.clock.frame) else { return }
            }
            // The reported delay counts from here: the entry asked for the wait before.
            if switching != .now { parts[part].change?.since = playback.clock.frame }
            parts[part].change?.waitsForMoment = false
        }
        install(change.entry, part, &playback, &channels, map)
    }

    /// Makes the changes that have waited for the loader. Inlined: in most blocks there is none.
    @inline(__always) mutating func installReady(
        _ playback: inout Playback, _ channels: inout MIDIChannels, _ map: borrowing ControllerMap
    ) {
        for part in 0..<playback.slots.partCount {
            guard let change = parts[part].change, !change.waitsForMoment else { continue }
            if list.hasFailed(change.entry, playback.pool) {
                parts[part].change = nil
                playback.link.report(.failed(change.entry))
            } else {
                install(change.entry, part, &playback, &channels, map)
            }
        }
    }

    /// Marks the entry that a part waits for as silent until its first note: all parts were silenced meanwhile.
    mutating func silenceChange(_ part: Int) { parts[part].change?.startsSilent = true }

    // MARK: the change

    /// Makes an entry the part's, where everything is ready: layers that still ring become active again, the others
    /// get instances from the standby pool.
    private mutating func install(
        _ entry: EntryID, _ part: Int, _ playback: inout Playback, _ channels: inout MIDIChannels,
        _ map: borrowing ControllerMap
    ) {
        let tables = list[entry]
        var ringing = SlotTable.RingingLayers(repeating: nil)
        var needs = 0
        for layer in 0..<tables.count {
            ringing[layer] = playback.slots.ringingSlot(entry, part: part, layer: layer, playback.pool)
            if ringing[layer] == nil { needs += 1 }
        }
        guard list.isReady(entry, ringing, playback.pool),
            playback.slots.makeRoom(
                for: needs, reserve: list.reserve, sparing: ringing, playback.notes, playback.link,
                playback.clock)
        else { return }
        let began = playback.clock.nanoseconds
        if tables.keepsValues { macros.copy(of: part, playback.slots) }
        let startsSilent = parts[part].change?.startsSilent ?? false
        let since = parts[part].change?.since ?? playback.clock.frame
        let left = leave(part, &playback)
        playback.makeRoomForLoad(entry, list, sparing: ringing)
        for layer in 0..<tables.count {
            let index: Int, isNew: Bool
            if let slot = ringing[layer] {
                (index, isNew) = (Int(slot), false)
                playback.reactivate(index, part, layer)
            } else if let slot = playback.slots.firstFree {
                (index, isNew) = (slot, true)
                let epoch = list.epoch(of: entry, part: part, layer: layer, now: playback.clock.frame)
                playback.place(
                    list.layer(layer, of: entry), entry, part, layer, in: index, epoch: epoch,
                    isSilenced: startsSilent)
                playback.inheritControllers(index, part, channels, map)
            } else {
                continue
            }
            macros.apply(to: index, tables, part, layer, snaps: isNew, &playback, &channels)
        }
        playback.slots.setLayerCount(tables.count, of: part)
        parts[part].entry = entry
        parts[part].change = nil
        playback.meters.pointee.countChange()
        playback.link.report(
            .changed(
                EntryChange(
                    part: UInt8(part), entry: entry, frame: playback.clock.frame,
                    delay: playback.clock.frame - since, ringing: left,
                    nanoseconds: playback.clock.nanoseconds &- began)))
    }

    /// Detaches or fades the slots of a part, as their entry states. Returns how many still sound.
    private mutating func leave(_ part: Int, _ playback: inout Playback) -> Int {
        guard let entry = parts[part].entry else { return 0 }
        var count = 0
        for layer in 0..<playback.slots.layerCount(of: part) {
            guard let index = playback.slots.slot(part: part, layer: layer) else { continue }
            if let core = playback.slots[index].core { macros.store(part, core) }
            if playback.leave(index, tail: list[entry].tail) { count += 1 }
        }
        playback.slots.setLayerCount(0, of: part)
        parts[part].entry = nil
        return count
    }

    /// Tempo and position for the sub-block that begins at `frame`. Called for each sub-block, in order.
    mutating func position(at frame: Int) -> TransportPosition { beatClock.position(at: frame, transport) }

    // MARK: settings

    /// Copies the settings that it owns: the entry, the tempo, the kept macros.
    func copySettings(to copy: inout FlatSettings) {
        copy.entry = parts[0].entry
        copy.tempo = transport.ownTempo
        macros.copy(to: &copy)
    }

    /// Restores the tempo and the kept macros.
    mutating func restore(_ settings: borrowing FlatSettings, at frame: Int) {
        transport.setTempo(settings.tempo, at: frame)
        macros.restore(settings)
    }

    // MARK: another rig

    /// Exchanges the entries with those of another rig. Sounding slots continue; entries get their new indices.
    mutating func adopt(
        _ entries: inout EntryList, _ maps: borrowing RigIndexMaps, meter: Int, generation: Int,
        _ playback: inout Playback
    ) {
        entries.succeed(list, maps, parts: playback.slots.partCount)
        swap(&list, &entries)
        self.generation = generation
        transport.meter = meter
        playback.renumber(maps)
        for part in 0..<playback.slots.partCount { adopt(part, maps, &playback) }
    }

    /// Gives a part its entries' new indices. Where the layers of its entry have changed, the part changes to them.
    private mutating func adopt(_ part: Int, _ maps: borrowing RigIndexMaps, _ playback: inout Playback) {
        var goal: EntryID?
        if let pending = parts[part].change?.entry {
            if let entry = maps.successor(of: pending) ?? maps.entry(pending) {
                parts[part].change?.entry = entry
            } else {
                parts[part].change = nil
            }
        } else if let entry = parts[part].entry {
            goal = maps.successor(of: entry)
        }
        if let entry = parts[part].entry { parts[part].entry = maps.entry(entry) }
        if let goal, !list.hasFailed(goal, playback.pool) {
            parts[part].change = Part.Change(
                entry: goal, since: playback.clock.frame, waitsForMoment: false)
            playback.link.report(.wanted(goal))
        }
        macros.renumber(part, maps)
    }

    // MARK: publishing

    /// Publishes the entry of each part and the one that it waits for.
    mutating func publish(_ playback: inout Playback) {
        for part in 0..<playback.slots.partCount {
            // The loader builds for a silenced layer as it builds for a change.
            let isAwaiting = parts[part].change == nil && playback.slots.isAwaiting(part: part)
            playback.meters.pointee.setPart(
                part, entry: parts[part].entry,
                pending: isAwaiting ? parts[part].entry : parts[part].change?.entry, generation: generation)
        }
        playback.meters.pointee.setTempo(transport.tempo(at: playback.clock.frame))
    }
}
