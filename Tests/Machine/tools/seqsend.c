// seqsend [-n MICROSECONDS] [-s SHARE] [-w SECONDS] TARGET EVENTS STAMPS
//
// Sends ALSA sequencer events straight to a port, with no queue, and writes
// when it did. TARGET is CLIENT[:PORT], numbers or names, or the path of a raw
// MIDI device (/dev/snd/midiC3D0), which then gets the bytes. EVENTS has one event a line, in order of time:
//
//     time_us kind channel a [b]
//
// kind: note-on, note-off, cc, pgm, bend (a: -8192...8191), pressure and
// key-pressure; channels count from 0; the first time_us is half a second from
// the start. Events of one time_us go out in one write, so that the kernel
// stamps them as near to each other as it can. STAMPS gets a line of comma-separated values for each event sent:
//
//     index,due_us,sent_us,sent_frame,kind,channel,a,b
//
// sent_us is jack_get_time() and sent_frame jack_frame_time(), both read right
// before the send. SHARE (0...1, of 0) of the events wait for the start of the
// next JACK cycle and are sent within MICROSECONDS (100) of it: that is where
// an instrument must decide which cycle an event belongs to. SECONDS (10) is how
// long the port may take to appear.
#include "common.h"
#include <alsa/asoundlib.h>
#include <fcntl.h>

enum { capacity = 100000 };

struct sent {
    jack_time_t due, at;
    jack_nframes_t frame;
    char kind[16];
    int channel, a, b;
};

static jack_client_t *client;
static _Atomic jack_time_t next_cycle;
static _Atomic float cycle_length;

static int process(jack_nframes_t count, void *context) {
    (void)count, (void)context;
    jack_nframes_t frame;
    jack_time_t start, next;
    float period;
    jack_get_cycle_times(client, &frame, &start, &next, &period);
    cycle_length = (float)(next - start);
    next_cycle = next;
    return 0;
}

static jack_time_t first_cycle_after(jack_time_t time) {
    double cycle = (double)next_cycle, length = cycle_length;
    if (!next_cycle) fail("JACK does not run");
    double cycles = ((double)time - cycle) / length;
    return (jack_time_t)(cycle + length * (cycles > 0 ? (long)cycles + 1 : 0));
}

static void set_event(snd_seq_event_t *event, const char *kind, int channel, int a, int b) {
    if (!strcmp(kind, "note-on")) snd_seq_ev_set_noteon(event, channel, a, b);
    else if (!strcmp(kind, "note-off")) snd_seq_ev_set_noteoff(event, channel, a, b);
    else if (!strcmp(kind, "cc")) snd_seq_ev_set_controller(event, channel, a, b);
    else if (!strcmp(kind, "pgm")) snd_seq_ev_set_pgmchange(event, channel, a);
    else if (!strcmp(kind, "bend")) snd_seq_ev_set_pitchbend(event, channel, a);
    else if (!strcmp(kind, "pressure")) snd_seq_ev_set_chanpress(event, channel, a);
    else if (!strcmp(kind, "key-pressure")) snd_seq_ev_set_keypress(event, channel, a, b);
    else fail("no event is called %s", kind);
}

static snd_seq_t *sequencer;
static snd_seq_addr_t address;
static int port, device;
static snd_midi_event_t *coder;
static unsigned char bytes[1024];
static long byte_count;

static void open_target(const char *target, double patience) {
    if (target[0] == '/') {
        device = open(target, O_WRONLY);
        if (device < 0) fail("cannot open %s: %s", target, strerror(errno));
        snd_midi_event_new(sizeof bytes, &coder);
        snd_midi_event_no_status(coder, 1);
        return;
    }
    if (snd_seq_open(&sequencer, "default", SND_SEQ_OPEN_OUTPUT, 0) < 0) fail("no ALSA sequencer");
    snd_seq_set_client_name(sequencer, "seqsend");
    port = snd_seq_create_simple_port(
        sequencer, "out", SND_SEQ_PORT_CAP_READ | SND_SEQ_PORT_CAP_SUBS_READ, SND_SEQ_PORT_TYPE_MIDI_GENERIC);
    snd_seq_port_info_t *info;
    snd_seq_port_info_alloca(&info);
    jack_time_t deadline = jack_get_time() + (jack_time_t)(patience * 1e6);
    while (snd_seq_parse_address(sequencer, &address, target) < 0
        || snd_seq_get_any_port_info(sequencer, address.client, address.port, info) < 0) {
        if (stopped || jack_get_time() > deadline) fail("there is no sequencer port %s", target);
        sleep_milliseconds(20);
    }
    // The first send allocates the kernel's pool, so it is not one that counts.
    snd_seq_event_t event;
    snd_seq_ev_clear(&event);
    event.type = SND_SEQ_EVENT_SENSING;
    snd_seq_ev_set_dest(&event, snd_seq_client_id(sequencer), port);
    snd_seq_ev_set_direct(&event);
    snd_seq_event_output_direct(sequencer, &event);
}

