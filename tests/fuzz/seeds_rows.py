#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_rows, into a folder: whole rows of either table."""
import sys

import proto_seeds


def main():
    builds, findings = (proto_seeds.make(n) for n in ("BuildResult", "Finding"))
    proto_seeds.write(sys.argv[1], "row",
                      [bytes([i % 2]) + m for i, m in enumerate(builds)]
                      + [bytes([2 + i % 2]) + m
                         for i, m in enumerate(findings)])


if __name__ == "__main__":
    main()
