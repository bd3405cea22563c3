#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Beside pidfd.c: makes its calls. pidfd.py SOCKET
import ctypes
import os
import socket
import struct
import sys

OPEN, SEND = 434, 424
libc = ctypes.CDLL(None, use_errno=True)
server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
server.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
server.listen(64)
while True:
    peer, _ = server.accept()
    with peer:
        words, fds, _, _ = socket.recv_fds(peer, 8, 1)
        if len(words) != 8:
            continue
        number, arg = struct.unpack("=ii", words)
        ctypes.set_errno(0)
        if number == OPEN:
            r = libc.syscall(OPEN, arg, 0)
            fds = [r] if r >= 0 else []
        else:
            r = libc.syscall(SEND, fds[0], arg, None, 0)
        said = struct.pack("=i", ctypes.get_errno() if r < 0 else 0)
        try:
            socket.send_fds(peer, [said], fds if number == OPEN else [])
        except OSError:
            pass
        for fd in fds:
            os.close(fd)
