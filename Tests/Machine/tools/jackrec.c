// jackrec [-n NAME] [-s SECONDS] [-i] OUT PORT...
//
// Records the named JACK output ports, one channel each, and connects them,
// also when they appear later or come back. Recording begins when all are
// connected, or at once with -i, and ends after SECONDS (10) or by a signal.
//
//   OUT.started   appears when the recording has begun
//   OUT.f32       interleaved float32; frame n of the file is frame
//                 first_frame + n of the JACK server: skipped cycles are zeros
//   OUT.cycles    one line a cycle: its first frame, its start by the server's
//                 clock and when our callback ran, in microseconds
//   OUT.json      what a reader needs, written last
#include "common.h"

struct cycle {
    jack_nframes_t frame;
    jack_time_t start, woken;
};

static jack_client_t *client;
static jack_port_t *inputs[16];
static int channels;
static float *samples;
static struct cycle *cycles;
static size_t frame_capacity, cycle_capacity;
static size_t cycle_count, skipped_frames, skips;
static jack_nframes_t first_frame;
static _Atomic size_t frame_count;
static atomic_bool armed, dead;
static atomic_int xruns, xruns_before;
// Where the first of them were, in recorded frames.
static size_t xrun_frames[64];

static int process(jack_nframes_t count, void *context) {
    (void)context;
    if (!armed) return 0;
    jack_time_t woken = jack_get_time(), start, next;
    jack_nframes_t frame;
    float period;
    jack_get_cycle_times(client, &frame, &start, &next, &period);
    if (cycle_count == 0) first_frame = frame;

    size_t position = (jack_nframes_t)(frame - first_frame);
    if (position > frame_count) {
        skips++;
        skipped_frames += position - frame_count;
    }
    if (position + count > frame_capacity || cycle_count == cycle_capacity) {
        armed = 0;
        stopped = 1;
        return 0;
    }
    for (int channel = 0; channel < channels; channel++) {
        const float *input = jack_port_get_buffer(inputs[channel], count);
        float *output = samples + position * channels + channel;
        for (jack_nframes_t i = 0; i < count; i++) output[i * channels] = input[i];
    }
    cycles[cycle_count++] = (struct cycle){frame, start, woken};
    frame_count = position + count;
    return 0;
}

static int count_xrun(void *context) {
    (void)context;
    if (!armed) {
        xruns_before++;
        return 0;
    }
    int number = xruns++;
    if (number < 64) xrun_frames[number] = frame_count;
    return 0;
}

static void server_died(void *context) {
    (void)context;
    dead = 1;
    armed = 0;
    stopped = 1;
}

static bool connect_all(char **sources) {
    bool complete = true;
    for (int channel = 0; channel < channels; channel++) {
        if (jack_port_connected_to(inputs[channel], sources[channel])) continue;
        complete = jack_port_by_name(client, sources[channel])
            && jack_connect(client, sources[channel], jack_port_name(inputs[channel])) == 0
            && complete;
    }
    return complete;
}

static FILE *create(const char *base, const char *suffix) {
    char path[4096];
    snprintf(path, sizeof path, "%s.%s", base, suffix);
    FILE *file = fopen(path, "w");
    if (!file) fail("cannot write %s: %s", path, strerror(errno));
    return file;
}

static void finish(FILE *file) {
    if (ferror(file) | fclose(file)) fail("cannot write: %s", strerror(errno));
}

int main(int count, char **arguments) {
    const char *name = "jackrec";
    double seconds = 10;
    bool at_once = false;
    for (int option; (option = getopt(count, arguments, "n:s:i")) != -1;) switch (option) {
        case 'n': name = optarg; break;
        case 's': seconds = atof(optarg); break;
        case 'i': at_once = true; break;
        default: return 64;
        }
    channels = count - optind - 1;
    if (channels < 1 || channels > 16 || seconds <= 0) fail("usage: jackrec [-n NAME] [-s SECONDS] [-i] OUT PORT...");
    const char *out = arguments[optind];
    char **sources = arguments + optind + 1;

    stop_on_signals();
    lock_memory();
    client = open_jack(name);
    double rate = jack_get_sample_rate(client);
    jack_nframes_t period = jack_get_buffer_size(client);
    frame_capacity = (size_t)(seconds * rate);
    cycle_capacity = frame_capacity / period + 1;
    samples = calloc(frame_capacity * channels, sizeof *samples);
    cycles = calloc(cycle_capacity, sizeof *cycles);
    if (!samples || !cycles) fail("out of memory");
    for (int channel = 0; channel < channels; channel++) {
        char port[16];
        snprintf(port, sizeof port, "in_%d", channel + 1);
        inputs[channel] = jack_port_register(client, port, JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0);
    }
    jack_set_process_callback(client, process, NULL);
    jack_set_xrun_callback(client, count_xrun, NULL);
    jack_on_shutdown(client, server_died, NULL);
    if (jack_activate(client)) fail("cannot activate");

    for (bool started = false; !stopped; sleep_milliseconds(20)) {
        bool complete = connect_all(sources);
        if (!armed && !started && (complete || at_once)) armed = 1;
        if (!started && frame_count) {
            finish(create(out, "started"));
            started = true;
        }
    }
    armed = 0;
    if (!dead) jack_deactivate(client);

    FILE *file = create(out, "f32");
    fwrite(samples, sizeof *samples * channels, frame_count, file);
    finish(file);

    long worst = 0;
    file = create(out, "cycles");
    for (size_t i = 0; i < cycle_count; i++) {
        long latency = (long)(cycles[i].woken - cycles[i].start);
        if (latency > worst) worst = latency;
        fprintf(file, "%u,%lu,%lu\n", cycles[i].frame, cycles[i].start, cycles[i].woken);
    }
    finish(file);

    file = create(out, "json");
    fprintf(file,
        "{\"rate\": %.0f, \"period\": %u, \"channels\": %d, \"first_frame\": %u, \"frames\": %zu,\n"
        " \"cycles\": %zu, \"skips\": %zu, \"skipped_frames\": %zu, \"xruns\": %d, \"xruns_before\": %d, \"latest_callback_us\": %ld,\n"
        " \"xrun_frames\": [",
        rate, period, channels, first_frame, (size_t)frame_count, cycle_count, skips, skipped_frames, xruns, xruns_before, worst);
    for (int i = 0; i < xruns && i < 64; i++) fprintf(file, "%s%zu", i ? ", " : "", xrun_frames[i]);
    fprintf(file, "]}\n");
    finish(file);
    // libjack may crash when it closes the client of a dead server.
    if (!dead) jack_client_close(client);
    _exit(frame_count ? 0 : 1);
}
