import Foundation
import KairosControl
import KairosDevices
import KairosFiles
import KairosPatch

/// A run of MIDI learn: assigns the moved controls to the target and writes the mapping file after each.
struct LearnSession {
    /// The target of the next control.
    private(set) var target: String
    /// The number of controls mapped so far.
    private(set) var learned = 0
    /// The mapping file; nil until the first control shows which device it is for.
    private(set) var path: String?
    private var learner: Learner
    private var editor: MappingEditor?
    /// Names of devices by source number.
    private var names: [UInt16: String] = [:]
    /// The targets mapped so far, for undo.
    private var targets: [String] = []

    init(target: String, file: String?) {
        self.target = target
        path = file
        learner = Learner(Self.gesture(target))
    }

    /// The gesture that maps a target: actions take a press, everything else a movement.
    private static func gesture(_ target: String) -> Learner.Gesture {
        Mapping.Action(target) == nil ? .movement : .press
    }

    /// Records the name of a device that was connected.
    mutating func handle(_ notice: SequencerInput.Notice) {
        if case .connected(let name, let source, _) = notice { self.name(source, name) }
    }

    /// Records the name of a device.
    mutating func name(_ source: UInt16, _ name: String) { names[source] = name }

    /// Checks a target by parsing a mapping with it. Throws ``Failure``.
    static func check(_ target: String) throws {
        do {
            let line = "  - { cc: 1, to: \(PatchFile.quoted(target)) }\n"
            _ = try MappingFile.parse("kairos: mapping/1\ncontrols:\n" + line, file: "target")
        } catch {
            throw Failure(error.list.first?.message ?? "'\(target)' is not a valid target")
        }
    }

    /// The result, for the user.
    var summary: String {
        learned == 0 ? "no control was mapped" : "\(learned) mapped; written to \(path ?? "")"
    }

    /// Handles an event. Returns a message for the user if it completes a mapping, else nil. Throws
    /// ``Failure`` if the file cannot be written.
    mutating func handle(_ event: Event) throws -> String? {
        guard let found = learner.receive(event) else { return nil }
        let device = names[found.source] ?? ""
        var editor = try editor ?? open(device)
        var words = found.mappingText
        if found.isSwitch, Mapping.Action(target) == nil { words += ", button: latch" }
        do { try editor.map(words, to: target) } catch { throw Failure("\(path ?? device): \(error)") }
        self.editor = editor
        try write()
        learned += 1
        let line = "\(device.isEmpty ? "" : device + ": ")\(words) -> \(target)"
        targets.append(target)
        // After a macro the next control is mapped to the next macro.
        if target.hasPrefix("macro "), let number = Int(target.dropFirst(6)), number < 8 {
            target = "macro \(number + 1)"
        }
        learner = Learner(Self.gesture(target))
        return line + "; now move the control for '\(target)', or stop"
    }

    /// Removes the last mapping. Returns a message for the user; nil if there is none.
    mutating func undo() throws -> String? {
        guard var editor, editor.undo(), let last = targets.popLast() else { return nil }
        self.editor = editor
        try write()
        learned -= 1
        target = last
        learner = Learner(Self.gesture(target))
        return "undone; move the control for '\(target)'"
    }

    /// Opens the mapping file: the one given, or one named after the device in the user's folder.
    private mutating func open(_ device: String) throws -> MappingEditor {
        let path = path ?? Library.userFolder(.mappings) + "/" + stem(device) + ".yaml"
        self.path = path
        guard FileManager.default.fileExists(atPath: path) else { return MappingEditor(device: device) }
        do {
            _ = try MappingFile.read(path: path)
            return MappingEditor(try String(contentsOfFile: path, encoding: .utf8))
        } catch { throw Failure("\(error)\nnot written; correct the file, or give another one with --file") }
    }

    /// A file name for a device: lower-case letters, digits and '-'.
    private func stem(_ device: String) -> String {
        let name = device.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        let words = String(name).split(separator: "-").joined(separator: "-")
        return words.isEmpty ? "controller" : words
    }

    /// Writes the file atomically.
    private func write() throws {
        guard let path, let editor else { return }
        do { try DurableFile.write(editor.text, to: path) } catch { throw Failure(error.description) }
    }
}
