// The voice of the job `subtractive`, fused by hand: LANES voices in the lanes of one vector, WIDTH vectors side by side
// in one loop, so that one chain of operations fills the time another one waits. What Kairos would do if it compiled
// this one patch: no modules, no connections, nothing between them in memory; the sweep is worked out on the grid only.
#include "notes.h"
#include "step.h"
#include <algorithm>
#include <cstring>
#include <immintrin.h>

#ifndef LANES
#define LANES 16
#endif

typedef float V __attribute__((vector_size(4 * LANES)));
typedef uint32_t U __attribute__((vector_size(4 * LANES)));
typedef int32_t I __attribute__((vector_size(4 * LANES)));
#define INLINE static inline __attribute__((always_inline))

INLINE V all(float x) { return V{} + x; }
INLINE V floats(U x) { return (V)x; }
INLINE V choose(I mask, V a, V b) { return (V)((mask & (I)a) | (~mask & (I)b)); }
INLINE V smaller(V a, V b) { return a < b ? a : b; }
INLINE V magnitude(V x) { return floats((U)x & 0x7fffffff); }
// y, upside down where x is negative.
INLINE V turned(V y, V x) { return floats(((U)x & 0x80000000) ^ (U)y); }
INLINE bool any(I mask) {
    int32_t sum = 0;
    for (int lane = 0; lane < LANES; lane++) sum |= mask[lane];
    return sum != 0;
}

// For each lane the element of eight that the low bits of `index` name.
INLINE V lookUp(const float *table, V index) {
    V found;
#if LANES == 16 && defined(__AVX512F__)
    __m512 all = _mm512_castps256_ps512(_mm256_load_ps(table));
    found = (V)_mm512_permutexvar_ps((__m512i)index, all);
#else
    __m256 part[LANES / 8];
    std::memcpy(part, &index, sizeof part);
    for (auto &eight : part) eight = _mm256_permutevar8x32_ps(_mm256_load_ps(table), _mm256_castps_si256(eight));
    std::memcpy(&found, part, sizeof part);
#endif
    return found;
}

// The band-limited saw of Kairos: within seven frames of the fall, less the residual of its table.
INLINE V saw(U phase, V perStep) {
    V place = __builtin_convertvector((I)phase, V);
    V x = magnitude(place) * perStep + (atStep - perStep * 2147483648.0f);
    x = x > -0.5f ? x : all(-0.5f);
    V index = x + 12582912.0f, u = x - (index - 12582912.0f);
    V p = lookUp(stepTable[5], index);
    for (int power = 4; power >= 0; power--) p = p * u + lookUp(stepTable[power], index);
    return place * 4.656612873077393e-10f - turned(p, place);
}

INLINE V exp2(V x) {
    V shifted = x + 12582912.0f, f = x - (shifted - 12582912.0f);
    V p = all(1.5353362e-4f);
    p = p * f + 1.3398874e-3f;
    p = p * f + 9.6184374e-3f;
    p = p * f + 5.5503325e-2f;
    p = p * f + 2.4022648e-1f;
    p = p * f + 6.9314720e-1f;
    p = p * f + 1.0f;
    return floats((U)p + ((U)shifted << 23));
}

// sin(2πx), a quarter turn to each side.
INLINE V quarterSine(V x) {
    V xx = x * x, p = all(-15.094643f);
    p = p * xx + 42.058694f;
    p = p * xx - 76.705860f;
    p = p * xx + 81.605249f;
    p = p * xx - 41.341702f;
    p = p * xx + 6.2831853f;
    return p * x;
}

struct Envelope {
    V distance{}, target{}, keep{};
    I attacks{};  // lanes
    bool attacking = false, settled = true;

    void strike(int lane, float attackKeep) {
        distance[lane] = -summit;
        target[lane] = summit;
        keep[lane] = attackKeep;
        attacks[lane] = -1;
        attacking = true;
        settled = false;
    }

    INLINE V arrive(Envelope &e, V value, float sustain, float decayKeep) {
        I arrived = (value >= 1.0f) & e.attacks;
        e.attacks &= ~arrived;
        e.distance = choose(arrived, all(1 - sustain), e.distance);
        e.target = choose(arrived, all(sustain), e.target);
        e.keep = choose(arrived, all(decayKeep), e.keep);
        return choose(arrived, all(1), value);
    }

    // On the grid.
    void tidy() {
        distance = choose(magnitude(distance) < nothing, all(0), distance);
        attacking = any(attacks);
        settled = !attacking && !any(distance != 0.0f);
    }
};

struct Group {
    long start;
    int notes = 0;
    U phase{}, increment{};
    V perStep = all(perHalfWidth / halfWidth * 2.3283064e-10f), s1{}, s2{}, g{}, scale{}, damp{}, gStep{}, scaleStep{}, dampStep{};
    Envelope sweep, loudness;
    bool moves = true, fresh = true;
};

