import CRealtime
import Foundation
import KairosDSP

/// ". Did you mean …?" or an empty string.
func near(_ word: String, _ candidates: [String]) -> String { didYouMean(word, among: candidates) }

/// Formats `value` with `decimals` digits (0…6) after the point; from 10¹² on in scientific notation. Accepts
/// every Double, including NaN and infinity.
func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return value < 0 ? "-inf" : value.isNaN ? "nan" : "inf" }
    // Below 10¹² the scaled value fits into an Int.
    guard value.magnitude < 1e12 else { return String(format: "%.*e", decimals, value) }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let whole = Int((value.magnitude * scale).rounded())
    let digits = String(whole)
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let sign = value < 0 && whole != 0 ? "-" : ""
    guard decimals > 0 else { return sign + padded }
    return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
}

/// The time `seconds` from now in nanoseconds of `crt_now`; `UInt64.max` (never) for nil or more than 3·10⁹
/// s.
func deadline(after seconds: Double?) -> UInt64 {
    guard let seconds, seconds < 3e9 else { return .max }
    return crt_now() + UInt64(max(0, seconds) * 1e9)
}
