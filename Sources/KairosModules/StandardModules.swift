public import KairosDSP

/// Passes every built-in module type to `visitor`. To add a module, write its file and add its line here.
@inlinable public func forEachStandardModule(_ visitor: inout some ModuleVisitor) {
    // Oscillators
    visitor.visit(Sine.self)
    visitor.visit(Saw.self)
    visitor.visit(Pulse.self)
    visitor.visit(Triangle.self)
    visitor.visit(Noise.self)
    // Filters
    visitor.visit(StateVariableFilter.self)
    visitor.visit(Biquad.self)
    visitor.visit(Equalizer.self)
    visitor.visit(DCBlock.self)
    // Envelopes
    visitor.visit(ADSR.self)
    visitor.visit(Envelope.self)
    // Modulation
    visitor.visit(LFO.self)
    visitor.visit(RandomSource.self)
    visitor.visit(Constant.self)
    visitor.visit(SampleAndHold.self)
    visitor.visit(SlewLimiter.self)
    visitor.visit(Quantizer.self)
    visitor.visit(EnvelopeFollower.self)
    visitor.visit(ControlCurve.self)
    visitor.visit(Arithmetic.self)
    // Amplitude
    visitor.visit(VCA.self)
    visitor.visit(Mix.self)
    visitor.visit(Pan.self)
    visitor.visit(Crossfader.self)
    visitor.visit(InputSwitch.self)
    // Dynamics
    visitor.visit(Compressor.self)
    visitor.visit(Limiter.self)
    visitor.visit(NoiseGate.self)
    // Effects
    visitor.visit(Shaper.self)
    visitor.visit(feedback: Delay.self)
    visitor.visit(Comb.self)
    visitor.visit(Width.self)
    visitor.visit(Tremolo.self)
    visitor.visit(Autopan.self)
    visitor.visit(Chorus.self)
    visitor.visit(Ensemble.self)
    visitor.visit(Flanger.self)
    visitor.visit(Phaser.self)
    visitor.visit(Rotary.self)
    visitor.visit(RingModulator.self)
    visitor.visit(Reverb.self)
    visitor.visit(Plate.self)
    // Note stages
    visitor.visit(stage: Arpeggiator.self)
    visitor.visit(stage: StepSequence.self)
    visitor.visit(stage: Chord.self)
    visitor.visit(stage: ScaleStage.self)
    visitor.visit(stage: Strum.self)
    visitor.visit(stage: Humanize.self)
}
