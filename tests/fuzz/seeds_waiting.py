#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_waiting, into a folder: builds and findings as ship keeps
them for its successor (agent/ship/waiting.h)."""
import struct
import sys

import proto_seeds

RECORDS, UNIT, SLOTS = 24 * 1024, 256, 8


def left(records):
    """Slots, padded to eight, and behind them the records, each in units."""
    slots, data = b"", b""
    for number, (kind, message) in enumerate(records[:SLOTS], 1):
        slots += struct.pack("=QIIIIQ", number, kind, 1000,
                             RECORDS + len(data), len(message), 0)
        data += message + bytes(-len(message) % UNIT)
    return slots.ljust(32 * SLOTS, b"\0") + data


def main():
    builds, findings = (proto_seeds.make(n) for n in ("BuildResult", "Finding"))
    both = [(1, m) for m in builds] + [(2, m) for m in findings]
    proto_seeds.write(sys.argv[1], "waiting",
                      [left([one]) for one in both]
                      + [left(both[:4] + both[-4:]), left([(3, b"x")])])


if __name__ == "__main__":
    main()
