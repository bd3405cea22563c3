#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`hale run -- X` against plain X: byte for byte, status for status.

Prints one "ok" or "not ok" a case. HALE_BUILD and HALE_TMP as tests/run sets
them. Runs without an agent: what hale knows of the host must change nothing.
"""
import fcntl
import glob
import os
import select
import signal
import socket
import subprocess
import sys
import time

BUILD, TMP = os.environ["HALE_BUILD"], os.environ["HALE_TMP"]
AWKWARD = f"{BUILD}/tests/integration/awkward"
HALE = [f"{BUILD}/libexec/hale-run", "--quiet", "--no-store", "--"]
os.environ["HALE_RUN_DIR"] = f"{TMP}/no-agent"
os.environ["HALE_EXEC_PATH"] = f"{TMP}/no-scan"
LIMIT = 150
failed = 0


def ok(name, good, why=""):
    global failed
    print(f"{'ok' if good else 'not ok'} {name}", flush=True)
    if not good:
        failed += 1
        print(f"    {name}: {why}", file=sys.stderr)


def shell_status(code):
    return 128 - code if code < 0 else code


def await_(what, seconds=100):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.01)
    return False


def run(argv, **kw):
    kw.setdefault("stdin", subprocess.DEVNULL)
    kw.setdefault("stdout", subprocess.PIPE)
    kw.setdefault("stderr", subprocess.PIPE)
    p = subprocess.run(argv, timeout=LIMIT, **kw)
    return shell_status(p.returncode), p.stdout, p.stderr


def same(name, argv, wrap=HALE, **kw):
    plain, hale = run(argv, **kw), run(wrap + argv, **kw)
    ok(name, plain == hale, f"plain {str(plain)[:200]}, hale {str(hale)[:200]}")


def awkward(*words):
    return [AWKWARD, *words]


# --- bytes ---

def bytes_and_order():
    same("binary output", awkward("binary"))
    same("no newline at the end", awkward("no-newline", "x"))
    same("closes stdout", awkward("close", "1"))
    same("closes stderr", awkward("close", "2"))
    same("sets its output non-blocking", awkward("nonblock"))
    same("100 MiB", awkward("flood", "100"))
    same("both outputs one pipe: order",
         awkward("interleave"), stderr=subprocess.STDOUT)
    same("nothing at all", ["true"])


def to_file(name, flags, argv, both=False, before=b"before\n"):
    """Output goes to a file that the caller has open and writes to after."""
    got = []
    for wrap in [], HALE:
        path = f"{TMP}/out"
        with open(path, "wb") as f:
            f.write(before)
        fd = os.open(path, os.O_RDWR | flags)
        code = run(wrap + argv, stdout=fd,
                   stderr=fd if both else subprocess.PIPE)
        os.write(fd, b"after\n")
        os.close(fd)
        with open(path, "rb") as f:
            got.append((code, f.read()))
    ok(name, got[0] == got[1], str(got)[:300])


def files():
    to_file("a file", os.O_TRUNC, awkward("binary"))
    to_file("a file, from its middle", 0, awkward("no-newline", "x"))
    to_file("a file, appended to", os.O_APPEND, awkward("no-newline", "x"))
    to_file("both outputs one file: order", os.O_TRUNC, awkward("interleave"),
            both=True)
    to_file("both appended to one file: order", os.O_APPEND,
            awkward("interleave"), both=True)
    to_file("uses its output as a file", os.O_TRUNC, awkward("seek"))
    for device in "/dev/null", "/dev/full", "/dev/zero":
        fd = os.open(device, os.O_WRONLY)
        same(f"to {device}", awkward("no-newline", "x"), stdout=fd)
        os.close(fd)


def sockets():
    got = []
    for wrap in [], HALE:
        mine, its = socket.socketpair()
        with subprocess.Popen(wrap + awkward("binary"), stdout=its) as p:
            its.close()
            data = b""
            while block := mine.recv(1 << 16):
                data += block
            got.append((data, p.wait(LIMIT)))
        mine.close()
    ok("to a socket", got[0] == got[1], str(got)[:200])


# --- what it is given ---

def descriptors():
    same("descriptors and signals", awkward("given"))
    for fd in 0, 1, 2:
        closed = f'exec {fd}>&-; exec "$@"'
        plain = run(["sh", "-c", closed, "sh", *awkward("close", "1")])
        hale = run(["sh", "-c", closed, "sh", *HALE, *awkward("close", "1")])
        ok(f"descriptor {fd} closed at the start", plain == hale,
           f"{plain} {hale}")
        plain = run(["sh", "-c", closed, "sh", *awkward("given")])
        hale = run(["sh", "-c", closed, "sh", *HALE, *awkward("given")])
        ok(f"descriptor {fd} stays closed", plain == hale, f"{plain} {hale}")
    same("all closed", ["sh", "-c", 'exec <&- >&- 2>&-; exec "$@"', "sh",
                        *awkward("status", "3")])
    r, w = os.pipe()
    same("descriptors beyond 2 are kept", awkward("given"), pass_fds=(r, w))
    for name in "HUP", "TERM", "PIPE", "CHLD", "INT":
        ignored = f'trap "" {name}; exec "$@"'
        plain = run(["sh", "-c", ignored, "sh", *awkward("given")])
        hale = run(["sh", "-c", ignored, "sh", *HALE, *awkward("given")])
        ok(f"SIG{name} ignored at the start stays so", plain == hale,
           f"{plain} {hale}")


def inputs():
    data = bytes(range(256)) * 5000
    got = [subprocess.run(wrap + awkward("copy"), input=data,
                          stdout=subprocess.PIPE, timeout=LIMIT).stdout
           for wrap in ([], HALE)]
    ok("input from a pipe", got[0] == got[1] == data)
    with open(f"{TMP}/in", "wb") as f:
        f.write(data)
    left = []
    for wrap in [], HALE:
        with open(f"{TMP}/in", "rb") as f:
            run(wrap + ["dd", "bs=1000", "count=3", "status=none"], stdin=f)
            left.append(os.lseek(f.fileno(), 0, os.SEEK_CUR))
    ok("input from a file: no more is read than it reads",
       left[0] == left[1] == 3000, str(left))
    same("no input", awkward("copy"))


# --- how it ends ---

def statuses():
    bad = [n for n in range(256)
           if run(HALE + awkward("status", str(n)))[0] != n]
    ok("every exit status", not bad, str(bad))
    bad = []
    for n in set(range(1, 65)) - {19, 20, 21, 22, 32, 33}:
        plain = run(awkward("signal", str(n)))
        hale = run(HALE + awkward("signal", str(n)))
        if plain != hale:
            bad.append((n, plain, hale))
    ok("every signal", not bad, str(bad))
    script, plain = f"{TMP}/script", f"{TMP}/plain"
    for path in script, plain:
        with open(path, "w", encoding="ascii") as f:
            f.write("echo from a script\nexit 12\n")
    os.chmod(script, 0o755)
    for name, argv in ("not found", ["/nowhere/to/be"]), \
            ("not a command", [plain]), ("a folder", ["/"]), \
            ("below a file", [f"{plain}/x"]), ("a script without #!", [script]):
        want = run(["env", *argv])
        got = run(HALE + argv)
        ok(f"{name}: status and output as env(1) has them",
           want[:2] == got[:2], f"{want} {got}")


def leavers():
    for mode in "leave-holding", "leave-letting-go":
        got = []
        for wrap in [], HALE:
            fifo = f"{TMP}/fifo"
            os.mkfifo(fifo)
            with subprocess.Popen(wrap + awkward(mode, fifo),
                                  stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE) as p:
                code = p.wait(LIMIT)  # the daemon still waits
                with open(fifo, "w", encoding="ascii"):
                    pass
                got.append((code, p.stdout.read(), p.stderr.read()))
            os.unlink(fifo)
        ok(f"a daemon is not waited for and nothing is lost: {mode}",
           got[0] == got[1], str(got))


# --- readers ---

def readers():
    got = []
    for wrap in [], HALE:
        with subprocess.Popen(wrap + awkward("flood", "4"),
                              stdout=subprocess.PIPE) as p:
            p.stdout.read(100)
            p.stdout.close()
            got.append(shell_status(p.wait(LIMIT)))
    ok("a reader that leaves early: SIGPIPE", got == [141, 141], str(got))
    got = []
    for wrap in [], HALE:
        argv = ["sh", "-c", "trap '' PIPE; exec \"$@\"", "sh", *wrap,
                *awkward("flood", "4")]
        with subprocess.Popen(argv, stdout=subprocess.PIPE) as p:
            p.stdout.read(100)
            p.stdout.close()
            got.append(shell_status(p.wait(LIMIT)))
    ok("and where that is ignored: EPIPE", got == [99, 99], str(got))
    with subprocess.Popen(HALE + awkward("flood", "3"),
                          stdout=subprocess.PIPE) as p:
        fcntl.fcntl(p.stdout, fcntl.F_SETPIPE_SZ, 4096)
        out = b""
        while block := os.read(p.stdout.fileno(), 1111):
            out += block
            if len(out) % 7 == 0:
                time.sleep(0.0005)
    ok("a slow reader gets all of it", len(out) == 3 << 20, str(len(out)))
    with subprocess.Popen(HALE + awkward("flood", "3"),
                          stdout=subprocess.PIPE) as p:
        await_(lambda: select.select([p.stdout], [], [], 0)[0])
        time.sleep(0.2)
        ok("a reader that does not read makes it wait", p.poll() is None)
        ok("and nothing is lost of it", len(p.stdout.read()) == 3 << 20)


# --- signals to hale ---

def start_deaf(wrap, arg=""):
    p = subprocess.Popen(wrap + awkward("deaf", arg), stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE)
    want = {b"deaf\n", b"child\n"} if arg else {b"deaf\n"}
    while want:
        line = p.stdout.readline()
        assert line, "it ended before it was ready"
        want.discard(line)
    return p


def children(pid):
    path = f"/proc/{pid}/task/{pid}/children"
    with open(path, encoding="ascii") as f:
        return [int(word) for word in f.read().split()]


def command_of(hale_pid):
    for pid in children(hale_pid):
        with open(f"/proc/{pid}/comm", encoding="ascii") as f:
            if f.read().strip() in ("awkward", "sh"):
                return pid
    return 0


def gone(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def signals():
    with start_deaf(HALE) as p:
        for _ in range(3):
            p.send_signal(signal.SIGTERM)
        p.stdin.close()
        ok("SIGTERM that the command ignores does not end hale",
           p.wait(LIMIT) == 3)
    for name in "HUP", "INT", "QUIT", "TERM", "USR1", "USR2":
        script = f"trap 'echo got {name}; exit 33' {name}; echo up; " \
                 "while :; do sleep 0.01; done"
        with subprocess.Popen(HALE + ["sh", "-c", script],
                              stdout=subprocess.PIPE) as p:
            p.stdout.readline()
            p.send_signal(getattr(signal, f"SIG{name}"))
            out = p.stdout.read()
            ok(f"SIG{name} is passed on", (out, p.wait(LIMIT)) ==
               (f"got {name}\n".encode(), 33), str(out))
    with subprocess.Popen(HALE + ["sh", "-c", "echo up; sleep 60"],
                          stdout=subprocess.PIPE) as p:
        p.stdout.readline()
        p.send_signal(signal.SIGTERM)
        ok("a command that dies of it: 128 + N", p.wait(LIMIT) == 143)
    p = start_deaf(HALE, "and a child")
    group = command_of(p.pid)
    p.kill()
    p.wait()
    ok("hale killed by SIGKILL: the build does not go on",
       group > 0 and await_(lambda: gone(group)))
    ok("nor does its cgroup stay", await_(lambda: not glob.glob(
        f"/sys/fs/cgroup/**/hale-run-{p.pid}", recursive=True)))
    p.stdin.close()
    p.stdout.close()


def timeouts():
    wrap = HALE[:-1] + ["--timeout", "5s", "--kill-after", "1s", "--"]
    start = time.monotonic()
    p = start_deaf(wrap, "and a child")
    group = command_of(p.pid)
    ok("--timeout: 124, also where SIGTERM is ignored", p.wait(LIMIT) == 124)
    ok("after both times", time.monotonic() - start > 5.9)
    ok("nothing of its group is left", await_(lambda: gone(group)))
    p.stdin.close()
    p.stdout.close()
    ok("--timeout that is not reached changes nothing",
       run(wrap + awkward("status", "9"))[0] == 9)
    ok("--timeout: a trap may still clean up",
       run(wrap + ["sh", "-c", "trap 'echo clean; exit 0' TERM; "
                   "while :; do sleep 0.01; done"])[:2] ==
       (124, b"clean\n"))


if __name__ == "__main__":
    for part in (bytes_and_order, files, sockets, descriptors, inputs,
                 statuses, leavers, readers, signals, timeouts):
        try:
            part()
        except BaseException as e:
            # named where the summary shows it, before the traceback
            ok(f"{part.__name__} runs to its end", False, repr(e)[:300])
            print(f"    {repr(e)[:300]}", flush=True)
            raise
    sys.exit(1 if failed else 0)
