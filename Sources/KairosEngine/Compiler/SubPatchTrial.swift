import KairosDSP

extension ModuleRegistry {
    /// A patch in which a module made of modules can be heard by itself: keys on what is called `pitch` and on its
    /// gates, a noise on its other inlets. Nil where there is none of this name.
    ///
    /// > Control threads.
    public func trial(of name: String) -> Patch? {
        guard let type = self[name], type.subPatch != nil else { return nil }
        var patch = Patch(name: name)
        // How loud it is, is the affair of the patch that uses it; what is no number is found at any level.
        patch.level = 0
        func add(_ name: String, _ type: String) {
            patch.modules.append(Patch.Module(Patch.Text(name), type: Patch.Text(type)))
        }
        func connection(_ from: String, _ outlet: String?, _ to: String, _ port: String?) {
            patch.connections.append(
                Patch.Connection(
                    from: Patch.Text(from), outlet: outlet.map { Patch.Text($0) }, to: Patch.Text(to),
                    port: port.map { Patch.Text($0) }))
        }
        add("keys", ModuleType.keys.name)
        if self["noise"] != nil { add("noise", "noise") }
        add("it", name)
        add("out", ModuleType.output.name)
        for inlet in type.inlets {
            if inlet.info.kind == .gate {
                connection("keys", "gate", "it", inlet.symbol)
            } else if inlet.symbol.lowercased().hasSuffix("pitch") {
                connection("keys", "pitch", "it", inlet.symbol)
            } else if self["noise"] != nil {
                connection("noise", nil, "it", inlet.symbol)
            }
        }
        for outlet in type.outlets where outlet.info.kind == .audio {
            connection("it", outlet.symbol, "out", nil)
        }
        return patch
    }
}
