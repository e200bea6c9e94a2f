import CRealtime
import Foundation
import KairosCompiler
import KairosControl
import KairosDSP
import KairosDevices
import KairosEngine
import KairosSession
import KairosTestSupport
import Synchronization
import Testing

/// Live and offline rendering: the events of a live session render offline to the same bits.
@Suite(.serialized) struct LiveTests {
    @Test func `a live session and its offline rendering are bit-identical`() throws {
        let mappings = try Checkout.mappings()
        let entries = try Checkout.patches().map { Sound($0, mappings: mappings) }
        let rig = Rig(entries)
        var setup = EngineSetup(rig: rig)
        setup.isLive = true
        // No load limit, so that a slow machine renders the same.
        setup.loadLimit = .infinity
        let engine = Engine(setup)
        let loader = Loader(engine)
        for index in entries.indices { loader.require(3, ofEntry: index) }
        engine.select(entry: 0, part: 0)
        loader.service()
        let input = engine.addInput()
        let heard = Mutex<(left: [Float], right: [Float])>(([], []))
        let driver = NullDriver(sampleRate: 48_000, period: 96) { left, right, frames in
            heard.withLock {
                $0.left += UnsafeBufferPointer(start: left, count: frames)
                $0.right += UnsafeBufferPointer(start: right, count: frames)
            }
        }
        let access = EngineFeed(engine).access()
        #expect(access.feed.gate.pass(to: access.owner))
        try driver.start(access)
        var state: UInt32 = 3
        func draw(_ bound: Int) -> Int {
            state = scrambled(state &+ 1)
            return Int(state) % bound
        }
        for step in 0..<150 {
            let key = UInt32(48 + draw(24)), position = NormalizedValue.scaled(UInt8(1 + draw(126)))
            let kind: Event.Kind = [.noteOn, .noteOn, .noteOff, .control, .pitchBend][draw(5)]
            let number = kind == .control ? [UInt32(1), 7, 74, 64, 71][draw(5)] : key
            input.push(Event(kind, stamp: crt_now(), number: number, normalized: position))
            if step % 40 == 39 { input.push(Event(.program, stamp: crt_now(), number: UInt32(draw(8)))) }
            Thread.sleep(forTimeInterval: 0.008)
        }
        // The events with the frames at which they acted, from the engine's reports. On a busy machine the
        // last ones come late.
        let timebase = Timebase.offline(sampleRate: 48_000)
        var played: [Event] = []
        for _ in 0..<600 where played.count < 153 {
            Thread.sleep(forTimeInterval: 0.1)
            while let report = engine.nextReport() {
                guard case .event(let report) = report else { continue }
                var event = report.event
                event.stamp = timebase.stamp(of: report.frame)
                played.append(event)
            }
        }
        driver.stop()
        #expect(played.count == 153)
        let live = heard.withLock { $0 }
        let host = OfflineHost(rig, mode: .entry)
        host.play(played)
        var left = [Float](repeating: 0, count: live.left.count), right = left
        host.render(left: &left, right: &right, frames: left.count)
        #expect(live.left.map(abs).max() ?? 0 > 0.01)
        // Offline the latency is compensated.
        let late = engine.latency
        #expect(
            left.dropLast(late) == live.left.dropFirst(late)
                && right.dropLast(late) == live.right.dropFirst(late))
    }

    @Test func `a missing JACK server or card is an error, and the silent timer always opens`() throws {
        #expect(throws: DeviceError.self) { try ALSADriver(device: "hw:99", sampleRate: 48_000, period: 128) }
        setenv("JACK_DEFAULT_SERVER", "nobody-\(getpid())", 1)
        jackEnvironment.withLock { _ in
            _ = #expect(throws: DeviceError.self) { try JACKDriver() }
        }
        let opened = try AudioHost.open(.null, rate: 44_100, period: 64, connects: true),
            driver = opened.driver
        #expect(
            driver is NullDriver && driver.sampleRate == 44_100 && driver.period == 64 && opened.lines.isEmpty
        )
    }

    @Test func `ALSA's null device accepts memory-mapped float frames`() throws {
        // ALSA's null device tests the whole driver without hardware.
        let driver = try ALSADriver(device: "null", sampleRate: 48_000, period: 128)
        let access = EngineFeed(Engine(EngineSetup())).access()
        #expect(access.feed.gate.pass(to: access.owner))
        try driver.start(access)
        Thread.sleep(forTimeInterval: 0.2)
        driver.stop()
        #expect(access.feed.engine.status.clock > 0 && driver.blocks > 0)
    }
}
