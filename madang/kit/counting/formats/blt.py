"""BLT, as OpenSTV, OpaVote, Droop and the Scottish councils' eSTV write it.

Candidates and seats; withdrawn ones as ``-3`` (or ``[withdrawn 3]``); a ballot a line: how many, candidates in order, 0; a line ``0``;
the names in quotes; a title. ``3=4`` are equal, ``-`` is a rank left empty, ``(id)`` may stand for how many, ``#`` begins a comment.
Liberal: commas at the ends of lines, names without quotes, a party in quotes after the name, names in doubled quotes,
``# ALTERNATIVE NAME 2: …`` among the names, all names in one line, no names at all.
Strict: numbers of candidates that are not there, a ballot without its 0, the wrong number of names.
"""

from __future__ import annotations

import re
from collections import Counter

from madang.kit.counting.ballots import LONGEST, Ballots, Ranking, unlike, whole
from madang.kit.counting.files import Malformed
from madang.kit.counting.files import lines as lines_of
from madang.kit.counting.result import Number

EXTENSIONS = ("blt",)

QUOTED = re.compile(r'"((?:[^"\\]|\\.|""|"(?=\w)|(?<=\w)"(?=[ ,.]*\w))*)"')
"""A name. Quotes inside may be doubled, follow a backslash, or stand around a word of it as they are (``"Al "Bo" Cox"``)."""
ALTERNATIVE = re.compile(r"#\s*ALTERNATIVE NAME \d+:\s*(.*\S)", re.IGNORECASE)


def looks(text: str) -> bool:
    """It begins with two numbers."""
    return bool(re.match(r"\s*(#.*\n\s*)*\d+[ \t]+\d+\s*(#.*)?(\n|$)", text))


def read(text: str, ending: str = "") -> Ballots:
    """Read a BLT file. Raises ``Malformed``."""
    lines = lines_of(text)
    at, size, seats = _first(lines)
    nicks: dict[str, int] = {}
    withdrawn: set[int] = set()
    while at < len(lines):
        line = _bare(lines[at])
        if line.startswith("["):
            _option(line, at + 1, size, nicks, withdrawn)
        elif line.startswith("-"):
            for token in line.split():
                withdrawn.add(_candidate(token.removeprefix("-"), at + 1, size, nicks))
        elif line:
            break
        at += 1
    tallied, at = _tally(lines, at)
    rankings: dict[Ranking, Number] = {}
    for tail, (number, line_number) in tallied.items():
        ranking = _ranking(tail, line_number, size, nicks)
        rankings[ranking] = rankings.get(ranking, 0) + number
    names = _names(lines, at, size)
    return Ballots(unlike(names), rankings, seats=seats, withdrawn=frozenset(withdrawn))


def _bare(line: str) -> str:
    return line.split("#", 1)[0].strip()


def _first(lines: list[str]) -> tuple[int, int, int]:
    """(index of the line after the first, candidates, seats)."""
    for at, line in enumerate(lines):
        if not (bare := _bare(line)):
            continue
        parts = bare.replace(",", " ").split()
        if len(parts) != 2 or not all(part.isascii() and part.isdigit() for part in parts):
            raise Malformed(at + 1, f"two numbers must stand here, candidates and seats, not {bare[:60]!r}")
        if max(map(len, parts)) > LONGEST or int(parts[0]) > 10_000:
            raise Malformed(at + 1, f"more than 10,000 candidates: {bare[:60]}")
        size, seats = int(parts[0]), int(parts[1])
        if seats < 1:
            raise Malformed(at + 1, "there must be at least one seat")
        return at + 1, size, seats
    raise Malformed(1, "the file is empty")


def _option(line: str, number: int, size: int, nicks: dict[str, int], withdrawn: set[int]) -> None:
    word, *rest = line.strip("[]").split() or [""]
    if word == "nick":
        if len(rest) != size or len(set(rest)) != size:
            raise Malformed(number, "each candidate needs a nickname of its own")
        nicks.update({nick: index for index, nick in enumerate(rest)})
    elif word == "withdrawn":
        withdrawn.update(_candidate(one, number, size, nicks) for one in rest)
    elif word not in ("tie", "droop", "undeclared"):
        raise Malformed(number, f"unknown option {word!r}")


