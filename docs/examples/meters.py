"""Prints the load, the interruptions, the voices and the slots of Kairos, ten times a second for three seconds."""

from pythonosc.udp_client import SimpleUDPClient

kairos = SimpleUDPClient("127.0.0.1", 9000)
kairos.send_message("/subscribe", ["meters", 3])
for message in kairos.get_messages(timeout=1):
    if message.address == "/meters":
        load, xruns, voices, slots = message.params
        print(f"load {load:.1%}, {xruns} xruns, {voices} voices, {slots} slots")
