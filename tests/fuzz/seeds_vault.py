#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_vault: one note of each room, a finding, raw slots."""
import os
import struct
import sys


def varint(n):
    out = b""
    while n > 0x7F:
        out += bytes([n & 0x7F | 0x80])
        n >>= 7
    return out + bytes([n])


def field(number, payload):
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def note(room, numbers=(), texts=()):
    body = varint(1 << 3) + varint(room)
    body += field(2, b"".join(varint(n) for n in numbers))
    for text in texts:
        body += field(3, text.encode())
    return field(11, body)


NOW = 1700000000 * 10**9
NOTES = [
    note(1, [9, 1, 0, 0, 3, NOW, NOW], ["kmsg", "storage"]),
    note(2, [8, 0, NOW, 0, NOW, 3, 0, 0, 0],
         ["sda", "", "disk/one", "/devices/pci/ata1/block/sda", "m", "s", ""]),
    note(2, [8, 1, 0, 0, NOW, 3, 1], ["sda1", "sda", "", "", "", "", "u1"]),
    note(3, [8, 1, 0, 0, 1, 0], ["ext4", "/dev/sda1", "/"]),
    note(4, [8, 1, 8, 0], ["partition"]),
    note(5, [NOW, NOW, NOW, NOW, NOW], ["sda"]),
    note(6, [8, 1, NOW], ["engine/docker", "", "/var/lib/docker", "engine"]),
    note(7, [3, 77, NOW, 1, 2, 3, 4]),
    note(8, [NOW, 60, 0], ["trace"]),
    note(9, [0, 0, 2, NOW, 1], ["", "", ""]),
    note(10, [0, 77, 3, 32, 0, NOW]),
    note(11, [5, 77, NOW]),
    note(12, [0, 2, NOW, 3, 3, 32, 1, NOW, NOW],
         ["disk/one", "sda", "kmsg", "m", "s", "evidence", "verified"]),
    note(13, [77, NOW, NOW, 1, 2, 3]),
    note(14, [1], ["disk/one"]),
    note(15, [1, 0, 0, NOW, NOW], ["trace"]),
    note(16, [1, 0, 2, 0, 1, 1, 77, 4711, NOW, NOW]),
    note(17, [0, 77, 2, NOW, 1, NOW]),
    note(18, [4711, 4711, 1, NOW], ["process/cc1", "signal 7"]),
    note(19, [NOW, 4, 0]),
    note(20, [NOW, 1, 0, 0, NOW, 4711, 4711, 1, 1, 1, 7, 1, 1],
         ["cc1", "/usr/bin/cc1", "/ci"]),
    note(21, [0, 8, 1, 0, 1], ["/usr/bin/cc1"]),
]


def main(folder):
    seeds = {f"note{i}": b"\1" + n for i, n in enumerate(NOTES)}
    seeds["all"] = b"\1" + b"".join(NOTES)
    seeds["slot"] = b"\0" + struct.pack("<qQQ", 5, 3, 0)
    seeds["long"] = b"\0" + struct.pack("<qQQ", 5, 2**64 - 1, 0)
    os.makedirs(folder, exist_ok=True)
    for name, seed in seeds.items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(seed)


main(sys.argv[1])
