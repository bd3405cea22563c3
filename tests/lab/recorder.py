# SPDX-License-Identifier: Apache-2.0
"""A disk for a lab machine that remembers what was written to it, in which
order, and what was flushed: so that every state which a power cut could have
left behind can be made afterwards, thousands of them from one run.

It is a server of the NBD protocol (github.com/NetworkBlockDevice/nbd,
doc/proto.md), for one client, qemu, over a unix socket. A write is on the disk
from the first flush on that was asked for after the write was answered. Writes
that came together with a flush are not covered by it: nobody could know yet
that they were done.
"""
import random
import struct

# What a disk writes whole or not at all. ext4's superblock is two of these, no
# journal covers it, and a kernel mounts none whose checksum is wrong: that a
# power cut tears it is left out, since no host with such a disk comes up.
SECTOR = 512
SUPERBLOCK = range(1024, 2048)
READ, WRITE, DISCONNECT, FLUSH = 0, 1, 2, 3
HAS_FLAGS, SEND_FLUSH = 1, 4
REQUEST = struct.Struct(">IHHQQI")  # magic, flags, type, handle, offset, length
REQUEST_MAGIC, REPLY_MAGIC = 0x25609513, 0x67446698
OPTION_MAGIC, OPTION_REPLY = 0x49484156454F5054, 0x3E889045565A9
EXPORT_NAME, ABORT, GO = 1, 2, 7
ACK, INFO, UNSUPPORTED = 1, 3, 0x80000001


class Disk:
    """The contents, and events: ("w", offset, bytes), ("f", number of events
    that it covers) and ("a", text): something was acknowledged."""

    def __init__(self, image):
        self.base = bytes(image)
        self.now = bytearray(image)
        self.events = []

    def write(self, offset, data):
        self.now[offset:offset + len(data)] = data
        self.events.append(("w", offset, bytes(data)))

    def acknowledge(self, text):
        self.events.append(("a", text))


class Server:
    """One connection; feed() takes what came and returns what to send."""

    def __init__(self, disk):
        self.disk = disk
        self.bytes = b""
        self.state = self._client_flags
        self.greeting = b"NBDMAGIC" + struct.pack(">QH", OPTION_MAGIC, 3)

    def feed(self, data):
        self.bytes += data
        out, covered = [], len(self.disk.events)
        while True:
            used, answer = self.state(covered)
            if not used:
                return b"".join(out)
            self.bytes = self.bytes[used:]
            out.append(answer)

    def _client_flags(self, _):
        if len(self.bytes) < 4:
            return 0, b""
        self.state = self._option
        return 4, b""

    def _option(self, _):
        if len(self.bytes) < 16:
            return 0, b""
        _, option, length = struct.unpack(">QII", self.bytes[:16])
        if len(self.bytes) < 16 + length:
            return 0, b""
        size = len(self.disk.now)
        export = struct.pack(">QH", size, HAS_FLAGS | SEND_FLUSH)
        if option == EXPORT_NAME:
            self.state = self._request
            return 16 + length, export
        if option == GO:
            self.state = self._request
            return 16 + length, self._reply(option, INFO, struct.pack(
                ">H", 0) + export) + self._reply(option, ACK, b"")
        kind = ACK if option == ABORT else UNSUPPORTED
        return 16 + length, self._reply(option, kind, b"")

    @staticmethod
    def _reply(option, kind, data):
        return struct.pack(">QIII", OPTION_REPLY, option, kind,
                           len(data)) + data

    def _request(self, covered):
        if len(self.bytes) < REQUEST.size:
            return 0, b""
        magic, _, kind, handle, offset, length = REQUEST.unpack(
            self.bytes[:REQUEST.size])
        if magic != REQUEST_MAGIC:
            raise ValueError("no request of NBD")
        used = REQUEST.size + (length if kind == WRITE else 0)
        if len(self.bytes) < used:
            return 0, b""
        data = b""
        if kind == READ:
            data = bytes(self.disk.now[offset:offset + length])
        elif kind == WRITE:
            self.disk.write(offset, self.bytes[REQUEST.size:used])
        elif kind == FLUSH:
            self.disk.events.append(("f", covered))
        error = 0 if kind in (READ, WRITE, FLUSH, DISCONNECT) else 22
        return used, struct.pack(">IIQ", REPLY_MAGIC, error, handle) + data


def cuts(disk, moments, seed):
    """For each moment, a number of events, yields (how, image, acknowledged):
    how is "nothing", "all" or "some" of what was written and not flushed."""
    lot = random.Random(seed)
    durable, pending, acknowledged = bytearray(disk.base), [], []
    wanted = set(moments)
    for at, event in enumerate(disk.events + [None]):
        if at in wanted:
            yield at, "nothing", bytes(durable), list(acknowledged)
            for how in ("all", "some"):
                image = bytearray(durable)
                for _, offset, data in pending:
                    apply(image, offset, data, lot if how == "some" else None)
                yield at, how, bytes(image), list(acknowledged)
        if event is None:
            return
        if event[0] == "w":
            pending.append((at, event[1], event[2]))
        elif event[0] == "a":
            acknowledged.append(event[1])
        else:
            for number, offset, data in pending:
                if number < event[1]:
                    apply(durable, offset, data, None)
            pending = [p for p in pending if p[0] >= event[1]]


def apply(image, offset, data, lot):
    """All of a write, or by lot any of its sectors; most often none or all."""
    how = lot.choice("nas") if lot else "a"
    if how == "a":
        image[offset:offset + len(data)] = data
    at = 0
    while how == "s" and at < len(data):
        n = SECTOR - (offset + at) % SECTOR
        if offset + at in SUPERBLOCK:
            n = SUPERBLOCK.stop - offset - at
        if lot.random() < 0.5:
            part = data[at:at + n]
            image[offset + at:offset + at + len(part)] = part
        at += n
