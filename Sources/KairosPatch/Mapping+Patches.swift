public import KairosControl
import KairosDSP

extension Mapping {
    /// A message (`file:line:column: message`) for each control whose target names a patch that is not among
    /// `patches`. Names in `unreadable` are patches whose files have errors; they are not reported here.
    /// [any]
    public func unknownPatches(_ patches: [PatchNames], unreadable: [String]) -> [String] {
        controls.compactMap { control in
            guard case .port(let name, _, _) = control.target, PatchNames.find(name, in: patches) == nil,
                !unreadable.contains(where: { $0.lowercased() == name.lowercased() })
            else { return nil }
            let suggestion = didYouMean(name, among: patches.map(\.stem) + patches.map(\.name))
            return
                "\(control.location.isEmpty ? self.name : control.location): there is no patch '\(name)'\(suggestion)"
        }
    }
}
