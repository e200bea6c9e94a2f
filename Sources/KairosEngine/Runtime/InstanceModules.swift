import KairosCompiler

/// Boxes of an instance's modules. Each holds an unbalanced reference.
struct InstanceModules: BitwiseCopyable {
    /// Boxes of the modules that run once.
    let once: RegionTable<Unmanaged<ModuleBox>>
    /// Boxes of the modules that run per voice: those of the first voice group, then those of the next.
    let voice: RegionTable<Unmanaged<ModuleBox>>

    /// Resets all modules. [audio, loader]
    func reset() {
        for index in once.indices { once[index]._withUnsafeGuaranteedRef { $0.reset() } }
        for index in voice.indices { voice[index]._withUnsafeGuaranteedRef { $0.reset() } }
    }

    /// Releases the boxes. [loader]
    func releaseBoxes() {
        for index in once.indices { once[index].release() }
        for index in voice.indices { voice[index].release() }
    }
}
