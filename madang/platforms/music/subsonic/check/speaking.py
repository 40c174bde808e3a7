"""Asking a server over HTTP. Nothing here knows what a right answer is."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import requests
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

CLIENT = "madang-subsonic-check"
VERSION = "1.16.1"
MOST = 64 * 1024 * 1024
"""Bytes read of one answer; what is longer is cut."""
PATIENCE = 60
"""Seconds to wait for the next byte."""

Value = str | int | bool | list[str] | None


class Unreachable(Exception):
    """The server does not answer at all."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who asks: a name and a password, or an API key. ``way`` is ``token``, ``password`` or ``key``."""

    way: str
    user: str = ""
    password: str = field(default="", repr=False)
    key: str = field(default="", repr=False)

    def params(self) -> dict[str, str]:
        """The parameters that sign a request in."""
        if self.way == "key":
            return {"apiKey": self.key}
        if self.way == "password":
            return {"u": self.user, "p": "enc:" + self.password.encode().hex()}
        salt = secrets.token_hex(8)
        made = hashlib.md5((self.password + salt).encode(), usedforsecurity=False).hexdigest()
        return {"u": self.user, "t": made, "s": salt}


@dataclass(frozen=True)
class Heard:
    """One answer as it came."""

    call: str
    status: int
    content_type: str
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def json(self) -> dict[str, Any] | None:
        """What stands under ``subsonic-response``, or ``None`` where this is no such JSON."""
        try:
            said = json.loads(self.body)
        except ValueError:
            return None
        inside = said.get("subsonic-response") if isinstance(said, dict) else None
        return inside if isinstance(inside, dict) else None

    @cached_property
    def xml(self) -> Element | None:
        """The root element, or ``None`` where this is no XML."""
        try:
            root: Element = fromstring(self.body)
        except (ParseError, DefusedXmlException, ValueError):
            return None
        return root

    @property
    def code(self) -> int | None:
        """The code of the error it holds, in JSON or XML; ``None`` where it holds none, -1 where it says ``failed`` and no code."""
        if self.json is not None:
            if self.json.get("status") != "failed":
                return None
            error = self.json.get("error")
            return error["code"] if isinstance(error, dict) and isinstance(error.get("code"), int) else -1
        if self.body.lstrip()[:1] == b"<" and self.xml is not None and self.xml.get("status") == "failed":
            found = next((child.get("code", "") for child in self.xml if child.tag.endswith("error")), "")
            return int(found) if found.isdigit() else -1
        return None

    @property
    def message(self) -> str:
        """The sentence of the error, where there is one."""
        error = self.json.get("error") if self.json is not None else None
        return str(error.get("message", "")) if isinstance(error, dict) else ""

    def short(self) -> str:
        """The answer in a few words, for a report."""
        if self.code is not None:
            return f"code {self.code} {self.message!r}" + ("" if self.status == 200 else f" with HTTP {self.status}")
        begin = self.body[:80].decode("utf-8", "replace").replace("\n", " ")
        return f"HTTP {self.status}, {self.content_type or 'no content type'}, {len(self.body)} bytes: {begin!r}"


class Server:
    """A server at ``base`` (with or without ``/rest``)."""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/").removesuffix("/rest")
        self._session = requests.Session()

    def ask(
        self, call: str, params: Mapping[str, Value], *, post: bool = False, view: bool = False, headers: Mapping[str, str] | None = None, body: Any = None
    ) -> Heard:
        """One request. A parameter that is ``None`` is left out, a list is given again and again; with ``post`` they go as a form in the body,
        unless ``body`` is there, which goes as JSON. Raises ``Unreachable``."""
        pairs = [(name, _said(one)) for name, value in params.items() if value is not None for one in (value if isinstance(value, list) else [value])]
        address = f"{self.base}/rest/{call}{'.view' if view else ''}"
        try:
            if post:
                data = {"data": pairs} if body is None else {"params": pairs, "json": body}
                came = self._session.post(address, headers=headers, stream=True, timeout=PATIENCE, **data)  # type: ignore[arg-type]
            else:
                came = self._session.get(address, params=pairs, headers=headers, stream=True, timeout=PATIENCE)
            with came:
                read = bytearray()
                for chunk in came.iter_content(1 << 16):
                    read += chunk
                    if len(read) >= MOST:
                        break
        except requests.RequestException as no:
            raise Unreachable(f"{self.base}: {type(no).__name__}") from no
        content_type = came.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Heard(call, came.status_code, content_type, came.headers, bytes(read))


def _said(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
