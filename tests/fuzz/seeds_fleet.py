#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_fleet, into a folder: a byte that says which message, and one
that a host may have sent, so that most are not refused for their first field."""
import sys

import proto_seeds

KINDS = ["HostState", "FindingEvent", "BuildOutcome", "Order", "SignedOrder"]
EXACT = {"message_id": 16, "order": 16, "repo": 16, "signature": 64}
IDS = ["U" + c * 55 for c in "A7"]


class Maker(proto_seeds.Maker):
    def value(self, kind, field, where, depth):
        if field == "version" and where in KINDS:
            return 0, b"\1"
        if kind == "bytes" and where != "SignedOrder" or field == "signature":
            return 2, proto_seeds.varint(EXACT[field]) + bytes(
                self.random.randrange(256) for _ in range(EXACT[field]))
        if field in ("id", "signer") and where in KINDS:
            return 2, b"\x38" + self.random.choice(IDS).encode()
        if field in ("who", "where"):
            return 2, b"\5alice"
        if field == "key":
            return 2, b"\4" + self.random.choice([b"pool", b"rack", b"zone"])
        return super().value(kind, field, where, depth)


def main():
    maker = Maker("fleet")
    # a state has none that ended
    fields = maker.schema.messages["HostReport"]
    fields[:] = [f for f in fields if f[2] != "closed"]
    for n, kind in enumerate(KINDS):
        some = [bytes([n]) + maker.message(kind) for _ in range(8)]
        # and of most nothing is left out
        chance, maker.random.random = maker.random.random, lambda: 1.0
        some += [bytes([n]) + maker.message(kind) for _ in range(24)]
        maker.random.random = chance
        proto_seeds.write(sys.argv[1], kind, some)


if __name__ == "__main__":
    main()
