#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A server of a fleet that means no good: fleet_hostile.py PORT LOG WAY

    garbage   takes all, and answers what is no acknowledgement
    wrong     acknowledges for another stream
    mute      takes all, and never answers
    silent    takes the connection, and says nothing at all
    close     lets in and throws out at once
    info      sends INFO after INFO, each naming a hundred other servers
    line      sends a line that has no end, 100 MB of it
    payload   says that a message of 2 GB comes, and sends what is taken
    deny      says that the user is not permitted
    fades     takes the first state, and answers nothing from then on
    half      wants TLS, and then says nothing of it
    forged    acknowledges numbers that nobody sent

LOG gets a line a connection ("in"), and one for each message that was
published ("pub SUBJECT") and for what is listened to ("sub SUBJECT"). It ends
with its parent.
"""
import socket
import sys
import threading

INFO = ('INFO {"server_id":"x","server_name":"x","version":"2.9.10","proto":1,'
        '"headers":true,"max_payload":65536,"nonce":"AAAAAAAAAAAAAAA",'
        '"auth_required":true%s}\r\n')
OTHERS = ',"connect_urls":[%s]' % ",".join(
    '"127.0.0.%d:%d"' % (1 + i % 250, 1 + i) for i in range(100))
CHUNK = b"A" * 65536


class Host:
    def __init__(self, sock, way, log):
        self.sock, self.way, self.log = sock, way, log
        self.sid = b"1"
        self.taken = 0

    def send(self, data):
        self.sock.sendall(data if isinstance(data, bytes) else data.encode())

    def answer(self, reply, data):
        self.send(b"MSG " + reply + b" " + self.sid + b" " +
                  str(len(data)).encode() + b"\r\n" + data + b"\r\n")

    def on_pub(self, words):
        self.log("pub " + words[1].decode())
        reply = words[2]
        if self.way == "garbage":
            for data in (b"+OK", b"{}", b"\xff" * 900, b'{"stream":"FINDINGS"}',
                         b"[" * 1000, b"A" * 30000):
                self.answer(reply, data)
        elif self.way == "wrong":
            self.answer(reply, b'{"stream":"JUNK","seq":7}')
        elif self.way == "forged":
            base = reply.rsplit(b".", 1)[0]
            for i in range(50):
                self.answer(base + b".%016x" % i,
                            b'{"stream":"FINDINGS","seq":%d}' % (i + 1))
        elif self.way == "info":
            for _ in range(50):
                self.send(INFO % OTHERS)
        elif self.way == "fades" and b".state." in words[1] and not self.taken:
            self.taken += 1
            self.answer(reply, b'{"stream":"STATE","seq":1}')
            self.log("took")

    def flood(self, head, total):
        self.send(head)
        for _ in range(total // len(CHUNK)):
            self.send(CHUNK)

    def on_ping(self):
        self.send("PONG\r\n")
        if self.way == "close":
            raise ConnectionError
        if self.way == "line":
            self.flood("INFO {", 100 << 20)
        if self.way == "info":
            for _ in range(200):
                self.send(INFO % OTHERS)
        if self.way == "payload":
            self.flood("MSG x 1 2147483000\r\n", 200 << 20)

    def serve(self):
        if self.way == "silent":
            self.sock.recv(1)
            return
        if self.way == "half":
            self.send(INFO % ',"tls_required":true')
            while self.sock.recv(4096):
                pass
            return
        if self.way == "deny":
            self.send(INFO % "")
            self.sock.recv(4096)
            self.send("-ERR 'Authorization Violation'\r\n")
            return
        self.send(INFO % (OTHERS if self.way == "info" else ""))
        file = self.sock.makefile("rb")
        for line in file:
            words = line.split()
            if not words:
                continue
            if words[0] == b"SUB":
                self.log("sub " + words[1].decode())
                self.sid = words[-1]
            if words[0] == b"PING":
                self.on_ping()
            if words[0] in (b"PUB", b"HPUB"):
                file.read(int(words[-1]) + 2)
                self.on_pub(words)


def main():
    port, path, way = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    lock = threading.Lock()

    def log(text):
        with lock, open(path, "a", encoding="utf-8") as f:
            f.write(text + "\n")

    def run(sock):
        log("in")
        try:
            Host(sock, way, log).serve()
        except OSError:
            pass
        sock.close()

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(16)
    print(listener.getsockname()[1], flush=True)
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=run, args=(sock,), daemon=True).start()


main()
