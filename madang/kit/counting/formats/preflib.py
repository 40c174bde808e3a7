"""PrefLib's soc, soi, toc and toi, by its FORMAT_SPECIFICATION (``# KEY: value`` lines, then ``count: 1,{2,3},4``), and the form it had
before 2022 (the number of candidates; ``1,Name`` lines; ``voters,sum,orders``; then ``count,1,{2,3},4``).

soc and toc list every candidate; who is not there makes the file malformed, so does an equal rank in soc and soi, and fewer voters than
the header says (a file that was cut off).
"""

from __future__ import annotations

import re

from madang.kit.counting.ballots import LONGEST, Ballots, Ranking, unlike, whole
from madang.kit.counting.files import Malformed
from madang.kit.counting.files import lines as lines_of
from madang.kit.counting.result import Number

EXTENSIONS = ("soc", "soi", "toc", "toi")

HEADER = re.compile(r"#\s*([A-Z][A-Z ]*?)\s*(\d*)\s*:\s*(.*)$")
ORDER = re.compile(r"\{[^{}]*\}|[^,{}]+")


def looks(text: str) -> bool:
    """It has a line that names an alternative."""
    return bool(re.search(r"^#\s*(NUMBER ALTERNATIVES|ALTERNATIVE NAME \d+)\s*:", text, re.MULTILINE))


def read(text: str, ending: str = "") -> Ballots:
    """Read a PrefLib file of orders. Raises ``Malformed``."""
    lines = lines_of(text)
    first = next((line.strip() for line in lines if line.strip()), "")
    names, voters, at, kind, mark = _new(lines) if first.startswith("#") else _old(lines)
    kind = ending if ending in EXTENSIONS else kind
    rankings: dict[Ranking, Number] = {}
    blank: Number = 0
    for index in range(at, len(lines)):
        line = lines[index].strip()
        if not line or line.startswith("#"):
            continue
        head, found, tail = line.partition(mark)
        many = _many(head, index + 1)
        if not found:
            raise Malformed(index + 1, f"{mark!r} and an order must stand after {head[:40]!r}")
        ranking = _order(tail, index + 1, len(names), kind)
        if not ranking:
            blank += many
        else:
            rankings[ranking] = rankings.get(ranking, 0) + many
    if voters is not None and sum(rankings.values()) + blank < voters:
        raise Malformed(len(lines), f"the header says {voters} voters, and there are {sum(rankings.values()) + blank}: the file was cut off")
    return Ballots(unlike(names), rankings, blank=blank, complete=kind in ("soc", "toc"))


def _new(lines: list[str]) -> tuple[list[str], Number | None, int, str, str]:
    """(names, voters, index of the first order, data type, what stands between count and order)."""
    size, voters, kind, names = None, None, "", {}
    for at, line in enumerate(lines):
        if not line.strip():
            continue
        if not line.lstrip().startswith("#"):
            break
        if not (found := HEADER.match(line.strip())):
            continue
        key, number, value = found[1], found[2], found[3].strip()
        if key == "ALTERNATIVE NAME":
            if not number or len(number) > LONGEST or int(number) < 1 or int(number) in names:
                raise Malformed(at + 1, f"candidate {number or '?'} is named twice, or has no number")
            names[int(number)] = value or number
        elif key == "NUMBER ALTERNATIVES":
            size = _many(value, at + 1)
            if not isinstance(size, int):
                raise Malformed(at + 1, f"there cannot be {value} candidates")
        elif key == "NUMBER VOTERS":
            voters = _many(value, at + 1)
        elif key == "DATA TYPE":
            kind = value.lower()
            if kind not in EXTENSIONS:
                raise Malformed(at + 1, f"files of {value!r} hold no orders")
    else:
        at = len(lines)
    if not names and not size:
        raise Malformed(at + 1, "no candidate is named")
    many = int(size if size is not None else max(names))
    if many > 10_000 or set(names) - set(range(1, many + 1)):
        raise Malformed(at, f"the names are not those of candidates 1 to {many}")
    return [names.get(one, str(one)) for one in range(1, many + 1)], voters, at, kind, ":"


def _old(lines: list[str]) -> tuple[list[str], Number | None, int, str, str]:
    rows = [(index, line.strip()) for index, line in enumerate(lines) if line.strip()]
    size = _many(rows[0][1], rows[0][0] + 1)
    if not isinstance(size, int) or size > 10_000 or len(rows) < size + 2:
        raise Malformed(rows[0][0] + 1, f"{rows[0][1]} candidates do not stand in this file")
    names = []
    for place, (index, line) in enumerate(rows[1 : size + 1], start=1):
        number, _, name = line.partition(",")
        if number.strip() != str(place):
            raise Malformed(index + 1, f"candidate {place} must be named here, not {line[:40]!r}")
        names.append(name.strip().strip('"') or number)
    index, line = rows[size + 1]
    sums = line.split(",")
    if len(sums) != 3:
        raise Malformed(index + 1, "three numbers must stand here: voters, sum of counts, different orders")
    return names, _many(sums[1], index + 1), index + 1, "", ","


def _many(text: str, line: int) -> Number:
    try:
        many = whole(text)
    except (ValueError, ZeroDivisionError):
        raise Malformed(line, f"not a number: {text.strip()[:40]!r}") from None
    if many < 0:
        raise Malformed(line, f"there cannot be {text.strip()} of something")
    return many


def _order(text: str, line: int, size: int, kind: str) -> Ranking:
    if set("{}") & set(ORDER.sub("", text)):
        raise Malformed(line, "a brace is missing")
    ranking: list[int | tuple[int, ...]] = []
    seen: set[int] = set()
    for part in ORDER.findall(text):
        if not (part := part.strip()):
            continue
        rank = tuple(_candidate(one, line, size) for one in part.strip("{} ").split(",") if one.strip())
        if seen.intersection(rank) or len(set(rank)) < len(rank):
            raise Malformed(line, f"a candidate stands twice in {text.strip()[:60]!r}")
        if len(rank) > 1 and kind in ("soc", "soi"):
            raise Malformed(line, f"{kind} files have no equal ranks")
        seen.update(rank)
        if rank:
            ranking.append(rank[0] if len(rank) == 1 else rank)
    if kind in ("soc", "toc") and len(seen) < size:
        raise Malformed(line, f"{kind} files rank every candidate, and {size - len(seen)} of {size} are missing here")
    return tuple(ranking)


def _candidate(token: str, line: int, size: int) -> int:
    token = token.strip()
    if not (token.isascii() and token.isdigit() and len(token) <= LONGEST) or not 1 <= int(token) <= size:
        raise Malformed(line, f"there is no candidate {token[:40]!r} (of {size})")
    return int(token) - 1
