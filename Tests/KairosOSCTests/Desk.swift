import CRealtime
import Foundation
import KairosControl
import KairosDSP
import KairosEngine
import KairosFiles
import KairosTestSupport
import Synchronization

@testable import KairosOSC

/// A console over an engine that runs, and what it answers.
final class Desk {
    let rig: LiveRig
    let console: OSCDispatcher
    let folder: String

    private let plays: Bool

    /// `learn` stands for what `/learn/…` does, where it is not the usual. Unless it `plays`, what is played waits.
    init(
        _ texts: [String]? = nil, registry: ModuleRegistry = .standard,
        learn: (@Sendable (OSCHost.MIDILearn) throws -> String)? = nil, plays: Bool = true
    ) throws {
        self.plays = plays
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
        var host = OSCHost(
            machine: { (0.25, 3) }, states: { states },
            learn: learn ?? { wish in
                if wish == .undo, !isLearning.withLock({ $0 }) {
                    throw EditError(.nothing, "nothing was learned", name: "undo")
                }
                if case .start(let target) = wish, target == "macro 9" {
                    throw EditError(.badValue, "there are eight macros", name: target)
                }
                isLearning.withLock { $0 = wish != .stop }
                return "\(wish)"
            },
            folders: [folder, Checkout.folder + "/Patches"], userFolder: folder, wake: {})
        host.presetFolder = folder + "/Presets"
        console = OSCDispatcher(
            rig.engine, editor: PatchEditor(rig.engine.sounds, registry: registry), programs: rig.programs,
            host: host)
        if plays { rig.start() }
    }

    deinit {
        if plays { rig.stop() }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// The answer's values without address and serial, or nil where it is an error.
    @discardableResult
    func ask(_ address: String, _ values: OSCValue..., client: String = "test") -> [OSCValue]? {
        let answer = console.answer(OSCMessage(address, values), client: client, stamp: 0)
        guard answer.address == "/ok", answer.values.first == .string(address) else { return nil }
        return Array(answer.values.dropFirst(2))
    }

    /// The code and the name of the error, or nil where there is none.
    func refusal(_ address: String, _ values: OSCValue..., client: String = "test") -> [String]? {
        let answer = console.answer(OSCMessage(address, values), client: client, stamp: 0)
        guard answer.address == "/error" else { return nil }
        return [answer.values[0].text, answer.values[2].text]
    }

    /// Voices that sound.
    var voices: Int { rig.engine.voices }

    /// Lets a tenth of a second of sound go by, however busy the machine is.
    func pass() {
        let until = rig.engine.status.clock + 4800
        while rig.engine.status.clock < until { usleep(2000) }
    }

    /// Waits until nothing sounds any more: at most five seconds.
    func rest() {
        usleep(20_000)
        for _ in 0..<500 where rig.engine.voices > 0 { usleep(10_000) }
    }

    /// The strongest frequency of the next `seconds`, in hertz, by counting rising zero crossings.
    func frequency(seconds: Double = 0.4) -> Double {
        _ = rig.take()
        var sound: [Float] = []
        while Double(sound.count) < seconds * 48_000 {
            usleep(20_000)
            sound += rig.take()
        }
        let rising = sound.indices.dropFirst().filter { sound[$0 - 1] < 0 && sound[$0] >= 0 }
        guard let first = rising.first, let last = rising.last, last > first else { return 0 }
        return Double(rising.count - 1) * 48_000 / Double(last - first)
    }
}
