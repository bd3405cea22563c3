#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_command, into a folder: what a core tells its probe, from the
first configuration on."""
import random
import sys

import proto_seeds

proto_seeds.WORDS["driver"] = ["storage", "victim", "other"]
proto_seeds.WORDS["key"] = ["devices", "period"]
proto_seeds.WORDS["value"] = ["sda sdb", "5"]


def main():
    r = random.Random("command")
    maker = proto_seeds.Maker("command")
    commands = proto_seeds.make("ProbeCommand", 6)
    seeds = []
    for _ in range(24):
        first = maker.message("ProbeCommand", only="configure")
        seeds.append(proto_seeds.as_pieces([first] + r.sample(commands, 6)))
    proto_seeds.write(sys.argv[1], "commands", seeds)


if __name__ == "__main__":
    main()
