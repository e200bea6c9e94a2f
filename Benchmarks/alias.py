#!/usr/bin/python3
"""Alias-to-signal ratio of a sawtooth, or any harmonic tone, in a WAV file.

    alias.py saw.wav --f0 1046.502

The last 65 536 frames under a Kaiser window of beta 20: energy below 20 kHz that is not a harmonic, against the
harmonics. Choose frequencies whose period is not a whole number of frames: 441 Hz at 48 kHz is bad for it.
"""

import argparse
import sys

import spectrum


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wav", nargs="+")
    parser.add_argument("--f0", type=float, required=True, help="the fundamental, in Hz")
    parser.add_argument("--below", type=float, default=20_000, help="the highest frequency that counts, in Hz")
    options = parser.parse_args()
    failed = False
    for path in options.wav:
        try:
            tone = spectrum.Tone(*spectrum.read(path), options.f0)
            print(f"{path}: {tone.alias(options.below):.1f} dB at {tone.f0:.3f} Hz")
            if tone.hides_aliases():
                print(f"{path}: the period is near {tone.rate / tone.f0:.0f} frames: aliases hide under harmonics",
                      file=sys.stderr)
        except (OSError, ValueError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
