import CRealtime
import Foundation
import KairosControl
import KairosDevices
import KairosEngine

/// Keeps the controllers' lights and faders where the parameters are.
struct ControllerFeedback {
    private let engine: Engine
    private var mappings: [Mapping]
    private var controls: [ControlSurface.Control]
    private var feedback: Feedback
    private let output: SequencerOutput?
    /// The way through RtMidi, for all mappings that give feedback.
    private let portable: RtMidiEventInput?
    /// Devices whose mapping gives feedback, with the mappings they have.
    private var devices: [(address: SequencerPorts.Address, mappings: Set<Int>)] = []

    /// Sends through `output` to each device, and through `portable` to whoever is connected there.
    init(_ engine: Engine, output: SequencerOutput?, portable: RtMidiEventInput?) {
        self.engine = engine
        mappings = engine.rig.mappings
        controls = ControlSurface.controls(mappings).all
        feedback = Feedback(count: controls.count)
        self.output = output
        self.portable = portable
    }

    /// The mappings are others now: devices are added anew, and everything is shown again.
    mutating func renew() {
        mappings = engine.rig.mappings
        controls = ControlSurface.controls(mappings).all
        feedback = Feedback(count: controls.count)
        devices = []
    }

    /// A device is here: it is greeted, and everything is shown anew on it.
    mutating func add(_ address: SequencerPorts.Address, mappings indices: Set<Int>) {
        for index in indices.sorted() {
            for message in mappings[index].onConnect { output?.send(message, to: address) }
        }
        let giving = indices.filter { mappings[$0].givesFeedback }
        guard !giving.isEmpty else { return }
        devices.append((address, giving))
        for (index, control) in controls.enumerated() where giving.contains(Int(control.mapping)) {
            feedback.forget(index)
        }
    }

    mutating func remove(_ address: SequencerPorts.Address) {
        devices.removeAll { $0.address == address }
        output?.forget(address)
    }

    /// Kairos ends: who was greeted is left as it was.
    func leave(_ devices: ConnectedDevices) {
        for device in devices.serving(mappings) {
            for index in device.mappings.sorted() {
                for message in mappings[index].onQuit { output?.send(message, to: device.address) }
            }
        }
    }

    /// Shows everything again, whatever was sent before.
    mutating func refresh() { for index in controls.indices { feedback.forget(index) } }

    /// Sends what has changed.
    mutating func run() {
        guard !devices.isEmpty || portable != nil else { return }
        var shown = devices.reduce(into: Set<Int>()) { $0.formUnion($1.mappings) }
        if portable != nil { shown.formUnion(mappings.indices.filter { mappings[$0].givesFeedback }) }
        let now = crt_now()
        let due = feedback.due(engine.controlStates, now: now) { shown.contains(Int(controls[$0].mapping)) }
        for (index, value) in due {
            let control = controls[index]
            let messages = Feedback.messages(
                control, value: value, channel: engine.channel(ofControl: index))
            engine.noteFeedback(control: index, value: value, at: now)
            for device in devices where device.mappings.contains(Int(control.mapping)) {
                for message in messages { output?.send(message, to: device.address) }
            }
            for message in messages { portable?.send(message) }
        }
    }

    /// Answers who is here.
    func identify(to address: SequencerPorts.Address) {
        output?.answer(SystemExclusive.identity, to: address)
    }
}
