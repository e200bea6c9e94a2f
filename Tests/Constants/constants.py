"""Plays messages made of rtmidi.midiconstants through `kairos render`, and looks at what comes out."""

import pathlib
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))

import smf  # noqa: E402  the path must be known first
from rtmidi import midiconstants as midi  # noqa: E402
from verdicts import Verdicts  # noqa: E402

kairos, folder = sys.argv[1], pathlib.Path(sys.argv[2])
PATCH = """kairos: patch/1
name: Probe
level: 0.25
modules:
  keys: {{ type: keys }}
  env: {{ type: adsr, attack: 0 s, decay: 0 s, sustain: 100 %, release: 0 s }}
  mix: {{ type: mix, gainA: {gain} }}
  out: {{ type: output }}
connections:
  - keys.gate -> env.gate
  - env -> mix.a
  - mix -> out
macros:
  - {{ name: Level, to: mix.gainA, range: [0 %, 100 %], role: brightness }}
"""
FINE = f"""kairos: mapping/1
controls:
  - {{ cc: [{midi.GENERAL_PURPOSE_CONTROLLER_1}, {midi.GENERAL_PURPOSE_CONTROLLER_1_LSB}], to: macro 1 }}
"""
ON, OFF = bytes([midi.NOTE_ON, 60, 127]), bytes([midi.NOTE_OFF, 60, 64])
verdicts = Verdicts()


def cc(number, value):
    return bytes([midi.CONTROL_CHANGE, number, value])


def levels(*messages, gain="100 %", mapping=None):
    """What is heard on both sides after each message; they are a fifth of a second apart."""
    patches, mappings = folder / "patches", folder / "mappings"
    for place in (patches, mappings):
        place.mkdir(exist_ok=True)
        for file in place.iterdir():
            file.unlink()
    (patches / "probe.yaml").write_text(PATCH.format(gain=gain))
    (mappings / "fine.yaml").write_text(mapping or "kairos: mapping/1\ncontrols:\n"
        f"  - {{ cc: {midi.GENERAL_PURPOSE_CONTROLLER_1}, to: macro 1 }}\n  - {{ cc: {midi.SOUND_CONTROLLER_5}, to: brightness }}\n")
    played = [(0.4 * (index + 1), message) for index, message in enumerate(messages)]
    (folder / "probe.mid").write_bytes(smf.song(played, end=0.4 * (len(messages) + 1)))
    wave = folder / "probe.wav"
    subprocess.run(
        [kairos, "render", folder / "probe.mid", "-o", wave, "--patches", patches, "--mappings", mappings, "--tail", "0.5"],
        check=True, capture_output=True)
    data = wave.read_bytes()
    at = data.index(b"data") + 8
    samples = struct.unpack(f"<{(len(data) - at) // 4}f", data[at:])
    frames = [round((0.4 * (index + 2) - 0.02) * 48000) for index in range(len(messages))]
    return [(samples[2 * frame], samples[2 * frame + 1]) for frame in frames]


def check(what, found, expected, tolerance=0.0):
    good = all(abs(a - b) <= tolerance for one, two in zip(found, expected) for a, b in zip(one, two))
    verdicts.check(what, good, "" if good else f"{found}, and {expected} was expected")


def both(*values):
    return [(value, value) for value in values]


control = midi.GENERAL_PURPOSE_CONTROLLER_1
check("seven bits: least, middle and most", levels(ON, cc(control, 0), cc(control, 64), cc(control, 127)),
      both(0.25, 0, 0.25 * 0.125, 0.25), 1e-7)
check("fourteen bits: least, middle and most",
      levels(ON, cc(control, 0) + b"\0" + cc(midi.GENERAL_PURPOSE_CONTROLLER_1_LSB, 0),
             cc(control, 64) + b"\0" + cc(midi.GENERAL_PURPOSE_CONTROLLER_1_LSB, 0),
             cc(control, 127) + b"\0" + cc(midi.GENERAL_PURPOSE_CONTROLLER_1_LSB, 127), mapping=FINE),
      both(0.25, 0, 0.25 * 0.125, 0.25), 1e-7)
check("sound controller 5 is brightness", levels(ON, cc(midi.SOUND_CONTROLLER_5, 0)), both(0.25, 0))
check("volume", levels(ON, cc(midi.CHANNEL_VOLUME, 0), cc(midi.CHANNEL_VOLUME, 127)), both(0.25, 0, 0.25))
check("expression", levels(ON, cc(midi.EXPRESSION_CONTROLLER, 0), cc(midi.EXPRESSION_CONTROLLER, 127)), both(0.25, 0, 0.25))
check("pan", levels(ON, cc(midi.PAN, 0), cc(midi.PAN, 64), cc(midi.PAN, 127)), [(0.25, 0.25), (0.25, 0), (0.25, 0.25), (0, 0.25)])
for name, pedal in [("sustain", midi.SUSTAIN), ("hold 2", midi.HOLD_2)]:
    check(name, levels(cc(pedal, 64), ON, OFF, cc(pedal, 63)), both(0, 0.25, 0.25, 0))
check("sostenuto", levels(ON, cc(midi.SOSTENUTO, 127), OFF, ON, OFF, cc(midi.SOSTENUTO, 0)), both(0.25, 0.25, 0.25, 0.5, 0.25, 0), 0.03)
for name, mode in [("all notes off", midi.ALL_NOTES_OFF), ("omni off", midi.OMNI_MODE_OFF), ("omni on", midi.OMNI_MODE_ON),
                   ("mono", midi.MONO_MODE_ON), ("poly", midi.POLY_MODE_ON), ("all sound off", midi.ALL_SOUND_OFF)]:
    check(name, levels(ON, cc(mode, 0)), both(0.25, 0))
check("all notes off under the pedal", levels(cc(midi.SUSTAIN, 127), ON, cc(midi.ALL_NOTES_OFF, 0)), both(0, 0.25, 0.25))
check("all sound off under the pedal", levels(cc(midi.SUSTAIN, 127), ON, cc(midi.ALL_SOUND_OFF, 0)), both(0, 0.25, 0))
check("reset all controllers", levels(cc(midi.EXPRESSION_CONTROLLER, 0), cc(midi.CHANNEL_VOLUME, 0), ON,
      cc(midi.CHANNEL_VOLUME, 127), cc(midi.RESET_ALL_CONTROLLERS, 0)), both(0, 0, 0, 0, 0.25))
verdicts.exit()
