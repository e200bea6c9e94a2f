import Foundation
import KairosEngine
import Synchronization

/// Keeps the engine driven: by JACK, a sound card or a timer, and by the timer when one of the others dies.
///
/// > Control thread.
public final class AudioHost {
    /// What the player asked for.
    public enum Choice: Sendable, Equatable {
        /// JACK, then ALSA, then the timer.
        case any
        /// This one or none.
        case jack
        /// This device or none.
        case alsa(String)
        /// The timer.
        case null
    }

    private let metered: MeteredEngine
    private let choice: Choice
    private let rate: Int
    private let framesAsked: Int
    private let connects: Bool
    private var lastTry = Date.distantPast
    /// What drives the engine now.
    public private(set) var driver: any AudioDriver

    /// Finds a driver. `lines` says what was tried and why the others failed. Throws ``DeviceError`` when the
    /// one that was asked for cannot be had.
    public static func open(
        _ choice: Choice, rate: Int?, period: Int?, connects: Bool
    ) throws -> (driver: any AudioDriver, lines: [String]) {
        var lines: [String] = []
        if choice == .any || choice == .jack {
            do {
                let jack = try JACKDriver(connects: connects)
                if let rate, jack.sampleRate != rate {
                    lines.append("JACK runs at \(jack.sampleRate) Hz; \(rate) Hz was asked for")
                }
                if let period, jack.period != period {
                    lines.append("JACK's period is \(jack.period) frames; \(period) was asked for")
                }
                return (jack, lines)
            } catch {
                if choice == .jack { throw error }
                lines.append("\(error)")
            }
        }
        var device: String?
        if case .alsa(let name) = choice { device = name }
        if choice == .any || device != nil {
            do {
                let alsa = try ALSADriver(
                    device: device ?? "default", sampleRate: rate ?? 48_000, period: period ?? 128)
                if let rate, alsa.sampleRate != rate {
                    lines.append("the card runs at \(alsa.sampleRate) Hz; \(rate) Hz was asked for")
                }
                if let period, alsa.period != period {
                    lines.append("the card's period is \(alsa.period) frames; \(period) was asked for")
                }
                return (alsa, lines)
            } catch {
                if device != nil { throw error }
                lines.append("\(error)")
            }
        }
        return (NullDriver(sampleRate: rate ?? 48_000, period: period ?? 128), lines)
    }

    /// Drives `engine`, which was made for the driver's sample rate.
    public init(_ driver: any AudioDriver, engine: Engine, choice: Choice, connects: Bool) throws {
        self.driver = driver
        self.choice = choice
        self.connects = connects
        metered = MeteredEngine(engine)
        rate = driver.sampleRate
        framesAsked = driver.period
        try driver.start(metered)
    }

    /// The part of the time that rendering takes, 0…1.
    public var load: Double { metered.load }

    /// The longest block as a part of its time, 0…1, since the last call.
    public func takeLongest() -> Double { metered.takeLongest() }

    /// The median block in which voices sounded as a part of its time; 0 where none did.
    public var medianBlock: Double { metered.median }

    /// Looks after the driver, ten times a second or so. Returns what the player should know.
    public func tend() -> String? {
        if driver.hasDied {
            let lost = driver.name
            driver.stop()
            let null = NullDriver(sampleRate: rate, period: framesAsked)
            driver = null
            do { try null.start(metered) } catch { return "\(lost) is gone, and \(error)" }
            lastTry = Date()
            return "\(lost) is gone: playing on without it, and trying again every second"
        }
        guard driver is NullDriver, choice != .null, Date().timeIntervalSince(lastTry) >= 1 else {
            return nil
        }
        lastTry = Date()
        guard let (found, _) = try? Self.open(choice, rate: rate, period: framesAsked, connects: connects),
            !(found is NullDriver)
        else { return nil }
        // The engine's frames have one rate for life.
        guard found.sampleRate == rate else {
            found.stop()
            return
                "\(found.name) runs at \(found.sampleRate) Hz now, and this session at \(rate) Hz: start again to use it"
        }
        driver.stop()
        do {
            try found.start(metered)
            driver = found
            return "\(found.name) is here: playing through it"
        } catch {
            let null = NullDriver(sampleRate: rate, period: framesAsked)
            driver = null
            try? null.start(metered)
            return nil
        }
    }

    /// Stops the driver.
    public func stop() { driver.stop() }
}
