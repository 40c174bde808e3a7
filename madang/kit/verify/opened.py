"""The public leaves of an export, opened: their words, and the check that these are the words that were recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from madang.kit import canonical, merkle
from madang.kit.verify.lines import Entry, line_hash, unhex

FOLDER = "public"


@dataclass(frozen=True)
class OpenLine:
    """One line of a public leaf as it stands in ``public/<type>.jsonl``."""

    index: int
    line: int
    salt: bytes
    body: dict[str, Any]

    def dumps(self) -> bytes:
        return canonical.dumps({"index": self.index, "line": self.line, "salt": self.salt.hex(), "body": self.body}) + b"\n"


@dataclass
class OpenLeaf:
    """A public leaf: where it stands, its entry (from the log) and its lines (from the public files)."""

    index: int
    entry: Entry
    bodies: list[dict[str, Any]] = field(default_factory=list)

    @property
    def body(self) -> dict[str, Any]:
        """The one line of a leaf that has one."""
        return self.bodies[0] if self.bodies else {}


def path_of(kind: str) -> str:
    """``rule`` → ``public/rule.jsonl``."""
    return f"{FOLDER}/{kind}.jsonl"


def read_lines(data: bytes) -> Iterator[OpenLine]:
    """The lines of one public file, in order. Raises ``ValueError`` for anything :meth:`OpenLine.dumps` would not write, in its order."""
    if data and not data.endswith(b"\n"):
        raise ValueError("its last line is cut short")
    last = (-1, 0)
    for number, raw in enumerate(data.split(b"\n")[:-1], 1):
        value = canonical.loads(raw)
        if not isinstance(value, dict) or set(value) != {"index", "line", "salt", "body"} or not isinstance(value["body"], dict):
            raise ValueError(f"line {number} is not index, line, salt and body")
        index, line = value["index"], value["line"]
        if type(index) is not int or type(line) is not int or index < 0 or line < 0:
            raise ValueError(f"line {number} has no place")
        if (index, line) <= last:
            raise ValueError(f"line {number} is out of order")
        last = (index, line)
        yield OpenLine(index, line, unhex(value["salt"]), value["body"])


def open_leaves(files: Mapping[str, Iterable[OpenLine]], entries: Mapping[int, Entry], problem: Any) -> dict[int, OpenLeaf]:
    """Put the lines of the public files (by type) under their entries; every line must be there and hash to its entry.

    ``problem(sentence)`` is told what does not fit. Returns only leaves that fit.
    """
    hashes: dict[int, list[bytes]] = {}
    leaves: dict[int, OpenLeaf] = {}
    for kind, lines in files.items():
        for line in lines:
            entry = entries.get(line.index)
            if entry is None:
                problem(f"{path_of(kind)} opens leaf {line.index}, which the log does not have.")
                continue
            if entry.kind != kind:
                problem(f"{path_of(kind)} opens leaf {line.index}, which is of the type “{entry.kind}”.")
                continue
            leaf = leaves.setdefault(line.index, OpenLeaf(line.index, entry))
            if line.line != len(leaf.bodies):
                problem(f"Line {len(leaf.bodies)} of leaf {line.index} ({entry.subject}) is missing from {path_of(kind)}.")
            leaf.bodies.append(line.body)
            hashes.setdefault(line.index, []).append(line_hash(line.salt, canonical.dumps(line.body)))
    good = {}
    for index, leaf in leaves.items():
        if len(leaf.bodies) != leaf.entry.lines:
            problem(f"Leaf {index} ({leaf.entry.subject}) has {leaf.entry.lines} lines; {path_of(leaf.entry.kind)} opens {len(leaf.bodies)}.")
        elif merkle.root(hashes[index]) != leaf.entry.root:
            problem(f"The words of leaf {index} ({leaf.entry.subject}) are not the ones that were recorded.")
        else:
            good[index] = leaf
    return good
