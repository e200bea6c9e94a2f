// Renders voices that Faust compiled: each an instance of its own, in blocks of 64 frames, summed.
//
//   render NOTES FRAMES OUT
//
// NOTES has one line a note: first frame, frequency. A voice is computed from its first block on, gate held.
// OUT takes 32-bit floats without a header, one or two channels.
#include "faust.h"

<<includeIntrinsic>>
<<includeclass>>

struct Voice {
    long start;
    std::unique_ptr<mydsp> code;
    float *gate;
};

int main(int argc, char **argv) {
    if (argc != 4) return fprintf(stderr, "usage: render NOTES FRAMES OUT\n"), 2;
    FILE *out = fopen(argv[3], "wb");
    if (!out) return perror(argv[3]), 1;
    long frames = atol(argv[2]);

    std::vector<Voice> voices;
    for (const Note &note : read(argv[1])) {
        Voice voice{note.start, std::make_unique<mydsp>(), nullptr};
        voice.code->init(48000);
        UI ui;
        voice.code->buildUserInterface(&ui);
        *ui.zones["freq"] = float(note.frequency);
        voice.gate = ui.zones["gate"];
        voices.push_back(std::move(voice));
    }

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
