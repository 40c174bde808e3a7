"""What differs between two versions of a text, told by article, paragraph and word, for people to read.

A text is cut into its *parts* (an article or chapter with its heading) and each part into paragraphs, one a line. Parts and paragraphs are
aligned in order by how many words they share, so that an article put in between moves the others without marking them; inside a changed
paragraph ``difflib`` compares words. Joined again, what stayed and what went is the old text, what stayed and what came the new one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TypeVar

SAME, CHANGED, ADDED, REMOVED = "same", "changed", "added", "removed"
_KOREAN = re.compile(r"(제\s*\d+\s*조(?:의\s*\d+)?(?:\s*[(（【\[][^)）】\]]{1,80}[)）】\]])?)[ \t]*(.*)")
_CHAPTER = re.compile(r"(?:제\s*\d+\s*[편장절관](?:\s|$)|부\s*칙).{0,100}")
_MARKED = re.compile(r"#{1,6}\s+(.+)")
_WESTERN = re.compile(r"(?:article|chapter|part|section|rule|bylaw|§)\s*\.?\s*(?:\d+|[ivxlc]+)\b.{0,110}", re.IGNORECASE)
_WORDS = re.compile(r"\w+\s*|[^\w\s]\s*")
_ALIKE = 0.35
"""From which share of common words on two paragraphs are one that was changed, rather than one gone and one new."""
_MOST_PAIRS = 250_000
_MOST_WORDS = 2_000_000
"""How many comparisons are made at most: beyond that what differs is shown as gone and new, which is true as well."""

_T = TypeVar("_T")


@dataclass(frozen=True)
class Part:
    """An article, a chapter: its heading as written ("" for what stands before the first), and its paragraphs."""

    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Run:
    """Words that stayed, went or came: ``kind`` is "same", "removed" or "added"."""

    kind: str
    text: str


@dataclass(frozen=True)
class Paragraph:
    """One paragraph: "same", "changed", "added" or "removed", and its words."""

    kind: str
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class Piece:
    """One part in both versions: "same", "changed", "added" or "removed"; what became of its heading, and of its paragraphs."""

    kind: str
    heading: tuple[Run, ...]
    paragraphs: tuple[Paragraph, ...]

    @property
    def title(self) -> str:
        """The heading as it now is (of a part that is gone: as it was)."""
        return joined(self.heading, REMOVED if self.kind == REMOVED else ADDED)


def parts(text: str) -> list[Part]:
    """A text as parts. Headings are Markdown's ``#``, "제5조(목적) …", "제2장 …", "Article 5 …"; a line is a paragraph, empty lines are nothing."""
    made: list[Part] = []
    heading: str = ""
    lines: list[str] = []
    for raw in text.splitlines():
        line = " ".join(raw.split())
        if not line:
            continue
        head, rest = _heading(line)
        if not head:
            lines.append(line)
            continue
        if heading or lines:
            made.append(Part(heading, tuple(lines)))
        heading, lines = head, [rest] if rest else []
    return [*made, Part(heading, tuple(lines))] if heading or lines else made


def _heading(line: str) -> tuple[str, str]:
    """The heading a line is or begins with, and the rest of it; ("", line) for a paragraph."""
    if marked := _MARKED.fullmatch(line):
        return marked[1], ""
    article = _KOREAN.fullmatch(line)
    if article and (not article[2] or article[1][-1] in ")）】]" or article[2][0] in "①:"):
        return article[1], article[2]
    if (_CHAPTER.fullmatch(line) or _WESTERN.fullmatch(line)) and line[-1] not in ".。;,":
        return line, ""
    return "", line


def joined(runs: Sequence[Run], side: str) -> str:
    """The words of one side: ``REMOVED`` for the old text, ``ADDED`` for the new one."""
    return "".join(run.text for run in runs if run.kind in (SAME, side)).rstrip()


@lru_cache(maxsize=128)
def compare(before: str, after: str) -> tuple[Piece, ...]:
    """Both versions side by side, in reading order. Work is bounded by ``_MOST_PAIRS`` and ``_MOST_WORDS`` whatever the texts are."""
    budget = [_MOST_WORDS]
    found = _aligned(parts(before), parts(after), lambda part: " ".join((part.heading, part.heading, *part.paragraphs)))
    return tuple(_piece(old, new, budget) for old, new in found)


def origins(texts: Sequence[str]) -> list[int]:
    """For each part of the last of ``texts`` (oldest first), in which of them it got its words: of a part that only bears another number, when it got them."""
    came: list[int] = [0] * len(parts(texts[0])) if texts else []
    for place in range(1, len(texts)):
        before, at = iter(came), []
        for piece in compare(texts[place - 1], texts[place]):
            kept = next(before) if piece.kind != ADDED else place
            if piece.kind != REMOVED:
                words = all(one.kind == SAME for one in piece.paragraphs) and (bool(piece.paragraphs) or piece.kind == SAME)
                at.append(kept if words and piece.kind != ADDED else place)
        came = at
    return came


