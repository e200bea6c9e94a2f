"""What is done to the instrument while it holds a chord. Each attack takes a Stage and a random.Random."""

import fcntl
import os
import pathlib
import pty
import resource
import signal
import socket
import struct
import subprocess
import termios
import time

import osc

ENDS_WITHIN = 1.0  # seconds from SIGTERM, or from a hang-up, to the end


def spare(stage, stdout, wrapper=(), **more):
    """A second instrument, which plays into a timer."""
    return subprocess.Popen(
        [*wrapper, stage.kairos, "play", "--no-session", "--audio", "null", "--midi", "none", "--osc", str(stage.port + 1),
         "--patches", str(stage.watched)], stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.STDOUT, **more)


def ends(stage, process, what, number=signal.SIGTERM):
    """Checks that a spare instrument ends in order and in time after a signal (None: after what was done already)."""
    began = time.monotonic()
    if number is not None:
        process.send_signal(number)
    try:
        status = process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return stage.fault(f"{what}: it did not end in 20 s")
    took = time.monotonic() - began
    # On a machine that stands still, the second is over before everything has ended in order.
    may_be_cut = number == signal.SIGTERM and stage.lateness.grace > 0.1
    if status < 0 or status >= 128 and not (may_be_cut and status == 128 + signal.SIGTERM):
        stage.fault(f"{what}: it ended with status {status}")
    if took > ENDS_WITHIN + stage.lateness.grace:
        stage.fault(f"{what}: it ended after {took:.1f} s")


