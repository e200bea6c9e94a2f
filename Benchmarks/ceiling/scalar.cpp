// The voice of the job `subtractive` as one would write it for one note: floats, no vectors. The same formulas as
// lanes.cpp; the saw's residual is worked out only near the jump.
#include "notes.h"
#include "step.h"
#include <algorithm>

struct Envelope {
    Times times;
    float attackKeep = attackKeeps(times), decayKeep = decayKeeps(times);
    float target = summit, distance = -summit, keep = attackKeep;
    bool attacking = true;

    float next() {
        distance *= keep;
        float value = target + distance;
        if (attacking && value >= 1) {
            attacking = false;
            target = times.sustain;
            distance = 1 - target;
            keep = decayKeep;
            value = 1;
        }
        return value;
    }

    // On the grid: what is left is dropped, and does not become a number of the slow kind.
    void tidy() {
        if (std::fabs(distance) < nothing) distance = 0;
    }
};

struct Voice {
    long start;
    uint32_t phase = 0, increment;
    float perTurn, s1 = 0, s2 = 0, g = 0, scale = 0, damp = 0;
    Envelope sweep{sweepTimes}, loudness{loudnessTimes};

    Voice(Note note)
        : start(note.start), increment(uint32_t(std::llround(note.frequency / rate * 4294967296.0))),
          perTurn(float(rate / (halfWidth * note.frequency))) {}

    float saw() {
        float turns = float(int32_t(phase)) * 0x1p-32f;
        phase += increment;
        float s = (0.5f - std::fabs(turns)) * perTurn;
        if (s >= 1) return turns + turns;
        float x = atStep - perHalfWidth * s;
        int segment = int(x + 0.5f);
        float u = x - segment, p = stepTable[5][segment];
        for (int power = 4; power >= 0; power--) p = p * u + stepTable[power][segment];
        return turns < 0 ? turns + turns + p : turns + turns - p;
    }

    void render(float *mix) {
        for (int first = 0; first < block; first += grid) {
            sweep.tidy();
            loudness.tidy();
            float toG = std::tan(float(M_PI) * std::min(lowest / rate * std::exp2(octaves * (sweep.target + sweep.distance)), 0.49f));
            float sum = toG + damping, toScale = 1 / (1 + toG * sum), toDamp = sum * toScale;
            if (scale == 0) g = toG, scale = toScale, damp = toDamp;
            float gStep = (toG - g) / grid, scaleStep = (toScale - scale) / grid, dampStep = (toDamp - damp) / grid;
            for (int n = first; n < first + grid; n++) {
                sweep.next();
                g += gStep, scale += scaleStep, damp += dampStep;
                float high = saw() * scale - s1 * damp - s2 * scale;
                float band = s1 + g * high, low = s2 + g * band;
                s1 = band + g * high;
                s2 = low + g * band;
                mix[n] += low * loudness.next() * level;
            }
        }
    }
};

struct Engine {
    std::vector<Voice> voices;
    Engine(const std::vector<Note> &notes) : voices(notes.begin(), notes.end()) {}
    void render(long now, float *mix) {
        for (auto &voice : voices)
            if (voice.start <= now) voice.render(mix);
    }
};

int main(int argc, char **argv) {
    if (argc != 4) return fprintf(stderr, "usage: scalar NOTES FRAMES OUT\n"), 2;
    return run<Engine>(argc, argv, 1);
}
