import KairosControl
import Synchronization

/// The normalized values of a rig's controls and of their parameters, for the thread that sends feedback to the
/// controllers.
///
/// The audio thread writes the values; the control side reads them, and stores what it has sent.
final class ControlStates: Sendable {
    /// Flag in ``sent`` of a control to which something was sent.
    private static let isSent: UInt8 = 0x80

    /// The number of controls.
    let count: Int
    /// The word (see ``bits(_:)``) of each parameter's normalized value, 0…1 of the control's range; nil where there is
    /// none.
    private let targets: AtomicArray<UInt32>
    /// The word of each control's last normalized value, 0…1; nil before its first message.
    private let controls: AtomicArray<UInt32>
    /// The channel of its last message.
    private let channels: AtomicArray<UInt8>
    /// The 7 bits that were last sent to each control, with ``isSent`` set, or 0 before the first; and when, in
    /// nanoseconds.
    private let sent: AtomicArray<UInt8>
    private let sentAt: AtomicArray<UInt64>
    /// The sources that each mapping applies to: bit n is source n. The control side writes, the audio thread reads.
    private let sources: AtomicArray<UInt64>

    /// The states of the controls of `mappings`. A mapping for one device applies to no source before the device is
    /// there, or to the sources in its mask.
    init(_ mappings: [Mapping], masks: [UInt64] = []) {
        let count = ControlSurface.controls(mappings).all.count
        self.count = count
        targets = AtomicArray(count: count, repeating: Self.bits(nil))
        controls = AtomicArray(count: count, repeating: Self.bits(nil))
        channels = AtomicArray(count: count, repeating: 0)
        sent = AtomicArray(count: count, repeating: 0)
        sentAt = AtomicArray(count: count, repeating: 0)
        sources = AtomicArray(count: Mapping.limit, repeating: 0)
        for index in 0..<Mapping.limit {
            let isGeneric = !mappings.indices.contains(index) || mappings[index].device.isEmpty
            setSources(isGeneric ? .max : masks.indices.contains(index) ? masks[index] : 0, ofMapping: index)
        }
    }

    /// The word of a normalized value: its bits; those of NaN for nil, because a word of 32 bits has no room for an
    /// optional.
    private static func bits(_ value: Float?) -> UInt32 { (value ?? .nan).bitPattern }

    /// The normalized value of a word.
    private static func value(_ bits: UInt32) -> Float? {
        let value = Float(bitPattern: bits)
        return value.isNaN ? nil : value
    }

    /// True where a mapping applies to a source. [any]
    func serves(_ mapping: UInt8, _ source: UInt16) -> Bool {
        sources[Int(mapping) % Mapping.limit].load(ordering: .relaxed) >> UInt64(source & 63) & 1 == 1
    }

    /// Stores the normalized value of a control, 0…1, and the channel of its message. [audio]
    func set(_ control: Int, position: Float, channel: UInt8) {
        channels[control].store(channel, ordering: .relaxed)
        controls[control].store(Self.bits(position), ordering: .relaxed)
    }

    /// Stores the normalized value of a control's parameter; nil where it has none. [audio]
    func set(_ control: Int, target: Float?) {
        targets[control].store(Self.bits(target), ordering: .relaxed)
    }

    /// True where a control sends, within 250 ms, the 7 bits that feedback sent to it. `stamp` is in nanoseconds. [any]
    func isEcho(_ control: Int, value: UInt8, at stamp: UInt64) -> Bool {
        guard sent[control].load(ordering: .relaxed) == value | Self.isSent else { return false }
        let at = sentAt[control].load(ordering: .relaxed)
        return stamp >= at && stamp - at < 250_000_000
    }

    /// Copies the state of a control from the states of the rig before. [audio]
    func copy(_ old: ControlStates, from: Int, to: Int) {
        targets[to].store(old.targets[from].load(ordering: .relaxed), ordering: .relaxed)
        controls[to].store(old.controls[from].load(ordering: .relaxed), ordering: .relaxed)
        channels[to].store(old.channels[from].load(ordering: .relaxed), ordering: .relaxed)
        sent[to].store(old.sent[from].load(ordering: .relaxed), ordering: .relaxed)
        sentAt[to].store(old.sentAt[from].load(ordering: .relaxed), ordering: .relaxed)
    }

    /// Sets the sources that a mapping applies to: bit n is source n. [control]
    func setSources(_ mask: UInt64, ofMapping index: Int) { sources[index].store(mask, ordering: .relaxed) }

    /// The normalized values of a control and of its parameter. [any]
    func state(of control: Int) -> Feedback.State {
        Feedback.State(
            target: Self.value(targets[control].load(ordering: .relaxed)),
            control: Self.value(controls[control].load(ordering: .relaxed)))
    }

    /// The channel of a control's last message, 0…15. [any]
    func channel(of control: Int) -> UInt8 { channels[control].load(ordering: .relaxed) }

    /// Stores the 7 bits that feedback has sent to a control, at `now` in nanoseconds. [control]
    func setSent(_ value: UInt8, to control: Int, at now: UInt64) {
        sent[control].store(value | Self.isSent, ordering: .relaxed)
        sentAt[control].store(now, ordering: .relaxed)
    }
}