def terminal(stage):
    """A spare instrument in a terminal: its process, and the terminal's other side."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    # `setsid --ctty` makes the terminal the one that hangs up.
    process = subprocess.Popen(
        ["setsid", "--ctty", stage.kairos, "play", "--no-session", "--audio", "null", "--midi", "none", "--osc",
         str(stage.port + 1), "--patches", str(stage.watched)], stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    osc.Client(stage.port + 1).starts()
    return process, master


def chatter(stage, count=200):
    """Makes a spare instrument talk, as long as it is there."""
    client = osc.Client(stage.port + 1)
    for number in range(count):
        try:
            client.send(osc.message("/program", number % 2))
        except ConnectionRefusedError:
            return


def close_terminal(stage, draw):
    # Its own terminal too, the first time: it was started to outlive it.
    stage.is_terminal_open = False
    process, master = terminal(stage)
    chatter(stage, draw.randrange(300))
    os.close(master)
    chatter(stage, draw.randrange(300))
    ends(stage, process, "a terminal that is closed", None)


def stop_terminal(stage, draw):
    """Nobody reads the terminal."""
    process, master = terminal(stage)
    chatter(stage, 2000)
    time.sleep(draw.uniform(0, 0.5))
    ends(stage, process, "a terminal that is not read")
    os.close(master)


def full_output(stage, draw):
    if draw.random() < 0.5:
        with open("/dev/full", "w") as full:
            process = spare(stage, full)
    else:
        process = spare(stage, None, ("bash", "-c", 'exec "$@" >&- 2>&-', "closed"))
    client = osc.Client(stage.port + 1)
    client.starts()
    chatter(stage)
    client.ask("/status")
    ends(stage, process, "output that takes nothing")


def full_disk(stage, draw):
    """Every file is full for a while, as on a disk without room."""
    client = osc.Client(stage.port)
    was = resource.prlimit(stage.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(stage.pid, resource.RLIMIT_FSIZE, (draw.choice((0, 100)), was[1]))
    for _ in range(10):
        client.ask("/tempo", draw.uniform(60, 180))
        time.sleep(0.15)
    resource.prlimit(stage.pid, resource.RLIMIT_FSIZE, was)


def few_descriptors(stage, draw):
    was = resource.prlimit(stage.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(stage.pid, resource.RLIMIT_NOFILE, (len(os.listdir(f"/proc/{stage.pid}/fd")) + 1, was[1]))
    before = stage.cpu()
    sockets = [socket.create_connection(("127.0.0.1", stage.port), timeout=5) for _ in range(8)]
    time.sleep(2)
    spent = stage.cpu() - before
    if spent > 1.5:
        stage.fault(f"without free descriptors it computes for {spent:.1f} s of 2 s")
    resource.prlimit(stage.pid, resource.RLIMIT_NOFILE, was)
    for one in sockets:
        one.close()


def kill_jack(stage, draw):
    stage.down()
    stage.server.signal(signal.SIGKILL)
    stage.rings_on("JACK is killed")
    time.sleep(draw.uniform(0, 1))
    stage.server.start()
    stage.up()


def freeze_jack(stage, draw):
    stage.down()
    stage.server.signal(signal.SIGSTOP)
    if draw.random() < 0.7:
        time.sleep(0.5)
        stage.rings_on("JACK is frozen")
    time.sleep(draw.uniform(0, 2))
    stage.server.signal(signal.SIGCONT)
    stage.up()


def flood_patterns(stage, draw):
    client = osc.Client(stage.port)
    for _ in range(draw.randrange(1, 400)):
        stars = "*" + "".join(draw.choice("an?[a-z]{a,b}") + "*" for _ in range(draw.randrange(1, 30)))
        client.send(osc.message("/mod/" + stars + "b/" + draw.choice(("level", "*", stars))))


def flood_bundles(stage, draw):
    """Note-offs of silent keys at falling times, bundles in bundles, times of every kind."""
    client = osc.Client(stage.port)
    now = int((time.time() + 2_208_988_800) * 2**32)
    for number in range(draw.randrange(100, 3000)):
        client.send(osc.bundle([osc.message("/note/off", 2, number % 128)], now + (5000 - number) * 2**32 // 10_000))
    packet = osc.message("/status")
    for _ in range(draw.choice((10, 1000))):
        packet = osc.bundle([packet], draw.choice((0, 1, now, 2**64 - 1)))
    client.send(packet[:60_000])


def flood_bytes(stage, draw):
    client = osc.Client(stage.port)
    # Whatever their values become, they end no note of the chord.
    good = [osc.message("/mod/env/decay", 0.1), osc.message("/tempo", 120), osc.bundle([osc.message("/meters")])]
    for _ in range(draw.randrange(100, 3000)):
        data = bytearray(draw.choice(good))
        for _ in range(draw.randrange(1, 5)):
            # Behind the address, which might become another command's.
            data[draw.randrange(12, len(data))] = draw.randrange(256)
        client.send(bytes(data))
    for word in ("/ok", "/error", "/value", "/meters", "/log"):
        client.send(osc.message(word, "x", 1))


def flood_connections(stage, draw):
    sockets = []
    for _ in range(draw.randrange(1, 80)):
        try:
            one = socket.create_connection(("127.0.0.1", stage.port), timeout=5)
            one.send(draw.choice((b"", b"\0", b"\0\0\1\0/st", b"POST / HTTP/1.1\r\n\r\n", b"\xc0\xdb\xc0", draw.randbytes(300))))
        except OSError:
            continue  # refused or closed is a right answer
        if draw.random() < 0.3:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sockets.append(one)
    time.sleep(draw.uniform(0, 1))
    for one in sockets:
        one.close()


def clear(path):
    """Removes whatever has this name."""
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


def broken_files(stage, draw):
    """Saves of every kind into the watched folder; what plays is saved again as it was, at the end."""
    good = {path.name: path.read_bytes() for path in stage.patches.iterdir()}
    for _ in range(draw.randrange(1, 25)):
        path = stage.watched / draw.choice([*sorted(good), "new.yaml", "x.setlist.yaml"])
        text = good.get(path.name, good["one.yaml"])
        kind = draw.randrange(6)
        # Writing to a pipe would wait for its reader.
        if path.is_symlink() or path.exists() and not path.is_file():
            clear(path)
        if kind == 0:
            path.write_bytes(draw.randbytes(draw.randrange(3000)))
        elif kind == 1:
            # Without its modules: what is cut off later may be a patch, and another sound.
            path.write_bytes(text[:draw.randrange(text.index(b"modules:"))])
        elif kind == 2:
            clear(path)
        elif kind == 3:
            clear(path)
            draw.choice((os.mkfifo, os.mkdir, lambda p: os.symlink(p, p)))(path)
        elif kind == 4:
            temporary = stage.watched / ".new"
            temporary.write_bytes(text.replace(b"adsr", draw.choice((b"adrs", b"saw", b"\xff"))))
            temporary.rename(path)
        else:
            path.write_bytes(text)
        time.sleep(draw.uniform(0, 0.15))
    for path in [*stage.watched.iterdir()]:
        clear(path)
    for name, text in good.items():
        (stage.watched / name).write_bytes(text)


def stray_notes(stage, draw):
    client = osc.Client(stage.port)
    for _ in range(draw.randrange(1, 30)):
        key = draw.randrange(64, 127)
        client.ask("/note/on", 1, key, draw.randrange(1, 128))
        time.sleep(draw.uniform(0, 0.03))
        client.ask("/note/off", 1, key)
    # The next attack counts voices.
    stage.rests()


ATTACKS = [close_terminal, stop_terminal, full_output, full_disk, few_descriptors, kill_jack, freeze_jack, flood_patterns,
           flood_bundles, flood_bytes, flood_connections, broken_files, stray_notes]
