#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_kmsg, into a folder: records that the kernel's rules fit, some
to a seed, as /dev/kmsg gives them."""
import sys

import rule_lines


def record(number, line):
    return b"4,%d,%d,-;%s\n" % (number, number * 1000, line)


def main():
    seeds = []
    for lot in rule_lines.lots(rule_lines.lines("drivers/kmsg.rules"), 8):
        seeds.append(b"\0".join(record(10 + i, line)
                                for i, line in enumerate(lot)))
    rule_lines.write(sys.argv[1], seeds)


if __name__ == "__main__":
    main()
