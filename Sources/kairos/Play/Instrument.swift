import CRealtime
import Foundation
import KairosCompiler
import KairosControl
import KairosDevices
import KairosEngine
import KairosFiles
import KairosOSC
import KairosPatch
import KairosSession

/// The running instrument: creates engine, loader, event inputs, audio driver and OSC server in order, polls
/// the devices, and stops everything in order.
///
/// All methods are for the main thread `[control]`, except ``save``.
final class Instrument {
    /// Settings from the command line.
    struct Options {
        var audio = AudioHost.Choice.any
        var midi = MIDIChoice.alsa
        var rate: Int?
        var period: Int?
        /// True if the JACK ports are connected to the outputs automatically.
        var connects = true
        /// The sequencer ports that are connected automatically.
        var connections = Connections()
        /// The scale for patches without their own; nil is equal temperament.
        var tuning: Tuning?
        var mode = EngineSetup.Mode.entry
        /// The index of the entry to start with.
        var first = 0
        /// Frequency of A4 in Hz.
        var tune = 440.0
        /// The client name in the ALSA sequencer.
        var clientName = "Kairos"
        /// Semitones that every key is transposed by.
        var transpose = 0
        /// True if the output has a limiter.
        var hasLimiter = true
        /// Memory limit of the standby pool in bytes.
        var standbyMemory = 512 << 20
        /// The UDP and TCP port for OSC; nil disables OSC.
        var osc: Int?
        /// True if OSC is accepted from other machines.
        var oscEverywhere = false
        var patchFolders: [String] = []
        var moduleFolders: [String] = []
        /// True if changed files are reloaded, and the files that are watched.
        var watches = false
        var files = WatchedFiles()
        /// Restores the session at the start; its path is where the session is saved. Nil for no session.
        var session: SessionRestorer?
    }

    /// The MIDI input driver.
    enum MIDIChoice: Equatable {
        case alsa
        case rtmidi(RtMidiInput.API)
        case none
    }

    let engine: Engine
    let sources: RigSources
    let host: AudioHost
    /// The event inputs of the terminal's keys and of a MIDI file.
    let terminalRing: Ring<Event>
    let fileRing: Ring<Event>
    /// Lines about devices and settings, printed at the start.
    private(set) var lines: [String] = []
    private let loader: LoaderThread
    let dispatcher: OSCDispatcher
    private var saver: SessionSaver?
    private var server: OSCServer?
    let midiLearn = MIDILearn()
    private let machineLoad = MachineLoad()
    private var fileReloader: FileReloader?
    private var moduleReloader: ModuleReloader?
    private var sequencer: SequencerInput?
    private var rtmidi: RtMidiEventInput?
    private var feedback: ControllerFeedback
    /// The number of times MIDI events were lost because a ring was full; all held notes were released each
    /// time.
    private(set) var losses = 0

