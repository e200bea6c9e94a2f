"""Plays three notes, moves the filter, and prints what Kairos answers."""

import time

from pythonosc.udp_client import SimpleUDPClient

kairos = SimpleUDPClient("127.0.0.1", 9000)

for key in (60, 64, 67):
    kairos.send_message("/note/on", [1, key, 100])     # channel, key, velocity
    time.sleep(0.2)
kairos.send_message("/cc", [1, 74, 110])               # channel, controller, value
time.sleep(0.5)
for key in (60, 64, 67):
    kairos.send_message("/note/off", [1, key])

kairos.send_message("/status", [])
for message in kairos.get_messages(timeout=1):
    print(message.address, message.params)
