"""Builds a patch while Kairos plays: each command waits for its answer."""

from pythonosc.udp_client import SimpleUDPClient

kairos = SimpleUDPClient("127.0.0.1", 9000)


def ask(address, *values):
    kairos.send_message(address, list(values))
    answer = next(kairos.get_messages(timeout=5))
    if answer.address == "/error":
        raise SystemExit(f"{address}: {answer.params[1]}")
    return answer.params


ask("/patch/clear")
for name, kind in [("keys", "keys"), ("osc", "saw"), ("filter", "svf"), ("env", "adsr"), ("vca", "vca"), ("out", "output")]:
    ask("/patch/create", name, kind)
for source, target in [("keys.pitch", "osc.pitch"), ("keys.gate", "env.gate"), ("osc", "filter"),
                       ("filter.low", "vca"), ("env", "vca.level"), ("vca", "out")]:
    ask("/patch/connect", source, target)
ask("/mod/filter/cutoff", "900 Hz")
print("milliseconds until it sounds:", ask("/patch/commit")[2])
ask("/note/on", 1, 57, 100)
print(ask("/status"))
ask("/note/off", 1, 57)
ask("/patch/undo")
