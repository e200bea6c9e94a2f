import CRealtime
import Foundation
import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosFiles
import KairosSession
import KairosTestSupport
import Synchronization

@testable import KairosOSC

/// A dispatcher over an engine that renders, with functions that send commands and read the answers.
final class OSCRig {
    let rig: LiveRig
    let dispatcher: OSCDispatcher
    let folder: String

    private let isRunning: Bool

    /// A rig that plays `texts` as patches, or else all patches of the checkout. `learn` replaces the usual
    /// learn function. Unless `isRunning`, no block is rendered, and played events stay in the queue.
    init(
        _ texts: [String]? = nil, registry: ModuleRegistry = .standard,
        learn: (@Sendable (OSCHost.LearnAction) throws -> String)? = nil, isRunning: Bool = true
    ) throws {
        self.isRunning = isRunning
        let patches: [CompiledPatch]
        if let texts {
            patches = try texts.enumerated().map {
                try compile($1, name: "Patch \($0)", program: $0, registry: registry)
            }
        } else {
            patches = try Checkout.patches()
        }
        let mappings = try Checkout.mappings()
        rig = LiveRig(Rig(patches.map { Sound($0, mappings: mappings) }))
        folder = NSTemporaryDirectory() + "kairos-osc-\(UUID().uuidString)"
        let states = patches.map { _ in "ready" }
        let isLearning = Mutex(false)
        let host = OSCHost(
            machine: { (0.25, 3) }, states: { states },
            learn: learn ?? { action in
                if action == .undo, !isLearning.withLock({ $0 }) {
                    throw EditError(.nothing, "nothing was learned", name: "undo")
                }
                if case .start(let target) = action, target == "macro 9" {
                    throw EditError(.badValue, "there are eight macros", name: target)
                }
                isLearning.withLock { $0 = action != .stop }
                return "\(action)"
            },
            folders: [folder, Checkout.folder + "/Patches"], userFolder: folder,
            presetFolder: folder + "/Presets", store: FileStore(), wake: {})
        dispatcher = OSCDispatcher(
            rig.engine, editor: PatchEditor(rig.engine.sounds, registry: registry), instances: rig.instances,
            completions: rig.completions, host: host)
        if isRunning { rig.start() }
    }

    deinit {
        if isRunning { rig.stop() }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Sends a command and returns the values of its answer after the serial number, or nil for an error.
    @discardableResult
    func ask(_ address: String, _ values: OSCValue..., client: String = "test") -> [OSCValue]? {
        let answer = dispatcher.answer(OSCMessage(address, values), client: client, stamp: 0)
        guard answer.address == "/ok", answer.values.first == .string(address) else { return nil }
        return Array(answer.values.dropFirst(2))
    }

    /// Sends a command and returns the code and the name of its error, or nil if there is none.
    func refusal(_ address: String, _ values: OSCValue..., client: String = "test") -> [String]? {
        let answer = dispatcher.answer(OSCMessage(address, values), client: client, stamp: 0)
        guard answer.address == "/error" else { return nil }
        return [answer.values[0].text, answer.values[2].text]
    }

    /// The number of sounding voices.
    var voices: Int { rig.engine.voices }

    /// Waits until a tenth of a second of sound has been rendered, however busy the machine is.
    func advance() {
        let until = rig.engine.status.clock + 4800
        while rig.engine.status.clock < until { usleep(2000) }
    }

    /// Waits until no voice sounds, for at most five seconds.
    func waitForSilence() {
        usleep(20_000)
        for _ in 0..<500 where rig.engine.voices > 0 { usleep(10_000) }
    }

    /// The frequency of the next `seconds` of sound in hertz, measured by counting rising zero crossings; 0
    /// for silence.
    func frequency(seconds: Double = 0.4) -> Double {
        _ = rig.popAudio()
        var sound: [Float] = []
        while Double(sound.count) < seconds * 48_000 {
            usleep(20_000)
            sound += rig.popAudio()
        }
        let rising = sound.indices.dropFirst().filter { sound[$0 - 1] < 0 && sound[$0] >= 0 }
        guard let first = rising.first, let last = rising.last, last > first else { return 0 }
        return Double(rising.count - 1) * 48_000 / Double(last - first)
    }
}
