import KairosDSP

extension ModuleIO {
    /// Calls `body` for each frame at which `outlet` is read: all frames, or the first one of each control segment.
    /// For modules without state, which need not compute the others. [audio]
    @inline(__always) func forEachFrame(readFrom outlet: M.Outlet, _ body: (_ frame: Int) -> Void) {
        if isReadAtControlTicks(outlet) {
            for segment in segments { body(segment.first) }
        } else {
            for n in 0..<frames { body(n) }
        }
    }
}
