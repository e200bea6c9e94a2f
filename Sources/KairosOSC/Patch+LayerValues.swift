import KairosDSP
public import KairosEngine
public import KairosPatch

extension Patch {
    /// The patch with the values that a layer currently has. Values equal to the patch's own add no setting.
    /// [any]
    public func with(_ values: LayerValues) -> Patch {
        var patch = self
        for (name, spec, value) in values.values {
            let words = name.split(separator: ".").map(String.init)
            guard words.count == 2,
                let index = patch.modules.firstIndex(where: { $0.name.text == words[0] })
            else { continue }
            let setting = patch.modules[index].settings.firstIndex { $0.symbol.text == words[1] }
            let text = setting.map { patch.modules[index].settings[$0].value.text }
            let original = (text.flatMap { try? spec.parseValue($0) }) ?? spec.initialValue
            guard original != value else { continue }
            let new = (symbol: Patch.Text(words[1]), value: Patch.Text(spec.text(value)))
            if let setting {
                patch.modules[index].settings[setting] = new
            } else {
                patch.modules[index].settings.append(new)
            }
        }
        return patch
    }
}
