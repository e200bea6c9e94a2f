// click
//
// A synth as small as can be, with an ALSA sequencer port and two JACK outputs,
// that answers a note-on with one frame of velocity / 127. It is what the latency
// measurement is measured with.
//
//   click:exact   one period after the note-on arrived, to the frame
//   click:block   on the first frame of the next cycle, as most synths do
#include "common.h"
#include <alsa/asoundlib.h>
#include <pthread.h>

enum { slots = 1024 };

static jack_client_t *client;
static jack_port_t *exact, *block;
static struct { jack_nframes_t frame; float level; } queue[slots];
static _Atomic unsigned written;
static unsigned sounded_exact, sounded_block;

static float *silent(jack_port_t *port, jack_nframes_t count) {
    return memset(jack_port_get_buffer(port, count), 0, count * sizeof(float));
}

static int process(jack_nframes_t count, void *context) {
    (void)context;
    jack_nframes_t start = jack_last_frame_time(client);
    float *samples = silent(exact, count);
    for (; sounded_exact != written; sounded_exact++) {
        int offset = (int)(queue[sounded_exact % slots].frame + count - start);
        if (offset >= (int)count) break;
        samples[offset > 0 ? offset : 0] += queue[sounded_exact % slots].level;
    }
    samples = silent(block, count);
    for (; sounded_block != written; sounded_block++) samples[0] += queue[sounded_block % slots].level;
    return 0;
}

static void *read_events(void *context) {
    snd_seq_t *sequencer = context;
    become_realtime(70);
    snd_seq_event_t *event;
    while (snd_seq_event_input(sequencer, &event) >= 0) {
        if (event->type != SND_SEQ_EVENT_NOTEON || !event->data.note.velocity) continue;
        queue[written % slots].frame = jack_frame_time(client);
        queue[written % slots].level = event->data.note.velocity / 127.0f;
        written++;
    }
    return NULL;
}

int main(void) {
    stop_on_signals();
    lock_memory();

    client = open_jack("click");
    exact = jack_port_register(client, "exact", JACK_DEFAULT_AUDIO_TYPE, JackPortIsOutput, 0);
    block = jack_port_register(client, "block", JACK_DEFAULT_AUDIO_TYPE, JackPortIsOutput, 0);
    jack_set_process_callback(client, process, NULL);

    snd_seq_t *sequencer;
    if (snd_seq_open(&sequencer, "default", SND_SEQ_OPEN_INPUT, 0) < 0) fail("no ALSA sequencer");
    snd_seq_set_client_name(sequencer, "click");
    snd_seq_create_simple_port(
        sequencer, "in", SND_SEQ_PORT_CAP_WRITE | SND_SEQ_PORT_CAP_SUBS_WRITE, SND_SEQ_PORT_TYPE_MIDI_GENERIC);
    pthread_t reader;
    pthread_create(&reader, NULL, read_events, sequencer);
    if (jack_activate(client)) fail("cannot activate");
    while (!stopped) sleep_milliseconds(20);
    // Whichever thread ends last frees the memory, and must not do it above JACK.
    pthread_cancel(reader);
    pthread_join(reader, NULL);
    jack_client_close(client);
    return 0;
}
