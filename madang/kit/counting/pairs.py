"""How many ballots put one candidate above another, for every pair: exact, with ties and weights, quick for many ballots.

Few different ballots are read one by one. For many, the ranks of one candidate on all ballots stand side by side in one large integer
(a lane of 8 or 16 bits a ballot); one subtraction compares two candidates on all ballots at once, the lanes' top bits say where the
first is above, and counting the bits counts the ballots (weights bit by bit).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm

from madang.kit.counting.ballots import Ballots, Ranking, weak
from madang.kit.counting.result import Number

Table = list[list[Number]]

CHUNK = 32_768
"""Ballots compared at once: the integers stay small enough for the processor's cache."""


def compare(ballots: Ballots) -> tuple[Table, Number, Number, Number]:
    """(table[a][b] = ballots that rank a above b, valid, blank, invalid). Who is not ranked stands below all who are."""
    papers, blank, invalid = weak(ballots)
    return table(papers, len(ballots.names), ballots.withdrawn), sum(papers.values()), blank, invalid


def table(papers: Mapping[Ranking, Number], size: int, gone: frozenset[int] = frozenset()) -> Table:
    """The pairwise table of ``papers``; the rows and columns of those ``gone`` stay 0."""
    scale = 1 if set(map(type, papers.values())) <= {int} else lcm(*(Fraction(number).denominator for number in papers.values()))
    listed = [(ranks, int(number * scale)) for ranks, number in papers.items()]
    here = [one for one in range(size) if one not in gone]
    counted = _lanes(listed, size, here) if len(listed) > 400 else _plain(listed, size, here)
    if scale == 1:
        return [list(row) for row in counted]
    return [[Fraction(cell, scale) for cell in row] for row in counted]


def _plain(papers: Sequence[tuple[Ranking, int]], size: int, here: Sequence[int]) -> list[list[int]]:
    out = [[0] * size for _ in range(size)]
    for ranks, number in papers:
        below = set(here)
        for rank in ranks:
            several = (rank,) if isinstance(rank, int) else rank
            below.difference_update(several)
            for one in several:
                row = out[one]
                for other in below:
                    row[other] += number
    return out


def _lanes(papers: Sequence[tuple[Ranking, int]], size: int, here: Sequence[int]) -> list[list[int]]:
    out = [[0] * size for _ in range(size)]
    width = 1 if size < 127 else 2
    for start in range(0, len(papers), CHUNK):
        _chunk(papers[start : start + CHUNK], size, here, width, out)
    return out


def _chunk(papers: Sequence[tuple[Ranking, int]], size: int, here: Sequence[int], width: int, out: list[list[int]]) -> None:
    """Add one chunk's comparisons to ``out``."""
    many = len(papers)
    if width == 1:
        rows, even = _rows(papers, size)
        columns = [int.from_bytes(rows[one::size], "little") for one in range(size)]
    else:
        columns, even = _wide(papers, size), False
    top = int.from_bytes((b"\x80" if width == 1 else b"\x00\x80") * many, "little")
    bits = max(number.bit_length() for _ranks, number in papers)
    masks = [int.from_bytes(b"".join(_mark(number >> bit & 1, width) for _ranks, number in papers), "little") for bit in range(bits)]
    heads = [sum(number >> bit & 1 for _ranks, number in papers) for bit in range(bits)]
    for place, one in enumerate(here):
        mine, guarded = columns[one], columns[one] | top
        for other in here[place + 1 :]:
            theirs = columns[other]
            above = ((guarded - theirs) & top) ^ top
            if even:
                for bit, mask in enumerate(masks):
                    found = (above if bits == 1 else above & mask).bit_count()
                    out[one][other] += found << bit
                    out[other][one] += heads[bit] - found << bit
                continue
            below = (((theirs | top) - mine) & top) ^ top
            for bit, mask in enumerate(masks):
                out[one][other] += (above & mask).bit_count() << bit
                out[other][one] += (below & mask).bit_count() << bit


def _rows(papers: Sequence[tuple[Ranking, int]], size: int) -> tuple[bytes, bool]:
    """Each ballot's ranks by candidate, one byte each (``size``: not ranked), one ballot after the other; and whether none has equals.

    ``maketrans`` turns "candidate by place" into "place by candidate": it writes the places into a table at the candidates' bytes.
    """
    everybody, unranked, places = bytes(range(size)), bytes([size]) * size, bytes(range(size + 1))
    rows: list[bytes] = []
    even = True
    for ranks, _number in papers:
        try:
            said = bytes(ranks)  # type: ignore[arg-type]
            at = places[: len(said)]
            even = even and len(said) >= size - 1
        except TypeError:
            flat = [(one, place) for place, rank in enumerate(ranks) for one in ((rank,) if isinstance(rank, int) else rank)]
            said, at, even = bytes(one for one, _place in flat), bytes(place for _one, place in flat), False
        rows.append(bytes.maketrans(everybody + said, unranked + at)[:size])
    return b"".join(rows), even


def _wide(papers: Sequence[tuple[Ranking, int]], size: int) -> list[int]:
    """The columns of more candidates than a byte holds: two bytes a ballot."""
    out = []
    place = [{one: at for at, rank in enumerate(ranks) for one in ((rank,) if isinstance(rank, int) else rank)} for ranks, _number in papers]
    for one in range(size):
        out.append(int.from_bytes(b"".join(at.get(one, size).to_bytes(2, "little") for at in place), "little"))
    return out


def _mark(bit: int, width: int) -> bytes:
    return (b"\x80" if bit else b"\x00") if width == 1 else (b"\x00\x80" if bit else b"\x00\x00")


def said(names: Sequence[str], counted: Table, here: Sequence[int]) -> dict[str, dict[str, Number]]:
    """The table by names, of those who stand."""
    return {names[one]: {names[other]: counted[one][other] for other in here if other != one} for one in here}
