import CALSA
import CJACK

/// Suppresses the messages that the ALSA and JACK libraries write to the terminal.
public enum LibraryMessages {
    /// Silences ALSA and JACK; Kairos reports errors itself. Call it before either library is used. [control]
    public static func silence() {
        calsa_silence()
        jack_set_error_function { _ in }
        jack_set_info_function { _ in }
    }
}
