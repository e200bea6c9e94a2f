import KairosControl
import KairosDSP

extension Mapping {
    /// Controls that name a patch which is not among `patches`: `file:line:column: message` of each. `broken` has the
    /// names of patches that cannot be read, which are no fault of the mapping. [any]
    public func unknownPatches(_ patches: [PatchNames], unreadable: [String]) -> [String] {
        controls.compactMap { control in
            guard case .port(let name, _, _) = control.target, PatchNames.find(name, in: patches) == nil,
                !unreadable.contains(where: { $0.lowercased() == name.lowercased() })
            else { return nil }
            let near = didYouMean(name, among: patches.map(\.stem) + patches.map(\.name))
            return "\(control.place.isEmpty ? self.name : control.place): there is no patch '\(name)'\(near)"
        }
    }
}
