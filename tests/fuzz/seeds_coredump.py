#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_coredump: small core dumps, whole, into the given folder."""
import struct
import sys
from pathlib import Path


def note(kind, desc):
    pad = b"\0" * (-len(desc) % 4)
    return struct.pack("<3I", 5, len(desc), kind) + b"CORE\0\0\0\0" + desc + pad


def psinfo(name):
    head = struct.pack("<4s4xQ6I", b"\0S\0\0", 0, 1000, 100, 7, 1, 7, 7)
    return note(3, head + name.ljust(16, b"\0") + name.ljust(80, b"\0"))


def siginfo(signal, code, address):
    return note(0x53494749,
                struct.pack("<3i4xQ", signal, 0, code, address).ljust(128, b"\0"))


def files(rows):
    desc = struct.pack("<2Q", len(rows), 4096)
    desc += b"".join(struct.pack("<3Q", *r[:3]) for r in rows)
    desc += b"".join(r[3] + b"\0" for r in rows)
    return note(0x46494C45, desc)


def dump(machine, notes):
    head = b"\x7fELF\2\1\1".ljust(16, b"\0")
    head += struct.pack("<2HI3QI6H", 4, machine, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    return head + struct.pack("<2I6Q", 4, 4, 120, 0, 0, len(notes), 0, 0) + notes


ROWS = [(0x1000, 0x3000, 0, b"/usr/bin/ld"), (0x8000, 0x9000, 2, b"/b/a.o")]
SEEDS = {
    "bus": dump(62, psinfo(b"ld") + siginfo(7, 2, 0x8010) + files(ROWS)),
    "abort": dump(183, psinfo(b"cc1") + siginfo(6, -6, 0)),
    "threads": dump(243, note(1, b"r" * 40) + psinfo(b"go") +
                    siginfo(11, 1, 0) + files(ROWS[:1]) + note(1, b"r" * 40)),
}
for name, data in SEEDS.items():
    (Path(sys.argv[1]) / name).write_bytes(data)
