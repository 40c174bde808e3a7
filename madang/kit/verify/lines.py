"""What a leaf of our record is made of: an entry of ids and hashes, and lines that can each be shown alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from madang.kit import canonical, merkle
from madang.kit.tiles import ENTRY_MAX

SALT_SIZE = 16
_KIND = re.compile(r"[a-z][a-z0-9_.-]{0,39}", re.ASCII)
_SUBJECT = re.compile(r"[a-z][a-z0-9_.-]*:[A-Za-z0-9:_.-]+", re.ASCII)
_HEX = re.compile(r"[0-9a-f]*", re.ASCII)
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)
SUBJECT_MAX = 120


class EntryError(ValueError):
    """An entry that is not as ours are."""


def line_hash(salt: bytes, body: bytes) -> bytes:
    """RFC 6962 leaf hash of ``salt ‖ body``. The salt has 16 random bytes, so nobody can guess the body from the hash."""
    if len(salt) != SALT_SIZE:
        raise EntryError(f"a salt has {SALT_SIZE} bytes")
    return merkle.leaf_hash(salt + body)


@dataclass(frozen=True)
class Entry:
    """What stands in the log for everyone: the type, an opaque id, the moment, how many lines and the root over their hashes."""

    kind: str
    subject: str
    at: str
    lines: int
    root: bytes

    def dumps(self) -> bytes:
        """The canonical bytes. Raises :class:`EntryError` for what cannot be one."""
        self._check()
        return canonical.dumps({"v": 1, "type": self.kind, "id": self.subject, "at": self.at, "lines": self.lines, "root": self.root.hex()})

    @classmethod
    def loads(cls, data: bytes) -> Entry:
        """Read the canonical bytes. Raises :class:`EntryError` (a ``ValueError``) for anything else."""
        try:
            return cls.of(canonical.loads(data))
        except canonical.CanonicalError as wrong:
            raise EntryError(str(wrong)) from None

    @classmethod
    def of(cls, value: Any) -> Entry:
        """The same from the JSON value."""
        if not isinstance(value, dict) or set(value) != {"v", "type", "id", "at", "lines", "root"} or value["v"] != 1 or value["v"] is True:
            raise EntryError("an entry has v, type, id, at, lines and root")
        texts = (value["type"], value["id"], value["at"], value["root"])
        if not all(isinstance(text, str) for text in texts):
            raise EntryError("type, id, at and root of an entry are strings")
        entry = cls(value["type"], value["id"], value["at"], value["lines"], unhex(value["root"]))
        entry._check()
        return entry

    def _check(self) -> None:
        if not _KIND.fullmatch(self.kind):
            raise EntryError(f"not a leaf's type: {self.kind[:60]!r}")
        if not _SUBJECT.fullmatch(self.subject) or len(self.subject) > SUBJECT_MAX:
            raise EntryError(f"not a leaf's id: {self.subject[:140]!r}; it looks like entry:<id>")
        if not _TIME.fullmatch(self.at):
            raise EntryError(f"not a moment in UTC: {self.at[:40]!r}")
        if type(self.lines) is not int or self.lines < 0:
            raise EntryError("the number of lines is a whole number")
        if len(self.root) != merkle.HASH_SIZE:
            raise EntryError("the root over the lines has 32 bytes")


def unhex(text: Any) -> bytes:
    """Lower-case hex to bytes, strictly. Raises :class:`EntryError`."""
    if not isinstance(text, str) or not _HEX.fullmatch(text) or len(text) % 2:
        raise EntryError("not lower-case hex")
    return bytes.fromhex(text)


def entry_of(kind: str, subject: str, at: str, hashes: Sequence[bytes]) -> Entry:
    """The entry over these line hashes."""
    return Entry(kind, subject, at, len(hashes), merkle.root(hashes))


def body_of(line: Mapping[str, Any]) -> bytes:
    """The canonical bytes of one line. Raises ``CanonicalError`` for floats and their kin."""
    return canonical.dumps(line)


def text_of(text: str) -> str:
    """One string as canonical JSON, for who writes bodies of one shape without a general writer. Raises ``CanonicalError``."""
    return canonical.dumps(text).decode()


__all__ = ["ENTRY_MAX", "SALT_SIZE", "Entry", "EntryError", "body_of", "entry_of", "line_hash", "text_of", "unhex"]
