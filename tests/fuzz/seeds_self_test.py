#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_self_test: one page of each protocol, into a folder."""
import os
import sys


def ata(fill):
    page = bytearray(512)
    for at, byte in fill.items():
        page[at] = byte
    page[511] = -sum(page) & 0xff
    return page


def put(length, fill):
    page = bytearray(length)
    for at, byte in fill.items():
        page[at] = byte
    return page


SEEDS = {
    "ata-running": ata({0: 16, 363: 0xf4, 367: 0x5b}),
    "ata-log": ata({0: 1, 508: 3, 51: 0x75, 55: 0x78, 56: 0x56}),
    "scsi": put(404, {0: 0x10, 2: 1, 3: 0x90, 5: 1, 6: 3, 7: 16, 8: 0x27,
                      11: 9, 19: 77}),
    "nvme-running": put(564, {0: 1, 1: 30}),
    "nvme-failed": put(564, {4: 0x27, 6: 2, 20: 5}),
}


def main():
    os.makedirs(sys.argv[1], exist_ok=True)
    for name, page in SEEDS.items():
        with open(os.path.join(sys.argv[1], name), "wb") as f:
            f.write(page)


if __name__ == "__main__":
    main()
