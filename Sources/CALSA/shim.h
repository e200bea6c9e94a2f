#include <alsa/asoundlib.h>

// Declarations that Swift cannot import: macros, and the variadic error handler.

static inline void calsa_quiet(const char *file, int line, const char *function, int error, const char *format, ...) {
    (void)file, (void)line, (void)function, (void)error, (void)format;
}

/// Sets an error handler that discards ALSA's messages to standard error. Kairos reports errors itself.
static inline void calsa_silence(void) { snd_lib_error_set_handler(calsa_quiet); }

static inline int calsa_start_queue(snd_seq_t *seq, int queue) { return snd_seq_start_queue(seq, queue, NULL); }
