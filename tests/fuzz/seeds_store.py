#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_store: one request of each kind, as the wire has them."""
import pathlib
import sys

import proto_seeds
from proto_seeds import NOW, data, number

attempt = number(1, 1) + data(3, "--token") + data(3, "x") + number(6, 1)
attempt += data(11, "failed") + data(14, data(1, "code") + data(
    4, number(1, 7) + data(2, "A_TOKEN=x in a line")))
build = (data(1, "00112233445566778899aabbccddeeff")
         + data(6, "https://u:p@h.example/a/b") + data(7, "/home/ci")
         + data(8, "curl") + data(8, "-u") + data(8, "me:pw")
         + number(9, NOW - 10**9) + number(10, NOW) + number(11, 2)
         + number(12, 1) + data(14, "code") + data(17, "it failed")
         + data(19, attempt) + number(21, 3) + number(22, 5)
         + data(23, data(4, "/home/ci/a.o") + data(6, "a disk failed")))
seeds = {
    "record": data(1, build),
    "history": data(2, data(1, "a/b") + number(7, 1) + number(8, 1)),
    "needs": data(3, data(1, "git@h.example:a/b.git")),
}
for name, seed in seeds.items():
    pathlib.Path(sys.argv[1], name).write_bytes(seed)
proto_seeds.main("StoreRequest")
