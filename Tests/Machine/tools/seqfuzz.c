// seqfuzz SEED COUNT TARGET
//
// Sends COUNT ALSA sequencer events with random bits in every field straight to the port TARGET (CLIENT[:PORT]), 16 a
// millisecond: any type, any channel, any value of 32 bits, system exclusive messages of any bytes. The same SEED sends
// the same events.
#include "common.h"
#include <alsa/asoundlib.h>

static uint64_t state;

static uint32_t draw(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 32);
}

// Values at the ends of their ranges are as frequent as all others.
static uint32_t bits(void) {
    static const uint32_t ends[] = {0, 1, 63, 64, 127, 128, 8191, 8192, 16383, 0x7fffffff, 0x80000000, 0xffffffff};
    return draw() % 2 ? ends[draw() % (sizeof ends / sizeof *ends)] : draw();
}

int main(int count, char **arguments) {
    if (count != 4) fail("usage: seqfuzz SEED COUNT TARGET");
    state = strtoull(arguments[1], NULL, 10);
    long events = strtol(arguments[2], NULL, 10);
    snd_seq_t *sequencer;
    snd_seq_addr_t address;
    if (snd_seq_open(&sequencer, "default", SND_SEQ_OPEN_OUTPUT, 0) < 0) fail("no ALSA sequencer");
    snd_seq_set_client_name(sequencer, "seqfuzz");
    int port = snd_seq_create_simple_port(
        sequencer, "out", SND_SEQ_PORT_CAP_READ | SND_SEQ_PORT_CAP_SUBS_READ, SND_SEQ_PORT_TYPE_MIDI_GENERIC);
    if (snd_seq_parse_address(sequencer, &address, arguments[3]) < 0) fail("there is no sequencer port %s", arguments[3]);

    long sent = 0, refused = 0;
    for (long number = 0; number < events; number++) {
        unsigned char data[64];
        snd_seq_event_t event;
        snd_seq_ev_clear(&event);
        for (size_t i = 0; i < sizeof event.data.raw32.d / sizeof *event.data.raw32.d; i++) event.data.raw32.d[i] = bits();
        // Mostly a channel and a key that there are, so that the rest is looked at.
        if (draw() % 8) event.data.raw8.d[0] &= 15;
        if (draw() % 2) event.data.raw8.d[1] &= 127;
        // Half of them are what an instrument decodes: notes to registered parameters.
        event.type = draw() % 2 ? 5 + draw() % 12 : draw() % 130;
        if (draw() % 10 == 0) {
            for (size_t i = 0; i < sizeof data; i++) data[i] = (unsigned char)draw();
            data[0] = 0xf0;
            snd_seq_ev_set_sysex(&event, 1 + draw() % sizeof data, data);
        }
        snd_seq_ev_set_source(&event, port);
        snd_seq_ev_set_dest(&event, address.client, address.port);
        snd_seq_ev_set_direct(&event);
        // The kernel refuses some types from a client; a full queue is refused too.
        if (snd_seq_event_output_direct(sequencer, &event) < 0) refused++;
        else sent++;
        if (number % 16 == 15) usleep(1000);
    }
    printf("%ld sent, %ld refused\n", sent, refused);
    snd_seq_close(sequencer);
}
