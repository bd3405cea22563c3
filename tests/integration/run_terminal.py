#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Commands on a terminal, plainly and through `hale run`: what a person at it
sees must be the same, and so must what its keys do.

A session of its own on a pty plays the person: it waits for text and types.
Prints one "ok" or "not ok" a case.
"""
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

BUILD, TMP = os.environ["HALE_BUILD"], os.environ["HALE_TMP"]
HALE = f"{BUILD}/libexec/hale-run --quiet --no-store -- "
os.environ["HALE_RUN_DIR"] = f"{TMP}/no-agent"
os.environ["HALE_EXEC_PATH"] = f"{TMP}/no-scan"
os.environ["TERM"] = "xterm"
os.environ["PS1"] = "# "
for name in "HISTFILE", "PROMPT_COMMAND":
    os.environ.pop(name, None)
LIMIT = 100
failed = 0


def ok(name, good, why=""):
    global failed
    print(f"{'ok' if good else 'not ok'} {name}", flush=True)
    if not good:
        failed += 1
        print(f"    {name}: {why}", file=sys.stderr)


def size(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ,
                struct.pack("HHHH", rows, columns, 0, 0))


def session(argv, talk):
    """Runs argv on a terminal. talk: what to wait for, and what to type then,
    or to do with the terminal. All that was seen, and the wait status."""
    ready, go = os.pipe()
    pid, fd = pty.fork()
    if pid == 0:
        os.read(ready, 1)
        os.execvp(argv[0], argv)
    size(fd, 40, 120)
    os.write(go, b"x")
    os.close(ready)
    os.close(go)
    seen, at, talk = b"", 0, list(talk)
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        while talk and talk[0][0] in seen[at:]:
            want, typed = talk.pop(0)
            at = seen.index(want, at) + len(want)
            if callable(typed):
                typed(fd)
            else:
                os.write(fd, typed)
        if not select.select([fd], [], [], 1)[0]:
            continue
        try:
            block = os.read(fd, 1 << 16)
        except OSError:
            block = b""
        if not block:
            break
        seen += block
    os.close(fd)
    try:
        os.kill(pid, 9 if time.monotonic() >= end else 0)
    except ProcessLookupError:
        pass
    return seen, os.waitpid(pid, 0)[1]


def same(name, command, *talk):
    """The leader is a shell that outlives the command, as a login shell."""
    got = []
    for wrap in "", HALE:
        leader = ["bash", "-c", f"trap : INT QUIT; {wrap}{command}; "
                  "echo \"status $?\"; stty -a"]
        got.append(session(leader, talk))
    ok(name, got[0] == got[1], f"plain {got[0]}\n    hale  {got[1]}")
    return got[1][0]


def python(code):
    return f"python3 -c '{code}'"


def output():
    same("output", "printf 'a\\tb\\r\\nc\\nd'")
    same("all three are a terminal",
         "sh -c 'for i in 0 1 2; do test -t $i && echo $i; done; echo e >&2'")
    same("its size", "sh -c 'stty size; stty size <&1; stty size <&2'")
    same("its modes", "sh -c 'stty -a'")
    same("a lot", "seq 20000")
    same("to a file, errors to the terminal",
         f"sh -c 'test -t 1; echo $? >&2; test -t 2; echo $? >&2' >{TMP}/o")
    same("the terminal by its name", "sh -c 'echo there >/dev/tty; tty'")
    same("translated once, by the modes of the moment",
         "sh -c 'stty -onlcr; printf \"a\\nb\\n\"; read x; stty onlcr; "
         "printf \"c\\nd\\n\"'", (b"b\n", b"seen\n"))


def foreground():
    out = same("it is the foreground group",
               python("import os; print(os.getpgrp() == os.tcgetpgrp(0))"))
    ok("really", b"True" in out)
    same("and has the terminal that others see",
         python("import os; print(os.get_terminal_size(), os.isatty(2))"))


def reading():
    same("a question", "bash -c 'read -p \"name? \" x; echo got $x'",
         (b"name? ", b"bob\n"))
    same("a password", "bash -c 'read -s -p \"secret? \" x; echo; echo got $x'",
         (b"secret? ", b"hush\n"))
    same("a password from /dev/tty", python(
        "import getpass; print(getpass.getpass(\"secret? \"))"),
        (b"secret? ", b"hush\n"))
    same("the end of input", "cat", (b"", b"abc\n"), (b"abc\r\nabc", b"\x04"))
    same("raw by its input", python(
        "import os, tty; tty.setraw(0); os.write(1, b\"x\\ny\\r\\nz\"); "
        "print(os.read(0, 1))"), (b"z", b"q"))
    same("raw by its output, and back", python(
        "import os, tty, termios\n"
        "old = termios.tcgetattr(1); tty.setraw(1); os.write(1, b\"go\")\n"
        "c = os.read(0, 1); termios.tcsetattr(1, 0, old)\n"
        "os.write(1, b\"x\\ny\" + c)"), (b"go", b"q"))
    same("curses", python(
        "import curses\n"
        "def main(s):\n"
        " s.addstr(2, 3, \"hello\"); s.refresh(); c = s.getch()\n"
        " s.addstr(4, 4, repr(c)); s.refresh()\n"
        "curses.wrapper(main)"), (b"hello", b"q"))


def keys():
    out = same("^C", "sh -c 'echo go; exec sleep 60'", (b"go", b"\x03"))
    ok("^C: status", b"status 130" in out)
    same("^C that is caught",
         "sh -c 'trap \"echo caught; exit 3\" INT; echo go; "
         "while :; do sleep 0.05; done'",
         (b"go", b"\x03"))
    same("^\\", "sh -c 'ulimit -c 0; echo go; exec sleep 60'",
         (b"go", b"\x1c"))
    got = [session(["bash", "-c", f"for i in 1 2; do echo go $i; {wrap}sleep "
                    "60; done; echo no"], [(b"go 1", b"\x03")])[1]
           for wrap in ("", HALE)]
    ok("^C ends a script around it as well", got == [2, 2], str(got))


def resizing():
    def smaller(fd):
        size(fd, 20, 70)

    same("a new size comes with SIGWINCH", python(
        "import os, signal\n"
        "signal.signal(signal.SIGWINCH, lambda *a: None)\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGWINCH])\n"
        "print(\"go\", flush=True)\n"
        "while os.get_terminal_size(1).columns != 70:\n"
        " signal.sigwait([signal.SIGWINCH])\n"
        "print(os.get_terminal_size(1))"), (b"go", smaller))


def interactive(name, wants, *talk):
    """At a shell with job control; "@" in what is typed is hale, or nothing."""
    for wrap in "", HALE:
        typed = [(want, text if callable(text) else
                  text.replace("@", wrap).encode()) for want, text in talk]
        seen, status = session(
            ["bash", "--norc", "--noprofile", "--noediting", "-i"], typed)
        missing = [w for w in wants if w not in seen]
        ok(f"{name}, {'plainly' if not wrap else 'through hale'}",
           not missing and os.waitstatus_to_exitcode(status) == 5,
           f"no {missing} in {seen}")


def jobs():
    interactive("^Z and fg", [b"Stopped", b"got-hello", b"st=0"],
                (b"# ", "@bash -c 'echo start; read x; echo got-$x'\n"),
                (b"start\r\n", "\x1a"), (b"Stopped", "jobs; fg\n"),
                (b"fg\r\n", ""), (b"got-$x'\r\n", "hello\n"),
                (b"got-hello", "echo st=$?; exit 5\n"))
    interactive("^Z and bg", [b"Stopped", b"Done"],
                (b"# ", "@sh -c 'echo start; exec sleep 1'\n"),
                (b"start\r\n", "\x1a"), (b"Stopped", "bg; wait; jobs\n"),
                (b"Done", "exit 5\n"))
    interactive("reading in the background", [b"Stopped", b"got-hello"],
                (b"# ", "@bash -c 'read x; echo got-$x' & until jobs | grep "
                 "-q 'Stop[p]'; do sleep 0.1; done; jobs\n"),
                (b"Stopped", "fg\n"), (b"read x", "hello\n"),
                (b"got-hello", "exit 5\n"))
    interactive("another of its pipeline has the terminal", [b"tty-word"],
                (b"# ", "@seq 3 | (read x </dev/tty; echo tty-$x; cat)\n"),
                (b"cat)\r\n", "word\n"), (b"tty-word", "exit 5\n"))
    interactive("a pipeline and ^C", [b"st=130 130"],
                (b"# ", "@sh -c 'echo start; exec sleep 60' | cat\n"),
                (b"start\r\n", "\x03"),
                (b"^C", "echo st=${PIPESTATUS[*]}; exit 5\n"))
    interactive("a shell in it", [b"st=9"],
                (b"# ", "@bash --norc --noediting\n"), (b"editing\r\n", "\n"),
                (b"# ", "echo in-$((6*7)); exit 9\n"), (b"in-42", ""),
                (b"exit\r\n", "echo st=$?; exit 5\n"))


def shells():
    """An interactive shell as the build: its jobs are its own."""
    loop = "bash -c 'trap \"echo wo''ke\" CONT; echo sta''rt; " \
           "while :; do sleep 0.05; done'\n"
    interactive("a shell with jobs in it",
                [b"in=130", b"20 70", b"still", b"st=7"],
                (b"# ", "@bash --norc --noprofile --noediting -i\n"),
                (b"editing -i\r\n", ""),
                (b"# ", loop), (b"start\r\n", "\x1a"), (b"Stopped", "fg\n"),
                (b"woke", "\x03"), (b"^C", "echo in=$?\n"),
                (b"in=130", lambda fd: size(fd, 20, 70)), (b"", "stty size\n"),
                (b"20 70", "@sh -c 'echo up; exec sleep 60' &\n"),
                (b"up\r\n", "kill %1; wait %1; echo st''ill\n"),
                (b"still", "exit 7\n"), (b"exit\r\n", "echo st=$?; exit 5\n"))
    interactive("a shell that is stopped and goes on", [b"Stopped", b"st=4"],
                (b"# ", "@bash --norc --noprofile --noediting -i\n"),
                (b"editing -i\r\n", ""), (b"# ", "suspend\n"),
                (b"Stopped", "fg\n"), (b"fg\r\n", ""),
                (b"# ", "exit 4\n"), (b"exit\r\n", "echo st=$?; exit 5\n"))


def cleared():
    """A terminal that goes away takes the command with it, as it would."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execvp("sh", ["sh", "-c", HALE + "sh -c 'echo $$; exec sleep 60'"])
    text = b""
    while b"\n" not in text:
        text += os.read(fd, 100)
    os.close(fd)
    os.waitpid(pid, 0)
    command, end = int(text.split()[0]), time.monotonic() + LIMIT
    alive = True
    while alive and time.monotonic() < end:
        try:
            os.kill(command, 0)
            time.sleep(0.01)
        except ProcessLookupError:
            alive = False
    ok("a terminal that hangs up ends it", not alive)


if __name__ == "__main__":
    for part in (output, foreground, reading, keys, resizing, jobs, shells, cleared):
        part()
    sys.exit(1 if failed else 0)
