import KairosDSP

/// Shows `visitor` every module that Kairos comes with. To add one, write its file and its line here.
public func forEachStandardModule(_ visitor: inout some ModuleVisitor) {
    // Oscillators
    visitor.visit(Sine.self)
    visitor.visit(Saw.self)
    // Filters
    visitor.visit(StateVariableFilter.self)
    // Envelopes
    visitor.visit(ADSR.self)
    // Amplitude
    visitor.visit(VCA.self)
    // Effects
    visitor.visit(feedback: Delay.self)
}
