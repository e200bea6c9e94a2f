#!/usr/bin/python3
"""An instrument that gets random sequencer events:

    hostile.py before|after      (in the machine: asks it; `after` prints what it answers)
    hostile.py judge FOLDER
"""

import json
import pathlib
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))

import osc  # noqa: E402  the path must be known first
from verdicts import Verdicts  # noqa: E402


def voices(client, enough, seconds=40):
    """The voices, once `enough` of them says so, or after so many seconds of the guest's."""
    until = time.monotonic() + seconds
    while True:
        found = client.ask("/meters")[2]
        if enough(found) or time.monotonic() > until:
            return found
        time.sleep(0.05)


def after(client):
    # The sender has gone: what it held is let go, and rings out.
    result = {"left": voices(client, lambda count: count == 0)}
    client.ask("/panic")
    # Random messages may have turned the volume down or chosen any patch; one that has keys is chosen here.
    client.ask("/program", 0, 0)
    client.ask("/note/on", 1, 60, 100)
    result["struck"] = voices(client, lambda count: count > 0)
    client.ask("/note/off", 1, 60)
    result["released"] = voices(client, lambda count: count == 0)
    print(json.dumps(result))


def judge(folder):
    def text(name):
        path = folder / name
        return path.read_text(errors="replace") if path.exists() else ""

    sent = sum(int(line.split()[0]) for line in text("sent").splitlines())
    log, answers = text("kairos.log"), json.loads(text("after") or "{}")
    told = json.JSONDecoder().raw_decode(log[log.index("\n{") + 1:])[0] if "\n{" in log else {}
    yield "it ends in order", text("status").strip() == "0", f"status {text('status').strip()}; {sent} events; {log[-300:] if not told else ''}"
    yield "they arrived", sent > 1000 and told.get("events", 0) > sent / 10, f"{told.get('events')} of {sent} decoded"
    yield "what the sender held is let go when it ends", answers.get("left") == 0, f"{answers.get('left')} voices"
    yield "it plays on", answers.get("struck", 0) >= 1 and answers.get("released") == 0, f"{answers}"
    yield "nothing is interrupted", told.get("xruns") == 0, f"{told.get('xruns')} xruns, longest block {told.get('longestBlock', 0):.0%} of the period"


if __name__ == "__main__":
    if sys.argv[1] == "judge":
        Verdicts().check_all(judge(pathlib.Path(sys.argv[2]))).exit()
    client = osc.Client(seconds=60)
    client.starts()
    if sys.argv[1] == "after":
        after(client)
