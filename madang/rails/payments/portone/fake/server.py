"""The pretend PortOne's HTTP side, on the loopback."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from madang.rails.payments.portone.fake import routes
from madang.rails.payments.portone.fake.params import Unfit
from madang.rails.payments.portone.fake.world import World

Fault = Literal["500", "cut", "cut-after", "garbage", "pg"]
"""``500``: an error before anything is done; ``cut``: the line is cut before; ``cut-after``: it is done, and the answer is lost; ``garbage``: an
answer nobody can read, after it was done; ``pg``: the PG says no."""
KEY = re.compile(r"[A-Za-z0-9_-]{16,256}")


@dataclass
class FakePortOne:
    """A server: ``with FakePortOne(secret, webhook_secret, clock) as fake: … fake.url``."""

    secret: str
    webhook_secret: str
    clock: Callable[[], datetime]
    world: World = field(init=False)
    faults: list[tuple[str, Fault]] = field(default_factory=list)
    keys: dict[str, tuple[str, str, bytes, int, Any]] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.world = World(self.webhook_secret, self.clock)

    def __enter__(self) -> FakePortOne:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                fake.answer(self)

            do_GET = do_POST = do_DELETE = _any

            def log_message(self, *_args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_args: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def fail(self, path: str, how: Fault) -> None:
        """The next request whose path holds ``path`` goes wrong."""
        self.faults.append((path, how))

    # One request

    def answer(self, http: BaseHTTPRequestHandler) -> None:
        """Do what is asked, once for each idempotency key."""
        length = int(http.headers.get("Content-Length") or 0)
        raw = http.rfile.read(length)
        split = urlsplit(http.path)
        path, query = unquote(split.path), {name: values[0] for name, values in parse_qs(split.query).items()}
        key = http.headers.get("Idempotency-Key", "")
        self.asked.append((http.command, path, key))
        fault = self._fault(path)
        if fault == "cut":
            http.close_connection = True
            http.connection.close()
            return
        if fault == "500":
            _write(http, 500, b"<html>Bad Gateway</html>")
            return
        status, body = self._once(http, path, query, raw, key, fault)
        if fault == "cut-after":
            http.close_connection = True
            http.connection.close()
            return
        _write(http, status, b"{" if fault == "garbage" else json.dumps(body).encode())

    def _fault(self, path: str) -> Fault | None:
        for place, (part, how) in enumerate(self.faults):
            if part in path:
                del self.faults[place]
                return how
        return None

    def _once(self, http: BaseHTTPRequestHandler, path: str, query: dict[str, str], raw: bytes, key: str, fault: Fault | None) -> tuple[int, Any]:
        if http.headers.get("Authorization") != f"PortOne {self.secret}":
            return 401, {"type": "UNAUTHORIZED"}
        with self.world.lock:
            if key and http.command != "GET":
                if not KEY.fullmatch(key):
                    return 400, {"type": "INVALID_REQUEST", "message": "Idempotency-Key: 16 to 256 letters, digits, - and _"}
                if key in self.keys:
                    method, where, before, status, body = self.keys[key]
                    if (method, where, before) != (http.command, path, raw):
                        return 400, {"type": "INVALID_REQUEST", "message": "this key came with another request"}
                    return status, body
            try:
                status, body = routes.route(self.world, http.command, path, query, raw, pg_fails=fault == "pg")
            except Unfit as no:
                return 400, {"type": "INVALID_REQUEST", "message": str(no)}
            body = json.loads(json.dumps(body))  # as it was at this moment
            if key and http.command != "GET" and fault != "pg":
                self.keys[key] = (http.command, path, raw, status, body)
            return status, body


def _write(http: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
    http.send_response(status)
    http.send_header("Content-Type", "application/json")
    http.send_header("Content-Length", str(len(body)))
    http.end_headers()
    http.wfile.write(body)
