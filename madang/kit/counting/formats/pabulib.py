"""Pabulib's .pb: sections META, PROJECTS and VOTES of cells between semicolons. Votes approve, order, score or share out points.

Points: of an approval 1 for each project; of ordinal votes, as many for the first as a vote may name projects (``max_length``, else the
longest), one less for each next. A project named again in a vote is passed over. A vote that breaks the length its city set is counted,
for the city counted it, and told in ``notes``; so is a number of votes or projects that is not the one META says (real files have that).
"""

from __future__ import annotations

import csv
import re
from io import StringIO

from madang.kit.counting.ballots import Ballots, Ranking, Scores, unlike, whole
from madang.kit.counting.files import Malformed
from madang.kit.counting.result import Number

EXTENSIONS = ("pb",)
KINDS = ("approval", "choose-1", "ordinal", "cumulative", "scoring")
SECTIONS = ("META", "PROJECTS", "VOTES")

Row = tuple[int, dict[str, str]]


def looks(text: str) -> bool:
    """Its first line is META."""
    return text.lstrip()[:4].upper() == "META"


def read(text: str, ending: str = "") -> Ballots:
    """Read a .pb file. Candidates are the projects' ids. Raises ``Malformed``."""
    sections = _sections(text)
    for name in SECTIONS:
        if name not in sections:
            raise Malformed(0, f"the section {name} is missing")
    meta = {row.get("key", "").strip().lower(): (line, row.get("value", "")) for line, row in sections["META"]}
    if "budget" not in meta:
        raise Malformed(1, "META says no budget")
    budget = _number(meta["budget"][1], meta["budget"][0], "budget")
    kind = meta.get("vote_type", (0, "approval"))[1].strip().lower()
    if kind not in KINDS:
        raise Malformed(meta["vote_type"][0], f"vote_type is {kind!r}, and must be one of {', '.join(KINDS)}")
    ids, costs = _projects(sections["PROJECTS"])
    notes: dict[str, Number] = {}
    for key, there in (("num_projects", len(ids)), ("num_votes", len(sections["VOTES"]))):
        if meta.get(key, (0, ""))[1] and (said := _number(meta[key][1], meta[key][0], key)) != there:
            notes[key] = said
    longest = int(_number(meta["max_length"][1], meta["max_length"][0], "max_length")) if meta.get("max_length", (0, ""))[1] else None
    shortest = int(_number(meta["min_length"][1], meta["min_length"][0], "min_length")) if meta.get("min_length", (0, ""))[1] else 0
    votes = [_vote(line, row, ids, kind) for line, row in sections["VOTES"]]
    odd = sum(1 for named, _points in votes if named and (len(named) < shortest or len(named) > (longest or len(named))))
    most = longest or max((len(named) for named, _points in votes), default=0)
    scores: dict[Scores, Number] = {}
    rankings: dict[Ranking, Number] = {}
    blank = 0
    for named, points in votes:
        if not named:
            blank += 1
            continue
        if kind == "ordinal":
            points = [max(most - place, 1) for place in range(len(named))]
            rankings[tuple(named)] = rankings.get(tuple(named), 0) + 1
        given = tuple(sorted(zip(named, points, strict=True)))
        scores[given] = scores.get(given, 0) + 1
    notes |= {"length": odd} if odd else {}
    return Ballots(unlike(list(ids)), rankings, scores, blank=blank, costs=tuple(costs), budget=budget, notes=notes)


def _sections(text: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    section, header = "", None
    reader = csv.reader(StringIO(text, newline=""), delimiter=";", strict=False)
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            word = cells[0].strip().upper()
            if word in SECTIONS and not any(cell.strip() for cell in cells[1:]):
                if word in found:
                    raise Malformed(reader.line_num, f"the section {word} stands twice")
                section, header, found[word] = word, None, []
            elif not section:
                raise Malformed(reader.line_num, f"the file must begin with META, not {cells[0][:40]!r}")
            elif header is None:
                header = [cell.strip().lower() for cell in cells]
                _columns(section, header, reader.line_num)
            else:
                found[section].append((reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=False))))
    except csv.Error as no:
        raise Malformed(reader.line_num, str(no)) from None
    return found


def _columns(section: str, header: list[str], line: int) -> None:
    for column in {"META": ("key", "value"), "PROJECTS": ("project_id", "cost"), "VOTES": ("voter_id", "vote")}[section]:
        if column not in header:
            raise Malformed(line, f"{section} has no column {column}")


def _projects(rows: list[Row]) -> tuple[dict[str, int], list[Number]]:
    ids: dict[str, int] = {}
    costs: list[Number] = []
    for line, row in rows:
        name = row.get("project_id", "")
        if not name or name in ids:
            raise Malformed(line, f"the project {name!r} stands twice, or has no id")
        cost = _number(row.get("cost", ""), line, "cost")
        ids[name] = len(ids)
        costs.append(cost)
    return ids, costs


def _number(text: str, line: int, what: str) -> Number:
    try:
        number = whole(re.sub(r"[\s ]", "", text).replace(",", "."))  # a comma is the decimal point in these files
    except (ValueError, ZeroDivisionError):
        raise Malformed(line, f"{what} is no number: {text[:40]!r}") from None
    if number < 0:
        raise Malformed(line, f"{what} is below nothing: {text}")
    return number


def _vote(line: int, row: dict[str, str], ids: dict[str, int], kind: str) -> tuple[list[int], list[Number]]:
    named: dict[int, Number] = {}
    tokens = [one.strip() for one in row.get("vote", "").split(",") if one.strip()]
    points: list[Number] = [1] * len(tokens)
    if kind in ("cumulative", "scoring"):
        given = [one.strip() for one in row.get("points", "").split(",") if one.strip()]
        if len(given) != len(tokens):
            raise Malformed(line, f"{len(tokens)} projects and {len(given)} points")
        points = []
        for one in given:
            try:
                points.append(whole(one))
            except (ValueError, ZeroDivisionError):
                raise Malformed(line, f"points are no number: {one[:40]!r}") from None
    for token, worth in zip(tokens, points, strict=True):
        if token not in ids:
            raise Malformed(line, f"there is no project {token[:40]!r}")
        named.setdefault(ids[token], worth)
    return list(named), list(named.values())
