import KairosCompiler
import KairosDSP
import KairosPatch

/// First 64 bytes of the image of an instance's state.
private struct ImageHeader: BitwiseCopyable {
    /// "KAIROS", and the version of the layout behind the header.
    static let mark: UInt64 = 0x4b41_4952_4f53_0001
    static let bytes = MemoryLayout<ImageHeader>.stride

    let mark: UInt64
    /// ``Schedule/fingerprint(sampleRate:)``.
    let fingerprint: UInt64
    /// Size of the image, header included.
    let bytes: Int
    /// 0: the state behind the header begins a cache line.
    private let reserved: (UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0)

    init(fingerprint: UInt64, bytes: Int) {
        mark = Self.mark
        self.fingerprint = fingerprint
        self.bytes = bytes
    }
}

extension InstanceCore {
    /// Size of an image in bytes.
    var imageBytes: Int { ImageHeader.bytes + engineBytes + moduleBytes }

    /// Copies the state to `image`, which has at least ``imageBytes`` bytes: a header, the engine's own state,
    /// then the modules in the order of the schedule, also where a live edit has exchanged some. It
    /// holds no address. Between two blocks. [audio]
    func save(into image: UnsafeMutableRawBufferPointer) {
        guard let start = image.baseAddress, image.count >= imageBytes else {
            preconditionFailure("the image is too small")
        }
        let header = ImageHeader(fingerprint: fingerprint, bytes: imageBytes)
        start.storeBytes(of: header, as: ImageHeader.self)
        var next = start + ImageHeader.bytes
        func copy(_ source: UnsafeRawPointer, _ count: Int) {
            next.copyMemory(from: source, byteCount: count)
            next += count
        }
        copy(state, engineBytes)
        forEachModule { module, count in copy(module, count) }
    }

    /// Goes on where the instance was that `image` is of. Its patch, sample rate and polyphony must be the same
    /// as here; else nothing changes and the result is false. Controls and macros stay as they are here. Between
    /// two blocks. [audio]
    func load(from image: UnsafeRawBufferPointer) -> Bool {
        guard let start = image.baseAddress, image.count >= imageBytes else { return false }
        let header = start.loadUnaligned(as: ImageHeader.self)
        guard header.mark == ImageHeader.mark, header.fingerprint == fingerprint, header.bytes == imageBytes
        else { return false }
        var next = start + ImageHeader.bytes
        func copy(_ target: UnsafeMutableRawPointer, _ count: Int) {
            target.copyMemory(from: next, byteCount: count)
            next += count
        }
        copy(state, engineBytes)
        forEachModule { module, count in copy(module, count) }
        params.connect()
        return true
    }

    /// Calls `body` with the memory of each module, in the order of the schedule.
    private func forEachModule(_ body: (_ module: UnsafeMutableRawPointer, _ count: Int) -> Void) {
        func visit(_ boxes: UnsafeMutablePointer<Unmanaged<ModuleBox>>, _ count: Int) {
            for index in 0..<count {
                let memory = boxes[index]._withUnsafeGuaranteedRef { $0.memory }
                if let start = memory.baseAddress { body(start, memory.count) }
            }
        }
        visit(onceBoxes, onceCount)
        visit(voiceBoxes, voiceCount * voices.groupCount)
    }
}

extension PatchInstance {
    /// Size of an image of the state in bytes.
    public var imageBytes: Int { core.pointee.imageBytes }

    /// Copies the state of the playing instance to `image`, which has at least ``imageBytes`` bytes: voices,
    /// parameters, and everything that its modules keep, such as delay lines. The image holds no address; the
    /// same build of Kairos can load it in another process too.
    ///
    /// Nothing is allocated. Between two blocks of the thread that renders it. [audio]
    public func save(into image: UnsafeMutableRawBufferPointer) { core.pointee.save(into: image) }

    /// Goes on, bit for bit, where the instance was that `image` is of. False if that was of another patch,
    /// sample rate or polyphony: then nothing has changed.
    ///
    /// Nothing is allocated. Between two blocks of the thread that renders it. [audio]
    public func load(from image: UnsafeRawBufferPointer) -> Bool { core.pointee.load(from: image) }
}

extension Schedule {
    /// Hash of what the state of an instance consists of: modules, voices, parameters and gates, in their
    /// order. Instances with the same hash have the same layout. [loader]
    func fingerprint(sampleRate: Float) -> UInt64 {
        var hash = UInt64(seed) << 32 | UInt64(sampleRate.bitPattern)
        func mix(_ value: UInt64) { hash = (hash ^ value) &* 0x100_0000_01b3 }
        mix(UInt64(groups) << 32 | UInt64(patch.voicing.voices) << 16 | UInt64(patch.voicing.unison))
        for boxes in [onceBoxes, voiceBoxes] {
            mix(UInt64(boxes.count))
            for box in boxes {
                mix(ParamKeys.key(names[box.node], types[box.node].name))
                mix(UInt64(box.side.bitPattern) << 32 | UInt64(box.seed))
            }
        }
        for param in params { mix(ParamKeys.key(param.module, param.symbol)) }
        for gate in gates { mix(ParamKeys.key(names[gate.node], "\(gate.inlet)")) }
        for memory in memories { mix(ParamKeys.key(names[memory.node], "\(memory.outlet)")) }
        return hash
    }
}
