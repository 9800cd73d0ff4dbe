"""Tells who asks over TLS their address: what stands in the file "IPv4" or "IPv6", as the family of the socket is."""

import http.server
import json
import socket
import ssl
import sys
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        family = "IPv6" if self.server.address_family == socket.AF_INET6 else "IPv4"
        text = json.dumps({"ip": open(family).read()}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


class Server6(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("ca.pem", "ca.key")
for kind, address in ((http.server.ThreadingHTTPServer, "127.0.0.1"), (Server6, "::1")):
    server = kind((address, 443), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
