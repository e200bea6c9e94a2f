#!/usr/bin/python3
"""Tests of the helpers in this folder: test_support.py"""

import contextlib
import io
import pathlib
import socket
import struct
import sys
import threading
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import osc  # noqa: E402  the path must be known first
import smf  # noqa: E402
from verdicts import Verdicts  # noqa: E402


class MIDIFiles(unittest.TestCase):
    def test_variable_lengths_of_the_standard(self):
        for value, data in [(0, "00"), (0x7F, "7f"), (0x80, "8100"), (0x3FFF, "ff7f"), (0x4000, "818000"), (0xFFFFFFF, "ffffff7f")]:
            self.assertEqual(smf.variable(value).hex(), data)

    def test_a_song_is_these_bytes(self):
        song = smf.song([(0.5, b"\x90\x3c\x64"), (1, b"\x80\x3c\x40")], end=1.5)
        self.assertEqual(song[:14], struct.pack(">4sIHHH", b"MThd", 6, 0, 1, 480))
        self.assertEqual(song[22:].hex(), "8360903c64" "8360803c40" "8360ff2f00")
        self.assertEqual(struct.unpack(">I", song[18:22])[0], len(song) - 22)

    def test_two_tracks_are_format_1(self):
        self.assertEqual(smf.chunks([smf.track([]), smf.track([])], 96)[8:14], struct.pack(">HHH", 1, 2, 96))


class OSC(unittest.TestCase):
    def test_a_message_is_these_bytes(self):
        self.assertEqual(osc.message("/foo", 1000, -1, "hello", 1.234, 5.678).hex(),  # of the specification's examples
                         "2f666f6f000000002c69697366660000000003e8ffffffff68656c6c6f0000003f9df3b640b5b22d")

    def test_what_is_written_reads_back(self):
        values = [1, -2, 0.5, "", "four", "päth", b"", b"12345", True, False]
        self.assertEqual(osc.values(osc.message("/a/b", *values)), ("/a/b", values))

    def test_a_bundle_has_its_packets_lengths(self):
        packet = osc.message("/a")
        self.assertEqual(osc.bundle([packet, packet]), b"#bundle\0" + struct.pack(">Q", 1) + 2 * (struct.pack(">i", 8) + packet))

    def test_a_stream_takes_packets_in_pieces_and_passes_others_over(self):
        server = socket.create_server(("127.0.0.1", 0))

        def answer():
            connection, _ = server.accept()
            asked = connection.recv(65536)
            tag = osc.values(asked[4:])[1][-1]
            for packet in (osc.message("/ok", "/x", 1, 7, "#other"), osc.message("/ok", "/status", 2, "One", 3, tag)):
                data = struct.pack(">i", len(packet)) + packet
                for at in range(0, len(data), 5):
                    connection.sendall(data[at:at + 5])

        threading.Thread(target=answer, daemon=True).start()
        self.assertEqual(osc.Client(server.getsockname()[1], stream=True).ask("/status"), ["One", 3])

    def test_a_port_where_nobody_listens_is_an_error_at_once(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        with self.assertRaises(ConnectionError):
            osc.Client(port, seconds=30).ask("/status")


class Checks(unittest.TestCase):
    def status(self, *results):
        with self.assertRaises(SystemExit) as ended, contextlib.redirect_stdout(io.StringIO()) as said:
            Verdicts("a: ").check_all(results).exit()
        return ended.exception.code, said.getvalue()

    def test_one_failure_is_a_failure_and_nothing_is_one_too(self):
        self.assertEqual(self.status(("x", True, ""), ("y", True, 3)), (0, "ok      a: x\nok      a: y (3)\n"))
        self.assertEqual(self.status(("x", True, ""), ("y", False, "0"))[0], 1)
        self.assertEqual(self.status(), (1, ""))


if __name__ == "__main__":
    unittest.main(warnings="ignore")
