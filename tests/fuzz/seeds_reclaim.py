#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_reclaim, into a folder: what an engine may answer."""
import json
import pathlib
import sys

INFO = {"DockerRootDir": "/var/lib/docker", "Driver": "overlay2"}
IMAGES = [
    {"Id": "sha256:1", "RepoTags": ["app:1"], "Size": 10 ** 9,
     "SharedSize": 10 ** 6, "Containers": 0, "Created": 1700000000},
    {"Id": "sha256:2", "RepoTags": ["<none>:<none>"], "Size": 5,
     "SharedSize": -1, "Containers": 0, "Created": -1},
    {"Id": "sha256:3", "RepoTags": None, "Size": 2 ** 63 - 1,
     "SharedSize": 0, "Containers": 2, "Created": 1795303799},
]
CONTAINERS = [
    {"Id": "a", "State": "exited", "SizeRw": 4096, "Created": 1700000000},
    {"Id": "b", "State": "running", "SizeRw": 1, "Created": 1},
    {"Id": "c", "State": "created", "Created": 0},
]
CACHE = [
    {"ID": "x", "InUse": False, "Shared": True, "Size": 10 ** 8,
     "LastUsedAt": "2026-10-01T10:00:00.123456789Z"},
    {"ID": "y", "InUse": True, "Shared": False, "Size": 1,
     "CreatedAt": "2026-11-01T10:00:00Z", "LastUsedAt": None},
]
DF = {"LayersSize": 10 ** 9, "Images": IMAGES, "Containers": CONTAINERS,
      "BuildCache": CACHE}


def main():
    to = pathlib.Path(sys.argv[1])
    to.mkdir(parents=True, exist_ok=True)
    for i, df in enumerate([DF, {"Images": IMAGES}, {"BuildCache": CACHE},
                            {"Containers": CONTAINERS}, {}, []]):
        (to / f"answers-{i}").write_bytes(
            json.dumps(INFO).encode() + b"\0" + json.dumps(df).encode())


if __name__ == "__main__":
    main()
