import KairosControl
import KairosDSP

/// The state of the audio thread, and the rendering of a block.
///
/// ``Playback`` is passed `inout`, also where it is only read: Swift copies a noncopyable struct of its size for a
/// borrowing parameter.
///
/// [audio], but for `init`, `deinit` and functions that say so.
struct AudioThread: ~Copyable {
    var events = EventQueue()
    var channels: MIDIChannels
    var map: ControllerMap
    var changer: PatchChanger
    var playback: Playback
    /// The copies of values and settings that are made on request.
    let board: Reference<ValueBoard>
    /// The number of events that may still act in this block.
    private var eventsLeft = 0

    /// `tables` are those of the first rig. [control]
    init(
        _ setup: EngineSetup, _ tables: consuming RigTables, standby: Reference<StandbyState>,
        link: consuming LoaderLink, meters: Reference<Meters>,
        board: Reference<ValueBoard>
    ) {
        MessageSizes.assertLimits()
        playback = Playback(
            setup, standby: standby, masterSound: tables.masterSound, link: link, meters: meters)
        changer = PatchChanger(tables.entries, meter: tables.meter, sampleRate: setup.sampleRate)
        channels = MIDIChannels(setup, keyboards: tables.keyboards)
        map = tables.map
        self.board = board
    }

    /// Renders the next `frames` frames. Without `isWhole`, master effects, master volume, limiter and soft clipper are
    /// left out.
    mutating func render(
        to output: StereoBuffer, frames: Int, timebase: Timebase, isWhole: Bool
    ) {
        receive()
        takeIn(timebase, frames)
        var done = 0
        var peak: Float = 0, gain: Float = 1
        while done < frames {
            let count = advance(to: playback.clock.frame + frames - done) - playback.clock.frame
            playback.transport = changer.position(at: playback.clock.frame)
            playback.render(count, effects: isWhole)
            let mix = playback.mixer.output, rest = output.suffix(from: done)
            let loudest = mix.peak(count)
            peak = max(peak, loudest)
            if isWhole {
                gain = min(
                    gain, playback.mixer.send(loudest, at: playback.clock.frame, to: rest, count))
            } else {
                rest.copy(mix, count)
            }
            done += count
            playback.clock.frame += count
        }
        publish(peak, gain)
    }

    /// Takes in events and performs those that are due at this frame, and renders nothing.
    mutating func absorb(_ timebase: Timebase) {
        receive()
        takeIn(timebase, 0)
        playback.notes.time = changer.transport.beatTime(at: playback.clock.frame)
        _ = perform(before: playback.clock.frame + 1)
        publish(0, 1)
    }

    /// Performs the events and changes that are due at this frame. Returns the frame before which nothing else is due,
    /// at most `end`.
    private mutating func advance(to end: Int) -> Int {
        playback.notes.time = changer.transport.beatTime(at: playback.clock.frame)
        let nextEvent = perform(before: end)
        // After the events of this frame, including those that acted before it at the start of a block.
        applyChanges()
        let frame = playback.clock.frame
        var moment = changer.nextMoment(from: frame, partCount: playback.slots.partCount)
        if moment == frame {
            changer.settleMoments(&playback, &channels, map)
            moment = changer.nextMoment(from: frame, partCount: playback.slots.partCount)
        }
        // The events may have changed the transport.
        playback.notes.time = changer.transport.beatTime(at: frame)
        let nextStage = playback.runStages(channels)
        // Two arguments each: with more of them, `min` may allocate an array.
        let due = min(
            min(min(nextEvent, nextStage), nextChange), min(end, playback.clock.endOfSubBlock))
        if let moment, moment > frame { return min(due, moment) }
        return due
    }

