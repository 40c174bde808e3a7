"""How many ballots put one candidate above another, for every pair: exact, with ties and weights, quick for many ballots.

Few different ballots are read one by one. For many, the ranks of one candidate on all ballots stand side by side in one large integer
(a lane of 8 or 16 bits a ballot); one subtraction compares two candidates on all ballots at once, the lanes' top bits say where the
first is above, and counting the bits counts the ballots (weights bit by bit).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm

from madang.kit.counting.ballots import Ballots, weak
from madang.kit.counting.result import Number

Ranks = tuple[tuple[int, ...], ...]
Table = list[list[Number]]

CHUNK = 32_768
"""Ballots compared at once: the integers stay small enough for the processor's cache."""


def compare(ballots: Ballots) -> tuple[Table, Number, Number, Number]:
    """(table[a][b] = ballots that rank a above b, valid, blank, invalid). Who is not ranked stands below all who are."""
    papers, blank, invalid = weak(ballots)
    return table(papers, len(ballots.names), ballots.withdrawn), sum(papers.values()), blank, invalid


def table(papers: Mapping[Ranks, Number], size: int, gone: frozenset[int] = frozenset()) -> Table:
    """The pairwise table of ``papers``; the rows and columns of those ``gone`` stay 0."""
    scale = lcm(*(Fraction(number).denominator for number in papers.values())) if papers else 1
    listed = [(ranks, int(number * scale)) for ranks, number in papers.items()]
    here = [one for one in range(size) if one not in gone]
    counted = _lanes(listed, size, here) if len(listed) > 400 else _plain(listed, size, here)
    if scale == 1:
        return [list(row) for row in counted]
    return [[Fraction(cell, scale) for cell in row] for row in counted]


def _plain(papers: Sequence[tuple[Ranks, int]], size: int, here: Sequence[int]) -> list[list[int]]:
    out = [[0] * size for _ in range(size)]
    for ranks, number in papers:
        below = set(here)
        for rank in ranks:
            below.difference_update(rank)
            for one in rank:
                row = out[one]
                for other in below:
                    row[other] += number
    return out


def _lanes(papers: Sequence[tuple[Ranks, int]], size: int, here: Sequence[int]) -> list[list[int]]:
    out = [[0] * size for _ in range(size)]
    width = 1 if size < 127 else 2
    for start in range(0, len(papers), CHUNK):
        _chunk(papers[start : start + CHUNK], size, here, width, out)
    return out


def _chunk(papers: Sequence[tuple[Ranks, int]], size: int, here: Sequence[int], width: int, out: list[list[int]]) -> None:
    """Add one chunk's comparisons to ``out``."""
    many = len(papers)
    if width == 2:
        high = [bytearray([size >> 8]) * many for _ in range(size)]
        low = [bytearray([size & 255]) * many for _ in range(size)]
    else:
        high, low = [], [bytearray([size]) * many for _ in range(size)]
    for lane, (ranks, _number) in enumerate(papers):
        for place, rank in enumerate(ranks):
            for one in rank:
                low[one][lane] = place & 255
                if high:
                    high[one][lane] = place >> 8
    columns = [_column(low[one], high[one] if high else None) for one in range(size)]
    top = int.from_bytes((b"\x80" if width == 1 else b"\x00\x80") * many, "little")
    bits = max(number.bit_length() for _ranks, number in papers)
    masks = [int.from_bytes(b"".join(_mark(number >> bit & 1, width) for _ranks, number in papers), "little") for bit in range(bits)]
    for place, one in enumerate(here):
        mine, guarded = columns[one], columns[one] | top
        for other in here[place + 1 :]:
            theirs = columns[other]
            not_above = (guarded - theirs) & top
            not_below = ((theirs | top) - mine) & top
            above, below = not_above ^ top, not_below ^ top
            for bit, mask in enumerate(masks):
                out[one][other] += (above & mask).bit_count() << bit
                out[other][one] += (below & mask).bit_count() << bit


def _mark(bit: int, width: int) -> bytes:
    return (b"\x80" if bit else b"\x00") if width == 1 else (b"\x00\x80" if bit else b"\x00\x00")


def _column(low: bytearray, high: bytearray | None) -> int:
    if high is None:
        return int.from_bytes(low, "little")
    both = bytearray(2 * len(low))
    both[0::2], both[1::2] = low, high
    return int.from_bytes(both, "little")


def said(names: Sequence[str], counted: Table, here: Sequence[int]) -> dict[str, dict[str, Number]]:
    """The table by names, of those who stand."""
    return {names[one]: {names[other]: counted[one][other] for other in here if other != one} for one in here}
