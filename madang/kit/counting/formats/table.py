"""CSV in three forms.

``count,pref1,pref2,…``: a ranking a line, the candidates by name. An empty cell (or ``skipped``) between others is a rank left empty,
``overvote`` one where nothing clear stands. Without a header, lines are read so as well. ``count,A,B,…``: the columns are candidates,
the cells scores; an empty cell is no score. And the tables of Scottish wards that researchers pass on: ``candidates,seats``, then
``count,3,1,2``, then ``"Candidate 1","Name","Party"`` lines and the ward. Commas, semicolons or tabs.
"""

from __future__ import annotations

import csv
import re
from io import StringIO

from madang.kit.counting.ballots import LONGEST, Ballots, Ranking, Scores, unlike, whole
from madang.kit.counting.files import Malformed, lines
from madang.kit.counting.result import Number

EXTENSIONS = ("csv", "tsv")
PREFERENCE = re.compile(r"(pref(erence)?|rank|choice|ranking)?[ _-]*\d+(st|nd|rd|th)?([ _-]*(pref(erence)?|rank|choice))?", re.IGNORECASE)
COUNTS = ("count", "counts", "n", "number", "votes", "weight", "ballots")
EMPTY = ("", "skipped", "skippedranking", "undervote", "-")
SEVERAL = ("overvote",)

Row = tuple[int, list[str]]


def looks(text: str) -> bool:
    """Its first line has more than one cell."""
    first = next((line for line in lines(text) if line.strip() and not line.startswith("#")), "")
    return any(mark in first for mark in ",;\t")


def read(text: str, ending: str = "") -> Ballots:
    """Read a CSV file of ballots. Raises ``Malformed``."""
    rows = _rows(text)
    if not rows:
        raise Malformed(1, "there is no line with ballots")
    line, first = rows[0]
    if any(re.fullmatch(r"candidate \d+", cells[0].strip(), re.IGNORECASE) for _line, cells in rows[1:]):
        return _ward(rows)
    if first[0].strip().lower() not in COUNTS:
        if not _is_number(first[0]):
            raise Malformed(line, f"the first cell must be 'count' or how many ballots there are, not {first[0][:40]!r}")
        return _rankings(rows)
    header = [cell.strip() for cell in first[1:]]
    if all(PREFERENCE.fullmatch(cell) for cell in header if cell):
        return _rankings(rows[1:])
    return _scores(header, rows[1:], line)


def _rows(text: str) -> list[Row]:
    sample = next((line for line in lines(text) if line.strip() and not line.startswith("#")), "")
    mark = max(",;\t", key=sample.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=mark, skipinitialspace=True)
    rows: list[Row] = []
    last = 0
    try:
        for cells in reader:
            first, last = last + 1, reader.line_num
            if any("\n" in cell for cell in cells):
                raise Malformed(first, "a quotation mark does not end")
            if any(cell.strip() for cell in cells) and not cells[0].lstrip().startswith("#"):
                rows.append((reader.line_num, cells))
    except csv.Error as no:
        raise Malformed(reader.line_num, str(no)) from None
    return rows


def _is_number(text: str) -> bool:
    try:
        whole(text)
    except (ValueError, ZeroDivisionError):
        return False
    return True


def _many(text: str, line: int) -> Number:
    try:
        many = whole(text)
    except (ValueError, ZeroDivisionError):
        raise Malformed(line, f"a line begins with how many ballots there are, not {text[:40]!r}") from None
    if many < 0:
        raise Malformed(line, f"there cannot be {text.strip()} of a ballot")
    return many


def _rankings(rows: list[Row]) -> Ballots:
    names: dict[str, int] = {}
    rankings: dict[Ranking, Number] = {}
    invalid: Number = 0
    for line, cells in rows:
        many = _many(cells[0], line)
        ranking: list[int | tuple[int, ...]] = []
        unclear = False
        for cell in (cell.strip() for cell in cells[1:]):
            if cell.lower() in SEVERAL:
                unclear = True
                break
            ranking.append(() if cell.lower() in EMPTY else names.setdefault(cell, len(names)))
        while ranking and ranking[-1] == ():
            ranking.pop()
        if unclear and not any(rank != () for rank in ranking):
            invalid += many
        elif many:
            rankings[tuple(ranking)] = rankings.get(tuple(ranking), 0) + many
    return Ballots(tuple(names), rankings, invalid=invalid)


def _scores(header: list[str], rows: list[Row], line: int) -> Ballots:
    while header and not header[-1]:
        header.pop()
    if len(set(header)) < len(header) or not all(header):
        raise Malformed(line, "every column needs a name of its own")
    scores: dict[Scores, Number] = {}
    blank: Number = 0
    for number, cells in rows:
        many = _many(cells[0], number)
        if len(cells) > len(header) + 1 and any(cell.strip() for cell in cells[len(header) + 1 :]):
            raise Malformed(number, f"{len(cells) - 1} cells under {len(header)} columns")
        given: list[tuple[int, Number]] = []
        for column, cell in enumerate(cells[1 : len(header) + 1]):
            if not cell.strip():
                continue
            try:
                given.append((column, whole(cell)))
            except (ValueError, ZeroDivisionError):
                raise Malformed(number, f"a score must be a number, not {cell.strip()[:40]!r}") from None
        if not given:
            blank += many
        elif many:
            scores[tuple(given)] = scores.get(tuple(given), 0) + many
    return Ballots(tuple(header), {}, scores, blank=blank)


def _ward(rows: list[Row]) -> Ballots:
    line, first = rows[0]
    sizes = [cell.strip() for cell in first if cell.strip()]
    if len(sizes) != 2 or not all(cell.isascii() and cell.isdigit() and len(cell) <= LONGEST for cell in sizes) or not int(sizes[1]):
        raise Malformed(line, "candidates and seats must stand here")
    size = int(sizes[0])
    names: list[str] = []
    rankings: dict[Ranking, Number] = {}
    for number, raw in rows[1:]:
        cells = [cell.strip() for cell in raw]
        if found := re.fullmatch(r"candidate (\d{1,9})", cells[0], re.IGNORECASE):
            if int(found[1]) != len(names) + 1 or len(cells) < 2:
                raise Malformed(number, f"candidate {len(names) + 1} must be named here")
            names.append(cells[1])
        elif not names:
            ranking = tuple(_known(cell, number, size) for cell in cells[1:] if cell)
            rankings[ranking] = rankings.get(ranking, 0) + _many(cells[0], number)
    if len(names) != size:
        raise Malformed(rows[-1][0], f"{len(names)} names for {size} candidates")
    return Ballots(unlike(names), rankings, seats=int(sizes[1]))


def _known(cell: str, line: int, size: int) -> int:
    if not (cell.isascii() and cell.isdigit() and len(cell) <= LONGEST) or not 1 <= int(cell) <= size:
        raise Malformed(line, f"there is no candidate {cell[:40]!r} (of {size})")
    return int(cell) - 1
