import KairosCompiler
import KairosDSP

extension ParamTable {
    /// A parameter: its declaration in short, and its value.
    struct State: BitwiseCopyable {
        /// Range and scale.
        let law: ParamLaw
        /// Conversion of note values; nil if it takes none.
        let noteLaw: NoteLaw?
        /// Shape of a change.
        let smoothing: Smoothing
        /// Length of a change in control ticks.
        let ticks: Int32
        /// Index of its cell.
        let cell: Int32
        /// True if it is read at control ticks and note starts only.
        let atControlTicks: Bool
        /// Octaves in a depth of 1, if a modulation multiplies the parameter; nil if it is added.
        let depthOctaves: Float?
        /// Start value of the patch.
        let preset: ParamValue
        /// Value at the last control tick.
        var value: Float
        /// Value at the next control tick.
        var next: Float
        /// Value at the end of the change.
        var target: Float
        /// Value that was requested last; it may wait for a control tick.
        var intent: ParamValue
        /// Note value that it is set to; nil for a number.
        var note: NoteValue?
        /// Control ticks until the end of the change.
        var remaining: Int32 = 0
        /// Change per control tick: a summand or a factor, by ``smoothing``.
        var pace: Float = 0
        /// Index of its block; nil if it does not change, or if all blocks are in use.
        var block: UInt8?
        /// True if it is in the list of parameters that change.
        var moves = false

        /// A parameter at its start value.
        init(_ param: Schedule.Param, sampleRate: Float) {
            let spec = param.spec
            let ticks = (spec.smoothingTime * sampleRate / Float(SubBlock.controlTick)).rounded(.up)
            law = param.law
            noteLaw = spec.noteLaw
            smoothing = spec.smoothing
            self.ticks = max(1, Int32(ticks))
            cell = Int32(param.cell)
            atControlTicks = spec.isReadAtControlTicks
            switch spec.depthUnit {
            case .octaves: depthOctaves = 1
            case .semitones where spec.law.curve == .exponential: depthOctaves = 1 / 12
            default: depthOctaves = nil
            }
            preset = param.value
            intent = param.value
            note = param.value.note
            let number =
                param.value.number
                ?? spec.noteLaw.flatMap { law in param.value.note.map { law.resolve($0).number } }
                ?? spec.defaultValue
            value = number
            next = number
            target = number
        }
    }
}
