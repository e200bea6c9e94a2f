import KairosControl
import KairosDevices
import Synchronization

/// The controllers that are connected, and the mappings that serve them. `[any]`
///
/// A mapping with a device name serves the sources whose name contains it; a mapping without one serves all.
final class ConnectedDevices: Sendable {
    private struct Device {
        var name: String
        var source: UInt16
        var address: SequencerPorts.Address
    }

    private let devices = Mutex<[Device]>([])

    /// Adds a device, or replaces the one with the same source number.
    func connected(_ name: String, _ source: UInt16, _ address: SequencerPorts.Address) {
        devices.withLock {
            $0.removeAll { $0.source == source }
            $0.append(Device(name: name.lowercased(), source: source, address: address))
        }
    }

    /// Removes the device with this address.
    func disconnected(_ address: SequencerPorts.Address) {
        devices.withLock { $0.removeAll { $0.address == address } }
    }

    /// The sources that each mapping serves: bit n is source n (0…63).
    func masks(of mappings: [Mapping]) -> [UInt64] {
        let devices = devices.withLock { $0 }
        return mappings.map { mapping in
            devices.filter { Self.serves(mapping, $0) }.reduce(0) { $0 | 1 << UInt64($1.source & 63) }
        }
    }

    /// The indices of the mappings that serve each device.
    func serving(_ mappings: [Mapping]) -> [(address: SequencerPorts.Address, mappings: Set<Int>)] {
        devices.withLock { $0 }.map { device in
            (device.address, Set(mappings.indices.filter { Self.serves(mappings[$0], device) }))
        }
    }

    private static func serves(_ mapping: Mapping, _ device: Device) -> Bool {
        mapping.device.isEmpty || device.name.contains(mapping.device.lowercased())
    }
}
