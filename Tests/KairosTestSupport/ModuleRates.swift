import Glibc
public import KairosDSP

/// The sample rates at which a module must sound the same.
public enum SampleRates {
    /// The rate that the others are compared with.
    public static var reference: Double { 48_000 }
    /// The other rates.
    public static var others: [Double] { [44_100, 88_200, 96_000, 192_000] }
}

/// Test signal that is the same analogue signal at every sample rate: sine waves below 8 kHz, which repeat
/// every second.
public enum AnalogueSignal: Int {
    /// Four sine waves of equal amplitude in each third of an octave, from 50 Hz to 8 kHz; the peak is about 1.
    case wideband
    /// A sine wave of 110 Hz and amplitude 0.5.
    case tone
    /// Two thousand sine waves from 50 Hz to 8 kHz, with the same power in each octave: for modules that add so many
    /// echoes that each sine wave gets another level.
    case dense

    /// One second of the signal.
    public func frames(sampleRate: Double) -> [Float] {
        (self == .dense ? Self.denseTable : Self.tables[rawValue])[Int(sampleRate)] ?? render(sampleRate)
    }

    /// The signals at all rates of ``SampleRates``.
    private static let tables = [AnalogueSignal.wideband, .tone].map { $0.atAllRates() }
    private static let denseTable = AnalogueSignal.dense.atAllRates()

    private func atAllRates() -> [Int: [Float]] {
        let rates = [SampleRates.reference] + SampleRates.others
        return Dictionary(uniqueKeysWithValues: rates.map { (Int($0), render($0)) })
    }

    private func render(_ sampleRate: Double) -> [Float] {
        if self == .dense { return Self.renderDense(sampleRate) }
        let hertz = self == .tone ? [110] : (0...88).map { (50 * pow(160, Double($0) / 88)).rounded() }
        let amplitude = self == .tone ? 0.5 : 0.25 * sqrt(2 / Double(hertz.count))
        var frames = [Double](repeating: 0, count: Int(sampleRate))
        for (index, hertz) in hertz.enumerated() {
            let start = 2 * Double.pi * Double(scrambled(UInt32(index))) / 0x1p32
            let step = 2 * Double.pi * hertz / sampleRate
            // The next sample of a sine wave is 2 cos(step) times the last one minus the one before.
            let factor = 2 * cos(step)
            var before = sin(start - step), now = sin(start)
            for n in frames.indices {
                frames[n] += amplitude * now
                (before, now) = (now, factor * now - before)
            }
        }
        return frames.map { Float($0) }
    }
}

extension AnalogueSignal {
    /// Eight sine waves at once, by the recursion of ``render(_:)``.
    private static func renderDense(_ sampleRate: Double) -> [Float] {
        let hertz =
            Array(50..<400) + Array(stride(from: 400, to: 1000, by: 2))
            + Array(stride(from: 1000, to: 8000, by: 4))
        // The root mean square is 0.25.
        let scale = 0.25 / (0.5 * log(160.0)).squareRoot()
        var frames = [Double](repeating: 0, count: Int(sampleRate))
        for first in stride(from: 0, to: hertz.count - 7, by: 8) {
            var before = SIMD8<Double>(), now = before, factor = before, amplitude = before
            for lane in 0..<8 {
                let start = 2 * Double.pi * Double(scrambled(UInt32(first + lane))) / 0x1p32
                let step = 2 * Double.pi * Double(hertz[first + lane]) / sampleRate
                (before[lane], now[lane], factor[lane]) = (sin(start - step), sin(start), 2 * cos(step))
                // The distance to the next sine wave makes the power per octave the same.
                let gap = hertz[first + lane] < 400 ? 1.0 : hertz[first + lane] < 1000 ? 2 : 4
                amplitude[lane] = scale * (gap / Double(hertz[first + lane])).squareRoot()
            }
            for n in frames.indices {
                frames[n] += (amplitude * now).sum()
                (before, now) = (now, factor * now - before)
            }
        }
        return frames.map { Float($0) }
    }
}

extension ParamSpec {
    /// True for choices and switches, false for numbers.
    fileprivate var isChoice: Bool { kind != .float && kind != .int }
}

extension Module {
    /// Settings to compare at several sample rates, by the parameter's index: every combination of choices and
    /// switches, each with every other parameter at its default and alone at 25 % and 75 % of its range.
    public static var settingsToCompare: [[Int: Float]] {
        var choices: [[Int: Float]] = [[:]]
        for param in Param.allCases where param.spec.isChoice {
            choices = choices.flatMap { choice in
                (0..<Int(param.spec.law.steps)).map { step in
                    choice.merging([param.rawValue: param.spec.range.lowerBound + Float(step)]) { $1 }
                }
            }
        }
        let numbers = Param.allCases.filter { !$0.spec.isChoice }.flatMap { param in
            [Float(0.25), 0.75].map { [param.rawValue: param.spec.law.value(normalized: $0)] }
        }
        return choices.flatMap { choice in
            [choice] + numbers.map { choice.merging($0) { $1 } }
        }
    }
}

extension ModuleBench {
    /// A bench at `sampleRate` on which a note starts at frame 0 in all lanes and ends after 0.6 seconds if the
    /// module is a control source.
    ///
    /// Effects get a wideband signal, sources a tone; inlets that idle at another value than 0, such as pitches,
    /// are held at half of it.
    public static func analogue(sampleRate: Double, _ setting: [Int: Float]) -> ModuleBench<M> {
        // A module that makes stereo has no effect on a voice that is neither left nor right, and one that runs
        // once has a bus.
        let rate = Float(sampleRate)
        var bench = ModuleBench<M>(
            M.self,
            format: M.info.widens || M.info.runsOnce ? .bus(sampleRate: rate) : .voices(sampleRate: rate))
        let signal: AnalogueSignal =
            M.info.isSource ? .tone : ["reverb", "plate", "comb"].contains(M.info.type) ? .dense : .wideband
        let frames = signal.frames(sampleRate: sampleRate)
        for inlet in M.Inlet.allCases where inlet.info.kind == .audio {
            // The signals of several inlets are shifted by 0.21 seconds each.
            let shift = frames.count * 21 * inlet.rawValue / 100
            bench.inlets[inlet.rawValue] =
                inlet.info.idle != 0
                ? .steady(inlet.info.idle / 2)
                : .moving { _, frame in frames[(frame + shift) % frames.count] }
        }
        bench.params = setting.mapValues { .steady($0) }
        var note = Event.note(0)
        for lane in 0..<16 { note.seeds[lane] = UInt32(lane + 1) }
        bench.events = [note]
        if M.info.isControl { bench.events.append(.release(Int(sampleRate * 0.6))) }
        return bench
    }
}
