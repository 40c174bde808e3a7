"""How a month's money is shared among tracks, under each model. Pure, exact, in whole smallest units (millionths of the currency).

What listeners paid = the artists' side + what nobody played for (``unheard``) + what stays with the platform, always, to the unit. The artists' side of an
amount is rounded up: a part of a millionth goes to the artists.

* *stream2own*: the artists' side of what the plays of a track cost goes to that track; fees of a subscription by that listener's plays, as user-centric.
* *user-centric* (UCPS): the artists' side of what one listener paid goes to what that listener played, by plays. Nobody else's plays change it.
* *pro rata*: all artists' sides in one pot, shared by plays.
* *equal*: the pot in equal parts for every artist who was played, inside an artist by plays.
* *artist growth*: the pot by plays, where an artist's first plays of the month weigh more than the many that follow (like the steps of an income tax).

Shares are by largest remainder; equal remainders go by a hash of listener and track that any database can compute (:func:`lot`), then by the number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

STREAM2OWN, PRO_RATA, USER_CENTRIC, EQUAL, GROWTH = "stream2own", "pro-rata", "user-centric", "equal", "artist-growth"
MODELS = (STREAM2OWN, PRO_RATA, USER_CENTRIC, EQUAL, GROWTH)
PRIME = 4_294_967_291
"""The largest prime below 2³²."""

Pair = tuple[int, int]


@dataclass(frozen=True)
class Month:
    """A month as it was counted. ``plays`` and ``cost``: {(listener, track): counted plays, what was charged for them}; ``paid``: {listener: all they paid},
    the sum of what was charged and, with a subscription, the fee; ``artist``: {track: artist}."""

    plays: Mapping[Pair, int]
    cost: Mapping[Pair, int]
    paid: Mapping[int, int]
    artist: Mapping[int, int]


@dataclass(frozen=True)
class Shared:
    """What came of it: {track: amount of its artists' side}, ``unheard`` and ``platform`` (upkeep and reserve together)."""

    tracks: Mapping[int, int]
    unheard: int
    platform: int
    listeners: Mapping[Pair, int] = field(default_factory=dict)

    @property
    def artists(self) -> int:
        """The artists' side in all."""
        return sum(self.tracks.values())


def counted(reports: Iterable[tuple[int, str, int]]) -> dict[Pair, int]:
    """Plays by (listener, track) out of (listener, the report's own name, track): a report told twice is one, and their order is nothing."""
    found: dict[Pair, int] = defaultdict(int)
    for listener, _name, track in {(listener, name): (listener, name, track) for listener, name, track in sorted(reports)}.values():
        found[listener, track] += 1
    return dict(found)


def side(amount: int, share: Fraction) -> int:
    """The artists' side of an amount: ``share`` of it, rounded up."""
    return -(-amount * share.numerator // share.denominator)


def lot(listener: int, track: int) -> int:
    """Who comes first where remainders are equal: a number that favours nobody and that SQL gives too (whole numbers below 2⁶³)."""
    return ((listener % PRIME) * 48_271 + (track % PRIME) * 1_103_515_245) % PRIME


def share_out(total: int, weights: Mapping[int, int], salt: int = 0) -> dict[int, int]:
    """``total`` in proportion to whole ``weights`` (≥ 0, not all 0) by largest remainder; ties by :func:`lot` of salt and name, then by name."""
    whole = sum(weights.values())
    parts = {name: total * weight // whole for name, weight in weights.items()}
    left = total - sum(parts.values())
    if left:
        order = sorted((name for name, weight in weights.items() if weight), key=lambda name: (-(total * weights[name] % whole), lot(salt, name), name))
        for name in order[:left]:
            parts[name] += 1
    return {name: part for name, part in parts.items() if part}


def shared(model: str, month: Month, artists: Fraction, *, growth: Sequence[tuple[int, Fraction]] = ((0, Fraction(1)),)) -> Shared:
    """Share a month under ``model``. ``artists`` is their share of what is paid; ``growth``: from how many plays of an artist on a play weighs what.

    Raises ``ValueError`` for an unknown model, and where somebody paid less than their plays cost.
    """
    if model not in MODELS:
        raise ValueError(f"no model {model!r}")
    total = sum(month.paid.values())
    fees = dict(month.paid)
    for (listener, _track), cost in month.cost.items():
        fees[listener] = fees.get(listener, 0) - cost
    if min(fees.values(), default=0) < 0:
        raise ValueError("somebody paid less than their plays cost")
    if model == STREAM2OWN:
        tracks = {track: side(cost, artists) for track, cost in _by_track(month.cost).items() if cost}
        more = _each_by_itself(month, {listener: side(fee, artists) for listener, fee in fees.items() if fee})
        tracks = {track: tracks.get(track, 0) + more.tracks.get(track, 0) for track in tracks.keys() | more.tracks.keys()}
        return Shared(tracks, more.unheard, total - sum(tracks.values()) - more.unheard)
    pots = {listener: side(paid, artists) for listener, paid in month.paid.items() if paid}
    pot = sum(pots.values())
    if model == USER_CENTRIC:
        each = _each_by_itself(month, pots)
        return Shared(each.tracks, each.unheard, total - pot, each.listeners)
    plays = {track: count for track, count in _by_track(month.plays).items() if count}
    if not plays:
        return Shared({}, pot, total - pot)
    tracks = share_out(pot, plays) if model == PRO_RATA else _by_artist(pot, plays, month.artist, growth if model == GROWTH else None)
    return Shared(tracks, 0, total - pot)


def _by_track(pairs: Mapping[Pair, int]) -> dict[int, int]:
    found: dict[int, int] = defaultdict(int)
    for (_listener, track), count in pairs.items():
        found[track] += count
    return dict(found)


def _each_by_itself(month: Month, pots: Mapping[int, int]) -> Shared:
    """Each listener's pot among what that listener played, by plays; of who played nothing it is unheard."""
    heard: dict[int, dict[int, int]] = defaultdict(dict)
    for (listener, track), count in month.plays.items():
        if count:
            heard[listener][track] = count
    tracks: dict[int, int] = defaultdict(int)
    lines: dict[Pair, int] = {}
    unheard = 0
    for listener, pot in pots.items():
        if listener not in heard:
            unheard += pot
            continue
        for track, part in share_out(pot, heard[listener], listener).items():
            tracks[track] += part
            lines[listener, track] = part
    return Shared(dict(tracks), unheard, 0, lines)


def _by_artist(pot: int, plays: Mapping[int, int], artist: Mapping[int, int], growth: Sequence[tuple[int, Fraction]] | None) -> dict[int, int]:
    """The pot among artists, equally or by weighed plays, and inside an artist by plays."""
    tracks: dict[int, dict[int, int]] = defaultdict(dict)
    for track, count in plays.items():
        tracks[artist[track]][track] = count
    weights = {one: 1 if growth is None else weighed(sum(own.values()), growth) for one, own in tracks.items()}
    if not any(weights.values()):
        weights = dict.fromkeys(tracks, 1)
    found: dict[int, int] = {}
    for one, part in share_out(pot, weights).items():
        found |= share_out(part, tracks[one], one)
    return found


def weighed(plays: int, growth: Sequence[tuple[int, Fraction]]) -> int:
    """What an artist's plays weigh in all, in millionths of a play: each step's weight for the plays that lie in it, as an income tax has steps."""
    steps = sorted(growth)
    total = Fraction(0)
    for (begin, weight), end in zip(steps, [*(begin for begin, _weight in steps[1:]), plays], strict=True):
        total += weight * max(0, min(plays, end) - begin)
    return int(total * 1_000_000)


def lifted(tracks: Mapping[int, int], plays: Mapping[int, int], floor: int, reserve: int) -> dict[int, int]:
    """What the reserve adds so that each track's paid ``plays`` bring at least ``floor`` each. Where it does not reach, all get the same part of it.

    The sum is at most ``reserve``.
    """
    short = {track: max(0, count * floor - tracks.get(track, 0)) for track, count in plays.items()}
    short = {track: missing for track, missing in short.items() if missing}
    wanted = sum(short.values())
    if wanted <= reserve:
        return short
    return share_out(reserve, short) if reserve else {}
