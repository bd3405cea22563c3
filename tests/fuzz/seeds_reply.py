#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_reply, into a folder: answers in one message and in two."""
import sys

import proto_seeds

LAST = bytes([15 << 3, 1])


def whole(message):
    """It ends its answer, whatever it said of that."""
    return message + LAST


def main():
    replies = proto_seeds.make("Reply", 8)
    one = [proto_seeds.as_pieces([whole(m)]) for m in replies]
    two = [proto_seeds.as_pieces([a + bytes([15 << 3, 0]), whole(b)])
           for a, b in zip(replies, replies[1:])]
    proto_seeds.write(sys.argv[1], "reply", one + two)


if __name__ == "__main__":
    main()
