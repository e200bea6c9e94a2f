import ArgumentParser
import Foundation

/// A duration from the command line, 0 … 3·10¹¹ s (about 9500 years): `90 s`, `1.5h`, `2 h 30 min`,
/// `1:30:00`; a number without a unit is in seconds.
struct TimeSpan: ExpressibleByArgument, Equatable, CustomStringConvertible {
    /// Seconds, 0 … 3·10¹¹.
    let seconds: Double

    private static let units: [(names: [String], seconds: Double)] = [
        (["ms"], 0.001), (["s", "sec"], 1), (["min", "m"], 60), (["h"], 3600),
        (["d", "days", "day"], 86_400),
    ]
    private static let limit = 3e11

    /// Clamps `seconds` to the range; NaN and negative numbers become 0.
    init(seconds: Double) { self.seconds = seconds > 0 ? min(seconds, Self.limit) : 0 }

    init?(argument: String) {
        let value =
            argument.contains(":") ? Self.clock(argument) : Double(argument) ?? Self.sum(argument)
        guard let value, value >= 0, value <= Self.limit else { return nil }
        seconds = value
    }

    /// Parses `1:30:00` (hours, minutes, seconds) or `4:30` (minutes, seconds). Nil for anything else.
    private static func clock(_ text: String) -> Double? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 3, parts.allSatisfy({ $0.first?.isNumber ?? false }) else { return nil }
        let numbers = parts.compactMap { Double($0) }
        guard numbers.count == parts.count, numbers.dropFirst().allSatisfy({ $0 < 60 }) else { return nil }
        return numbers.reduce(0) { $0 * 60 + $1 }
    }

    /// Parses numbers with units: `2 h 30 min`. Nil for anything else.
    private static func sum(_ text: String) -> Double? {
        var rest = text.drop { $0 == " " }, total = 0.0
        if rest.isEmpty { return nil }
        while !rest.isEmpty {
            let number = rest.prefix { "0123456789.".contains($0) }
            rest = rest.dropFirst(number.count).drop { $0 == " " }
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count).drop { $0 == " " }
            guard let value = Double(number),
                let scale = units.first(where: { $0.names.contains(unit.lowercased()) })
            else { return nil }
            total += value * scale.seconds
        }
        return total
    }

    /// The duration in its two largest units: `4 h`, `64 d 12 h`.
    var description: String {
        if seconds < 60 { return "\(fixed(seconds, seconds == seconds.rounded() ? 0 : 2)) s" }
        let units = [("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)]
        var rest = Int(seconds.rounded()), words: [String] = []
        for (name, size) in units.drop(while: { rest < $0.1 }).prefix(2) where rest >= size {
            words.append("\(rest / size) \(name)")
            rest %= size
        }
        return words.joined(separator: " ")
    }
}
