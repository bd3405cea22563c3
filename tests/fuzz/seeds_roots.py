#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_roots, into a folder: the trees of tests/fixtures, each under
the drivers that read such a tree. The words of a fixture: tests/unit/tree.h."""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
FIXTURES = HERE.parent / "fixtures"
# Places in the table of fuzz_roots.c.
DRIVERS = {"storage": [0, 5], "array": [1], "edac": [2], "limits": [3],
           "virt": [4, 7], "space": [5, 0], "smart": [8, 6]}
# What drivers read that no fixture has: path and text.
MORE = {
    6: [("sys/class/hwmon/hwmon0/name", b"coretemp\n"),
        ("sys/class/hwmon/hwmon0/temp1_input", b"45000\n"),
        ("sys/class/power_supply/AC/online", b"1\n"),
        ("sys/class/power_supply/AC/type", b"Mains\n"),
        ("sys/class/thermal/thermal_zone0/type", b"x86_pkg_temp\n"),
        ("sys/class/thermal/cooling_device0/type", b"Processor\n"),
        ("proc/uptime", b"900.00 1700.00\n"),
        ("proc/cpuinfo", b"flags\t: fpu vme\n")],
    7: [("run/docker.sock", b""), ("run/podman/podman.sock", b""),
        ("etc/docker/daemon.json", b'{"data-root": "/srv/d"}\n'),
        ("etc/containers/storage.conf", b'graphroot = "/srv/p"\n')],
}


def unescape(text):
    def one(m):
        word = m.group(1)
        if word[0] == "x":
            return chr(int(word[1:], 16))
        return {"n": "\n", "s": " "}.get(word, word)
    return re.sub(r"\\(x[0-9a-fA-F]{2}|.)", one, text).encode("latin-1")


class Tree:
    def __init__(self):
        self.files, self.links, self.folders = {}, {}, {}

    def block(self, name, number, devpath):
        self.links[f"sys/class/block/{name}"] = "../.." + devpath
        self.links[f"sys/dev/block/{number}"] = "../.." + devpath
        self.files[f"sys{devpath}/dev"] = number.encode() + b"\n"
        self.folders[name] = "sys" + devpath

    def slave(self, upper, lower):
        where = f"{self.folders[upper]}/slaves/{lower}"
        self.links[where] = "../" * where.count("/") + self.folders[lower]

    def file(self, path, text):
        self.files[path.rstrip()] = unescape(text) + b"\n"

    def append(self, path, line):
        self.files[path] = self.files.get(path, b"") + line.encode() + b"\n"

    def line(self, line):
        word, _, rest = line.partition(" ")
        if line.startswith("@"):
            path, _, text = line[1:].partition(" =")
            name, _, attribute = path.partition("/")
            self.file(f"{self.folders[name]}/{attribute}", text[1:])
        elif word == "block":
            self.block(*rest.split())
        elif word == "slave":
            self.slave(*rest.split())
        elif word == "mount":
            self.append("proc/self/mountinfo", rest)
        elif word == "swap":
            self.append("proc/swaps", rest)
        elif word == "link":
            path, target = rest.split()
            self.links[path] = target
        elif word == "dir":
            self.files[rest + "/"] = b""
        elif word == "file":
            path, _, text = rest.partition(" =")
            self.file(path, text[1:])

    def seed(self, driver):
        out = bytes([driver, 1])
        for path, target in self.links.items():
            out += path.encode() + b"\xfd" + target.encode() + b"\xff"
        for path, text in self.files.items():
            out += path.encode() + b"\xfe" + text.replace(b"\xff", b"?")
            out += b"\xff"
        return out


def main():
    to = pathlib.Path(sys.argv[1])
    to.mkdir(parents=True, exist_ok=True)
    for room, drivers in DRIVERS.items():
        for fixture in sorted((FIXTURES / room).iterdir()):
            tree = Tree()
            for line in fixture.read_text(encoding="utf-8").splitlines():
                tree.line(line)
            for driver in drivers:
                (to / f"{room}-{fixture.name}-{driver}").write_bytes(
                    tree.seed(driver))
    for driver, files in MORE.items():
        tree = Tree()
        tree.files.update(files)
        (to / f"more-{driver}").write_bytes(tree.seed(driver))


if __name__ == "__main__":
    main()
