#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_watch, into a folder: reports in one packet and in several,
others among them."""
import sys

import proto_seeds

MORE, LAST = bytes([15 << 3, 0]), bytes([15 << 3, 1])


def main():
    maker = proto_seeds.Maker("watch")
    reports = [maker.message("Reply", only="report") for _ in range(24)]
    others = proto_seeds.make("Reply", 2)
    seeds = []
    for how in (0, 1, 2):
        for i in range(0, 24, 3):
            a, b, c = reports[i:i + 3]
            whole = [a + LAST, b + MORE, c + MORE, a + LAST]
            torn = [a + MORE, others[i % len(others)], b"\xff\xff", b + LAST]
            seeds.append(bytes([how]) + proto_seeds.as_pieces(whole))
            seeds.append(bytes([how]) + proto_seeds.as_pieces(torn))
    proto_seeds.write(sys.argv[1], "reports", seeds)


if __name__ == "__main__":
    main()
