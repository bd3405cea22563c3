# SPDX-License-Identifier: Apache-2.0
"""Messages of proto/*.proto with plausible content, for the seeds_*.py of the
targets that read messages. The schema is read from the file, so a new field is
in the seeds at once; the same number gives the same message."""
import pathlib
import random
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
NOW = 1795303800 * 10**9
SCALARS = {"bool", "uint32", "uint64", "int32", "int64", "sint32", "sint64",
           "fixed64", "sfixed64", "string", "bytes", "double"}
FIELD = re.compile(r"(repeated )?([\w.]+) (\w+) = (\d+)")
# What fields of a name hold that are not just any word.
WORDS = {
    "part": ["sda", "sdb", "/home", "sda1", "eth0", "memory"],
    "id": ["sda", "00112233445566778899aabbccddeeff", "disk/naa.5000c500a1b2"],
    "name": ["sda", "sda1", "dm-0", "md0", "home"],
    "driver": ["kmsg", "storage", "smart", "space", "trace"],
    "sense": ["block_errors", "fs_state", "topology", "space"],
    "path": ["/home/ci/src", "/", "/var/lib/docker"],
    "paths": ["/home/ci/src", "/"], "mountpoint": ["/", "/home"],
    "source": ["/dev/sda1", "tmpfs"], "type": ["ext4", "overlay", "btrfs"],
    "host": ["build-07"], "repo": ["example.org/a/b", "a/b"],
    "directory": ["/home/ci/src"], "comm": ["cc1", "ld"],
    "exe": ["/usr/bin/cc1"], "cgroup": ["/user.slice/a.scope"],
    "cause": ["code", "host-disk-full", "host-memory"],
    "evidence": ["critical medium error, dev sda, sector 7814037"],
    "end": ["passed", "failed"], "identity": ["disk/naa.5000c500a1b20001"],
    "devpath": ["/devices/pci0000:00/ata1/block/sda"], "via": ["ext4", "raid1"],
}


def conditions():
    text = (SOURCE / "agent/core/catalogue.def").read_text(encoding="utf-8")
    return [".".join(m) for m in
            re.findall(r"^CONDITION\((\w+), (\w+),", text, re.M)]


class Schema:
    """messages: name -> [(label, type, name, number, oneof)]"""

    def __init__(self):
        self.messages, self.enums = {}, {}
        text = "\n".join((SOURCE / "proto" / name).read_text(encoding="utf-8")
                         for name in ("hale.proto", "fleet.proto"))
        scope, oneof = [], 0
        for line in re.sub(r"//.*", "", text).splitlines():
            line = line.strip()
            if m := re.match(r"(message|enum|oneof) (\w+) \{(.*)", line):
                oneof += m[1] == "oneof"
                scope.append((m[1], m[2]))
                self.open(scope, m[1])
                line = m[3].strip()
            if m := FIELD.match(line):
                self.field(scope, m, oneof)
            elif m := re.match(r"(\w+) = (\d+);", line):
                self.enums[self.path(scope)].append(int(m[2]))
            if "}" in line:
                scope.pop()

    @staticmethod
    def path(scope):
        return ".".join(n for k, n in scope if k != "oneof")

    def open(self, scope, kind):
        if kind == "message":
            self.messages[self.path(scope)] = []
        elif kind == "enum":
            self.enums[self.path(scope)] = []

    def field(self, scope, m, oneof):
        inside = oneof if scope[-1][0] == "oneof" else 0
        self.messages[self.path(scope)].append(
            (bool(m[1]), m[2], m[3], int(m[4]), inside))

    def resolve(self, name, where):
        name = name.removeprefix("hale.v1.")
        parts = where.split(".")
        for n in range(len(parts), -1, -1):
            full = ".".join(parts[:n] + [name])
            if full in self.messages or full in self.enums:
                return full
        raise KeyError(name)


def varint(n):
    n &= (1 << 64) - 1
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def number(key, n):
    """A field that is a number, as it lies in a message."""
    return varint(key << 3) + varint(n)


def data(key, value):
    """A field that is a text, bytes or a message."""
    value = value.encode() if isinstance(value, str) else value
    return varint(key << 3 | 2) + varint(len(value)) + value


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.schema, self.conditions = Schema(), conditions()

    def word(self, field):
        if field == "condition":
            return self.random.choice(self.conditions)
        return self.random.choice(WORDS.get(field, ["text", "a b", ""]))

    def number(self, field):
        r = self.random
        if field.endswith("_ns"):
            return NOW - r.choice([0, 1, 5, 900, 86400]) * 10**9
        if field in ("major", "upper_major", "lower_major"):
            return r.choice([8, 253, 259])
        return r.choice([0, 1, 2, 7, r.randrange(200), r.getrandbits(40)])

    def value(self, kind, field, where, depth):
        if kind in ("string", "bytes"):
            text = self.word(field).encode()
            return 2, varint(len(text)) + text
        if kind == "bool":
            return 0, varint(self.random.randrange(2))
        if kind in ("fixed64", "sfixed64", "double"):
            return 1, self.number(field).to_bytes(8, "little")
        if kind in ("sint32", "sint64"):
            return 0, varint(self.number(field) * 2)
        if kind in SCALARS:
            return 0, varint(self.number(field))
        full = self.schema.resolve(kind, where)
        if full in self.schema.enums:
            return 0, varint(self.random.choice(self.schema.enums[full]))
        inner = self.message(full, depth + 1)
        return 2, varint(len(inner)) + inner

    def message(self, name, depth=0, only=None):
        """@only: of a oneof the field of this name, else a random one."""
        fields = self.schema.messages[name]
        out = b""
        chosen = {}
        for _, _, field, _, oneof in fields:
            if oneof:
                chosen.setdefault(oneof, []).append(field)
        pick = {o: only if only in f else self.random.choice(f)
                for o, f in chosen.items()}
        for repeated, kind, field, number, oneof in fields:
            if oneof and pick[oneof] != field:
                continue
            if depth > 5 and kind not in SCALARS:
                continue
            times = self.random.randrange(4) if repeated else 1
            if not oneof and not repeated and self.random.random() < 0.2:
                times = 0
            for _ in range(times):
                wire, data = self.value(kind, field, name, depth)
                out += varint(number << 3 | wire) + data
        return out

    def bodies(self, name):
        """The names of its oneof's fields; [None] where it has none."""
        return [f[2] for f in self.schema.messages[name] if f[4]] or [None]


def write(folder, name, messages):
    to = pathlib.Path(folder)
    to.mkdir(parents=True, exist_ok=True)
    for i, data in enumerate(messages):
        (to / f"{name.lower()}-{i}").write_bytes(data)


def make(name, per_body=6):
    """So many messages of each kind, smaller ones among them."""
    maker = Maker(name)
    bodies = maker.bodies(name)
    return [maker.message(name, only=body) for body in bodies
            for _ in range(max(per_body, 24 // len(bodies)))]


def as_pieces(messages):
    """As tests/fuzz/pieces.h takes them apart."""
    return b"".join(len(m[:65535]).to_bytes(2, "little") + m[:65535]
                    for m in messages)


def main(*names):
    for name in names:
        write(sys.argv[1], name, make(name))
