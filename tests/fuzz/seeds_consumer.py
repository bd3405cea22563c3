#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What servers answer a fleet's reader, and a fleet.conf: one file each."""
import json
import os
import sys

ID = "UHAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB"
SEEDS = {
    "made": json.dumps({"created": "2026-11-22T07:20:00.25Z",
                        "num_pending": 7,
                        "delivered": {"stream_seq": 41}}),
    "no-stream": json.dumps({"error": {"code": 404, "err_code": 10059,
                                       "description": "stream not found"}}),
    "place": "$JS.ACK.STATE.hale_1.1.20.3.400.5",
    "place-2": "$JS.ACK._.HASH.STATE.hale_2.1.21.4.401.0.token",
    "gone": json.dumps({"client": {"user": ID, "acc": "HOSTS"},
                        "reason": "Client Closed"}),
    "conf": "[fleet]\nname = x\nservers = tls://a:4222, tls://b:4222\n"
            "ca = ca.pem\nseed = user.nk\noperator = user.nk\n",
}

for name, text in SEEDS.items():
    with open(os.path.join(sys.argv[1], name), "w") as f:
        f.write(text)
