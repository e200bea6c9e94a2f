#!/usr/bin/python3
"""What a recording made in the emulated machine says.

    analyse.py latency RECORDING STAMPS [--channel N] [--threshold T] [--within LOW HIGH] [--spread LOW HIGH]
    analyse.py pitch RECORDING [--from S] [--to S] [--channel N] [--near HZ] [--is HZ --cents C]
    analyse.py centroid RECORDING [--from S] [--to S] [--channel N] [--within LOW HIGH]
    analyse.py level RECORDING [--from S] [--to S] [--channel N] [--within LOW HIGH]

RECORDING is the OUT of jackrec (without a suffix) or a WAV file; STAMPS is
what seqsend wrote. Prints JSON. The exit status is 1 when what was asked for
does not hold.
"""

import argparse
import csv
import json
import sys

import numpy as np


class Recording:
    """Samples as frames by channels; `frame_at` maps the server's clock to frames."""

    def __init__(self, samples, rate, first_frame=0, cycles=None, about=None):
        self.samples, self.rate, self.first_frame = samples, rate, first_frame
        self.cycles, self.about = cycles, about or {}

    def frame_at(self, microseconds):
        """The frame, with a fraction, that began at a time of jack_get_time()."""
        frames, starts = self.cycles[:, 0], self.cycles[:, 1]
        cycle = np.maximum(np.searchsorted(starts, microseconds, side="right") - 1, 0)
        return frames[cycle] + (microseconds - starts[cycle]) * (self.rate / 1e6)

    def xruns(self, first, told=0):
        """JACK's interruptions from a fifth of a second before a frame on; or those that the instrument `told`, where these are more.

        What happens before the first note belongs to starting programs and connecting them: on a busy host they
        wait for its files.
        """
        frames = self.about["xrun_frames"]
        # Of more than the first 64 nothing is known: they count.
        early = sum(frame <= first - self.rate // 5 for frame in frames)
        return max(self.about["xruns"] - early, told - self.about["xruns_before"] - early)

    def channel(self, number=0, start=None, end=None):
        """One channel, from `start` to `end` in seconds of the recording."""
        first = int(round((start or 0) * self.rate))
        last = len(self.samples) if end is None else int(round(end * self.rate))
        return self.samples[first:last, number].astype(np.float64)


def load(path):
    return load_wav(path) if path.endswith(".wav") else load_jackrec(path)


def load_jackrec(base):
    with open(base + ".json") as file:
        about = json.load(file)
    samples = np.fromfile(base + ".f32", np.float32).reshape(-1, about["channels"])
    cycles = np.loadtxt(base + ".cycles", delimiter=",", ndmin=2)
    # Frames and cycles count from the first, so that the wrap of the server's
    # 32-bit counter passes unnoticed.
    cycles[:, 0] = (cycles[:, 0] - about["first_frame"]) % 2**32
    return Recording(samples, about["rate"], about["first_frame"], cycles, about)


def load_wav(path):
    # Not the module `wave`: it knows no float samples, and arecord leaves the
    # lengths in the header wrong when a signal ends it.
    with open(path, "rb") as file:
        data = file.read()
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise ValueError(f"{path} is no WAV file")
    position = 12
    while position + 8 <= len(data):
        name, size = data[position:position + 4], int.from_bytes(data[position + 4:position + 8], "little")
        body = data[position + 8:position + 8 + size]
        if name == b"fmt ":
            kind, channels = int.from_bytes(body[0:2], "little"), int.from_bytes(body[2:4], "little")
            rate, bits = int.from_bytes(body[4:8], "little"), int.from_bytes(body[14:16], "little")
            if kind == 0xFFFE:
                kind = int.from_bytes(body[24:26], "little")
        if name == b"data":
            frame = channels * bits // 8
            body = body[:len(body) // frame * frame]
            if kind == 3:
                samples = np.frombuffer(body, f"<f{bits // 8}")
            elif bits == 24:
                padded = np.zeros((len(body) // 3, 4), np.uint8)
                padded[:, 1:] = np.frombuffer(body, np.uint8).reshape(-1, 3)
                samples = padded.view("<i4")[:, 0] / 2.0**31
            else:
                samples = np.frombuffer(body, f"<i{bits // 8}") / 2.0**(bits - 1)
            return Recording(samples.reshape(-1, channels), rate)
        position += 8 + size + size % 2
    raise ValueError(f"{path} holds no samples")


def load_stamps(path):
    with open(path) as file:
        return [{key: value if key == "kind" else int(value) for key, value in row.items()}
                for row in csv.DictReader(file)]


MISSING, UNCLEAR = -1, -2


def onsets(recording, stamps, channel=0, threshold=1e-4):
    """The note-ons among `stamps`, the frame of each one's send, and the first frame
    that is heard for it, or MISSING or UNCLEAR."""
    sends = [stamp for stamp in stamps if stamp["kind"] == "note-on" and stamp["b"] > 0]
    at = recording.frame_at(np.array([stamp["sent_us"] for stamp in sends], np.float64))
    # What is sent while a cycle begins may sound on that cycle's first frame.
    begins = at - 32
    ends = np.append(begins[1:], at[-1] + recording.rate)
    heard = np.flatnonzero(np.abs(recording.samples[:, channel]) > threshold)
    found = np.full(len(sends), MISSING)
    for note, (begin, end) in enumerate(zip(begins, ends)):
        first = np.searchsorted(heard, begin)
        if first < len(heard) and heard[first] < end:
            found[note] = UNCLEAR if first and heard[first - 1] > begin - 32 else heard[first]
    return sends, at, found


def latency(recording, stamps, channel=0, threshold=1e-4):
    """Frames from each note-on's send to the first frame that is heard for it.

    Each note must have fallen silent before the next is sent; one that finds
    the channel sounding is `unclear` and is not counted. `clock` is by how many
    microseconds the server's estimate of a cycle's start moved against the
    callback meanwhile: unless it is small (JACK needs three seconds to settle,
    ten after an xrun), latencies measure JACK's clock.
    """
    sends, at, heard = onsets(recording, stamps, channel, threshold)
    missing, unclear = int(np.sum(heard == MISSING)), int(np.sum(heard == UNCLEAR))
    found = (heard - at)[heard >= 0]
    during = (recording.cycles[:, 0] >= at[0]) & (recording.cycles[:, 0] <= at[-1] + recording.about["period"])
    lateness = np.ptp(recording.cycles[during, 2] - recording.cycles[during, 1])
    result = {"sent": len(sends), "heard": len(found), "missing": missing, "unclear": unclear,
              "skips": recording.about["skips"], "xruns": recording.about["xruns"], "clock": lateness}
    if len(found):
        result |= {"min": found.min(), "mean": found.mean(), "max": found.max(),
                   "spread": found.max() - found.min(), "deviation": found.std()}
    return result


def spectrum(samples, padding=1):
    """Magnitudes through a window whose side lobes are below -92 dB."""
    count = len(samples)
    phase = 2 * np.pi * np.arange(count) / count
    window = 0.35875 - 0.48829 * np.cos(phase) + 0.14128 * np.cos(2 * phase) - 0.01168 * np.cos(3 * phase)
    size = 1 << (count * padding - 1).bit_length()
    return np.abs(np.fft.rfft((samples - np.mean(samples)) * window, size)), size


def pitch(samples, rate, near=None):
    """The frequency of a steady tone: of the strongest partial within two semitones
    of `near`, or else of the lowest partial within 30 dB of the strongest."""
    magnitudes, size = spectrum(samples, padding=8)
    magnitudes[0] = 0
    lobe = 4 * size // len(samples)
    if near:
        low, high = (int(near * 2**(semitones / 12) * size / rate) for semitones in (-2, 2))
        peak = low + int(np.argmax(magnitudes[low:high + 2]))
    else:
        first = int(np.argmax(magnitudes > magnitudes.max() * 10**(-30 / 20)))
        peak = first + int(np.argmax(magnitudes[first:first + 2 * lobe]))
    if not 0 < peak < len(magnitudes) - 1 or not magnitudes[peak]:
        return None
    left, middle, right = np.log(np.maximum(magnitudes[peak - 1:peak + 2], 1e-300))
    return (peak + 0.5 * (left - right) / (left - 2 * middle + right)) * rate / size


def cents(frequency, reference):
    return 1200 * np.log2(frequency / reference)


def centroid(samples, rate):
    """The mean frequency, weighted by power: quiet noise hardly moves it."""
    magnitudes, size = spectrum(samples)
    power = magnitudes**2
    total = power.sum()
    return float((power * np.arange(len(power))).sum() / total * rate / size) if total else 0.0


def level(samples):
    """Root mean square in dB of full scale."""
    return 10 * np.log10(max(np.mean(np.square(samples)), 1e-30)) if len(samples) else -300.0


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1])
    parser.add_argument("what", choices=["latency", "pitch", "centroid", "level"])
    parser.add_argument("recording")
    parser.add_argument("stamps", nargs="?")
    parser.add_argument("--channel", type=int, default=0)
    parser.add_argument("--threshold", type=float, default=1e-4)
    parser.add_argument("--from", dest="start", type=float)
    parser.add_argument("--to", dest="end", type=float)
    parser.add_argument("--near", type=float)
    parser.add_argument("--is", dest="expected", type=float)
    parser.add_argument("--cents", type=float, default=0.5)
    parser.add_argument("--within", type=float, nargs=2)
    parser.add_argument("--spread", type=float, nargs=2, default=(-np.inf, np.inf))
    options = parser.parse_args()

    recording = load(options.recording)
    samples = recording.channel(options.channel, options.start, options.end)
    low, high = options.within or (-np.inf, np.inf)
    if options.what == "latency":
        result = latency(recording, load_stamps(options.stamps), options.channel, options.threshold)
        good = result["sent"] == result["heard"] > 0 and result["skips"] == 0
        good = good and low <= result["min"] and result["max"] <= high
        good = good and options.spread[0] <= result["spread"] <= options.spread[1]
    elif options.what == "pitch":
        frequency = pitch(samples, recording.rate, options.near or options.expected)
        result = {"frequency": frequency}
        good = frequency is not None
        if good and options.expected:
            result["cents"] = cents(frequency, options.expected)
            good = abs(result["cents"]) <= options.cents
    else:
        value = level(samples) if options.what == "level" else centroid(samples, recording.rate)
        result = {options.what: value}
        good = low <= value <= high
    print(json.dumps({key: round(float(value), 4) if isinstance(value, float) else value
                      for key, value in result.items()}))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
