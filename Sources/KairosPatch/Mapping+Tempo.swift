public import KairosControl
public import KairosDSP

extension Mapping.Control {
    /// The tempi at the ends of the control's range, in beats per minute; 60 and 180 by default.
    ///
    /// - Throws: `ParamError` if one is invalid or both are equal.
    public func tempi() throws(ParamError) -> (first: Float, last: Float) {
        guard let range else { return (60, 180) }
        let first = try ParamSpec.tempo.parse(range.first), last = try ParamSpec.tempo.parse(range.last)
        guard first != last else {
            throw ParamError("both ends of the range are equal; give two different tempi")
        }
        return (first, last)
    }
}