    /// Opens the audio driver and the MIDI input, builds the first entry and starts all threads. Throws
    /// `DeviceError` if a requested device cannot be opened.
    init(_ sources: RigSources, _ options: Options) throws {
        self.sources = sources
        let opened = try AudioHost.open(
            options.audio, rate: options.rate, period: options.period, connects: options.connects)
        let driver = opened.driver
        var setup = EngineSetup(
            sampleRate: Double(driver.sampleRate), mode: options.mode, rig: sources.rig,
            tune: options.tune, transpose: options.transpose)
        setup.tuning = options.tuning
        setup.isLive = true
        setup.hasLimiter = options.hasLimiter
        setup.startRamp = driver.sampleRate / 20
        engine = Engine(setup)
        // Pages are locked on first use (MCL_ONFAULT); the audio thread's memory is touched before it starts.
        let lockError = crt_lock_memory()
        let editor = PatchEditor(
            engine.sounds, registry: sources.modules.registry, context: sources.context
        ) { try ScalaFile.tuning(of: $0) }
        lines += options.session?.restoreEdits(editor) ?? []
        let loader = Loader(engine, budget: options.standbyMemory)
        let parts = options.mode == .multi ? 16 : 1
        loader.require(parts, ofEntry: options.first)
        for part in 0..<parts { engine.select(entry: options.first, part: part) }
        // The first entry is built before the audio driver starts; the loader thread builds the others.
        let instances = parts * max(1, sources.rig.entries[options.first].layers.count) + 1
        loader.service(limit: instances)
        if let session = options.session {
            if case .failed(let reason) = loader.states.all[options.first] {
                lines += session.revertEdits(editor, sources.rig, because: reason)
                loader.service(limit: instances)
            }
            lines += session.restore(engine, entry: options.first)
        }
        loader.relax()
        let midiRing = engine.addInput(), portableRing = engine.addInput(), releaseRing = engine.addInput()
        terminalRing = engine.addInput()
        fileRing = engine.addInput()
        self.loader = LoaderThread(loader)
        dispatcher = Self.dispatcher(
            engine, editor, self.loader, midiLearn, machineLoad, folders: options.patchFolders,
            owner: options.session?.owner ?? SavedSession.Owner())
        if options.watches {
            let loader = self.loader
            moduleReloader = ModuleReloader(options.moduleFolders, sources.modules, editor) { loader.wake() }
            fileReloader = FileReloader(options.files, sources, engine, editor, devices) { loader.wake() }
            let folders = (options.files.folders + options.moduleFolders).joined(separator: ", ")
            lines.append(
                fileReloader == nil
                    ? "files cannot be watched for changes: \(String(cString: strerror(errno)))"
                    : "watching for changed files: \(folders)")
        }
        lines += opened.lines
        var output: SequencerOutput?
        switch options.midi {
        case .none: break
        case .alsa:
            do {
                sequencer = try SequencerInput(
                    ring: midiRing, connections: options.connections, name: options.clientName)
                output = try SequencerOutput(name: "\(options.clientName) feedback")
            } catch { lines.append("\(error)") }
        case .rtmidi(let api):
            rtmidi = try RtMidiEventInput(api, ring: portableRing, releases: releaseRing)
        }
        feedback = ControllerFeedback(engine, output: output, rtMidi: rtmidi)
        host = try AudioHost(opened, engine: engine)
        // Above the priority of JACK's clients and of our own audio thread; it runs for microseconds.
        sequencer?.start(priority: 85)
        describeDevices(lockError, clientName: options.clientName)
        if let session = options.session { startSaving(session.path) }
        if let port = options.osc {
            let (server, messages) = Self.listen(dispatcher, port, everywhere: options.oscEverywhere)
            self.server = server
            lines += messages
        }
    }

    /// Appends to `lines` which devices are used, and how to grant missing privileges.
    private func describeDevices(_ lockError: Int32, clientName: String) {
        // The latency is known after the first blocks; it is awaited for up to 300 ms and reported later
        // otherwise.
        let until = crt_now() + 300_000_000
        while lines.isEmpty || !lines.contains(where: { $0.hasPrefix("audio:") }), crt_now() < until {
            lines += host.popNotices().map(\.description)
            usleep(5_000)
        }
        if sequencer != nil { lines.append("MIDI: ALSA sequencer client '\(clientName)', port 'in'") }
        if rtmidi != nil {
            lines.append(
                "MIDI: RtMidi client 'Kairos MIDI', port 'in' (time-stamped on arrival)")
        }
        let isRefused = sequencer.map { $0.priorityError != 0 } ?? false
        if isRefused || host.status.priorityError != 0 {
            lines.append(
                "no permission for real-time priority; to grant it, run this and log in again:")
            lines.append(Self.grantCommand("rtprio 95"))
        }
        if lockError != 0 {
            lines.append("no permission to lock memory; to grant it, run this and log in again:")
            lines.append(Self.grantCommand("memlock unlimited"))
        }
    }

    /// The shell command that grants a limit of limits.conf(5) to the group `audio`.
    private static func grantCommand(_ right: String) -> String {
        "    echo '@audio - \(right)' | sudo tee -a /etc/security/limits.d/audio.conf "
            + "&& sudo usermod -aG audio $USER"
    }

    /// The state of every entry (ready, building, failed …), in the order of the rig.
    var states: [EntryState] { loader.states.all }