template <int W> struct Engine {
    std::vector<Note> notes;
    std::vector<Group> groups;
    size_t struck = 0;
    const float grown = std::pow(attackKeeps(sweepTimes), float(grid)), fallen = std::pow(decayKeeps(sweepTimes), float(grid));
    const float loudGrown = attackKeeps(loudnessTimes), loudFallen = decayKeeps(loudnessTimes);

    Engine(const std::vector<Note> &notes) : notes(notes), groups(((notes.size() + LANES - 1) / LANES + W - 1) / W * W) {}

    void strike(long now) {
        for (; struck < notes.size() && notes[struck].start <= now; struck++) {
            Group &group = groups[struck / LANES];
            int lane = struck % LANES;
            double cycles = notes[struck].frequency / rate;
            group.increment[lane] = uint32_t(std::llround(cycles * 4294967296.0));
            group.perStep[lane] = float(perHalfWidth / (halfWidth * cycles * 4294967296.0));
            group.sweep.strike(lane, grown);
            group.loudness.strike(lane, loudGrown);
            group.notes++;
            group.fresh = true;
        }
    }

    // Sixteen frames' worth of cutoff.
    void aim(Group &group) {
        group.moves = !group.sweep.settled || group.fresh || any(group.gStep != 0.0f);
        if (!group.moves) return;
        Envelope &e = group.sweep;
        V level = e.target + e.distance;
        e.distance = e.distance * e.keep;
        if (e.attacking) e.arrive(e, e.target + e.distance, sweepTimes.sustain, fallen);
        e.tidy();
        V turns = smaller(exp2(octaves * level) * (lowest / rate), all(0.49f)) * 0.5f;
        V g = quarterSine(turns) / quarterSine(0.25f - turns), sum = g + damping;
        V scale = 1.0f / (1.0f + g * sum), damp = sum * scale;
        // The first aim of a lane has nothing to come from.
        I isNew = group.scale == 0.0f;
        group.g = choose(isNew, g, group.g);
        group.scale = choose(isNew, scale, group.scale);
        group.damp = choose(isNew, damp, group.damp);
        group.gStep = (g - group.g) * (1.0f / grid);
        group.scaleStep = (scale - group.scale) * (1.0f / grid);
        group.dampStep = (damp - group.damp) * (1.0f / grid);
        group.fresh = false;
    }

    template <bool moves, int amplitude> INLINE void frames(Engine &engine, Group *group, V *mix) {
        U phase[W], increment[W];
        V perStep[W], s1[W], s2[W], g[W], scale[W], damp[W], distance[W], target[W], keep[W];
        for (int w = 0; w < W; w++) {
            Group &one = group[w];
            phase[w] = one.phase, increment[w] = one.increment, perStep[w] = one.perStep, s1[w] = one.s1, s2[w] = one.s2;
            g[w] = one.g, scale[w] = one.scale, damp[w] = one.damp;
            distance[w] = one.loudness.distance, target[w] = one.loudness.target, keep[w] = one.loudness.keep;
        }
        for (int n = 0; n < grid; n++) {
            V sum = mix[n];
#pragma GCC unroll 8
            for (int w = 0; w < W; w++) {
                V x = saw(phase[w], perStep[w]);
                phase[w] += increment[w];
                if (moves) g[w] += group[w].gStep, scale[w] += group[w].scaleStep, damp[w] += group[w].dampStep;
                V high = x * scale[w] - s1[w] * damp[w] - s2[w] * scale[w];
                V band = s1[w] + g[w] * high, low = s2[w] + g[w] * band;
                s1[w] = band + g[w] * high;
                s2[w] = low + g[w] * band;
                if (amplitude == 0) {
                    sum += low * target[w];
                } else if (amplitude == 1) {
                    distance[w] *= keep[w];
                    sum += low * (target[w] + distance[w]);
                } else {
                    Envelope &e = group[w].loudness;
                    e.distance *= e.keep;
                    sum += low * e.arrive(e, e.target + e.distance, loudnessTimes.sustain, engine.loudFallen);
                }
            }
            mix[n] = sum;
        }
        for (int w = 0; w < W; w++) {
            Group &one = group[w];
            one.phase = phase[w], one.s1 = s1[w], one.s2 = s2[w], one.g = g[w], one.scale = scale[w], one.damp = damp[w];
            if (amplitude == 1) one.loudness.distance = distance[w];
        }
    }

    void render(long now, float *sound) {
        strike(now);
        V mix[block] = {};
        for (size_t first = 0; first < groups.size() && groups[first].notes; first += W) {
            for (int n = 0; n < block; n += grid) {
                bool moves = false;
                int amplitude = 0;
                for (int w = 0; w < W; w++) {
                    Group &one = groups[first + w];
                    aim(one);
                    one.loudness.tidy();
                    moves |= one.moves;
                    amplitude = std::max(amplitude, one.loudness.attacking ? 2 : one.loudness.settled ? 0 : 1);
                }
                Group *group = &groups[first];
                V *out = mix + n;
                if (moves) {
                    if (amplitude == 2) frames<true, 2>(*this, group, out);
                    else if (amplitude == 1) frames<true, 1>(*this, group, out);
                    else frames<true, 0>(*this, group, out);
                } else {
                    if (amplitude == 2) frames<false, 2>(*this, group, out);
                    else if (amplitude == 1) frames<false, 1>(*this, group, out);
                    else frames<false, 0>(*this, group, out);
                }
            }
        }
        for (int n = 0; n < block; n++) {
            float sum = 0;
            for (int lane = 0; lane < LANES; lane++) sum += mix[n][lane];
            sound[n] = sum * level;
        }
    }
};

int main(int argc, char **argv) {
    if (argc != 4 && argc != 5) return fprintf(stderr, "usage: lanes NOTES FRAMES OUT [1|2|4|8]\n"), 2;
    int width = argc == 5 ? atoi(argv[4]) : 2;
    if (width == 1) return run<Engine<1>>(argc, argv, 1);
    if (width == 8) return run<Engine<8>>(argc, argv, 8);
    if (width == 4) return run<Engine<4>>(argc, argv, 4);
    return run<Engine<2>>(argc, argv, 2);
}
