import CALSA
import CJACK

/// What libraries would write to the terminal by themselves.
public enum LibraryMessages {
    /// Keeps ALSA and JACK silent: what is wrong is said in our own words. Call it before either is used.
    /// `[control]`
    public static func silence() {
        calsa_silence()
        jack_set_error_function { _ in }
        jack_set_info_function { _ in }
    }
}
