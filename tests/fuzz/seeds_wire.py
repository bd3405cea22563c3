#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_wire, into a folder: messages of both directions, whole and
torn, with and without descriptors."""
import pathlib
import struct
import sys

UP, FRAMED, LONG = 0x80, 0x40, 0x20
KINDS = 8


def record(what, data):
    return bytes([what]) + struct.pack("<H", len(data)) + data


def up(kind, value, zero=0):
    return record(UP, struct.pack("=IIQ", kind, zero, value))


def down(kind, data=b"", value=0, fds=0, length=None):
    length = len(data) if length is None else length
    return record(fds, struct.pack("=IIQ", kind, length, value) + data)


def main():
    to = pathlib.Path(sys.argv[1])
    to.mkdir(parents=True, exist_ok=True)
    seeds = {
        "up": b"".join(up(k, 1) for k in range(KINDS + 2)),
        "up-torn": record(UP, bytes(15)) + up(1, 2, 3),
        "down": b"".join(down(k, b"why", k) for k in range(KINDS + 1)),
        "descriptors": b"".join(down(3, fds=n) for n in range(5)),
        "other-length": down(2, b"abc", length=4) + down(2, length=2**32 - 1),
        "framed": record(FRAMED | 1, bytes(40)),
        "long": record(LONG, down(1)[3:]) + record(LONG | FRAMED, bytes(9)),
        "empty": record(0, b"") + record(1, b""),
    }
    for name, data in seeds.items():
        (to / name).write_bytes(data)


if __name__ == "__main__":
    main()
