import KairosControl
import Testing

@testable import KairosDevices

/// The rules for automatic connections of sequencer ports, and source numbers.
@Suite struct ConnectionTests {
    private func port(_ name: String, isKeyboard: Bool = true) -> SequencerPorts.Port {
        SequencerPorts.Port(client: 20, port: 0, name: name, isKeyboard: isKeyboard)
    }

    @Test func `keyboards are connected unless unwanted, and other ports only where wanted`() {
        let plain = Connections()
        #expect(plain.wants(port("Box")) && !plain.wants(port("a sequencer", isKeyboard: false)))
        let chosen = Connections(wanted: ["seq*out"], unwanted: ["box: midi 2"])
        #expect(chosen.wants(port("A Sequencer: out 1", isKeyboard: false)))
        #expect(chosen.wants(port("Box: MIDI 1")) && !chosen.wants(port("Box: MIDI 2")))
        // `unwanted` overrides `wanted`.
        #expect(!Connections(wanted: ["box"], unwanted: ["box"]).wants(port("Box")))
    }

    /// Fails where a number is reused while a source has it: one keyboard's note-offs end another's notes.
    @Test func `a source keeps its number until it has gone`() {
        var table = SourceTable()
        let first = table.index(of: 20, 0), second = table.index(of: 20, 1)
        #expect(first != second && table.index(of: 20, 0) == first)
        #expect(table.forget(20, 0) == first && table.forget(20, 0) == nil)
        #expect(table.index(of: 21, 0) == first && table.index(of: 20, 1) == second)
        var full = SourceTable()
        for client in UInt8(1)...100 { _ = full.index(of: client, 0) }
        let last = FixedSource.sequencer.upperBound
        #expect(full.used.count == Int(last) && full.index(of: 99, 0) == last)
        // The last number stays in use while one of the sources that share it exists.
        _ = full.forget(99, 0)
        #expect(full.used.contains(last))
    }
}