    /// Publishes the state of the owners; `peak` is the greatest absolute sample of the block before the limiter, `gain`
    /// the limiter's smallest gain.
    private mutating func publish(_ peak: Float, _ gain: Float) {
        playback.publish()
        changer.publish(&playback)
        map.publish(&playback, tempo: Float(changer.transport.ownTempo))
        playback.link.returnFormer()
        playback.meters.pointee.add(peak: peak, gain: gain)
    }

    // MARK: events

    /// Takes in the events of the inputs. Offline nothing is limited: there a block may take any time.
    private mutating func takeIn(_ timebase: Timebase, _ frames: Int) {
        let limit =
            playback.clock.isLive ? max(SubBlock.longest, frames) * EventQueue.eventsPerFrame : .max
        eventsLeft = limit
        let count = events.takeIn(timebase, clock: playback.clock.frame, limit: limit)
        if count > 0 { playback.meters.pointee.count(events: count) }
    }

    /// Performs every event that is due by now. Returns the frame of the next one, at most `end`.
    private mutating func perform(before end: Int) -> Int {
        while eventsLeft > 0 {
            if let first = events.first(before: end) { events.stage(actsOnTick: actsOnTick(first)) }
            guard let next = events.next else { return end }
            if next.actsOnTick {
                // A change of a value needs no split of its own: it counts from the control tick on. It may not
                // overtake a coarse half that becomes the whole value before it.
                guard next.frame < min(end, min(playback.clock.endOfSubBlock, map.nextDue)) else {
                    return end
                }
            } else {
                guard next.frame <= playback.clock.frame else { return min(end, next.frame) }
            }
            events.finish()
            eventsLeft -= 1
            let frame = max(next.frame, playback.clock.frame)
            // It came too late, or the limit of a block delayed it.
            if next.isLate || frame > next.frame { playback.meters.pointee.countLate() }
            // The wait for the control tick is not counted as a delay: it is the same for all.
            if !next.actsOnTick { playback.meters.pointee.count(delay: frame - next.due) }
            perform(next.event, at: frame)
        }
        return end
    }

    // MARK: changes of control values

    /// The next frame at which a change acts or a coarse half stops waiting; `Int.max` for none.
    private var nextChange: Int { min(playback.nextChange, map.nextDue) }

    /// Makes the changes that are due at this frame.
    mutating func applyChanges() {
        let frame = playback.clock.frame
        guard nextChange <= frame else { return }
        // Changes that coarse halves make are due at the same control tick.
        while var action = map.nextCoarseHalf(dueBy: frame, playback.slots) { perform(&action) }
        playback.applyChanges(dueBy: frame, &channels)
        playback.meters.pointee.countTouch()
    }

    // MARK: the loader

    /// Handles the loader's messages, and makes the changes of entries that have waited for them.
    mutating func receive() {
        playback.sendBackOutdated()
        while let message = playback.link.nextMessage() {
            switch consume message {
            case .instance(let instance): playback.receive(instance)
            case .successor(let instance, let id, let place, let settles):
                let succession = InstanceSuccession(
                    place: place, id: id, transfer: instance.transfer?.pointee, settles: settles)
                playback.succeed(instance, succession, &channels)
            case .withdraw(let sound): playback.withdraw(sound)
            case .rig(let tables): adopt(tables)
            }
        }
        changer.installReady(&playback, &channels, map)
        playback.placeReady()
    }

    /// Exchanges the tables of the rig with those of another one. Sounding instances continue.
    private mutating func adopt(_ next: consuming Box<RigTables>) {
        let tables = next.reference
        tables.pointee.map.succeed(map, tables.pointee.indexMaps.controls)
        swap(&map, &tables.pointee.map)
        swap(&channels.keyboards, &tables.pointee.keyboards)
        playback.adoptComingTables(&channels)
        playback.setMasterSound(tables.pointee.masterSound)
        changer.adopt(
            &tables.pointee.entries, tables.pointee.indexMaps, meter: tables.pointee.meter,
            generation: tables.pointee.generation, &playback)
        playback.link.keep(former: next)
    }
}
