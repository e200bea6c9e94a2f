// What both programs share: the job's numbers, the notes, the clock, what is printed.
//
//   PROGRAM NOTES FRAMES OUT [WIDTH]
//
// NOTES has one line a note: first frame (a multiple of 64), frequency. OUT takes 32-bit floats without a header.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

constexpr float rate = 48000, lowest = 600, octaves = 4, damping = 0.5f, level = 0.01f;
constexpr float summit = 1.2f, nothing = 0x1p-17f;
constexpr int block = 64, grid = 16;

struct Note {
    long start;
    double frequency;
};

// The part of a distance that stays each frame when `ratio` of it stays after `seconds`.
inline float keeps(double ratio, double seconds) { return float(std::exp(std::log(ratio) / (seconds * rate))); }

struct Times {
    double attack, decay;
    float sustain;
};
constexpr Times sweepTimes{1, 4, 0.5f}, loudnessTimes{0.5, 3, 0.7f};
inline float attackKeeps(Times t) { return keeps((summit - 1) / summit, t.attack); }
inline float decayKeeps(Times t) { return keeps(0.001, t.decay); }

inline double cpuSeconds() {
    timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + 1e-9 * now.tv_nsec;
}

// Reads, renders by blocks, writes, prints. `Engine(notes)` allocates, `render(now, mix)` fills a block.
template <class Engine> int run(int argc, char **argv, int width) {
    FILE *file = fopen(argv[1], "r");
    if (!file) return perror(argv[1]), 1;
    std::vector<Note> notes;
    for (Note note; fscanf(file, "%ld %lf", &note.start, &note.frequency) == 2;) notes.push_back(note);
    fclose(file);
    long frames = atol(argv[2]);
    double sounded = 0;
    for (auto &note : notes) sounded += (frames - note.start) / double(rate);
    std::vector<float> sound(frames + block);
    Engine engine(notes);
    double before = cpuSeconds();
    for (long now = 0; now < frames; now += block) engine.render(now, &sound[now]);
    double cpu = cpuSeconds() - before;
    FILE *out = fopen(argv[3], "wb");
    if (!out) return perror(argv[3]), 1;
    fwrite(sound.data(), sizeof(float), frames, out);
    printf("{\"voices\": %zu, \"seconds\": %g, \"width\": %d, \"cpuSeconds\": %.9f, \"voicesPerCore\": %.1f}\n",
           notes.size(), frames / double(rate), width, cpu, sounded / cpu);
    return fclose(out) == 0 ? 0 : 1;
}
