#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_host, into a folder: runs of a driver that tell facts and end
well, badly, too late or never."""
import random
import sys

import proto_seeds
from proto_seeds import data, number

MESSAGE, END, SIGNAL, LATE, HANG, BACK = b"\x05", 0, 1, 2, 3, 4
STATE, FS = 1, 2  # Observation.Kind and Ref


def end(how, status=0):
    return bytes([how | status << 3])


def turns(part):
    """"fs.hung no longer holds": which part it turns to next."""
    observation = (data(2, b"fs.hung") + data(3, data(1, part)) +
                   number(12, STATE) + number(13, FS))
    return data(1, data(1, observation))


def main():
    r = random.Random("host")
    facts = proto_seeds.make("Facts", 24)
    ends = [end(END), end(END, 5), end(SIGNAL, 11), end(LATE), end(HANG),
            end(BACK)]
    seeds = []
    for i in range(24):
        run = [MESSAGE + r.choice(facts) for _ in range(1 + i % 3)]
        run.append(MESSAGE + turns(b"/home%d" % (i % 5)))
        run.append(ends[i % len(ends)])
        run += [MESSAGE + r.choice(facts), end(END), end(BACK), end(END)]
        seeds.append(proto_seeds.as_pieces(run))
    proto_seeds.write(sys.argv[1], "runs", seeds)


if __name__ == "__main__":
    main()
