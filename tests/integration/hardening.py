#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Is each program and library under a folder built to withstand?

    hardening.py FOLDER     one line a fault; exit status 1 where there is one
    hardening.py -1 FILE    of one file

What the file itself shows, by readelf(1): where it is loaded, which of its
pages may be written or run, what the loader settles before main(), where it
looks for libraries; and by its debug information, with which flags each of our
own files was compiled.
"""
import os
import re
import stat
import subprocess
import sys

# gcc writes down with which flags it compiled; these have no other trace.
FLAGS = ["-fstack-protector-strong", "-fstack-clash-protection",
         "-ftrivial-auto-var-init=zero"]
if os.uname().machine == "x86_64":
    FLAGS.append("-fcf-protection")


def readelf(path, *options):
    return subprocess.run(["readelf", "-W", *options, path], check=True,
                          capture_output=True, text=True).stdout


def is_elf(path):
    with open(path, "rb") as f:
        return f.read(4) == b"\x7fELF"


def faults_of_segments(path):
    segments = readelf(path, "-l")
    dynamic = readelf(path, "-d")
    if not re.search(r"Elf file type is DYN", segments):
        yield "is loaded at a fixed address: not PIE"
    elif ".so" not in path and not re.search(r"FLAGS_1.*\bPIE\b", dynamic):
        yield "is no position-independent executable"
    if "GNU_RELRO" not in segments:
        yield "its table of addresses can be written: no RELRO"
    if not re.search(r"FLAGS_1.*\bNOW\b|BIND_NOW", dynamic):
        yield "settles its addresses late: no BIND_NOW, so RELRO is in part"
    stack = re.search(r"GNU_STACK(.*)", segments)
    if not stack or "E" in stack.group(1).split()[-2]:
        yield "its stack can be run"
    for line in segments.splitlines():
        words = line.split()
        if words[:1] == ["LOAD"] and "W" in "".join(words[6:-1]) and \
                "E" in "".join(words[6:-1]):
            yield "has a segment that can be written and run"
    if re.search(r"\((RPATH|RUNPATH)\)", dynamic):
        yield "has a search path of its own for libraries"
    if re.search(r"\(TEXTREL\)|FLAGS.*\bTEXTREL\b", dynamic):
        yield "has relocations in its text"


def faults_of_symbols(path):
    symbols = readelf(path, "-s")
    if not re.search(r"\b__stack_chk_fail\b", symbols):
        yield "no function guards its stack"
    if not re.search(r"\b__\w+_chk\b(?<!__stack_chk)", symbols):
        yield "no call is bounded: no _FORTIFY_SOURCE"


def faults_of_units(path):
    """Our own files: those that were compiled from a folder of this tree."""
    info = readelf(path, "--debug-dump=info", "--dwarf-depth=1")
    ours = 0
    for unit in info.split("Compilation Unit @")[1:]:
        producer = re.search(r"DW_AT_producer.*?: (GNU C.*)", unit)
        name = re.search(r"DW_AT_name +:.*?: ?((?:agent|drivers|proto)/\S+)",
                         unit)
        if not producer or not name:
            continue
        ours += 1
        flags = producer.group(1).split()
        for flag in FLAGS:
            if not any(f == flag or f.startswith(flag + "=") for f in flags):
                yield f"{name.group(1)} was compiled without {flag}"
    if ours == 0 and "GNU C" in info:
        yield "none of its units is ours: was it built elsewhere?"


def faults_of_file(path):
    mode = os.lstat(path).st_mode
    if mode & (stat.S_ISUID | stat.S_ISGID):
        yield "runs with the rights of its owner"
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        yield "can be written by others"
    if not is_elf(path):
        return
    yield from faults_of_segments(path)
    yield from faults_of_symbols(path)
    yield from faults_of_units(path)


def files(folder):
    for at, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(at, name)
            if os.path.isfile(path) and not os.path.islink(path):
                yield path


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "-1":
        looked, base = [sys.argv[2]], os.path.dirname(sys.argv[2])
    else:
        looked, base = sorted(files(sys.argv[1])), sys.argv[1]
    n = elves = 0
    for path in looked:
        elves += is_elf(path)
        for fault in dict.fromkeys(faults_of_file(path)):
            print(f"{os.path.relpath(path, base)}: {fault}")
            n += 1
    print(f"{len(looked)} files, {elves} programs and libraries, {n} faults")
    return 1 if n else 0


if __name__ == "__main__":
    sys.exit(main())