    /// True if a MIDI input is open.
    var hasMIDI: Bool { sequencer != nil || rtmidi != nil }

    /// Handles notices of devices, controller feedback and changed files. Called from the main loop, every 20
    /// to 50 ms. Returns messages for the user.
    func poll() -> [String] {
        var messages = host.popNotices().map(\.description)
        for notice in sequencer?.popNotices() ?? [] {
            switch notice {
            case .connected(let name, let source, let address):
                midiLearn.name(source, name)
                devices.connected(name, source, address)
                let all = engine.rig.mappings
                let mappings = assignSources().first { $0.address == address }?.mappings ?? []
                feedback.add(address, mappings: mappings)
                let own = mappings.filter { !all[$0].device.isEmpty }.map { all[$0].name }
                messages.append(
                    "connected: \(name)"
                        + (own.isEmpty ? "" : ", with the mapping \(own.sorted().joined(separator: ", "))"))
            case .disconnected(let name, let address):
                devices.disconnected(address)
                feedback.remove(address)
                messages.append("disconnected: \(name); its notes and pedals were released")
            case .asksIdentity(let address): feedback.identify(to: address)
            case .lostSync: messages.append(recordLoss(1))
            }
        }
        if let rtmidi {
            let lost = rtmidi.popLosses()
            if lost > 0 { messages.append(recordLoss(lost)) }
            if rtmidi.popIdentityRequest() { rtmidi.send(SystemExclusive.identity) }
            for notice in rtmidi.popNotices() {
                switch notice {
                case .connected(let name): messages.append("connected: \(name)")
                case .disconnected(let name):
                    messages.append(
                        "disconnected: \(name); all notes and pedals of the RtMidi port were released")
                }
            }
        }
        if engine.rigChanges != generation {
            generation = engine.rigChanges
            feedback.rebuild()
            for (address, mappings) in assignSources() { feedback.add(address, mappings: mappings) }
        }
        feedback.sendChanges()
        // Modules first: a patch that was saved at the same time may use a new module.
        messages += moduleReloader?.poll() ?? []
        messages += fileReloader?.poll() ?? []
        messages += saver?.popMessages() ?? []
        machineLoad.current = (host.load, host.xruns)
        return messages
    }

    private func recordLoss(_ times: Int) -> String {
        losses += times
        return "MIDI input overflow: events were lost, all held notes were released"
    }

    /// Sends the position of every control to the controllers again.
    func refreshControllers() { feedback.refresh() }

    /// Restricts each mapping for one device to the sources of that device. Returns the mappings of each
    /// device.
    private func assignSources() -> [(address: SequencerPorts.Address, mappings: Set<Int>)] {
        let mappings = engine.rig.mappings
        for (index, mask) in devices.masks(of: mappings).enumerated() where !mappings[index].device.isEmpty {
            engine.setSources(mask, ofMapping: index)
        }
        return devices.serving(mappings)
    }

    private let devices = ConnectedDevices()
    /// `engine.rigChanges` of the rig that the controllers are assigned to.
    private var generation = 0

    private func startSaving(_ path: String) {
        saver = SessionSaver(path, engine, dispatcher)
        saver?.start()
        if saver == nil {
            lines.append(
                "\(path): another instance of Kairos uses this session file; this session is not saved")
        }
    }

    /// Starts the last save of the session without waiting for it. `[any]`
    var save: @Sendable () -> Void { { [saver] in saver?.requestEnd() } }

    /// Stops all components in order. Each has a time limit, after which it is abandoned, so that one that
    /// hangs cannot keep the program from ending.
    func stop() {
        if let server { bounded(0.3, "kairos-end-osc") { server.stop() } }
        // The last save is at most a second old, so a slow disk is not waited for longer than this.
        if let saver { bounded(1, "kairos-end-session") { saver.stop() } }
        feedback.sendQuitMessages(devices)
        host.stop()
        sequencer?.stop(within: 0.2)
        rtmidi?.stop(within: 0.2)
        let loader = loader
        bounded(0.5, "kairos-end-loader") { loader.stop() }
    }
}
