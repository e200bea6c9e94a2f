import CRealtime
import Foundation
import KairosCompiler
import KairosControl
import KairosDevices
import KairosEngine

/// Sends parameter values back to the controllers, to LED rings and motor faders. `[control]`
struct ControllerFeedback {
    private let engine: Engine
    private var mappings: [Mapping]
    private var controls: [ControlSurface.Control]
    private var feedback: Feedback
    private let output: SequencerOutput?
    /// The output through RtMidi, for all mappings with feedback; nil if RtMidi is not used.
    private let rtMidi: RtMidiEventInput?
    /// Devices whose mappings give feedback, with the indices of these mappings.
    private var devices: [(address: SequencerPorts.Address, mappings: Set<Int>)] = []

    /// Sends through `output` to each device, and through `rtMidi` to the ports connected to it.
    init(_ engine: Engine, output: SequencerOutput?, rtMidi: RtMidiEventInput?) {
        self.engine = engine
        mappings = engine.rig.mappings
        controls = ControlSurface.controls(mappings).all
        feedback = Feedback(count: controls.count)
        self.output = output
        self.rtMidi = rtMidi
    }

    /// Copies the mappings from the engine after they have changed. Devices must be added again.
    mutating func rebuild() {
        mappings = engine.rig.mappings
        controls = ControlSurface.controls(mappings).all
        feedback = Feedback(count: controls.count)
        devices = []
    }

    /// Adds a device: sends its `onConnect` messages, and all values at the next ``sendChanges()``.
    mutating func add(_ address: SequencerPorts.Address, mappings indices: Set<Int>) {
        for index in indices.sorted() {
            for message in mappings[index].onConnect { output?.send(message, to: address) }
        }
        let withFeedback = indices.filter { mappings[$0].givesFeedback }
        guard !withFeedback.isEmpty else { return }
        devices.append((address, withFeedback))
        for (index, control) in controls.enumerated() where withFeedback.contains(Int(control.mapping)) {
            feedback.forget(index)
        }
    }

    /// Removes a device.
    mutating func remove(_ address: SequencerPorts.Address) {
        devices.removeAll { $0.address == address }
        output?.forget(address)
    }

    /// Sends the `onQuit` messages to all devices.
    func sendQuitMessages(_ devices: ConnectedDevices) {
        for device in devices.serving(mappings) {
            for index in device.mappings.sorted() {
                for message in mappings[index].onQuit { output?.send(message, to: device.address) }
            }
        }
    }

    /// Marks all values as unsent, so that the next ``sendChanges()`` sends them again.
    mutating func refresh() { for index in controls.indices { feedback.forget(index) } }

    /// Sends the values that have changed.
    mutating func sendChanges() {
        guard !devices.isEmpty || rtMidi != nil else { return }
        var active = devices.reduce(into: Set<Int>()) { $0.formUnion($1.mappings) }
        if rtMidi != nil { active.formUnion(mappings.indices.filter { mappings[$0].givesFeedback }) }
        let now = crt_now()
        let due = feedback.due(engine.controlStates, now: now) { active.contains(Int(controls[$0].mapping)) }
        for (index, value) in due {
            let control = controls[index]
            let messages = Feedback.messages(
                control, value: value, channel: engine.channel(ofControl: index))
            engine.noteFeedback(control: index, value: value, at: now)
            for device in devices where device.mappings.contains(Int(control.mapping)) {
                for message in messages { output?.send(message, to: device.address) }
            }
            for message in messages { rtMidi?.send(message) }
        }
    }

    /// Answers an identity request.
    func identify(to address: SequencerPorts.Address) {
        output?.answer(SystemExclusive.identity, to: address)
    }
}
