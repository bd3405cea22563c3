#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_classify, into a folder: what tools print, by the rules of a
build's log."""
import sys

import rule_lines


def main():
    lots = rule_lines.lots(rule_lines.lines("drivers/build.rules"), 6)
    rule_lines.write(sys.argv[1], [b"\n".join(lot) + b"\n" for lot in lots])


if __name__ == "__main__":
    main()
