public import KairosDSP

/// The declaration of a module type: name, description, ports and parameters. It says how patches can use the
/// type; `ModuleType` of KairosCompiler also knows how to create one.
public struct ModuleDeclaration: Sendable {
    /// The type's name, as patch files have it.
    public var name: String
    /// Description for the player, one line.
    public var about: String
    /// True if its output is stereo even from a mono input.
    public var widens = false
    /// True if every voice that reads it gets an instance of its own, as with noise.
    public var ownPerVoice = false
    /// True if its output is a control signal, meant for modulation and not for listening.
    public var isControl = false
    /// True if it always runs once, in stereo, on the sum of the voices.
    public var runsOnce = false
    /// True if it may be part of a feedback loop, because its output does not depend on its input of the same
    /// sub-block.
    public var breaksCycles = false
    /// True for `keys`, `input` and `output`. A patch has at most one of each, a compound module none.
    public var isEngine = false
    /// True if it is a note stage: it stands in the list `notes` of a patch, in front of the voices.
    public var isNoteStage = false
    /// Inlets: symbol and description, in order.
    public var inlets: [(symbol: String, info: InletInfo)]
    /// Outlets: symbol and description, in order.
    public var outlets: [(symbol: String, info: OutletInfo)]
    /// Parameters: symbol and spec, in order.
    public var params: [(symbol: String, spec: ParamSpec)]

    /// Creates a declaration of a module that computes audio.
    public init(
        name: String, about: String, inlets: [(symbol: String, info: InletInfo)] = [],
        outlets: [(symbol: String, info: OutletInfo)] = [], params: [(symbol: String, spec: ParamSpec)] = []
    ) {
        self.name = name
        self.about = about
        self.inlets = inlets
        self.outlets = outlets
        self.params = params
    }

    /// Parameters for a listing: numbered ones with the same declaration are one, `pitch1 … pitch64`, with their number.
    public var listedParams: [(symbol: String, name: String, count: Int, spec: ParamSpec)] {
        var listed: [(symbol: String, name: String, count: Int, spec: ParamSpec)] = []
        for (symbol, spec) in params {
            if let last = listed.last, last.spec == spec, symbol == "\(last.name)\(last.count + 1)" {
                let first = "\(last.name)1"
                listed[listed.count - 1] = ("\(first) … \(symbol)", last.name, last.count + 1, spec)
            } else {
                let name = symbol.hasSuffix("1") ? String(symbol.dropLast()) : symbol
                listed.append((symbol, name, 1, spec))
            }
        }
        return listed
    }
}
