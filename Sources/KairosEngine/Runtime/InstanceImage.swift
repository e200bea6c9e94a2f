import KairosCompiler
import KairosDSP
import KairosPatch

/// Image of a playing instance's state: a header, the engine's own state, then the modules in the order of the schedule,
/// also where a live edit has exchanged some. It holds no address. [audio]
enum InstanceImage {
    /// First 64 bytes of an image.
    private struct Header: BitwiseCopyable {
        /// "KAIROS", and the version of the layout behind the header.
        static let mark: UInt64 = 0x4b41_4952_4f53_0003
        static let bytes = MemoryLayout<Header>.stride

        let mark: UInt64
        /// ``InstanceImage/fingerprint(of:sampleRate:)``.
        let fingerprint: UInt64
        /// Size of the image in bytes, with the header.
        let bytes: Int
        /// Zeros, so that the state behind the header begins a cache line.
        private let reserved: (UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0)

        init(fingerprint: UInt64, bytes: Int) {
            mark = Self.mark
            self.fingerprint = fingerprint
            self.bytes = bytes
        }
    }

    /// Size of an image in bytes.
    static func bytes(of core: inout InstanceCore) -> Int {
        Header.bytes + core.layout.engineBytes + core.layout.moduleBytes
    }

    /// Copies the state of an instance to `image`, which has at least ``bytes(of:)`` bytes. Between two blocks.
    static func save(_ core: inout InstanceCore, into image: UnsafeMutableRawBufferPointer) {
        let bytes = bytes(of: &core)
        guard let start = image.baseAddress, image.count >= bytes else {
            preconditionFailure("the image is too small")
        }
        let header = Header(fingerprint: core.layout.fingerprint, bytes: bytes)
        start.storeBytes(of: header, as: Header.self)
        var next = start + Header.bytes
        forEachPart(of: &core) { part in
            UnsafeMutableRawBufferPointer(start: next, count: part.count).copyMemory(
                from: UnsafeRawBufferPointer(part))
            next += part.count
        }
    }

    /// Sets the state of an instance to that of `image`. False, and nothing has changed, if the patch, sample rate or
    /// polyphony of the image's instance is another. Controls and macros keep their state. Between two blocks.
    static func load(_ image: UnsafeRawBufferPointer, into core: inout InstanceCore) -> Bool {
        let bytes = bytes(of: &core)
        guard let start = image.baseAddress, image.count >= bytes else { return false }
        let header = start.loadUnaligned(as: Header.self)
        guard header.mark == Header.mark, header.fingerprint == core.layout.fingerprint, header.bytes == bytes
        else { return false }
        var next = start + Header.bytes
        forEachPart(of: &core) { part in
            part.copyMemory(from: UnsafeRawBufferPointer(start: next, count: part.count))
            next += part.count
        }
        core.params.connect()
        return true
    }

    /// Calls `body` with the engine's own state, then with the memory of each module in the order of the schedule.
    private static func forEachPart(
        of core: inout InstanceCore, _ body: (UnsafeMutableRawBufferPointer) -> Void
    ) {
        body(
            UnsafeMutableRawBufferPointer(start: core.stateReference.address, count: core.layout.engineBytes))
        for index in core.modules.once.indices {
            body(core.modules.once[index]._withUnsafeGuaranteedRef { $0.memory })
        }
        for index in core.modules.voice.indices {
            body(core.modules.voice[index]._withUnsafeGuaranteedRef { $0.memory })
        }
    }

    /// Hash of the parts of an instance's state: modules, voices, parameters and gates, in their order. Instances with the
    /// same hash have the same layout. [loader]
    static func fingerprint(of schedule: Schedule, sampleRate: Float) -> UInt64 {
        var hash = UInt64(schedule.seed) << 32 | UInt64(sampleRate.bitPattern)
        func mix(_ value: UInt64) { hash = (hash ^ value) &* 0x100_0000_01b3 }
        func mix(_ node: Int, _ symbol: String) { mix(ParamKeys.key(schedule.names[node], symbol)) }
        let voicing = schedule.patch.voicing
        mix(UInt64(schedule.groups) << 32 | UInt64(voicing.voices) << 16 | UInt64(voicing.unison))
        for boxes in [schedule.onceBoxes, schedule.voiceBoxes] {
            mix(UInt64(boxes.count))
            for box in boxes {
                mix(box.node, schedule.types[box.node].name)
                mix(UInt64(box.side.bitPattern) << 32 | UInt64(box.seed))
            }
        }
        for param in schedule.params { mix(ParamKeys.key(param.module, param.symbol)) }
        for gate in schedule.gates { mix(gate.node, "\(gate.inlet)") }
        for memory in schedule.memories { mix(memory.node, "\(memory.outlet)") }
        for latch in schedule.latches { mix(latch.node, latch.symbol) }
        for stage in schedule.noteStages { mix(Int(stage.node), "note stage") }
        return hash
    }
}
