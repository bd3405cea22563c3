#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A mail server for one sender at a time: smtp.py FOLDER. Its port goes to
FOLDER/port, each mail with its envelope to FOLDER/mail."""
import os
import socketserver
import sys

folder = sys.argv[1]


class Handler(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        self.say("220 test")
        envelope = []
        for line in self.rfile:
            word = line.decode(errors="replace").strip()
            if word.upper().startswith(("EHLO", "HELO")):
                self.say("250 test")
            elif word.upper().startswith(("MAIL", "RCPT")):
                envelope.append(word)
                self.say("250 ok")
            elif word.upper() == "DATA":
                self.say("354 go on")
                self.keep(envelope)
                self.say("250 taken")
            elif word.upper() == "QUIT":
                self.say("221 bye")
                return

    def keep(self, envelope):
        with open(folder + "/mail", "ab") as f:
            f.write("\n".join(envelope).encode() + b"\n")
            for line in self.rfile:
                if line == b".\r\n":
                    break
                f.write(line.replace(b"\r\n", b"\n"))


with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
    with open(folder + "/port.new", "w", encoding="ascii") as port:
        port.write(str(server.server_address[1]))
    os.rename(folder + "/port.new", folder + "/port")
    server.serve_forever()
