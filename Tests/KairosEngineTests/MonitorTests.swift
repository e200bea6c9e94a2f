import KairosCompiler
import KairosControl
import KairosDSP
import KairosSession
import KairosTestSupport
import Testing

@testable import KairosEngine

/// The engine's report on each message: the parameter that it moved, or the reason why it had no effect.
@Suite struct WhereDidItGo {
    private static let patch = LevelPatch.text()

    /// The last report of an event, at the end of each score.
    private func last(
        _ mappings: [Mapping] = [], scale: Tuning? = nil, rig: Rig? = nil,
        _ write: (inout Score) -> Void
    ) throws -> EventReport {
        let host = OfflineHost(
            try rig ?? Rig([Sound(try compile(Self.patch), mappings: mappings)]), mode: .entry,
            tuning: scale)
        var score = Score()
        write(&score)
        host.play(score.events)
        var sound = Rendering(frames: 9600)
        sound.render(with: host)
        var found: EventReport?
        while let report = host.engine.nextReport() { if case .event(let event) = report { found = event } }
        return try #require(found)
    }

    private func macro(_ change: (inout Mapping.Control) -> Void = { _ in }) -> [Mapping] {
        var control = Mapping.Control(.control(16), to: .macro(1))
        change(&control)
        return [Mapping(name: "m", controls: [control, .init(.control(17), to: .macro(1))])]
    }

    @Test func `a moved parameter: control, part, parameter and value`() throws {
        let report = try last(macro()) { $0.control(500, 16, 127) }
        #expect(report.control == EventReport.Control(index: 0, normalized: 1))
        guard case .mapped(let target, let value) = report.outcome else {
            Issue.record("\(report.outcome)")
            return
        }
        #expect(target.sound == SoundID(0) && target.index >= 0 && value == 1)
    }

    @Test func `pickup waiting: the control at 63, the parameter at 80`() throws {
        let report = try last(macro { $0.takeover = .pickup }) {
            $0.control(500, 17, 80)
            $0.control(3000, 16, 63)
        }
        guard case .waitsForPickup(_, let value) = report.outcome, let normalized = report.control?.normalized
        else {
            Issue.record("\(report.outcome)")
            return
        }
        #expect((normalized * 127).rounded() == 63 && (value * 127).rounded() == 80)
    }

    @Test func `controls on another channel or device, and none`() throws {
        let channel = try last(macro { $0.channel = 4 }) { $0.control(500, 16, 1) }
        #expect(channel.outcome == .otherChannel(4))
        let device = try last([Mapping(name: "m", device: "Box", controls: macro()[0].controls)]) {
            $0.control(500, 16, 1)
        }
        #expect(device.outcome == .otherDevice)
        #expect(try last { $0.control(500, 70, 1) }.outcome == .unmapped)
    }

    @Test func `clamped: an encoder at the end of its range`() throws {
        let report = try last(macro { $0.takeover = .relative }) {
            $0.control(500, 17, 127)
            $0.control(3000, 16, 3)
        }
        guard case .atEnd(_?, value: 1) = report.outcome else {
            Issue.record("\(report.outcome)")
            return
        }
    }

    @Test func `outside every layer, and a key without a pitch`() throws {
        let split = """
            entries:
              - { name: Low, program: 0, layers: [ { patch: A, keys: 36..59 } ] }
            """
        let outside = try last(rig: try Timeline.entries(split)) { $0.on(500, 60) }
        #expect(outside.outcome == .outside(EntryID(0)))
        var map = KeyboardMap()
        map.keys = 0...59
        let silent = try last(scale: Tuning(.equal, keyboard: map)) { $0.on(500, 60) }
        #expect(silent.outcome == .untuned(EntryID(0)))
    }

    @Test func `a note-off without a note, an unknown program, the same entry, the end of the list`() throws {
        #expect(try last { $0.off(500, 60) }.outcome == .noSuchNote)
        #expect(try last { $0.program(500, 99) }.outcome == .unknownProgram)
        #expect(try last { $0.program(500, 0) }.outcome == .sameEntry(EntryID(0)))
        #expect(try last { $0.add(500, Event(.nextEntry)) }.outcome == .endOfList)
        #expect(try last(rig: Rig([Sound]())) { $0.on(500, 60) }.outcome == .noEntry)
    }

    @Test func `a shift, and a control mapped to nothing`() throws {
        var mapping = macro()[0]
        mapping.shift = Mapping.Shift(.control(41))
        #expect(try last([mapping]) { $0.control(500, 41, 127) }.outcome == .shifted)
        let quiet = Mapping(name: "m", controls: [.init(.note(0), to: .nothing)])
        let host = OfflineHost(
            Rig([Sound(try compile(Self.patch), mappings: [quiet])]), mode: .entry)
        var score = Score()
        score.on(500, 0)
        host.play(score.events)
        var sound = Rendering(frames: 4800)
        sound.render(with: host)
        var outcomes: [EventReport.Outcome] = []
        while let report = host.engine.nextReport() {
            if case .event(let report) = report { outcomes.append(report.outcome) }
        }
        #expect(sound.peak == 0 && outcomes == [.nothing])
    }

    /// Fails where the meter includes the constant latency, or leaves out late events.
    @Test func `the meter: median, 99th percentile, most, and how many were late`() throws {
        let hall = MultiInputEngine(Rig([Sound(try compile(Self.patch))]), count: 1)
        let timebase = Timebase.offline(sampleRate: 48_000)
        func figures() -> [Int] {
            let timing = hall.engine.timing
            return [timing.events, timing.p50, timing.p99, timing.most]
        }
        func play(_ count: Int, late: Int) {
            for _ in 0..<count {
                var event = Event(.noteOff, number: 60)
                event.stamp = timebase.stamp(of: hall.engine.clock - late)
                hall.play([event])
                hall.render(64)
            }
        }
        hall.render(1024)
        play(950, late: 0)
        play(40, late: 5)
        play(10, late: 20)
        #expect(figures() == [1000, 0, 5, 20])
        play(1000, late: 3)
        #expect(figures() == [2000, 3, 5, 20])
        #expect(hall.engine.status.lateEvents == 40 + 10 + 1000)
    }
}
