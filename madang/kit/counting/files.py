"""Ballot files of others: which format a file has, and what it holds. One format is one module in ``formats/``."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from pathlib import Path
from typing import Any

from madang.kit.counting.ballots import Ballots

LARGEST = 1 << 30
"""Bytes of the largest file that is read."""


class Malformed(ValueError):
    """A file that cannot be read: ``line`` (from 1; 0 where it is about the whole file) and what is wrong there."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}" if line else reason)
        self.line, self.reason = line, reason


@cache
def formats() -> tuple[Any, ...]:
    """Every format, in the order of their modules' names."""
    package = importlib.import_module("madang.kit.counting.formats")
    return tuple(importlib.import_module(f"{package.__name__}.{one.name}") for one in sorted(pkgutil.iter_modules(package.__path__), key=lambda one: one.name))


def decode(data: bytes) -> str:
    """The text of a file: UTF-8 with or without its mark, UTF-16 with one, else Western European as old counting programs wrote it."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def lines(text: str) -> list[str]:
    """``text`` by its line ends, whichever system wrote them; unlike ``splitlines`` a name may hold the other signs that Unicode calls line ends."""
    found = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return found if found[-1] else found[:-1]


def read(path: Path) -> Ballots:
    """The ballots of a file, by its ending, else by how it begins. Raises ``Malformed``; ``OSError`` where it cannot be opened."""
    if path.stat().st_size > LARGEST:
        raise Malformed(0, "the file is larger than 1 GiB")
    data = path.read_bytes()
    if not data.strip():
        raise Malformed(0, "the file is empty")
    return parse(decode(data), path.suffix.lower().lstrip("."))


def parse(text: str, ending: str = "") -> Ballots:
    """The ballots of ``text`` in the format of ``ending``; without one that is known, of the first format it looks like."""
    if "\x00" in text[:4096]:
        raise Malformed(1, "this is no text")
    for module in formats():
        if ending in module.EXTENSIONS:
            return module.read(text, ending)  # type: ignore[no-any-return]
    for module in formats():
        if module.looks(text):
            return module.read(text, ending)  # type: ignore[no-any-return]
    raise Malformed(1, "this is none of BLT, PrefLib (soc, soi, toc, toi), Pabulib (.pb) and CSV")
