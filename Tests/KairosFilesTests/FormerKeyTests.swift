import KairosFiles
import Testing

/// A key or target of an earlier version is answered with what it is called now.
@Suite struct FormerKeyTests {
    private static let patch =
        "kairos: patch/1\nname: A\nmodules:\n  osc: { type: saw }\n  out: { type: output }\n"
    private static let mapping = "kairos: mapping/1\n"
    private static let list = "kairos: setlist/1\nname: A\n"

    /// The messages of the error that a reader throws; none where it throws nothing.
    private func messages(_ read: () throws -> Void) -> String {
        do { try read() } catch { return "\(error)" }
        return ""
    }

    @Test(arguments: [
        ("wires:\n  - osc -> out\n", "6:1: 'wires' was renamed to 'connections'"),
        (
            "connections:\n  - osc -> out\nknobs:\n  - { name: X, to: osc.detune }\n",
            "8:1: 'knobs' was renamed to 'macros'"
        ),
        (
            "connections:\n  - osc -> out\nmacros:\n  - { name: X, to: osc.detune, from: 0 ct, upTo: 9 ct }\n",
            "'from' was renamed to 'range'; write range: [200 Hz, 9 kHz], for example"
        ),
    ])
    func `in a patch`(_ text: String, _ message: String) {
        let told = messages { _ = try PatchFile.parse(Self.patch + text, file: "a.yaml") }
        #expect(told.contains(message), "\(told)")
    }

    @Test(arguments: [
        ("controls:\n  - { cc: 1, to: knob 1 }\n", "'knob 1' was renamed to 'macro 1'; write to: macro 1"),
        (
            "controls:\n  - { cc: 1, to: rack knob 2 }\n",
            "'rack knob 2' was renamed to 'master macro 2'; write to: master macro 2"
        ),
        (
            "controls:\n  - { cc: 1, to: macro 1, from: 0 %, upTo: 9 % }\n",
            "'upTo' was renamed to 'range'; write range: [200 Hz, 9 kHz], for example"
        ),
        ("greeting: [F0 7E F7]\n", "2:1: 'greeting' was renamed to 'onConnect'"),
        ("farewell: [F0 7E F7]\n", "2:1: 'farewell' was renamed to 'onQuit'"),
    ])
    func `in a mapping`(_ text: String, _ message: String) {
        let told = messages { _ = try MappingFile.parse(Self.mapping + text, file: "a.yaml") }
        #expect(told.contains(message), "\(told)")
    }

    @Test(arguments: [
        ("rack: hall\nentries:\n  - { patch: a }\n", "3:1: 'rack' was renamed to 'master'"),
        ("stays: [Drive]\nentries:\n  - { patch: a }\n", "3:1: 'stays' was renamed to 'keepMacros'"),
        ("entries:\n  - { patch: a, values: keep }\n", "'values' was renamed to 'keepMacros'"),
        ("entries:\n  - { name: A, parts: [ { patch: a } ] }\n", "'parts' was renamed to 'layers'"),
    ])
    func `in a set list`(_ text: String, _ message: String) {
        let told = messages { _ = try SetListFile.parse(Self.list + text, file: "a.yaml") }
        #expect(told.contains(message), "\(told)")
    }
}