def _piece(old: Part | None, new: Part | None, budget: list[int]) -> Piece:
    if old is None or new is None:
        kind, one = (ADDED, new) if old is None else (REMOVED, old)
        assert one is not None
        heading = (Run(kind, one.heading),) if one.heading else ()
        return Piece(kind, heading, tuple(Paragraph(kind, (Run(kind, text),)) for text in one.paragraphs))
    paragraphs = tuple(_paragraph(a, b, budget) for a, b in _aligned(old.paragraphs, new.paragraphs, str))
    same = old.heading == new.heading and all(one.kind == SAME for one in paragraphs)
    return Piece(SAME if same else CHANGED, _words(old.heading, new.heading, budget), paragraphs)


def _paragraph(old: str | None, new: str | None, budget: list[int]) -> Paragraph:
    if old is None or new is None:
        kind = ADDED if old is None else REMOVED
        return Paragraph(kind, (Run(kind, new if old is None else old or ""),))  # type: ignore[arg-type]
    return Paragraph(SAME if old == new else CHANGED, _words(old, new, budget))


def _words(old: str, new: str, budget: list[int]) -> tuple[Run, ...]:
    """The words that stayed, went and came. A word with the space behind it is one; what lies between two changes and is only a mark joins them."""
    if old == new:
        return (Run(SAME, old),) if old else ()
    a, b = _WORDS.findall(old + " "), _WORDS.findall(new + " ")
    budget[0] -= len(a) * len(b)
    groups: list[tuple[str, str]] = []  # (what went, what came) and, where both are one text, what stayed
    if budget[0] < 0:
        groups = [(old + " ", new + " ")]
    else:
        for what, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
            went, came = "".join(a[i1:i2]), "".join(b[j1:j2])
            lone = what == "equal" and i1 > 0 and i2 < len(a) and j1 > 0 and j2 < len(b) and not any(c.isalnum() for c in went)
            if groups and (lone or what != "equal") and groups[-1][0] != groups[-1][1]:
                groups[-1] = (groups[-1][0] + went, groups[-1][1] + came)
            else:
                groups.append((went, came))
    return _runs(groups)


def _runs(groups: Sequence[tuple[str, str]]) -> tuple[Run, ...]:
    runs: list[Run] = []
    for place, (went, came) in enumerate(groups):
        if place == len(groups) - 1:  # the space that was put behind the last word
            went, came = went.removesuffix(" "), came.removesuffix(" ")
        if went == came:
            runs += [Run(SAME, went)] if went else []
        else:
            runs += [Run(kind, text) for kind, text in ((REMOVED, went), (ADDED, came)) if text]
    return tuple(runs)


def _aligned(old: Sequence[_T], new: Sequence[_T], text: Callable[[_T], str]) -> list[tuple[_T | None, _T | None]]:
    """Old and new in reading order, those that belong together side by side: first what is equal, then in between what shares most words."""
    found: list[tuple[_T | None, _T | None]] = []
    between: list[tuple[_T | None, _T | None]]
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    found += [(one, one) for one in old[:head]]
    if len(a) * len(b) > _MOST_PAIRS:
        between = [*((one, None) for one in a), *((None, one) for one in b)]
    else:
        between = _by_likeness(a, b, text)
    return found + between + [(one, one) for one in old[len(old) - tail :]]


def _by_likeness(a: Sequence[_T], b: Sequence[_T], text: Callable[[_T], str]) -> list[tuple[_T | None, _T | None]]:
    """The pairing in order with the greatest sum of likeness, pairs too unlike left apart (the alignment of Needleman and Wunsch)."""
    words = [[Counter(_WORDS.findall(text(one) + " ")) for one in side] for side in (a, b)]
    sizes = [[sum(one.values()) for one in side] for side in words]
    best = [[0.0] * (len(b) + 1) for _one in range(len(a) + 1)]
    like = [[_likeness(words[0][i], words[1][j], sizes[0][i], sizes[1][j]) for j in range(len(b))] for i in range(len(a))]
    for i in range(len(a) - 1, -1, -1):
        for j in range(len(b) - 1, -1, -1):
            pair = best[i + 1][j + 1] + like[i][j] if like[i][j] >= _ALIKE else -1.0
            best[i][j] = max(pair, best[i + 1][j], best[i][j + 1])
    found: list[tuple[_T | None, _T | None]] = []
    i = j = 0
    while i < len(a) and j < len(b):
        if like[i][j] >= _ALIKE and best[i][j] == best[i + 1][j + 1] + like[i][j]:
            found.append((a[i], b[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            found.append((a[i], None))
            i += 1
        else:
            found.append((None, b[j]))
            j += 1
    return found + [(one, None) for one in a[i:]] + [(None, one) for one in b[j:]]


def _likeness(one: Counter[str], other: Counter[str], size: int, other_size: int) -> float:
    """The share of words two texts have in common (Dice), 0 to 1."""
    whole = size + other_size
    if not whole or 2 * min(size, other_size) < _ALIKE * whole:
        return 1.0 if not whole else 0.0
    small, large = (one, other) if len(one) < len(other) else (other, one)
    return 2 * sum(min(n, large[word]) for word, n in small.items() if word in large) / whole