// Adds one event to what goes out next.
static void prepare(const struct sent *next) {
    snd_seq_event_t event;
    snd_seq_ev_clear(&event);
    set_event(&event, next->kind, next->channel, next->a, next->b);
    if (coder) {
        long added = snd_midi_event_decode(coder, bytes + byte_count, sizeof bytes - byte_count, &event);
        if (added < 0) fail("cannot send: %s", snd_strerror(added));
        byte_count += added;
        return;
    }
    snd_seq_ev_set_source(&event, port);
    snd_seq_ev_set_dest(&event, address.client, address.port);
    snd_seq_ev_set_direct(&event);
    int error = snd_seq_event_output_buffer(sequencer, &event);
    if (error < 0) fail("cannot send: %s", snd_strerror(error));
}

static void send_prepared(void) {
    if (coder) {
        if (write(device, bytes, byte_count) != byte_count) fail("cannot send: %s", strerror(errno));
        byte_count = 0;
    } else {
        int error = snd_seq_drain_output(sequencer);
        if (error < 0) fail("cannot send: %s", snd_strerror(error));
    }
}

int main(int count, char **arguments) {
    unsigned near = 100;
    double share = 0, patience = 10;
    for (int option; (option = getopt(count, arguments, "n:s:w:")) != -1;) switch (option) {
        case 'n': near = atoi(optarg); break;
        case 's': share = atof(optarg); break;
        case 'w': patience = atof(optarg); break;
        default: return 64;
        }
    if (count - optind != 3) fail("usage: seqsend [-n MICROSECONDS] [-s SHARE] [-w SECONDS] TARGET EVENTS STAMPS");
    const char *out = arguments[optind + 2];

    struct sent *events = calloc(capacity, sizeof *events);
    FILE *file = fopen(arguments[optind + 1], "r");
    if (!file || !events) fail("cannot read %s", arguments[optind + 1]);
    size_t total = 0;
    for (char line[256]; fgets(line, sizeof line, file);) {
        if (line[0] == '#' || line[0] == '\n') continue;
        if (total == capacity) fail("too many events");
        struct sent *next = &events[total++];
        if (sscanf(line, "%lu %15s %d %d %d", &next->due, next->kind, &next->channel, &next->a, &next->b) < 4)
            fail("cannot read: %s", line);
        // An unknown kind is told now, not in the middle.
        set_event(&(snd_seq_event_t){0}, next->kind, next->channel, next->a, next->b);
        if (total > 1 && next->due < events[total - 2].due) fail("not in order: %s", line);
    }
    fclose(file);

    stop_on_signals();
    lock_memory();
    client = open_jack("seqsend");
    jack_set_process_callback(client, process, NULL);
    if (jack_activate(client)) fail("cannot activate");

    open_target(arguments[optind], patience);

    // The same draw in every run.
    srandom(1);
    // Above JACK and whoever reads our events: nothing runs between stamp and send.
    become_realtime(90);
    jack_time_t origin = jack_get_time() + 500000 - events[0].due;
    size_t done = 0;
    while (done < total && !stopped) {
        size_t end = done;
        while (end < total && events[end].due == events[done].due) prepare(&events[end++]);
        jack_time_t due = origin + events[done].due;
        if (random() / (RAND_MAX + 1.0) < share) due = first_cycle_after(due) + random() % (near + 1);
        sleep_until(due);
        jack_nframes_t frame = jack_frame_time(client);
        jack_time_t at = jack_get_time();
        send_prepared();
        for (; done < end; done++) {
            events[done].due = due;
            events[done].frame = frame;
            events[done].at = at;
        }
    }
    // Writing at this priority would hold up the very cycles that are recorded.
    become_ordinary();

    file = fopen(out, "w");
    if (!file) fail("cannot write %s: %s", out, strerror(errno));
    fprintf(file, "index,due_us,sent_us,sent_frame,kind,channel,a,b\n");
    for (size_t i = 0; i < done; i++) {
        const struct sent *s = &events[i];
        fprintf(file, "%zu,%lu,%lu,%u,%s,%d,%d,%d\n", i, s->due, s->at, s->frame, s->kind, s->channel, s->a, s->b);
    }
    if (ferror(file) | fclose(file)) fail("cannot write %s: %s", out, strerror(errno));
    jack_client_close(client);
    return done == total ? 0 : 1;
}
