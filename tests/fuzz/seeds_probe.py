#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_probe, into a folder: what each driver may say of a host, and
what it may not; then reports of any content."""
import sys

import proto_seeds
from proto_seeds import NOW, data, number

DRIVERS = ["storage", "smart", "space", "array", "sensors", "engine",
           "victim", "virt", "link"]
EVENT, STATE, MEASURE, COUNTER = range(4)  # Observation.Kind
# Places in message Fact.
OBSERVATION, DEVICE, BEGIN, MOUNT, LAYER, END, COVERAGE = range(1, 8)
DISK, RESTS, VICTIM, DRIVER = 10, 11, 12, 14


def fact(driver, key, message):
    inner = number(key, 1) if message is None else data(key, message)
    return data(1, inner + data(DRIVER, driver))


def observation(part, kind, condition="", metric="", holds=1, ref=0):
    return (data(2, condition) + data(3, data(1, part)) + number(4, NOW) +
            number(5, 1) + data(8, metric) + number(9, 95 << 30) +
            number(10, 100 << 30) + data(11, "what it says of it") +
            number(12, kind) + number(13, ref) + number(14, holds))


def device(name, minor, kind=0, disk=""):
    return (number(1, 8) + number(2, minor) + number(3, kind) + number(4, 1) +
            data(7, name) + data(8, disk) +
            (b"" if disk else data(10, "disk/naa.5000c500a1b20001")) +
            data(13, "0f1e-22" if disk else ""))


def a_map():
    mount = (number(1, 8) + number(2, 1) + data(7, "ext4") +
             data(8, "/dev/sda1") + data(9, "/"))
    layer = number(1, 8) + number(2, 1) + number(3, 8) + data(7, "partition")
    facts = [(DEVICE, device("sda", 0)), (DEVICE, device("sda1", 1, 1, "sda")),
             (BEGIN, None), (MOUNT, mount), (LAYER, layer), (END, None)]
    return b"".join(fact("storage", k, m) for k, m in facts)


def told(driver, conditions):
    """All kinds of observations; not all of them are this driver's."""
    out = a_map()
    for condition in conditions:
        for kind, holds in ((EVENT, 1), (STATE, 1), (STATE, 0)):
            out += fact(driver, OBSERVATION,
                        observation("sda", kind, condition, holds=holds,
                                    ref=1))
    for metric in ("fs.bytes", "fs.inodes", "backing.bytes"):
        out += fact(driver, OBSERVATION,
                    observation("/", MEASURE, metric=metric, ref=2))
    for sense in proto_seeds.WORDS["sense"]:
        out += fact(driver, COVERAGE, data(1, driver) + data(2, sense) +
                    number(3, 2))
    return out


def main():
    maker = proto_seeds.Maker("probe")
    names = maker.conditions
    seeds = []
    for i, driver in enumerate(DRIVERS):
        some = names[i::len(DRIVERS)]
        seeds += [told(driver, some[:6]), told(driver, some[6:12])]
    for _ in range(8):
        rests = data(4, "engine/docker") + number(2, 8) + number(3, 1)
        seeds.append(
            a_map() + fact("smart", DISK, maker.message("DiskReading")) +
            fact("engine", RESTS, rests + data(6, "/var/lib/docker")) +
            fact("victim", VICTIM, maker.message("Victim")))
    proto_seeds.WORDS["driver"] = DRIVERS
    reports = seeds + proto_seeds.make("ProbeReport", 24)
    one = [proto_seeds.as_pieces([m]) for m in reports]
    two = [proto_seeds.as_pieces(p) for p in zip(reports, reports[1:])]
    proto_seeds.write(sys.argv[1], "report", one + two)


if __name__ == "__main__":
    main()
