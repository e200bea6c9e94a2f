import CRealtime
import Foundation
import KairosControl
import KairosDevices
import KairosEngine
import KairosFiles
import KairosOSC

/// A running instrument: engine, loader, doors and driver, put together and taken apart in order.
final class Session {
    /// What it is made of.
    struct Options {
        var audio = AudioHost.Choice.any
        var midi = MIDIChoice.alsa
        var rate: Int?
        var period: Int?
        /// Whether JACK's ports are connected.
        var connects = true
        /// Which keyboards are.
        var connections = Connections()
        var tuning: Tuning?
        var mode = EngineSetup.Mode.entry
        var first = 0
        var tune = 440.0
        /// How others see it in the sequencer.
        var clientName = "Kairos"
        var transpose = 0
        /// Bytes of ready programs.
        var standbyMemory = 512 << 20
        /// The port for OSC; nil for none.
        var osc: Int?
        var oscEverywhere = false
        var patchFolders: [String] = []
        var moduleFolders: [String] = []
        /// Whether what is saved sounds at once, and where it is.
        var watches = false
        var files = WatchedFiles()
        /// The state that comes back and is kept; nil for none.
        var state: SessionStart?
    }

    enum MIDIChoice: Equatable {
        case alsa
        case rtmidi(RtMidiInput.API)
        case none
    }

    let engine: Engine
    let sounds: Sounds
    let host: AudioHost
    /// For the terminal's keys and for a file.
    let terminalRing: Ring<Event>
    let fileRing: Ring<Event>
    /// What was found and chosen, for the start.
    private(set) var lines: [String] = []
    private let loader: LoaderThread
    let console: OSCDispatcher
    private var keeper: SessionSaver?
    private var server: OSCServer?
    let learning = MIDILearn()
    private let machine = MachineState()
    private var reloading: Reloading?
    private var moduleReloading: ModuleReloading?
    private var sequencer: SequencerInput?
    private var rtmidi: RtMidiEventInput?
    private var echo: ControllerFeedback
    /// How often events were lost, and everything held was let go.
    private(set) var losses = 0

