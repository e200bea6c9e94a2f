import CRealtime
import Foundation
import KairosDSP

/// ". Did you mean …", or nothing.
func near(_ word: String, _ candidates: [String]) -> String { didYouMean(word, among: candidates) }

/// A number with this many decimals (0…6); beyond 10¹² in scientific notation. Total over all of Double.
func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return value < 0 ? "-inf" : value.isNaN ? "nan" : "inf" }
    // The digits below fit into an Int.
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

/// The time so many seconds from now, in nanoseconds of `crt_now`; never, where that is not said or beyond a century.
func moment(after seconds: Double?) -> UInt64 {
    guard let seconds, seconds < 3e9 else { return .max }
    return crt_now() + UInt64(max(0, seconds) * 1e9)
}
