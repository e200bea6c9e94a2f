#!/usr/bin/python3
"""Renders loud patches through the limiter and measures their true peaks.

    truepeak.py KAIROS FOLDER

libebur128 must show no more than the ceiling, and not much less: the limiter has work to do. SciPy's resampler, at eight
times the sample rate, has a longer filter and may show 0.2 dB more. White noise, which reaches up to half of the sample
rate, where the standard's filter does not see all, is left to libebur128.
"""

import ctypes
import pathlib
import subprocess
import sys
import warnings

import numpy
import scipy.io.wavfile
import scipy.signal

sys.dont_write_bytecode = True
warnings.simplefilter("ignore", scipy.io.wavfile.WavFileWarning)  # chunks besides the data
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Support"))
import smf  # noqa: E402  the path must be known first

CEILING = -3.0
VOICE_LEVEL = -6.0
RATES = [44_100, 48_000, 96_000]
# Sources that are loud between their samples: steps, noise, and sines that beat.
SOURCES = {
    "saw": "{ type: saw }",
    "pulse": "{ type: pulse, width: 8 % }",
    "noise": "{ type: noise }",
    "fm": "{ type: sine, feedback: 90 % }",
}
TRUE_PEAK = 1 << 5 | 1 << 4 | 1  # EBUR128_MODE_TRUE_PEAK


def decibels(amplitude):
    """Decibels of an amplitude; silence is −300 dB."""
    return 20 * numpy.log10(max(amplitude, 1e-15))


def patch(source, once):
    """A patch of a source, 18 dB too loud, whose limiter runs on the sum or in each voice.

    Eight limited voices together would be too loud for the self-test of a patch: they have a lower level.
    """
    pitch = "" if "noise" in source else "  - keys.pitch -> osc.pitch\n"
    each = ", each: once" if once else ""
    return f"""kairos: patch/1
name: Loud
level: {0 if once else VOICE_LEVEL} dB
about: A source that the limiter holds.
modules:
  keys:  {{ type: keys }}
  osc:   {source}
  env:   {{ type: adsr, attack: 0 s, release: 10 ms }}
  vca:   {{ type: vca }}
  limit: {{ type: limiter{each}, gain: 18 dB, ceiling: {CEILING} dB, release: 30 ms }}
  out:   {{ type: output }}
connections:
{pitch}  - keys.gate -> env.gate
  - osc -> vca
  - env -> vca.level
  - vca -> limit
  - limit -> out
"""


def song(keys):
    """Keys struck together, again and again; full channel volume."""
    events = [(0, bytes([0xB0, 7, 127]))]
    for index in range(8):
        events += [(0.1 + index * 0.3, bytes([0x90, key + 5 * index, 127])) for key in keys]
        events += [(0.3 + index * 0.3, bytes([0x90, key + 5 * index, 0])) for key in keys]
    return smf.song(events, end=3)


def loudness_meter(sound, rate):
    """True peak in dB by libebur128, of the louder channel."""
    library = ctypes.CDLL("libebur128.so.1")
    library.ebur128_init.restype = ctypes.c_void_p
    state = ctypes.c_void_p(library.ebur128_init(sound.shape[1], ctypes.c_ulong(rate), TRUE_PEAK))
    data = numpy.ascontiguousarray(sound, numpy.float32)
    fault = library.ebur128_add_frames_float(state, data.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(len(data)))
    peaks = []
    for channel in range(sound.shape[1]):
        peak = ctypes.c_double()
        fault |= library.ebur128_true_peak(state, channel, ctypes.byref(peak))
        peaks.append(peak.value)
    library.ebur128_destroy(ctypes.byref(state))
    if fault:
        sys.exit("libebur128 refuses the sound")
    return decibels(max(peaks))


def resampled_peak(sound):
    """Peak in dB at eight times the sample rate."""
    finer = scipy.signal.resample_poly(sound.astype(numpy.float64), 8, 1, axis=0, window=("kaiser", 10.0))
    return decibels(numpy.abs(finer).max())


def main():
    kairos, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    faults, worst = [], -100.0
    # The meters themselves: a sine at a quarter of the sample rate, whose samples are 3 dB below its peak.
    wave = numpy.sin(numpy.pi / 2 * numpy.arange(48_000) + numpy.pi / 4)[:, None]
    for name, meter in [("libebur128", lambda x: loudness_meter(x, 48_000)), ("SciPy", resampled_peak)]:
        if abs(meter(wave[:, [0, 0]][100:-100])) > 0.5:
            faults.append(f"{name} does not see between the samples: {meter(wave[:, [0, 0]]):.2f} dB")
    count = 0
    for name, source in SOURCES.items():
        for once in (True, False):
            # In each voice the limiter sees one key.
            keys = (40, 52, 59, 64) if once else (52,)
            file, midi = folder / "loud.yaml", folder / "loud.mid"
            file.write_text(patch(source, once))
            midi.write_bytes(song(keys))
            for rate in RATES:
                path = folder / "loud.wav"
                ended = subprocess.run([kairos, "render", midi, "-o", path, "--mode", "entry", "--patch", "loud",
                                        "--patches", folder, "--rate", str(rate)], capture_output=True, text=True)
                if ended.returncode:
                    sys.exit(ended.stderr)
                found, sound = scipy.io.wavfile.read(path)
                assert found == rate
                peak, finer = loudness_meter(sound, rate), resampled_peak(sound)
                level = 0 if once else VOICE_LEVEL
                peak, finer = peak - level, finer - level
                worst = max(worst, peak)
                count += 1
                place = f"{name} at {rate} Hz, {'on the sum' if once else 'in each voice'}"
                if not CEILING - 1 < peak <= CEILING:
                    faults.append(f"{place}: libebur128 shows {peak:.3f} dB {ended.stderr}")
                if name != "noise" and finer > CEILING + 0.2:
                    faults.append(f"{place}: SciPy shows {finer:.3f} dB")
    for fault in faults:
        print(f"FAILED  {fault}")
    print(f"{count} renders with a ceiling of {CEILING} dB: the largest true peak is {worst:.3f} dB")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
