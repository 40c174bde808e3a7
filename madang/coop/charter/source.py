"""Where each key of a TOML file stands. Python's own reader checks the syntax and gives the values, but tells no lines.

``locate`` walks a *valid* document once, character by character, and knows tables, arrays of tables, dotted and quoted keys,
inline tables, and strings and arrays over several lines (TOML 1.0).
"""

from __future__ import annotations

import contextlib
import re
import tomllib
from bisect import bisect_right
from dataclasses import dataclass, field

Path = tuple[str | int, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_COMMENT = re.compile(r"#[^\n]*")
_SPACE = re.compile(r"[ \t]*")


class Lost(ValueError):
    """The document is not valid TOML here."""


@dataclass
class Places:
    """The line (from 1) of each key, table and array element by its path, where each value and comment stands, and keys that were written twice."""

    lines: dict[Path, int] = field(default_factory=dict)
    spans: dict[Path, tuple[int, int]] = field(default_factory=dict)  # where a value begins and ends, in the text with \n at the ends of lines
    comments: list[tuple[int, int]] = field(default_factory=list)
    twice: list[tuple[Path, int, int]] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of the key, or of the nearest thing around it that stands somewhere; 1 for the whole file."""
        for length in range(len(path), 0, -1):
            if found := self.lines.get(path[:length]):
                return found
        return 1


def locate(text: str) -> Places:
    """The places of everything in a valid document. Raises ``Lost`` where it is not one."""
    walk = _Walk(text)
    walk.document()
    return walk.places


def places_so_far(text: str) -> Places:
    """The places up to where the document stops making sense, for one that Python's reader refused."""
    walk = _Walk(text)
    with contextlib.suppress(Lost, RecursionError):
        walk.document()
    return walk.places


class _Walk:
    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")
        self.at = 0
        self.starts = [0, *(match.end() for match in re.finditer("\n", self.text))]
        self.places = Places()
        self.lengths: dict[Path, int] = {}  # arrays of tables and how many tables each has so far
        self.valued: dict[Path, int] = {}  # what was given a value, and headers: may not come again

    def document(self) -> None:
        table: Path = ()
        while True:
            self._skip(_BLANK)
            if self.at >= len(self.text):
                return
            if self.text.startswith("[[", self.at):
                table = self._header(2)
            elif self._peek() == "[":
                table = self._header(1)
            else:
                self._pair(table)
            self._skip(_SPACE)
            if self.at < len(self.text) and self._peek() not in "#\n":
                raise Lost(f"line {self._line()}")

    def _header(self, width: int) -> Path:
        line = self._line()
        self.at += width
        names = self._key()
        self._expect("]" * width)
        path: Path = ()
        for name in names[:-1]:
            path = self._latest((*path, name))
            self.places.lines.setdefault(path, line)
        path = (*path, names[-1])
        if width == 1:
            path = self._latest(path)
            self._once(path, line)
        else:
            self.places.lines.setdefault(path, line)
            number = self.lengths.get(path, 0)
            self.lengths[path] = number + 1
            path = (*path, number)
        self.places.lines[path] = self.places.lines.get(path, line)
        return path

    def _latest(self, path: Path) -> Path:
        """A name of an array of tables means its last table."""
        return (*path, self.lengths[path] - 1) if path in self.lengths else path

    def _pair(self, table: Path) -> None:
        line = self._line()
        names = self._key()
        self._expect("=")
        path = table
        for name in names:
            path = (*path, name)
            self.places.lines.setdefault(path, line)
        self._once(path, line)
        self._skip(_SPACE)
        self._value(path)

    def _once(self, path: Path, line: int) -> None:
        if path in self.valued:
            self.places.twice.append((path, line, self.valued[path]))
        self.valued.setdefault(path, line)

    def _key(self) -> list[str]:
        names = []
        while True:
            self._skip(_SPACE)
            if self._peek() in ('"', "'"):
                start = self.at
                self._string()
                names.append(_decoded(self.text[start : self.at]))
            else:
                match = _BARE.match(self.text, self.at)
                if match is None:
                    raise Lost(f"line {self._line()}")
                names.append(match.group())
                self.at = match.end()
            self._skip(_SPACE)
            if self._peek() != ".":
                return names
            self.at += 1

    def _value(self, path: Path) -> None:
        start, first = self.at, self._peek()
        if first in ('"', "'"):
            self._string()
        elif first == "[":
            self._array(path)
        elif first == "{":
            self._inline(path)
        else:
            match = _SCALAR.match(self.text, self.at)
            if match is None or not match.group().strip():
                raise Lost(f"line {self._line()}")
            self.at = match.end()
        self.places.spans[path] = (start, self.at)

    def _array(self, path: Path) -> None:
        self.at += 1
        number = 0
        while True:
            self._skip(_BLANK)
            if self._peek() == "]":
                self.at += 1
                return
            self.places.lines[(*path, number)] = self._line()
            self._value((*path, number))
            number += 1
            self._skip(_BLANK)
            if self._peek() == ",":
                self.at += 1
            elif self._peek() != "]":
                raise Lost(f"line {self._line()}")

    def _inline(self, path: Path) -> None:
        self.at += 1
        while True:
            self._skip(_BLANK)
            if self._peek() == "}":
                self.at += 1
                return
            self._pair(path)
            self._skip(_BLANK)
            if self._peek() == ",":
                self.at += 1
            elif self._peek() != "}":
                raise Lost(f"line {self._line()}")

    def _string(self) -> None:
        mark = self._peek()
        if self.text.startswith(mark * 3, self.at):
            self.at += 3
            while not self.text.startswith(mark * 3, self.at):
                self._character(mark)
            self.at += 3
            for _more in range(2):  # up to two marks may stand directly before the closing three
                if self._peek() == mark:
                    self.at += 1
            return
        self.at += 1
        while self._peek() != mark:
            if self._peek() == "\n":
                raise Lost(f"line {self._line()}")
            self._character(mark)
        self.at += 1

    def _character(self, mark: str) -> None:
        if self.at >= len(self.text):
            raise Lost("a string that does not end")
        self.at += 2 if mark == '"' and self.text[self.at] == "\\" else 1

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match and pattern is _BLANK:
            self.places.comments += [(match.start() + one.start(), match.start() + one.end()) for one in _COMMENT.finditer(match.group())]
        self.at = match.end() if match else self.at

    def _expect(self, what: str) -> None:
        self._skip(_SPACE)
        if not self.text.startswith(what, self.at):
            raise Lost(f"line {self._line()}")
        self.at += len(what)

    def _line(self) -> int:
        return bisect_right(self.starts, self.at)


def _decoded(raw: str) -> str:
    """A quoted key as the reader understands it."""
    try:
        (name,) = tomllib.loads(f"{raw} = 0")
    except (tomllib.TOMLDecodeError, ValueError) as no:
        raise Lost(raw) from no
    return name
