#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes pages of a trace buffer for fuzz_trace: seeds_trace.py FOLDER.

The layout is that of a 64-bit kernel: a time, the commit field, records. In
front stand the 16 bytes by which the fuzzer chooses where fields lie.
"""
import os
import struct
import sys

EVENTS = 12
PADDING, TIME_EXTEND, TIME_STAMP = 29, 30, 31
LOST, LOST_STORED = 1 << 31, 1 << 30
CHOICE = bytes([2] * 15 + [3])


def head(kind, delta):
    return struct.pack("=I", delta << 5 | kind)


def record(event, body=b"\x01" * 40):
    data = struct.pack("=HBBi", event, 0, 0, 4321) + body
    data += bytes(-len(data) % 4)
    return head(len(data) // 4, 700) + data


def long_record(event):
    data = struct.pack("=HBBi", event, 0, 0, 1) + bytes(range(200))
    return head(0, 9) + struct.pack("=I", len(data) + 4) + data


def page(records, flags=0, length=None, tail=b""):
    length = len(records) if length is None else length
    return (CHOICE + struct.pack("=QQ", 10 ** 12, flags | length) + records +
            tail)


SEEDS = {
    "events": page(b"".join(record(e) for e in range(EVENTS))),
    "long": page(long_record(0) + record(1)),
    "times": page(head(TIME_EXTEND, 5) + struct.pack("=I", 1) + record(0) +
                  head(TIME_STAMP, 5) + struct.pack("=I", 77) + record(2)),
    "padding": page(head(PADDING, 1) + struct.pack("=I", 8) + bytes(4) +
                    record(3) + head(PADDING, 0) + bytes(20)),
    "lost": page(record(0), LOST | LOST_STORED, tail=struct.pack("=Q", 250)),
    "lost-unknown": page(record(0), LOST),
    # torn ones
    "commit-beyond": page(record(0), LOST | LOST_STORED, (1 << 27) - 1),
    "padding-back": page(head(PADDING, 1) + struct.pack("=i", -4) + bytes(24)),
    "long-empty": page(head(0, 1) + bytes(28)),
    "record-beyond": page(head(28, 1) + bytes(8)),
    "cut": page(record(4))[:-30],
}


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    for name, data in SEEDS.items():
        with open(os.path.join(folder, name), "wb") as out:
            out.write(data)


if __name__ == "__main__":
    main()
