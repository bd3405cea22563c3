#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Receives what the doors send: receiver.py FOLDER [CERT KEY]

Writes its port to FOLDER/port, and each request as a line of JSON to
FOLDER/requests (the body as base64 and, where it is text, as it is). Answers by
what FOLDER/answer holds: a status, and headers after it; 200 where it is not
there. "hang" answers nothing.
"""
import base64
import http.server
import json
import os
import ssl
import sys
import threading

folder = sys.argv[1]
requests = os.open(folder + "/requests",
                   os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            with open(folder + "/answer", encoding="ascii") as f:
                status, *headers = f.read().split("\n")
        except OSError:
            status, headers = "200", []
        line = json.dumps({
            "path": self.path, "answered": status,
            "headers": {k.lower(): v for k, v in self.headers.items()},
            "base64": base64.b64encode(body).decode(),
            "body": body.decode(errors="replace")})
        os.write(requests, (line + "\n").encode())
        if status == "hang":
            threading.Event().wait()
        self.send_response(int(status))
        for header in filter(None, headers):
            self.send_header(*header.split(": ", 1))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


server = Server(("127.0.0.1", 0), Handler)
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    server.socket = context.wrap_socket(server.socket, server_side=True)
with open(folder + "/port.new", "w", encoding="ascii") as port:
    port.write(str(server.server_port))
os.rename(folder + "/port.new", folder + "/port")
server.serve_forever()
