#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A fleet's server side for tests, in the words of NATS' own protocol.

    fleet_nats.py key FILE            a new host's seed; prints its public half
    fleet_nats.py config DIR PORT ID [tls]  nats-server.conf for one server
    fleet_nats.py streams PORT        makes STATE, FINDINGS and BUILDS
    fleet_nats.py dump PORT STREAM    its messages: SEQ HEADER-ID HEX, a line each
    fleet_nats.py put PORT SUBJECT ID HEX  as an insider: with that message id
    fleet_nats.py up PORT             exits 0 where a server answers

PORT is the clients', on 127.0.0.1. Every wait ends after 10 s.
"""
import base64
import json
import os
import socket
import ssl
import subprocess
import sys

WAIT_S = 10


def crc16(data):
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
        crc &= 0xFFFF
    return crc


def encode(raw):
    raw += crc16(raw).to_bytes(2, "little")
    return base64.b32encode(raw).decode().rstrip("=")


def key(path):
    """nkeys: prefixes 'U' = 20 << 3, 'S' = 18 << 3."""
    der = subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519",
                          "-outform", "DER"], check=True,
                         capture_output=True).stdout
    pub = subprocess.run(["openssl", "pkey", "-inform", "DER", "-pubout",
                          "-outform", "DER"], input=der, check=True,
                         capture_output=True).stdout
    prefix = bytes([0x90 | 0xA0 >> 5, (0xA0 & 31) << 3])
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.write(fd, (encode(prefix + der[-32:]) + "\n").encode())
    os.close(fd)
    print(encode(bytes([0xA0]) + pub[-32:]))


TLS = """tls {{ cert_file: "{0}/server.pem", key_file: "{0}/server.key"
  ca_file: "{0}/ca.pem", verify: true }}"""


def config(folder, port, host_id, tls=None):
    """The layout of accounts that a fleet has, on one server."""
    if tls:
        print(TLS.format(folder))
    print(f"""listen: "127.0.0.1:{port}"
max_payload: 65536
jetstream {{ store_dir: "{folder}/js" }}
accounts {{
  FLEET {{ jetstream: enabled
           users: [ {{ user: test, password: test }} ]
           exports: [ {{ service: "fleet.*.*" }} ] }}
  HOSTS {{ users: [ {{ nkey: {host_id}, permissions: {{
             publish: [ "up.state.{host_id}", "up.findings.{host_id}",
                        "up.builds.{host_id}" ]
             subscribe: [ "_INBOX_{host_id}.>" ] }} }} ]
           imports: [ {{ service: {{ account: FLEET, subject: "fleet.*.*" }},
                         to: "up.*.*" }} ] }}
}}""")


class Client:
    """One connection, of the user that may all in FLEET."""

    def __init__(self, port):
        self.sock = socket.create_connection(("127.0.0.1", int(port)), WAIT_S)
        self.sock.settimeout(WAIT_S)
        info = b""
        while not info.endswith(b"\n"):
            info += self.sock.recv(1) or b"\n"
        if b'"tls_required":true' in info:
            self.sock = self.wrap()
        self.file = self.sock.makefile("rb")
        self.send('CONNECT {"verbose":false,"user":"test","pass":"test",'
                  '"headers":true,"protocol":1,"name":"test"}\r\n'
                  "SUB _INBOX.t 1\r\nPING\r\n")
        while self.file.readline().strip() != b"PONG":
            pass

    def wrap(self):
        """By the certificate of CLIENT_PEM, which holds its key as well."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.load_cert_chain(os.environ["CLIENT_PEM"])
        return context.wrap_socket(self.sock)

    def send(self, text, data=b""):
        self.sock.sendall(text.encode() + data)

    def answer(self):
        while True:
            words = self.file.readline().split()
            if not words:
                raise ConnectionError("the server hung up")
            if words[0] == b"PING":
                self.send("PONG\r\n")
            elif words[0] in (b"MSG", b"HMSG"):
                body = self.file.read(int(words[-1]) + 2)[:-2]
                return body[int(words[-2]) if words[0] == b"HMSG" else 0:]
            elif words[0] == b"-ERR":
                raise ConnectionError(b" ".join(words).decode())

    def ask(self, subject, text):
        data = text.encode()
        self.send(f"PUB {subject} _INBOX.t {len(data)}\r\n", data + b"\r\n")
        return json.loads(self.answer())


def streams(port):
    client = Client(port)
    for name, subject, more in (
            ("STATE", "fleet.state.*", {"max_msgs_per_subject": 1}),
            ("FINDINGS", "fleet.findings.*", {}),
            ("BUILDS", "fleet.builds.*", {})):
        said = client.ask(f"$JS.API.STREAM.CREATE.{name}", json.dumps(dict(
            name=name, subjects=[subject], retention="limits", storage="file",
            num_replicas=1, discard="old", **more)))
        if "error" in said:
            sys.exit(f"{name}: {said['error']}")


def dump(port, stream):
    client = Client(port)
    state = client.ask(f"$JS.API.STREAM.INFO.{stream}", "")["state"]
    for seq in range(state["first_seq"], state["last_seq"] + 1):
        said = client.ask(f"$JS.API.STREAM.MSG.GET.{stream}",
                          json.dumps({"seq": seq}))
        if "message" not in said:
            continue
        m = said["message"]
        header = base64.b64decode(m.get("hdrs", "")).decode()
        ids = [line.split(":", 1)[1].strip() for line in header.split("\r\n")
               if line.lower().startswith("nats-msg-id:")]
        print(seq, ids[0] if ids else "-",
              base64.b64decode(m.get("data", "")).hex())


def put(port, subject, message_id, data):
    client = Client(port)
    header = f"NATS/1.0\r\nNats-Msg-Id: {message_id}\r\n\r\n".encode()
    body = header + bytes.fromhex(data)
    client.send(f"HPUB {subject} _INBOX.t {len(header)} {len(body)}\r\n",
                body + b"\r\n")
    print(client.answer().decode())


def main():
    verbs = {"key": key, "config": config, "streams": streams, "dump": dump,
             "put": put, "up": Client}
    verbs[sys.argv[1]](*sys.argv[2:])


main()