    init(_ sounds: Sounds, _ options: Options) throws {
        self.sounds = sounds
        let opened = try AudioHost.open(
            options.audio, rate: options.rate, period: options.period, connects: options.connects)
        let driver = opened.driver
        var setup = EngineSetup(
            sampleRate: Double(driver.sampleRate), mode: options.mode, rig: sounds.rig,
            tune: options.tune, transpose: options.transpose)
        setup.tuning = options.tuning
        setup.isLive = true
        setup.startRamp = driver.sampleRate / 20
        engine = Engine(setup)
        // Pages are locked as they come into use; what the audio thread uses is touched before it starts.
        let lockError = crt_lock_memory()
        let bench = PatchEditor(engine.sounds, registry: sounds.modules.registry, context: sounds.context) {
            try ScalaFile.tuning(of: $0)
        }
        lines += options.state?.edit(bench) ?? []
        let loader = Loader(engine, budget: options.standbyMemory)
        let parts = options.mode == .multi ? 16 : 1
        loader.require(parts, ofEntry: options.first)
        for part in 0..<parts { engine.select(entry: options.first, part: part) }
        // What sounds first is there when the sound card starts; the loader's thread builds the rest.
        let programs = parts * max(1, sounds.rig.entries[options.first].layers.count) + 1
        loader.service(limit: programs)
        if let state = options.state {
            if case .failed(let why) = loader.states.all[options.first] {
                lines += state.revert(bench, sounds.rig, because: why)
                loader.service(limit: programs)
            }
            lines += state.begin(engine, entry: options.first)
        }
        loader.relax()
        let midiRing = engine.addDoor(), portableRing = engine.addDoor(), releaseRing = engine.addDoor()
        terminalRing = engine.addDoor()
        fileRing = engine.addDoor()
        self.loader = LoaderThread(loader)
        console = Self.console(
            engine, bench, self.loader, learning, machine, folders: options.patchFolders,
            owner: options.state?.owner ?? SavedSession.Owner())
        if options.watches {
            let loader = self.loader
            moduleReloading = ModuleReloading(options.moduleFolders, sounds.modules, bench) { loader.wake() }
            reloading = Reloading(options.files, sounds, engine, bench, devices) { loader.wake() }
            lines.append(
                reloading == nil
                    ? "saved files cannot be watched: \(String(cString: strerror(errno)))"
                    : "watching \((options.files.folders + options.moduleFolders).joined(separator: ", ")): what is saved sounds at once"
            )
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
        echo = ControllerFeedback(engine, output: output, portable: rtmidi)
        host = try AudioHost(opened, engine: engine)
        // Above JACK's clients and our own audio thread: it works for microseconds.
        sequencer?.start(priority: 85)
        describe(lockError, clientName: options.clientName)
        if let state = options.state { keepState(state.path) }
        if let port = options.osc {
            let (server, told) = Self.listen(console, port, everywhere: options.oscEverywhere)
            self.server = server
            lines += told
        }
    }

    private func describe(_ lockError: Int32, clientName: String) {
        // What the sound comes to is known a moment after the first blocks; a slow server says it later.
        let until = crt_now() + 300_000_000
        while lines.isEmpty || !lines.contains(where: { $0.hasPrefix("sound:") }), crt_now() < until {
            lines += host.takeNotices().map(\.description)
            usleep(5_000)
        }
        if sequencer != nil { lines.append("keyboards: ALSA sequencer client '\(clientName)', port 'in'") }
        if rtmidi != nil {
            lines.append(
                "keyboards: RtMidi client 'Kairos MIDI', port 'in' (stamped when the message arrives)")
        }
        let refused = sequencer.map { $0.priorityError != 0 } ?? false
        if refused || host.status.priorityError != 0 {
            lines.append(
                "real-time priority is not granted; this grants it (then log in again):")
            lines.append(Self.grant("rtprio 95"))
        }
        if lockError != 0 {
            lines.append("memory cannot be locked; this grants it (then log in again):")
            lines.append(Self.grant("memlock unlimited"))
        }
    }

    private static func grant(_ right: String) -> String {
        "    echo '@audio - \(right)' | sudo tee -a /etc/security/limits.d/audio.conf && sudo usermod -aG audio $USER"
    }

    /// Whether each entry can be played at once.
    var states: [EntryState] { loader.states.all }

    /// Whether there is a keyboard's way in.
    var hasMIDI: Bool { sequencer != nil || rtmidi != nil }

    /// Looks after devices. Returns what the player should know.
    func tend() -> [String] {
        var news = host.takeNotices().map(\.description)
        for notice in sequencer?.takeNotices() ?? [] {
            switch notice {
            case .connected(let name, let source, let address):
                learning.name(source, name)
                devices.connected(name, source, address)
                let all = engine.rig.mappings
                let mappings = aim().first { $0.address == address }?.mappings ?? []
                echo.add(address, mappings: mappings)
                let own = mappings.filter { !all[$0].device.isEmpty }.map { all[$0].name }
                news.append(
                    "connected: \(name)"
                        + (own.isEmpty ? "" : ", with the mapping \(own.sorted().joined(separator: ", "))"))
            case .disconnected(let name, let address):
                devices.disconnected(address)
                echo.remove(address)
                news.append("disconnected: \(name); its notes and pedals were let go")
            case .asksIdentity(let address): echo.identify(to: address)
            case .lostSync: news.append(lose(1))
            }
        }
        if let rtmidi {
            let lost = rtmidi.takeLosses()
            if lost > 0 { news.append(lose(lost)) }
            if rtmidi.takeIdentityRequest() { rtmidi.send(SystemExclusive.identity) }
            for notice in rtmidi.takeNotices() {
                switch notice {
                case .connected(let name): news.append("connected: \(name)")
                case .disconnected(let name):
                    news.append("disconnected: \(name); all that RtMidi's port held was let go")
                }
            }
        }
        if engine.renewals != renewals {
            renewals = engine.renewals
            echo.renew()
            for (address, mappings) in aim() { echo.add(address, mappings: mappings) }
        }
        echo.run()
        // Modules first: a patch that is saved at the same time may use a new one.
        news += moduleReloading?.tend() ?? []
        news += reloading?.tend() ?? []
        news += keeper?.takeLines() ?? []
        machine.now = (host.load, host.xruns)
        return news
    }

    private func lose(_ times: Int) -> String {
        losses += times
        return "MIDI came faster than it could be taken in and some was lost: all held notes were let go"
    }

    /// Shows every position on the controllers again.
    func refreshControllers() { echo.refresh() }

    /// Lets the mappings for one device listen to it. Returns the mappings that serve each device.
    private func aim() -> [(address: SequencerPorts.Address, mappings: Set<Int>)] {
        let mappings = engine.rig.mappings
        for (index, mask) in devices.masks(of: mappings).enumerated() where !mappings[index].device.isEmpty {
            engine.setSources(mask, ofMapping: index)
        }
        return devices.serving(mappings)
    }

    private let devices = ConnectedDevices()
    /// Which rig the controllers are aimed at.
    private var renewals = 0

    private func keepState(_ path: String) {
        keeper = SessionSaver(path, engine, console)
        keeper?.start()
        if keeper == nil {
            lines.append("\(path): another Kairos keeps its state there; this one keeps none")
        }
    }

    /// What begins to write the state, and waits for nothing. `[any]`
    var save: @Sendable () -> Void { { [keeper] in keeper?.requestEnd() } }

    /// Ends every part. Each has a time of its own, after which it is left alone, so that nothing that hangs keeps the
    /// program from ending.
    func stop() {
        if let server { bounded(0.3, "kairos-end-osc") { server.stop() } }
        // The state was written a second ago at most; a disk that takes longer than this is not waited for.
        if let keeper { bounded(1, "kairos-end-state") { keeper.end() } }
        echo.leave(devices)
        host.stop()
        sequencer?.stop(within: 0.2)
        rtmidi?.stop(within: 0.2)
        let loader = loader
        bounded(0.5, "kairos-end-loader") { loader.stop() }
    }
}
