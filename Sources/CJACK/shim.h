#include <jack/jack.h>
#include <jack/midiport.h>
#include <jack/thread.h>

/// `jack_client_open` is variadic, which Swift does not import. Never starts a server.
static inline jack_client_t *cjack_open(const char *name) { return jack_client_open(name, JackNoStartServer, NULL); }
