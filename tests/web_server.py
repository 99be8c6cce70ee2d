"""A web server on this machine that stands for the network."""

import hashlib
import http.server
from collections import Counter


class Server(http.server.ThreadingHTTPServer):
    """Serves files from memory, with Range; breaks off, and changes what it serves, when told."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.breaks, self.requests, self.ranges, self.tagged = {}, [], Counter(), [], True
        self.address = f"http://127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        server, body = self.server, self.server.files.get(self.path)
        server.requests[self.path] += 1
        server.ranges.append(self.headers["Range"])
        if body is None:
            return self.send_error(404)
        tag = f'"{hashlib.sha256(body).hexdigest()[:8]}"'
        start = 0
        if self.headers["Range"] and self.headers.get("If-Range", tag) == tag and self.path != "/no-range.zip":
            start = int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
            if start >= len(body):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(body)}")
                return self.end_headers()
        self.send_response(206 if start else 200)
        if start:
            first = 0 if self.path == "/odd-range.zip" else start
            self.send_header("Content-Range", f"bytes {first}-{len(body) - 1}/{len(body)}")
        if server.tagged:
            self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        end = start + server.breaks.pop(0) if server.breaks else len(body)
        self.wfile.write(body[start:end])
