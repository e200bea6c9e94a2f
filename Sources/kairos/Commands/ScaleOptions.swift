import ArgumentParser
import KairosControl
import KairosFiles

/// The options that select the tuning.
struct ScaleOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Scala scale for patches without their own.", valueName: "scl"),
        completion: .scale)
    var tuning: String?
    @Option(
        help: ArgumentHelp("Scala keyboard mapping for --tuning.", valueName: "kbm"), completion: .keyboard)
    var keyboard: String?

    /// Reads the tuning; nil if neither option is given. Throws ``Failure``.
    func read() throws -> Tuning? {
        if tuning == nil, keyboard == nil { return nil }
        return try Tuning.read(tuning, keyboard: keyboard)
    }
}

extension Tuning {
    /// Reads a scale (nil: 12-tone equal temperament) and a keyboard mapping (nil: the standard one). Throws
    /// ``Failure``.
    static func read(_ scale: String?, keyboard: String?) throws -> Tuning {
        do {
            let map = try keyboard.map(ScalaFile.keyboard(path:)) ?? KeyboardMap()
            return Tuning(try scale.map(ScalaFile.scale(path:)) ?? .equal, keyboard: map)
        } catch { throw Failure("\(error)") }
    }
}
