import CRealtime
public import Foundation
import KairosControl
public import KairosEngine
import Synchronization

/// Connects audio drivers to the engine: lets one driver at a time render, converts the sample rate where
/// needed, and measures the load.
public final class EngineFeed: Sendable {
    /// The engine.
    public let engine: Engine
    /// Decides which driver may render.
    public let gate = RenderGate()
    /// Measures the load.
    public let meter = LoadMeter()
    /// Wakes the supervisor thread.
    public let attention = DispatchSemaphore(value: 0)
    /// The supported sample rates of drivers in Hz; at any other rate the output is silent.
    static let rates = 4000...800_000

    /// The sample rate of a driver for which there is no converter yet; 0 for none.
    private let missingRate = Atomic<Int>(0)
    /// The converter in use; `converters` retains it.
    private let converter = Atomic<Unmanaged<Conversion>?>(nil)
    private let converters = Mutex<[Conversion]>([])
    /// The sample rate of the last block. Used only inside the gate.
    private let lastRate: Atomic<Int>

    /// A converter, and what other threads read of it.
    private final class Conversion: Sendable {
        /// The sample rate of the driver in Hz.
        let output: Int
        /// The delay in seconds.
        let delay: Double
        /// Used only inside the gate.
        let converter: Exclusive<RateConverter>

        init(from input: Int, to output: Int) {
            self.output = output
            let converter = RateConverter(from: input, to: output)
            delay = Double(converter.delay) / Double(input)
            self.converter = Exclusive(converter)
            // The first use looks up the metadata of the generic type, which locks: not on the audio thread.
            self.converter.withValue { $0.reset() }
        }
    }

    /// A feed for `engine`.
    public init(_ engine: Engine) {
        self.engine = engine
        lastRate = Atomic(Int(engine.sampleRate))
    }

    /// Makes the access for a further driver. It renders silence until it owns the gate. [control]
    public func access() -> EngineAccess { EngineAccess(feed: self, owner: gate.newOwner()) }

    /// The engine's sample rate in Hz.
    public var rate: Int { Int(engine.sampleRate) }

    /// Makes the converter for a driver at `rate` Hz if one is needed. [control]
    public func prepare(rate: Int) {
        guard rate != self.rate, Self.rates.contains(rate) else { return }
        converters.withLock { all in
            let found: Conversion
            if let known = all.first(where: { $0.output == rate }) {
                found = known
            } else {
                found = Conversion(from: self.rate, to: rate)
                all.append(found)
            }
            converter.store(Unmanaged.passUnretained(found), ordering: .releasing)
        }
        missingRate.store(0, ordering: .relaxed)
    }

    /// Makes the converter that was missing at the last block. Returns its sample rate, or nil if none
    /// is missing. [control]
    public func prepareMissing() -> Int? {
        let rate = missingRate.exchange(0, ordering: .acquiring)
        guard rate != 0 else { return nil }
        prepare(rate: rate)
        return rate
    }

    /// The delay in seconds from the engine's frame to a driver's at `rate` Hz: that of the limiter and of the
    /// conversion, 0 without them. [control]
    public func delay(rate: Int) -> Double {
        let conversion = converters.withLock { all in all.first { $0.output == rate }?.delay ?? 0 }
        return Double(engine.latency) / engine.sampleRate + conversion
    }

    /// Renders one block. Returns false, and writes silence, if `owner` does not own the gate or the
    /// converter for `rate` is missing. [audio]
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
        lastRate.store(rate, ordering: .relaxed)
        let seconds = Double(frames) / Double(rate)
        meter.count(Double(crt_now() &- before) * 1e-9 / seconds, seconds: seconds, sounds: engine.voices > 0)
        return true
    }

    private func convert(
        _ left: UnsafeMutablePointer<Float>, _ right: UnsafeMutablePointer<Float>, _ frames: Int, _ rate: Int,
        _ time: BlockTime
    ) -> Bool {
        guard let conversion = converter.load(ordering: .acquiring) else { return miss(rate) }
        return conversion._withUnsafeGuaranteedRef { conversion in
            guard conversion.output == rate else { return miss(rate) }
            crt_realtime_enter()
            defer { crt_realtime_exit() }
            conversion.converter.withValue { converter in
                if lastRate.load(ordering: .relaxed) != rate { converter.reset() }
                let timebase = Self.timebase(
                    time, clock: engine.clock, lead: converter.lead,
                    ratio: Double(converter.input) / Double(converter.output))
                converter.render(left, right, frames) { left, right, count in
                    engine.render(left: left, right: right, frames: count, timebase: timebase)
                }
            }
            return true
        }
    }

    private func miss(_ rate: Int) -> Bool {
        if Self.rates.contains(rate) { missingRate.store(rate, ordering: .releasing) }
        return false
    }

    /// The conversion from time stamps to frames of the engine. `ratio` is the number of engine frames for
    /// each driver frame; the block's first frame needs engine frames up to `lead` after `clock`.
    static func timebase(_ time: BlockTime, clock: Int, lead: Double, ratio: Double) -> Timebase {
        let perNanosecond = time.framesPerNanosecond * ratio
        let offset = lead + Double(time.latency) * ratio, whole = offset.rounded(.down)
        // The fraction of a frame is put into the time stamp, which has a finer resolution.
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
