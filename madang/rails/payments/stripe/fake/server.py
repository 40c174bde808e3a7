"""The HTTP side: loopback only, one request at a time in the :class:`World`. Keeps idempotency keys, fails when it is told to, signs its messages."""

from __future__ import annotations

import contextlib
import json
import random
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from madang.rails.payments.stripe.fake import pages
from madang.rails.payments.stripe.fake.params import Invalid, checked, nested
from madang.rails.payments.stripe.fake.routes import public, routes
from madang.rails.payments.stripe.fake.world import No, World
from madang.rails.payments.stripe.messages import signed

FAULTS = ("429", "500", "timeout", "cut", "before")
"""Too many requests; a fault of its own; no answer for longer than anyone waits; done, and the line is cut before the answer; cut before anything was done."""
Receive = Callable[[Mapping[str, str], bytes], object]


@dataclass
class Fault:
    """What shall go wrong: with requests whose address holds ``part``, ``times`` times."""

    part: str
    kind: str
    times: int


class Server:
    """A Stripe on loopback. Use it as a context: ``with Server(World(clock)) as stripe: Settings("sk_test_…", base=stripe.base)``."""

    def __init__(self, world: World, *, key: str = "sk_test_madang", secret: str = "whsec_madang", port: int = 0) -> None:  # noqa: S107  (of a pretend Stripe)
        self.world, self.key, self.secret = world, key, secret
        self.seen: list[tuple[str, str, dict[str, Any]]] = []
        self.delivered = 0
        self._keys: dict[str, tuple[str, int, dict[str, Any]]] = {}
        self._faults: list[Fault] = []
        self._one = threading.Lock()
        self._closing = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), type("Door", (_Door,), {"house": self}))
        self._http.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._http.server_address[1]}"
        world.site = self.base

    def __enter__(self) -> Server:
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()

    def wait(self) -> None:
        """Say nothing for longer than anyone waits."""
        self._closing.wait(60)

    def fail(self, kind: str, *, part: str = "", times: int = 1) -> None:
        """Let something go wrong with what is asked next: one of :data:`FAULTS`."""
        if kind not in FAULTS:
            raise ValueError(kind)
        self._faults.append(Fault(part, kind, times))

    def fault(self, path: str) -> str:
        """What shall go wrong with this request, "" nothing."""
        for one in self._faults:
            if one.times > 0 and one.part in path:
                one.times -= 1
                return one.kind
        return ""

    def answer(self, method: str, path: str, fields: list[tuple[str, Any]], headers: Mapping[str, str]) -> tuple[int, dict[str, Any], bool]:
        """(status, body, whether it is only repeated): authorised, checked against the SDK's types, done once for each key."""
        if headers.get("Authorization") != f"Bearer {self.key}":
            return 401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided"}}, False
        with self._one:
            try:
                found = [(kind, act, match) for verb, where, kind, act in routes() if verb == method and (match := where.fullmatch(path))]
                if not found:
                    raise No(404, "invalid_request_error", "url_invalid", f"Unrecognized request URL ({method}: {path})")
                kind, act, match = found[0]
                said = checked(nested(fields), kind)
            except Invalid as no:
                return 400, {"error": {"type": "invalid_request_error", "code": no.code, "param": no.param, "message": no.words}}, False
            except No as no:
                return no.status, no.body, False
            self.seen.append((method, path, said))
            key = headers.get("Idempotency-Key", "") if method == "POST" else ""
            asked = json.dumps([method, path, said], sort_keys=True, default=repr)
            if key in self._keys:
                first, status, body = self._keys[key]
                if first != asked:
                    words = "Keys for idempotent requests can only be used with the same parameters they were first used with."
                    return 400, {"error": {"type": "idempotency_error", "message": words}}, False
                return status, body, True
            try:
                thing = act(self.world, said, match.group(1) if match.groups() else "")
                status, body = 200, public(self.world, thing, said.get("expand", []))
            except No as no:
                status, body = no.status, no.body
            body = json.loads(json.dumps(body, default=lambda _bytes: None))
            if key:
                self._keys[key] = (asked, status, body)
            return status, body, False

    def deliver(self, receive: Receive, *, times: int = 1, shuffled: random.Random | None = None, lose: Callable[[dict[str, Any]], bool] | None = None) -> int:
        """Bring the messages nobody has had yet to our door, each ``times`` times, in order or ``shuffled``; one that ``lose`` names gets lost.
        Whatever the door raises is kept for the next time, as Stripe would try again. Returns how many arrived."""
        waiting = [event for event in self.world.events if not event.get("_gone")]
        if shuffled is not None:
            shuffled.shuffle(waiting)
        arrived = 0
        for event in waiting:
            if lose is not None and lose(event):
                event["_gone"] = True
                continue
            headers, body = self.message(event)
            for _time in range(times):
                receive(headers, body)
                arrived += 1
            event["_gone"] = True
        return arrived

    def message(self, event: dict[str, Any]) -> tuple[dict[str, str], bytes]:
        """A message as it is sent: headers with the signature of this moment, and the body."""
        plain = {name: value for name, value in event.items() if not name.startswith("_")}
        plain["data"] = {"object": public(self.world, event["data"]["object"], [])}
        body = json.dumps(plain, default=lambda _bytes: None).encode()
        at = datetime.fromtimestamp(self.world.clock(), UTC)
        return {"Stripe-Signature": signed(body, self.secret, at), "Content-Type": "application/json"}, body


class _Door(BaseHTTPRequestHandler):
    """One request."""

    house: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Read."""
        parts = urlsplit(self.path)
        if not parts.path.startswith("/v1/"):
            self._page(*pages.show(self.house.world, parts.path))
            return
        self._answer("GET", parts.path, parse_qsl(parts.query, keep_blank_values=True))

    def do_POST(self) -> None:
        """Do."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        kind = self.headers.get("Content-Type", "")
        if kind.startswith("multipart/"):
            whole = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
            fields: list[tuple[str, Any]] = [
                (str(part.get_param("name", header="Content-Disposition")), _part(part))
                for part in whole.iter_parts()  # type: ignore[attr-defined]
            ]
        else:
            fields = list(parse_qsl(body.decode(), keep_blank_values=True))
        if not path.startswith("/v1/"):
            self._page(*pages.act(self.house.world, path, dict(fields)))
            return
        self._answer("POST", path, fields)

    def _answer(self, method: str, path: str, fields: list[tuple[str, Any]]) -> None:
        fault = self.house.fault(path)
        if fault == "before":
            self._cut()
            return
        if fault in ("429", "500"):
            words = {"type": "rate_limit_error" if fault == "429" else "api_error", "message": "as it was told to"}
            self._send(int(fault), {"error": words}, {})
            return
        status, body, repeated = self.house.answer(method, path, fields, self.headers)
        if fault == "timeout":
            self.house.wait()
        if fault in ("cut", "timeout"):
            self._cut()
            return
        self._send(status, body, {"Idempotent-Replayed": "true"} if repeated else {})

    def _cut(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, status: int, body: dict[str, Any], headers: Mapping[str, str]) -> None:
        self._write(status, json.dumps(body).encode(), {"Content-Type": "application/json", "Request-Id": "req_madang", **headers})

    def _page(self, status: int, body: str, headers: Mapping[str, str]) -> None:
        self._write(status, body.encode(), {"Content-Type": "text/html; charset=utf-8", **headers})

    def _write(self, status: int, raw: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


def _part(part: Any) -> Any:
    raw = part.get_payload(decode=True)
    return raw if part.get_filename() else raw.decode()
