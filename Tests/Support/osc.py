"""Open Sound Control 1.0: packets, and a client of Kairos over UDP."""

import socket
import struct
import time


def text(string):
    """A string, ended and padded with zeros to a multiple of four bytes."""
    raw = string.encode() + b"\0"
    return raw + bytes(-len(raw) % 4)


def message(address, *values):
    """A message. Its values are int (i), float (f), str (s), bytes (b), True (T) or False (F)."""
    tags, data = ",", b""
    for value in values:
        if isinstance(value, bool):
            tags += "T" if value else "F"
        elif isinstance(value, int):
            tags, data = tags + "i", data + struct.pack(">i", value)
        elif isinstance(value, float):
            tags, data = tags + "f", data + struct.pack(">f", value)
        elif isinstance(value, str):
            tags, data = tags + "s", data + text(value)
        else:
            tags, data = tags + "b", data + struct.pack(">i", len(value)) + value + bytes(-len(value) % 4)
    return text(address) + text(tags) + data


def bundle(packets, tag=1):
    """A bundle of packets. `tag`: an NTP time of 64 bits; 1 is at once."""
    return text("#bundle") + struct.pack(">Q", tag) + b"".join(struct.pack(">i", len(packet)) + packet for packet in packets)


def values(packet):
    """A message's address and its values."""
    def string(at):
        end = packet.index(b"\0", at)
        return packet[at:end].decode(errors="replace"), end + 4 - end % 4

    address, at = string(0)
    tags, at = string(at)
    found = []
    for tag in tags[1:]:
        if tag == "s":
            value, at = string(at)
        elif tag == "b":
            size = struct.unpack_from(">i", packet, at)[0]
            value, at = packet[at + 4:at + 4 + size], at + 4 + size + -size % 4
        elif tag in "TF":
            value = tag == "T"
        else:
            value = struct.unpack_from({"i": ">i", "f": ">f", "h": ">q", "d": ">d", "t": ">Q"}[tag], packet, at)[0]
            at += 8 if tag in "hdt" else 4
        found.append(value)
    return address, found


class Refused(AssertionError):
    """Kairos has answered /error: `code` is its word for why."""

    def __init__(self, address, code, rest):
        super().__init__(f"{address}: {code} {rest}")
        self.code = code


class Client:
    """A client. `seconds`: how long it waits for an answer. UDP, or with `stream` TCP (OSC 1.0)."""

    def __init__(self, port=9000, seconds=5, stream=False):
        self.count, self.stream, self.bytes = 0, stream, b""
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM)
        self.socket.settimeout(seconds)
        # UDP too, so that a port where nobody listens is an error at once.
        self.socket.connect(("127.0.0.1", port))

    def send(self, packet):
        """Sends a packet and waits for nothing."""
        self.socket.sendall(struct.pack(">i", len(packet)) + packet if self.stream else packet)

    def receive(self):
        """The next packet."""
        if not self.stream:
            return self.socket.recv(65536)
        while len(self.bytes) < 4 or len(self.bytes) < 4 + struct.unpack_from(">i", self.bytes)[0]:
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError("the instrument has closed the connection")
            self.bytes += data
        end = 4 + struct.unpack_from(">i", self.bytes)[0]
        packet, self.bytes = self.bytes[4:end], self.bytes[end:]
        return packet

    def ask(self, address, *arguments):
        """What the command returns; answers to others are passed over. Raises Refused, TimeoutError, ConnectionError."""
        self.count += 1
        tag = f"#{self.count}"
        self.send(message(address, *arguments, tag))
        while True:
            kind, found = values(self.receive())
            if not found or found[-1] != tag:
                continue
            if kind == "/ok":
                return found[2:-1]  # behind the command's name and the serial number
            raise Refused(address, found[0], found[1:-1])

    def renders(self):
        """Whether blocks are rendered: the audio thread alone copies the values of a patch."""
        try:
            self.ask("/session/get")
            return True
        except Refused:
            return False

    def starts(self, seconds=60):
        """Waits until the instrument answers, and returns its status."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                return self.ask("/status")
            except OSError:
                time.sleep(0.02)
        raise SystemExit("FAILED  the instrument does not answer")
