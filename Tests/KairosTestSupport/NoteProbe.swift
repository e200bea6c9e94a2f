public import KairosCompiler
public import KairosControl
import KairosDSP

/// The notes that reach the voices of a patch with note stages: at which frame, how many begin and end, and their keys.
///
/// The output of the patch is the sum of the pitches of its sounding voices; that of a second patch is their number.
public struct NoteProbe: Equatable, Sendable {
    /// A frame at which notes begin or end.
    public struct Change: Equatable, Sendable, CustomStringConvertible {
        /// The frame.
        public var frame: Int
        /// The number of notes that begin minus the number of those that end.
        public var notes: Int
        /// The sum of the keys of the notes that begin minus that of those that end.
        public var keys: Float

        /// A change.
        public init(_ frame: Int, _ notes: Int, _ keys: Float) {
            self.frame = frame
            self.notes = notes
            self.keys = keys
        }

        /// Frame, notes and keys.
        public var description: String { "\(frame): \(notes > 0 ? "+" : "")\(notes) (\(keys))" }
    }

    /// The changes, in order.
    public let changes: [Change]
    /// The number of notes that sound at the end.
    public let remaining: Int

    /// Plays `events` with the note stages `notes`, a list as in a patch file. `periods` are the sizes of the blocks.
    public init(
        _ notes: String, _ events: [Event], frames: Int, voices: String = "64", periods: [Int] = [256],
        sampleRate: Double = 48_000
    ) throws {
        let keys = try Self.rendering(notes, events, frames, voices, periods, sampleRate, "keys.pitch -> vca")
        let count = try Self.rendering(notes, events, frames, voices, periods, sampleRate, nil)
        var changes: [Change] = [], before = (keys: Float(0), count: Float(0))
        for frame in 0..<frames where keys[frame] != before.keys || count[frame] != before.count {
            changes.append(
                Change(frame, Int((count[frame] - before.count).rounded()), keys[frame] - before.keys))
            before = (keys[frame], count[frame])
        }
        self.changes = changes
        remaining = Int(before.count.rounded())
    }

    /// The frames at which a note begins while none ends, and its key.
    public var starts: [Change] { changes.filter { $0.notes > 0 } }
    /// The keys of the changes with exactly one more note.
    public var startedKeys: [Int] { changes.filter { $0.notes == 1 }.map { Int($0.keys.rounded()) } }

    /// Inverse of the patch's level, which keeps eight voices below full scale. A power of two: nothing is rounded.
    public static let scale: Float = 4096

    /// The patch that shows the keys of its notes, or with `input` nil their number.
    public static func patch(
        _ notes: String, voices: String = "64", name: String = "Probe", program: Int = 0,
        input: String? = "keys.pitch -> vca"
    ) throws -> CompiledPatch {
        try compile(
            """
            voices: \(voices)
            level: \(1 / scale)
            notes: \(notes)
            modules:
              keys: { type: keys }
              env: { type: adsr, attack: 0 s, decay: 0 s, sustain: 100 %, release: 0 s }
              vca: { type: vca }
              out: { type: output }
            connections:
              - keys.gate -> env.gate
              - \(input ?? "env -> vca")
              - env -> vca.level
              - vca -> out
            """, name: name, program: program)
    }

    private static func rendering(
        _ notes: String, _ events: [Event], _ frames: Int, _ voices: String, _ periods: [Int],
        _ sampleRate: Double, _ input: String?
    ) throws -> [Float] {
        let patch = try patch(notes, voices: voices, input: input)
        return Rendering(
            [Sound(patch)], events, frames: frames, periods: periods, sampleRate: sampleRate
        ).left.map { $0 * scale }
    }
}
