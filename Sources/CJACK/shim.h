#include <jack/jack.h>
#include <stdbool.h>
#include <string.h>
#include <jack/midiport.h>
#include <jack/thread.h>
#include <pthread.h>

/// `jack_client_open` is variadic, which Swift does not import. Never starts a server.
static inline jack_client_t *cjack_open(const char *name) { return jack_client_open(name, JackNoStartServer, NULL); }

/// Callbacks of a client, each called with `context`. A null pointer is a callback that is not set.
///
/// libjack ends its threads by pthread_cancel with asynchronous cancellation, which may act in the middle of a
/// callback: `jack_client_close` does so when the server has died. Swift code must not be interrupted at any place,
/// because a lock would stay locked and a value half written. Each callback therefore runs with cancellation
/// disabled, and a thread that is cancelled meanwhile ends after it.
typedef struct cjack_callbacks {
    JackProcessCallback process;
    JackBufferSizeCallback buffer_size;
    JackXRunCallback xrun;
    JackPortRegistrationCallback port_registration;
    JackPortConnectCallback port_connect;
    JackLatencyCallback latency;
    JackShutdownCallback shutdown;
    void *context;
} cjack_callbacks;

/// Calls `call` with cancellation disabled. A cancellation that came meanwhile takes effect when it is enabled
/// again.
#define CJACK_WHOLE(call) \
    do { \
        int state; \
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state); \
        call; \
        pthread_setcancelstate(state, NULL); \
    } while (0)

static inline int cjack_process(jack_nframes_t frames, void *callbacks) {
    const cjack_callbacks *to = callbacks;
    int result;
    CJACK_WHOLE(result = to->process(frames, to->context));
    return result;
}

static inline int cjack_buffer_size(jack_nframes_t frames, void *callbacks) {
    const cjack_callbacks *to = callbacks;
    int result;
    CJACK_WHOLE(result = to->buffer_size(frames, to->context));
    return result;
}

static inline int cjack_xrun(void *callbacks) {
    const cjack_callbacks *to = callbacks;
    int result;
    CJACK_WHOLE(result = to->xrun(to->context));
    return result;
}

static inline void cjack_port_registration(jack_port_id_t port, int is_there, void *callbacks) {
    const cjack_callbacks *to = callbacks;
    CJACK_WHOLE(to->port_registration(port, is_there, to->context));
}

static inline void cjack_port_connect(jack_port_id_t from, jack_port_id_t port, int is_there, void *callbacks) {
    const cjack_callbacks *to = callbacks;
    CJACK_WHOLE(to->port_connect(from, port, is_there, to->context));
}

static inline void cjack_latency(jack_latency_callback_mode_t mode, void *callbacks) {
    const cjack_callbacks *to = callbacks;
    CJACK_WHOLE(to->latency(mode, to->context));
}

static inline void cjack_shutdown(void *callbacks) {
    const cjack_callbacks *to = callbacks;
    CJACK_WHOLE(to->shutdown(to->context));
}

/// Sets the callbacks of a client that is not active. `callbacks` must outlive the client.
/// True if a client can state the latency of its ports. With PipeWire's version of the library (0.3.65 of Debian 12)
/// a latency callback that does so never returns.
static inline bool cjack_states_latency(void) { return strstr(jack_get_version_string(), "PipeWire") == NULL; }

static inline void cjack_set_callbacks(jack_client_t *client, cjack_callbacks *callbacks) {
    if (callbacks->process) jack_set_process_callback(client, cjack_process, callbacks);
    if (callbacks->buffer_size) jack_set_buffer_size_callback(client, cjack_buffer_size, callbacks);
    if (callbacks->xrun) jack_set_xrun_callback(client, cjack_xrun, callbacks);
    if (callbacks->port_registration) jack_set_port_registration_callback(client, cjack_port_registration, callbacks);
    if (callbacks->port_connect) jack_set_port_connect_callback(client, cjack_port_connect, callbacks);
    if (callbacks->latency && cjack_states_latency()) jack_set_latency_callback(client, cjack_latency, callbacks);
    if (callbacks->shutdown) jack_on_shutdown(client, cjack_shutdown, callbacks);
}
