# SPDX-License-Identifier: Apache-2.0
"""Lines that the rules of a file fit, for seeds_*.py: each template with its
definitions, one of its alternatives and words for what it captures. A new rule
is in the seeds at once; the same file gives the same lines."""
import pathlib
import random
import re

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
WORDS = {
    "int": ["7", "0", "4096"], "n": ["3"], "hex": ["0x1f", "2a"],
    "disk": ["sda", "nvme0n1", "vdb"], "optical": ["sr0"], "loop": ["loop0"],
    "nbd": ["nbd0"], "md": ["md0"], "ata": ["ata1", "ata2.00"],
    "pci": ["0000:01:00.0"], "mmc": ["mmc0", "mmcblk0"], "lba": ["7814037"],
    "devno": ["8:1", "253:0"], "scsi": ["0:0:0:0"], "errno": ["-5", "-28"],
    "op": ["READ", "WRITE"], "nvme": ["nvme0"], "mc": ["0"], "_": [" ", ""],
    "comm": ["cc1", "ld"], "text": ["some words", "/home/ci/a.c: x"],
}
OTHER = ["sda1", "ext4", "build-07"]


def templates(text, defines):
    for line in text.splitlines():
        if m := re.match(r'define (\w+) "(.*)"$', line):
            defines[m[1]] = m[2]
        elif line.startswith("\t") and not line.strip().startswith("#"):
            yield line.strip("\t")


class Filler:
    def __init__(self, seed, defines):
        self.random, self.defines = random.Random(seed), defines

    def capture(self, m):
        name = m[1]
        if name in self.defines:
            return self.fill(self.defines[name])
        return self.random.choice(WORDS.get(name, OTHER))

    def alternative(self, m):
        return self.random.choice(m[1].split("|")).replace("$", "")

    def fill(self, text):
        """Captures first: a definition has alternatives of its own."""
        text = re.sub(r"\{(\w+)\}", self.capture, text)
        while re.search(r"<[^<>]*\|[^<>]*>", text):
            text = re.sub(r"<([^<>]*\|[^<>]*)>", self.alternative, text)
        return text.replace("...", "")


def lines(path, times=2):
    defines = {}
    found = list(templates((SOURCE / path).read_text(encoding="utf-8"),
                           defines))
    filler = Filler(path, defines)
    return [filler.fill(t).encode() for t in found for _ in range(times)]


def lots(of, size):
    return [of[i:i + size] for i in range(0, len(of), size)]


def write(folder, seeds):
    to = pathlib.Path(folder)
    to.mkdir(parents=True, exist_ok=True)
    for i, seed in enumerate(seeds):
        (to / f"rules-{i}").write_bytes(seed)
