import CRealtime
import Foundation
import KairosEngine
import Synchronization

/// The time of one block, in the driver's own frames.
public struct BlockTime: Sendable, Equatable {
    /// When the block begins, in nanoseconds of CLOCK_MONOTONIC.
    public var stamp: UInt64
    /// How many frames after its stamp an event sounds, counted within the stream: the block's beginning is 0.
    public var latency: Int
    /// The driver's frames a nanosecond, > 0.
    public var framesPerNanosecond: Double

    /// A block's time.
    public init(stamp: UInt64, latency: Int, framesPerNanosecond: Double) {
        self.stamp = stamp
        self.latency = latency
        self.framesPerNanosecond = framesPerNanosecond
    }
}

/// The engine as audio drivers call it: by one driver at a time, at its own sample rate whatever the driver's is, and
/// measured.
public final class EngineFeed: @unchecked Sendable {
    /// What is driven.
    public let engine: Engine
    /// Decides which driver is heard.
    public let gate = RenderGate()
    /// How long blocks take.
    public let meter = LoadMeter()
    /// Wakes whoever supervises the drivers.
    public let attention = DispatchSemaphore(value: 0)
    /// Sample rates that a driver may have; anything else is played as silence.
    static let rates = 4000...800_000

    /// A rate that a driver was met with and that has no converter yet; 0 for none.
    private let missingRate = Atomic<Int>(0)
    /// The converter in use, which `converters` keeps.
    private let converter = Atomic<UnsafeMutableRawPointer?>(nil)
    private let converters = Mutex<[RateConverter]>([])
    /// The rate of the last block. Only whoever has entered the gate uses it.
    private var lastRate: Int

    /// Feeds drivers from `engine`.
    public init(_ engine: Engine) {
        self.engine = engine
        lastRate = Int(engine.sampleRate)
    }

    /// The way to the engine for one more driver. It plays silence until the gate is passed to it.
    ///
    /// > Thread: [control]
    public func access() -> EngineAccess { EngineAccess(feed: self, owner: gate.newOwner()) }

    /// The engine's frames a second.
    public var rate: Int { Int(engine.sampleRate) }

    /// Makes the converter for a driver of `rate` frames a second, where one is needed.
    ///
    /// > Thread: [control]
    public func prepare(rate: Int) {
        guard rate != self.rate, Self.rates.contains(rate) else { return }
        converters.withLock { all in
            let found: RateConverter
            if let known = all.first(where: { $0.output == rate }) {
                found = known
            } else {
                found = RateConverter(from: self.rate, to: rate)
                all.append(found)
            }
            converter.store(Unmanaged.passUnretained(found).toOpaque(), ordering: .releasing)
        }
        missingRate.store(0, ordering: .relaxed)
    }

    /// Makes the converter that a block was silent for. Returns its rate.
    ///
    /// > Thread: [control]
    public func prepareMissing() -> Int? {
        let rate = missingRate.exchange(0, ordering: .acquiring)
        guard rate != 0 else { return nil }
        prepare(rate: rate)
        return rate
    }

    /// Seconds by which conversion delays what a driver of `rate` frames a second plays.
    ///
    /// > Thread: [control]
    public func delay(rate: Int) -> Double {
        converters.withLock { all in
            all.first { $0.output == rate }.map { Double($0.delay) / Double($0.input) } ?? 0
        }
    }

    /// One block for the driver that owns the gate. False where `owner` does not, or the rate is not ready: the block
    /// is silent then.
    ///
    /// > Thread: [audio]
    func render(
        _ owner: RenderGate.Owner, _ left: UnsafeMutablePointer<Float>, _ right: UnsafeMutablePointer<Float>,
        _ frames: Int, rate: Int, _ time: BlockTime
    ) -> Bool {
        guard frames > 0 else { return true }
        guard gate.enter(owner) else {
            silence(left, right, frames)
            return false
        }
        defer { gate.leave(owner) }
        let before = crt_now()
        if rate == self.rate {
            let timebase = Timebase(
                stamp: time.stamp, frame: engine.clock &+ time.latency,
                framesPerNanosecond: time.framesPerNanosecond)
            engine.render(left: left, right: right, frames: frames, timebase: timebase)
        } else if !convert(left, right, frames, rate, time) {
            silence(left, right, frames)
            return false
        }
        lastRate = rate
        let seconds = Double(frames) / Double(rate)
        meter.count(Double(crt_now() &- before) * 1e-9 / seconds, seconds: seconds, sounds: engine.voices > 0)
        return true
    }

    private func convert(
        _ left: UnsafeMutablePointer<Float>, _ right: UnsafeMutablePointer<Float>, _ frames: Int, _ rate: Int,
        _ time: BlockTime
    ) -> Bool {
        guard let pointer = converter.load(ordering: .acquiring) else { return miss(rate) }
        return Unmanaged<RateConverter>.fromOpaque(pointer)._withUnsafeGuaranteedRef { converter in
            guard converter.output == rate else { return miss(rate) }
            crt_realtime_enter()
            defer { crt_realtime_exit() }
            if lastRate != rate { converter.reset() }
            let timebase = Self.timebase(
                time, clock: engine.clock, lead: converter.lead,
                ratio: Double(converter.input) / Double(converter.output))
            converter.render(left, right, frames) { left, right, count in
                engine.render(left: left, right: right, frames: count, timebase: timebase)
            }
            return true
        }
    }

    private func miss(_ rate: Int) -> Bool {
        if Self.rates.contains(rate) { missingRate.store(rate, ordering: .releasing) }
        return false
    }

    /// The line from stamps to the engine's frames where one frame of the driver is `ratio` of the engine's, and the
    /// block's first frame needs the engine up to `lead` frames after its clock.
    static func timebase(_ time: BlockTime, clock: Int, lead: Double, ratio: Double) -> Timebase {
        let perNanosecond = time.framesPerNanosecond * ratio
        let offset = lead + Double(time.latency) * ratio, whole = offset.rounded(.down)
        // The part of a frame goes into the stamp, which is finer.
        let shift = UInt64(clampingNanoseconds: (offset - whole) / perNanosecond)
        return Timebase(
            stamp: time.stamp &- min(shift, time.stamp), frame: clock &+ Int(clamping: whole, limit: 1 << 40),
            framesPerNanosecond: perNanosecond)
    }

    private func silence(
        _ left: UnsafeMutablePointer<Float>, _ right: UnsafeMutablePointer<Float>, _ frames: Int
    ) {
        left.update(repeating: 0, count: frames)
        right.update(repeating: 0, count: frames)
    }
}

/// One driver's way to the engine.
public struct EngineAccess: Sendable {
    /// Whom it leads to.
    public let feed: EngineFeed
    /// The driver's number at the gate.
    public let owner: RenderGate.Owner

    /// One block at `rate` frames a second; silence where another driver is heard.
    ///
    /// > Thread: [audio]
    @discardableResult
    public func render(
        _ left: UnsafeMutablePointer<Float>, _ right: UnsafeMutablePointer<Float>, _ frames: Int, rate: Int,
        _ time: BlockTime
    ) -> Bool {
        feed.render(owner, left, right, frames, rate: rate, time)
    }

    /// Tells whoever supervises that something has changed.
    ///
    /// > Thread: [any], but not [audio]
    public func notify() { feed.attention.signal() }
}
