// Renders voices that Faust compiled: each an instance of its own, in blocks of 64 frames, summed into one channel.
//
//   render NOTES FRAMES OUT
//
// NOTES has one line a note: first frame, frequency. A voice is computed from its first block on, gate held.
// OUT takes 32-bit floats without a header, one or two channels.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#define FAUSTFLOAT float

struct Meta {
    void declare(const char *, const char *) {}
};

struct Soundfile;

// Remembers where the two controls of a voice are.
struct UI {
    float *freq = nullptr, *gate = nullptr;
    void found(const char *label, float *zone) {
        if (!strcmp(label, "freq")) freq = zone;
        if (!strcmp(label, "gate")) gate = zone;
    }
    void openTabBox(const char *) {}
    void openHorizontalBox(const char *) {}
    void openVerticalBox(const char *) {}
    void closeBox() {}
    void addButton(const char *label, float *zone) { found(label, zone); }
    void addCheckButton(const char *label, float *zone) { found(label, zone); }
    void addVerticalSlider(const char *label, float *zone, float, float, float, float) { found(label, zone); }
    void addHorizontalSlider(const char *label, float *zone, float, float, float, float) { found(label, zone); }
    void addNumEntry(const char *label, float *zone, float, float, float, float) { found(label, zone); }
    void addHorizontalBargraph(const char *, float *, float, float) {}
    void addVerticalBargraph(const char *, float *, float, float) {}
    void addSoundfile(const char *, const char *, Soundfile **) {}
    void declare(float *, const char *, const char *) {}
};

struct dsp {
    virtual ~dsp() {}
};

<<includeIntrinsic>>
<<includeclass>>

struct Voice {
    long start;
    std::unique_ptr<mydsp> code;
    float *gate;
};

int main(int argc, char **argv) {
    if (argc != 4) return fprintf(stderr, "usage: render NOTES FRAMES OUT\n"), 2;
    FILE *notes = fopen(argv[1], "r");
    if (!notes) return perror(argv[1]), 1;
    FILE *out = fopen(argv[3], "wb");
    if (!out) return perror(argv[3]), 1;
    long frames = atol(argv[2]);

    std::vector<Voice> voices;
    long start;
    double frequency;
    while (fscanf(notes, "%ld %lf", &start, &frequency) == 2) {
        Voice voice{start, std::make_unique<mydsp>(), nullptr};
        voice.code->init(48000);
        UI ui;
        voice.code->buildUserInterface(&ui);
        *ui.freq = float(frequency);
        voice.gate = ui.gate;
        voices.push_back(std::move(voice));
    }
    fclose(notes);

    const int block = 64;
    float mix[2 * block], one[2][block], *outputs[] = {one[0], one[1]};
    const int channels = mydsp().getNumOutputs();
    for (long now = 0; now < frames; now += block) {
        memset(mix, 0, sizeof mix);
        for (auto &voice : voices) {
            if (voice.start > now) continue;
            if (voice.gate) *voice.gate = 1;
            voice.code->compute(block, nullptr, outputs);
            for (int channel = 0; channel < channels; channel++)
                for (int n = 0; n < block; n++) mix[n * channels + channel] += one[channel][n];
        }
        long left = frames - now;
        fwrite(mix, channels * sizeof(float), left < block ? left : block, out);
    }
    return fclose(out) == 0 ? 0 : 1;
}
