// What the code that Faust makes needs, and where its controls are.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#define FAUSTFLOAT float

struct Meta {
    void declare(const char *, const char *) {}
};

struct Soundfile;

struct UI {
    std::map<std::string, float *> zones;
    void openTabBox(const char *) {}
    void openHorizontalBox(const char *) {}
    void openVerticalBox(const char *) {}
    void closeBox() {}
    void addButton(const char *label, float *zone) { zones[label] = zone; }
    void addCheckButton(const char *label, float *zone) { zones[label] = zone; }
    void addVerticalSlider(const char *label, float *zone, float, float, float, float) { zones[label] = zone; }
    void addHorizontalSlider(const char *label, float *zone, float, float, float, float) { zones[label] = zone; }
    void addNumEntry(const char *label, float *zone, float, float, float, float) { zones[label] = zone; }
    void addHorizontalBargraph(const char *, float *, float, float) {}
    void addVerticalBargraph(const char *, float *, float, float) {}
    void addSoundfile(const char *, const char *, Soundfile **) {}
    void declare(float *, const char *, const char *) {}
};

struct dsp {
    virtual ~dsp() {}
};

struct Note {
    long start;
    double frequency;
};

inline std::vector<Note> read(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) perror(path), exit(1);
    std::vector<Note> notes;
    for (Note note; fscanf(file, "%ld %lf", &note.start, &note.frequency) == 2;) notes.push_back(note);
    fclose(file);
    return notes;
}