def _candidate(token: str, line: int, size: int, nicks: dict[str, int]) -> int:
    if token in nicks:
        return nicks[token]
    if not (token.isascii() and token.isdigit()):
        raise Malformed(line, f"not a candidate's number: {token[:40]!r}")
    if len(token) > LONGEST or not 1 <= int(token) <= size:
        raise Malformed(line, f"there is no candidate {token[:40]} (of {size})")
    return int(token) - 1


def _tally(lines: list[str], at: int) -> tuple[dict[str, tuple[Number, int]], int]:
    """The ballots' preferences as text with how many there are and the first line they stand in; and the index after the line ``0``."""
    plain: Counter[str] = Counter()
    first: dict[str, int] = {}
    for index in range(at, len(lines)):
        line = lines[index]
        if "#" in line:
            line = line.split("#", 1)[0]
        line = line.strip().rstrip(",")
        if not line:
            continue
        if line == "0":
            return {tail: (number, first[tail]) for tail, number in plain.items()}, index + 1
        number, tail = _weight(line, index + 1)
        if tail not in first:
            first[tail] = index + 1
        plain[tail] += number  # type: ignore[assignment]
    raise Malformed(len(lines), "the line 0 that ends the ballots is missing")


def _weight(line: str, number: int) -> tuple[Number, str]:
    if line.startswith("("):
        _name_of, closed, tail = line.partition(")")
        if not closed:
            raise Malformed(number, "a ballot's name in parentheses does not end")
        return 1, tail.strip()
    head, _, tail = line.partition(" ") if "\t" not in line else line.replace("\t", " ").partition(" ")
    try:
        many = whole(head)
    except (ValueError, ZeroDivisionError):
        raise Malformed(number, f"a ballot begins with how many there are, not {head[:40]!r}") from None
    if many <= 0:
        raise Malformed(number, f"there cannot be {head} of a ballot")
    return many, tail.strip()


def _ranking(tail: str, line: int, size: int, nicks: dict[str, int]) -> Ranking:
    tokens = tail.split()
    if not tokens or tokens[-1] != "0":
        raise Malformed(line, "the ballot does not end with 0")
    ranking: list[int | tuple[int, ...]] = []
    for token in tokens[:-1]:
        if token.isdigit() and not nicks:
            ranking.append(_candidate(token, line, size, nicks))
        elif token == "-":  # noqa: S105 (a rank left empty)
            ranking.append(())
        elif "=" in token:
            ranking.append(tuple(_candidate(one, line, size, nicks) for one in token.split("=")))
        else:
            ranking.append(_candidate(token, line, size, nicks))
    return tuple(ranking)


def _names(lines: list[str], at: int, size: int) -> list[str]:
    rows: list[tuple[int, str]] = []
    for index in range(at, len(lines)):
        line = lines[index].strip()
        if line.startswith("#"):
            found = ALTERNATIVE.match(line)
            line = found[1] if found else ""
        if line:
            rows.append((index + 1, line))
    if not rows:
        return [str(number + 1) for number in range(size)]
    if len(rows) >= size:
        if len(rows) > size + 3:
            raise Malformed(rows[size + 3][0], f"more names than {size} candidates and a title")
        return [_name(text) for _line, text in rows[:size]]
    quoted = [_plain(one) for _line, text in rows for one in QUOTED.findall(text)]
    if len(quoted) < size:
        raise Malformed(rows[-1][0], f"{max(len(quoted), len(rows))} names for {size} candidates")
    return quoted[:size]


def _name(text: str) -> str:
    if text.startswith('"') and (found := QUOTED.match(text)):
        return _plain(found[1])
    return text.rstrip(",").strip().strip('"').strip()


def _plain(quoted: str) -> str:
    """What stood between the quotes, its own quotes as they are read."""
    return quoted.replace('""', '"').replace('\\"', '"').strip()
