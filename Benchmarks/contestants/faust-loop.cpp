// Renders voices that Faust compiled, TOGETHER of them in one loop, with a control rate of 16 frames: a second program,
// run at a sixteenth of the rate, works out each voice's controls, and the first one's sliders take them.
//
//   render NOTES FRAMES OUT
//
// The loop has the sliders freq0 cutoff0 step0 freq1 …; the control has the button gate and the outputs cutoff and level. A step
// is what the level grows by each frame.
#include "faust.h"

#include LOOP
#include CONTROL

const int grid = 16, block = 64;

struct Voice {
    long start;
    Control control;
    float *gate, *cutoff, *step, level = 0;
};

struct Group {
    Loop loop;
    std::vector<std::unique_ptr<Voice>> voices;
};

int main(int argc, char **argv) {
    if (argc != 4) return fprintf(stderr, "usage: render NOTES FRAMES OUT\n"), 2;
    FILE *out = fopen(argv[3], "wb");
    if (!out) return perror(argv[3]), 1;
    long frames = atol(argv[2]);

    std::vector<Note> notes = read(argv[1]);
    std::vector<std::unique_ptr<Group>> groups;
    for (size_t n = 0; n < notes.size(); n++) {
        if (n % TOGETHER == 0) {
            groups.push_back(std::make_unique<Group>());
            groups.back()->loop.init(48000);
        }
        UI ui, controls;
        auto voice = std::make_unique<Voice>();
        std::string place = std::to_string(n % TOGETHER);
        groups.back()->loop.buildUserInterface(&ui);
        voice->control.init(48000 / grid);
        voice->control.buildUserInterface(&controls);
        voice->start = notes[n].start;
        voice->gate = controls.zones["gate"];
        voice->cutoff = ui.zones["cutoff" + place];
        voice->step = ui.zones["step" + place];
        *ui.zones["freq" + place] = float(notes[n].frequency);
        groups.back()->voices.push_back(std::move(voice));
    }

    float mix[block], one[grid], *outputs[] = {one}, cutoff, level, *values[] = {&cutoff, &level};
    for (long now = 0; now < frames; now += block) {
        memset(mix, 0, sizeof mix);
        for (auto &group : groups) {
            if (group->voices[0]->start > now) break;
            for (int first = 0; first < block; first += grid) {
                for (auto &voice : group->voices) {
                    if (voice->start > now) break;
                    *voice->gate = 1;
                    voice->control.compute(1, nullptr, values);
                    *voice->cutoff = cutoff;
                    *voice->step = (level - voice->level) / grid;
                    voice->level = level;
                }
                group->loop.compute(grid, nullptr, outputs);
                for (int n = 0; n < grid; n++) mix[first + n] += one[n];
            }
        }
        long left = frames - now;
        fwrite(mix, sizeof(float), left < block ? left : block, out);
    }
    return fclose(out) == 0 ? 0 : 1;
}
