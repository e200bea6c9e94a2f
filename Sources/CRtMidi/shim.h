#include <pthread.h>
#include <rtmidi/rtmidi_c.h>

/// Callback for each message of an input.
///
/// It runs with cancellation disabled: under JACK its thread is cancelled asynchronously when the server has died,
/// and Swift code must not be interrupted at any place.
typedef struct crtmidi_callback {
    RtMidiCCallback call;
    void *context;
} crtmidi_callback;

static inline void crtmidi_call(double seconds, const unsigned char *bytes, size_t count, void *callback) {
    const crtmidi_callback *to = callback;
    int state;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    to->call(seconds, bytes, count, to->context);
    pthread_setcancelstate(state, NULL);
}

/// Sets the callback of an input. `callback` must outlive it.
static inline void crtmidi_in_set_callback(RtMidiInPtr device, crtmidi_callback *callback) {
    rtmidi_in_set_callback(device, crtmidi_call, callback);
}
