import CRealtime

extension Engine {
    /// Prepares the calling thread for rendering: denormal numbers become zero, which would otherwise cost
    /// many times as much. Every thread that renders calls it once, first. [audio]
    public static func prepareAudioThread() { crt_flush_to_zero() }
}
