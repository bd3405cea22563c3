#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_tree, into a folder: a make and its children that wait in the
ways that processes can, as proc(5) shows them, and what a cgroup says."""
import pathlib
import struct
import sys

FILE, LINK = b"\xfe", b"\xfd"
FLOCK, READ, POLL, SELECT, EPOLL, OPENAT, CONNECT, FUTEX = (
    73, 0, 7, 23, 232, 257, 42, 202)
MOUNTS = (b"21 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
          b"30 21 0:40 / /home\\040x rw shared:1 - nfs srv:/x rw\n"
          b"31 21 8:17 / /home rw - xfs /dev/sdb1 rw\n")


def stat(pid, comm, parent, state="S", group=100, start=500):
    fields = [pid, f"({comm})", state, parent, group, group, 34816, group,
              0, 0, 0, 0, 0, 40, 7, 3, 2, 20, 0, 1, 0, start, 4096000, 250]
    return (" ".join(map(str, fields)) + " 0" * 20 + "\n").encode()


def files(pid, comm="cc1", parent=100, state="S", wchan=b"0", call=b"running"):
    proc = f"proc/{pid}/"
    text = stat(pid, comm, parent, state, start=400 + pid)
    task = f"{proc}task/{pid}/"
    return {
        proc + "stat": text, task + "stat": text, task + "wchan": wchan,
        task + "syscall": call, proc + "comm": comm.encode() + b"\n",
        proc + "io": b"rchar: 900\nwchar: 80\nsyscr: 1\nsyscw: 1\n"
                     b"read_bytes: 4096\nwrite_bytes: 512\n",
        proc + "mountinfo": MOUNTS,
        proc + "fdinfo/3": b"pos:\t0\nflags:\t02\nmnt_id:\t31\n"
                           b"tfd: 5 events: 19 data: 5 pos:0 ino:9 sdev:9\n",
        proc + "fdinfo/5": b"pos:\t0\nflags:\t0100000\nmnt_id:\t21\n",
    }


def call(number, *args):
    args = list(args) + [0] * (8 - len(args))
    return (str(number) + "".join(f" {a:#x}" for a in args) + "\n").encode()


def seed(memory, texts, links):
    out = bytes([len(memory)]) + memory
    for path, target in links.items():
        out += path.encode() + LINK + target.encode() + b"\xff"
    for path, text in texts.items():
        out += path.encode() + FILE + text.replace(b"\xff", b"?") + b"\xff"
    return out


TCP = (b"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "
       b"retrnsmt   uid  timeout inode\n"
       b"   0: 0100007F:1F90 0200000A:01BB 01 00000000:00000000 00:00000000 "
       b"00000000  1000        0 777 1\n"
       b"   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 "
       b"00000000     0        0 778 1\n")
UNIX = (b"Num       RefCount Protocol Flags    Type St Inode Path\n"
        b"0000000000000000: 00000002 00000000 00010000 0001 01 779 /run/x\n"
        b"0000000000000000: 00000003 00000000 00000000 0001 03 780\n")
LOCKS = (b"1: FLOCK  ADVISORY  WRITE 104 fd:00:25314 0 EOF\n"
         b"1: -> FLOCK  ADVISORY  WRITE 101 fd:00:25314 0 EOF\n")
CGROUP = {
    "cg/cgroup.procs": b"100\n101\n", "cg/sub/cgroup.procs": b"102\n",
    "cg/memory.events": b"low 0\nhigh 0\nmax 9\noom 2\noom_kill 1\n",
    "cg/cpu.stat": b"usage_usec 9000\nuser_usec 8000\nsystem_usec 1000\n",
    "cg/io.stat": b"8:0 rbytes=4096 wbytes=512 rios=1 wios=1 dbytes=0\n",
    "cg/memory.peak": b"123456789\n",
    "cg/a/b/memory.events": b"oom 1\noom_kill 1\n",
    "cg/a/b/memory.events.local": b"oom 1\noom_kill 1\n",
    "cg/a/b/memory.max": b"104857600\n", "cg/a/memory.max": b"max\n",
    "cg/a/pids.events": b"max 3\n",
}
# the answer to a question after a socket: header, unix_diag_msg, its peer, name
DIAG = (struct.pack("=IHHII", 60, 20, 0, 0, 0) +
        struct.pack("=BBBxIII", 1, 1, 1, 780, 0, 0) +
        struct.pack("=HHI", 8, 2, 781) +
        struct.pack("=HH", 11, 0) + b"/run/db\0" + bytes(8))
WAITS = {
    "read": ("S", b"pipe_read", call(READ, 3), {"fd/3": "pipe:[55]"}, b""),
    "terminal": ("S", b"n_tty_read", call(READ, 0), {"fd/0": "/dev/pts/3"},
                 b""),
    "lock": ("S", b"locks_lock_inode_wait", call(FLOCK, 3),
             {"fd/3": "/home/ci/lock"}, b""),
    "tcp": ("S", b"wait_woken", call(READ, 3), {"fd/3": "socket:[777]"}, b""),
    "listen": ("S", b"x", call(CONNECT, 3), {"fd/3": "socket:[778]"}, b""),
    "unix": ("S", b"x", call(READ, 3), {"fd/3": "socket:[780]"}, DIAG),
    "disk": ("D", b"io_schedule", call(READ, 3), {"fd/3": "/home/ci/f"}, b""),
    "page": ("D", b"folio_wait_bit", b"-1 0x7fff 0x55\n",
             {"exe": "/usr/bin/ld"}, b""),
    "fifo": ("S", b"wait_for_partner", call(OPENAT, 0, 4096), {},
             b"/tmp/fifo\0"),
    "poll": ("S", b"x", call(POLL, 4096, 2),
             {"fd/3": "/dev/tty", "fd/5": "socket:[777]"},
             struct.pack("=ihhihh", 3, 1, 0, 5, 1, 0)),
    "select": ("S", b"x", call(SELECT, 8, 4096), {"fd/3": "pipe:[55]"},
               struct.pack("=Q", 0x28) * 16),
    "epoll": ("S", b"ep_poll", call(EPOLL, 3),
              {"fd/3": "anon_inode:[eventpoll]", "fd/5": "/dev/tty1"}, b""),
    "futex": ("S", b"futex_wait_queue", call(FUTEX, 1), {}, b""),
    "stopped": ("T", b"do_signal_stop", b"running\n", {}, b""),
}


def world(wait):
    state, wchan, text, links, memory = WAITS[wait]
    texts = files(100, "make", 1, "S", b"do_wait", call(61, 1))
    texts.update(files(101, "a) R 1 (b", 100, state, wchan, text))
    texts.update(files(102, "ld", 101, "Z"))
    texts.update(files(104, "dockerd", 1))
    texts.update(files(105, "cc1", 104))
    texts["proc/locks"] = LOCKS
    for name, table in {"tcp": TCP, "tcp6": TCP, "unix": UNIX}.items():
        texts["proc/101/net/" + name] = table
    links = {f"proc/101/{k}": v for k, v in links.items()}
    # the other end of the pipe
    links["proc/100/fd/5"] = "pipe:[55]"
    return memory, texts, links


def main():
    to = pathlib.Path(sys.argv[1])
    to.mkdir(parents=True, exist_ok=True)
    for wait in WAITS:
        memory, texts, links = world(wait)
        (to / wait).write_bytes(seed(memory, texts, links))
        texts.update(CGROUP)
        (to / f"{wait}-cgroup").write_bytes(seed(memory, texts, links))


if __name__ == "__main__":
    main()
