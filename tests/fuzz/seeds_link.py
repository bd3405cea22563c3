#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_link, into a folder: rtnetlink messages of hosts with a card,
a bond, a bridge and containers (linux/if_link.h, linux/rtnetlink.h)."""
import pathlib
import struct
import sys

LINK, ROUTE = 1, 0
ETHER, LOOPBACK = 1, 772
INET, INET6 = 2, 10
# IFLA_… and RTA_…
NAME, LOWER, MASTER, STATE, INFO, STATS64 = 3, 5, 10, 16, 18, 23
QUEUES, CHANGES, NETNSID, DOWNS = 31, 35, 37, 48
KIND, INFO_DATA = 1, 2
OIF, MULTIPATH, ENCAP, TABLE = 4, 9, 22, 15
MAIN = 254


def attribute(kind, data):
    out = struct.pack("=HH", 4 + len(data), kind) + data
    return out + bytes(-len(out) % 4)


def word(kind, value):
    return attribute(kind, struct.pack("=I", value))


def record(kind, data):
    """As fuzz_link.c takes them apart: what, words, bytes."""
    return bytes([kind, min(len(data) // 4, 255)]) + data


def link(index, name, kind=None, arp=ETHER, **more):
    data = struct.pack("=BBHiII", 0, 0, arp, index, 1, 0)
    data += attribute(NAME, name.encode() + b"\0")
    data += attribute(STATE, b"\x06") + word(QUEUES, 4)
    data += word(DOWNS, 3) if index % 2 else word(CHANGES, 8)
    for key, value in more.items():
        data += word({"master": MASTER, "lower": LOWER,
                      "netnsid": NETNSID}[key], value)
    if kind:
        data += attribute(INFO, attribute(KIND, kind.encode() + b"\0") +
                          attribute(INFO_DATA, bytes(12)))
    counters = struct.pack("=24Q", *range(100, 124))
    return record(LINK, data + attribute(STATS64, counters))


def route(family, *attributes, length=0, table=MAIN):
    data = struct.pack("=BBBBBBBBI", family, length, 0, 0, table & 255, 4, 0,
                       1, 0)
    return record(ROUTE, data + b"".join(attributes) + word(TABLE, table))


def hop(index, more=b"", length=None):
    length = 8 + len(more) if length is None else length
    return struct.pack("=HBBi", length, 0, 0, index) + more


def default(index, family=INET):
    return route(family, word(OIF, index))


LO = link(1, "lo", arp=LOOPBACK)
SEEDS = {
    "card": LO + link(2, "eth0") + default(2) + default(2, INET6),
    "bond": (LO + link(2, "eth0", master=4) + link(3, "eth1", master=4) +
             link(4, "bond0", "bond") + default(4)),
    "vlan": link(2, "eth0") + link(5, "eth0.7", "vlan", lower=2) + default(5),
    "bridge": (link(2, "eth0", master=6) + link(6, "br0", "bridge") +
               link(7, "veth1", "veth", master=6, lower=9, netnsid=0) +
               link(8, "bond1", "bond", master=6) + default(6)),
    "ring": (link(2, "a", "macvlan", lower=3) +
             link(3, "b", "vlan", lower=2) + default(2)),
    "hops": link(2, "eth0") + link(3, "eth1") + route(
        INET, attribute(MULTIPATH, hop(2) + hop(3, attribute(5, bytes(4))))),
    "hops-torn": route(INET, attribute(MULTIPATH, hop(2, length=0))) +
                 route(INET, attribute(MULTIPATH, hop(2, length=96))) +
                 route(INET, attribute(MULTIPATH, hop(2) + bytes(3))),
    "other-routes": link(2, "eth0") + route(INET, word(OIF, 2), length=24) +
                    route(INET, word(OIF, 2), table=1000) +
                    route(INET, word(OIF, 2), attribute(ENCAP, bytes(4))),
    "no-name": record(LINK, struct.pack("=BBHiII", 0, 0, ETHER, 2, 1, 0)),
    "short": record(LINK, bytes(8)) + record(ROUTE, bytes(4)),
    "short-values": record(LINK, struct.pack("=BBHiII", 0, 0, 1, 2, 1, 0) +
                           attribute(NAME, b"e\0") + attribute(MASTER, b"") +
                           attribute(STATS64, bytes(8)) +
                           attribute(DOWNS, b"\1") + attribute(INFO, b"")),
}


def main():
    to = pathlib.Path(sys.argv[1])
    to.mkdir(parents=True, exist_ok=True)
    for name, data in SEEDS.items():
        (to / name).write_bytes(data)


if __name__ == "__main__":
    main()
