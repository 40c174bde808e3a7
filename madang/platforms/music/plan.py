"""The models of :mod:`royalties` as one plan over tables, for months that no Python should walk through: written once with Ibis, run by DuckDB on one
machine and by whatever else Ibis speaks to on many. It gives what the pure models give, to the unit.

Tables: ``plays(listener, track)`` one row a counted play; ``counts(listener, track, before)`` how many prices of the schedule each pair paid before this
month; ``paid(listener, amount)``; ``tracks(track, artist)``. Whole numbers throughout: listeners and tracks below 2³¹, one listener's month
below 10¹¹ units with fewer than 90,000 plays, so that no product passes 2⁵³ and no engine's division rounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import ibis

from madang.platforms.music.royalties import PRIME


def whole(amount: Any, by: Any) -> Any:
    """Integer division that every engine does exactly: what divides evenly is divided."""
    return ((amount - amount % by) / by).cast("int64")


def side(amount: Any, share: Fraction) -> Any:
    """The artists' side of an amount, rounded up."""
    over = amount * share.numerator
    return whole(over + (share.denominator - 1), ibis.literal(share.denominator, "int64"))


def lot(listener: Any, track: Any) -> Any:
    """Who comes first where remainders are equal: :func:`royalties.lot`."""
    return (listener % PRIME * 48_271 + track % PRIME * 1_103_515_245) % PRIME


def pairs(plays: Any) -> Any:
    """Plays by listener and track: ``(listener, track, n)``."""
    return plays.group_by("listener", "track").agg(n=plays.count())


def counted(plays: Any, counts: Any) -> Any:
    """The new lifetime counts: ``(listener, track, before)`` after this month. What was not played keeps its count elsewhere."""
    joined = pairs(plays).left_join(counts, ["listener", "track"])
    return joined.select("listener", "track", before=(joined.before.fill_null(0) + joined.n).cast("int64"))


def costs(plays: Any, counts: Any, prices: Sequence[int]) -> Any:
    """What the schedule asks for a month's plays: ``(listener, track, n, cost)``. It needs the counts, and no play of any month before."""
    joined = pairs(plays).left_join(counts, ["listener", "track"])
    rows = joined.select("listener", "track", "n", before=joined.before.fill_null(0))
    paid = sum(
        (((rows.before < nth) & (rows.before + rows.n >= nth)).cast("int64") * price for nth, price in enumerate(prices, 1)), ibis.literal(0, "int64")
    )  # fmt: skip
    return rows.select("listener", "track", "n", cost=paid)


def stream2own(plays: Any, counts: Any, prices: Sequence[int], share: Fraction) -> Any:
    """``(track, plays, cost, amount)``: the artists' side of what each track's plays cost."""
    asked = costs(plays, counts, prices)
    tracks = asked.group_by("track").agg(plays=asked.n.sum().cast("int64"), cost=asked.cost.sum().cast("int64"))
    return tracks.mutate(amount=side(tracks.cost, share))


def user_centric(plays: Any, paid: Any, share: Fraction) -> Any:
    """``(track, plays, amount)``: each listener's artists' side among what that listener played, by largest remainder."""
    lines = _lines(plays, paid, share)
    return lines.group_by("track").agg(plays=lines.n.sum().cast("int64"), amount=lines.amount.sum().cast("int64"))


def _lines(plays: Any, paid: Any, share: Fraction) -> Any:
    heard = pairs(plays)
    own = heard.group_by("listener").agg(total=heard.n.sum().cast("int64"))
    pots = own.join(paid, "listener")
    pots = pots.select("listener", "total", pot=side(pots.amount, share))
    rows = heard.join(pots, "listener")
    rows = rows.select("listener", "track", "n", "total", "pot", part=whole(rows.pot * rows.n, rows.total), rest=rows.pot * rows.n % rows.total)
    mine = ibis.window(group_by=rows.listener)
    order = ibis.window(group_by=rows.listener, order_by=[rows.rest.desc(), lot(rows.listener, rows.track), rows.track])
    ranked = rows.mutate(left=rows.pot - rows.part.sum().over(mine), place=ibis.row_number().over(order))
    return ranked.select("listener", "track", "n", amount=ranked.part + (ranked.place < ranked.left).cast("int64"))


def unheard(plays: Any, paid: Any, share: Fraction) -> Any:
    """What listeners paid who played nothing: one row, ``(unheard)``."""
    silent = paid.anti_join(plays, "listener")
    return silent.agg(unheard=side(silent.amount, share).sum().fill_null(0).cast("int64"))


def pro_rata(plays: Any, paid: Any, share: Fraction) -> Any:
    """``(track, plays, amount)``: all artists' sides in one pot, by plays."""
    tracks = plays.group_by("track").agg(n=plays.count())
    pot = paid.agg(pot=side(paid.amount, share).sum().cast("int64"))
    total = tracks.agg(total=tracks.n.sum().cast("int64"))
    rows = tracks.cross_join(pot).cross_join(total)
    # The pot of a whole co-op times plays may pass 2⁵³: quotient and remainder of the pot are shared by themselves.
    each, over = whole(rows.pot, rows.total), rows.pot % rows.total
    rows = rows.select("track", "n", "pot", part=each * rows.n + whole(over * rows.n, rows.total), rest=over * rows.n % rows.total)
    everything = ibis.window()
    order = ibis.window(order_by=[rows.rest.desc(), lot(ibis.literal(0, "int64"), rows.track), rows.track])
    ranked = rows.mutate(left=rows.pot - rows.part.sum().over(everything), place=ibis.row_number().over(order))
    return ranked.select("track", plays=ranked.n, amount=ranked.part + (ranked.place < ranked.left).cast("int64"))
