"""Plays: what a player tells becomes one row each, priced and paid out of the wallet, once.

A listener's reports are counted one after another (the wallet's row is locked), those of one message by when they began. What counts is decided here and
nowhere else, whether a page, an app or a player of somebody else told it. A report told twice is one; what came first stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.platforms.music import rules, schedule, states, terms
from madang.platforms.music.actions import wallets
from madang.platforms.music.models import Heard, Member, Party, Play, Settlement, Track, Wallet

REPORTS_MAX = 500
SLACK = timedelta(seconds=2)
"""Players round: a play that begins this much before the last one ended is no second one."""
AHEAD = timedelta(minutes=5)
"""A telephone's clock may be wrong by so much."""
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Report:
    """What a player tells: its own name for the play (``key``), the track, when it began, how many seconds were heard."""

    key: str
    track: int
    at: datetime
    seconds: int


@dataclass(frozen=True)
class Told:
    """What came of a report: its row, and whether it was new."""

    play: Play
    new: bool


@transaction.atomic
def report(person: Person, reports: Sequence[Report], *, source: str = "web", agreed: bool = False, now: datetime) -> list[Told]:
    """Count what a player tells, in the order of the reports. ``agreed``: the listener said yes to a price over their pause.

    Raises ``Refused`` (``too-many``), ``Missing`` for a track that is not there.
    """
    if len(reports) > REPORTS_MAX:
        raise Refused("too-many", _("At most %(most)s plays can be told at once. Nothing was counted.") % {"most": REPORTS_MAX})
    if any(not one.key or len(one.key) > 80 or not 0 <= one.seconds <= 86_400 for one in reports):
        raise Refused("report", _("This is not a report of a play. Nothing was counted."))
    counting = _Counting(wallets.locked(person, now=now), reports, source, agreed, now)
    return counting.all()


class _Counting:
    """One message's plays, with everything that is asked of them read once."""

    def __init__(self, wallet: Wallet, reports: Sequence[Report], source: str, agreed: bool, now: datetime) -> None:
        self.wallet, self.reports, self.source, self.agreed, self.now = wallet, reports, source, agreed, now
        wanted = {one.track for one in reports}
        self.tracks = {one.pk: one for one in Track.objects.filter(pk__in=wanted).select_related("release")}
        if missing := wanted - self.tracks.keys():
            raise Missing(f"no track {min(missing)}")
        self.heard = {one.track_id: one for one in Heard.objects.filter(wallet=wallet, track__in=wanted)}
        self.there = {one.key: one for one in Play.objects.filter(wallet=wallet, key__in=[one.key for one in reports])}
        self.mine = _mine(wallet.person_id, self.tracks)
        self.spans = self._spans()
        self.terms: dict[date, terms.Terms] = {}
        self.settled: dict[date, bool] = {}
        self.new: list[Play] = []
        self.changed: set[int] = set()

    def _spans(self) -> list[tuple[datetime, datetime]]:
        """When something else was heard, around the plays that are told now."""
        if not self.reports:
            return []
        first, last = min(one.at for one in self.reports), max(one.at for one in self.reports)
        rows = Play.objects.filter(wallet=self.wallet, state=Play.COUNTED, at__gt=first - DAY, at__lt=last + DAY)
        return [(at, at + timedelta(seconds=seconds)) for at, seconds in rows.values_list("at", "seconds")]

    def all(self) -> list[Told]:
        """Every report's row, in the order they came."""
        found: dict[str, Told] = {}
        for one in sorted(self.reports, key=lambda one: (one.at, one.key)):
            if one.key in self.there:
                found.setdefault(one.key, Told(self.there[one.key], False))
                continue
            play = self._count(one)
            self.there[one.key] = play
            self.new.append(play)
            found[one.key] = Told(play, True)
        Play.objects.bulk_create(self.new)
        self._keep()
        return [found[one.key] for one in self.reports]

    def _keep(self) -> None:
        changed = [self.heard[track] for track in sorted(self.changed)]
        fields = ["plays", "steps", "paid", "owned_at", "first_at", "last_at"]
        Heard.objects.bulk_create(changed, update_conflicts=True, unique_fields=["wallet", "track"], update_fields=fields)
        self.wallet.save(update_fields=["spent", "month", "month_spent"])

    def _terms(self, at: datetime) -> terms.Terms:
        """What was in force when the play began: the price that was shown. Read once a day of plays."""
        day = at.astimezone(UTC).date()
        if day not in self.terms:
            self.terms[day] = terms.at(at)
        return self.terms[day]

    def _month(self, at: datetime) -> date:
        """Whose settlement a play belongs to: its own month's, or this one's where that is settled already."""
        month = terms.month_of(at)
        if month not in self.settled:
            self.settled[month] = Settlement.objects.filter(month=month).exists()
        return terms.month_of(self.now) if self.settled[month] else month

    def _count(self, one: Report) -> Play:
        at = min(one.at, self.now)
        held, track = self._terms(at), self.tracks[one.track]
        seconds = min(one.seconds, track.duration // 1000 + 1, max(0, int((self.now + AHEAD - at).total_seconds())))
        play = Play(
            wallet=self.wallet, track=track, at=at, told_at=self.now, seconds=seconds, source=self.source[:16], key=one.key, month=self._month(at),
            version=held.version(rules.prices).pk, state=Play.COUNTED,
        )  # fmt: skip
        heard = self.heard.get(track.pk)
        play.state = self._refused(one, play, held, track, heard) or Play.COUNTED
        if play.state != Play.COUNTED:
            return play
        paid = heard.steps if heard else 0
        free = held.subscription or paid >= len(held.prices)
        play.price = 0 if free else schedule.price(held.prices, paid)
        play.state = self._unpaid(play, held) or Play.COUNTED
        if play.state != Play.COUNTED:
            play.price = 0
            return play
        play.nth = 0 if free else paid + 1
        self._charge(play, held, track)
        self.spans.append((play.at, play.at + timedelta(seconds=seconds)))
        return play

    def _refused(self, one: Report, play: Play, held: terms.Terms, track: Track, heard: Heard | None) -> str:
        """Why a play does not count, whatever it costs; "" when it does."""
        if track.state != states.READY or (track.release.state != states.PUBLISHED and not (heard and heard.owned_at)):
            return "gone"
        if play.seconds < held.counts_after(track.duration):
            return "short"
        if one.at < self.now - held.value(rules.late):
            return "late"
        if track.pk in self.mine and not held.value(rules.own_plays):
            return "own"
        end = play.at + timedelta(seconds=play.seconds)
        if not held.value(rules.overlap) and any(begin + SLACK < end and play.at + SLACK < until for begin, until in self.spans):
            return "overlap"
        day = sum(((until - begin) for begin, until in self.spans if abs(begin - play.at) < DAY and begin.date() == play.at.date()), timedelta())
        return "day" if day + (end - play.at) > DAY else ""

    def _unpaid(self, play: Play, held: terms.Terms) -> str:
        """Why a play that would count is not paid; "" when it is."""
        wallet = self.wallet
        if held.subscription:
            return "" if self._owned(play.track_id) or (wallet.paid_until and wallet.paid_until > play.at) else "wallet"
        if not play.price:
            return ""
        if wallet.left < play.price:
            return "wallet"
        spent = wallet.month_spent if wallet.month == terms.month_of(self.now) else 0
        if wallet.cap is not None and spent + play.price > wallet.cap:
            return "cap"
        pause = wallet.pause_over if wallet.pause_over is not None else held.value(rules.pause).amount
        return "asks" if play.price > pause and not self.agreed else ""

    def _owned(self, track: int) -> bool:
        heard = self.heard.get(track)
        return bool(heard and heard.owned_at)

    def _charge(self, play: Play, held: terms.Terms, track: Track) -> None:
        charge(self.wallet, play.price, now=self.now)
        heard = self.heard.get(track.pk) or Heard(wallet=self.wallet, track=track, first_at=play.at, last_at=play.at)
        heard.plays += 1
        heard.steps += 1 if play.nth else 0
        heard.paid += play.price
        heard.first_at, heard.last_at = min(heard.first_at, play.at), max(heard.last_at, play.at)
        if heard.owned_at is None and play.nth and heard.steps >= len(held.prices):
            heard.owned_at = self.now
        self.heard[track.pk] = heard
        self.changed.add(track.pk)


def charge(wallet: Wallet, price: int, *, now: datetime) -> None:
    """Take ``price`` out of a locked wallet, in memory; the caller saves it."""
    month = terms.month_of(now)
    if wallet.month != month:
        wallet.month, wallet.month_spent = month, 0
    wallet.spent += price
    wallet.month_spent += price


def _mine(person: Any, tracks: dict[int, Track]) -> set[int]:
    """The tracks among these that are the listener's own: in the artist's line-up, or a party of a split."""
    artists = {one.artist_id for one in tracks.values()} | {one.release.artist_id for one in tracks.values()}
    bands = set(Member.objects.filter(person=person, artist__in=artists, until=None).values_list("artist", flat=True))
    parts = set(Party.objects.filter(person=person, agreement__track__in=tracks, agreement__state=states.AGREED).values_list("agreement__track", flat=True))
    return {key for key, one in tracks.items() if key in parts or one.artist_id in bands or one.release.artist_id in bands}


@dataclass(frozen=True)
class Next:
    """What the next play of a track costs a listener (``price``, finest unit), which of the schedule it is, and what is in its way ("" nothing)."""

    price: int
    nth: int
    steps: int
    rest: int
    owned: bool
    in_the_way: str


def next_play(person: Person | None, track: Track, *, now: datetime) -> Next:
    """What pressing play would cost, said before it does. For someone signed out: what the first play costs."""
    held = terms.at(now)
    wallet = Wallet.objects.filter(person=person).first() if person is not None and person.is_authenticated else None
    heard = Heard.objects.filter(wallet=wallet, track=track).first() if wallet else None
    paid, prices = heard.steps if heard else 0, held.prices
    owned = bool(heard and heard.owned_at)
    price = 0 if owned or held.subscription else schedule.price(prices, paid)
    return Next(price, min(paid + 1, len(prices)), len(prices), schedule.rest(prices, paid), owned, _way(wallet, price, owned, held, now))


def _way(wallet: Wallet | None, price: int, owned: bool, held: terms.Terms, now: datetime) -> str:
    if owned:
        return ""
    if held.subscription:
        return "" if wallet and wallet.paid_until and wallet.paid_until > now else "wallet"
    if wallet is None or wallet.left < price:
        return "wallet"
    spent = wallet.month_spent if wallet.month == terms.month_of(now) else 0
    if wallet.cap is not None and spent + price > wallet.cap:
        return "cap"
    pause = wallet.pause_over if wallet.pause_over is not None else held.value(rules.pause).amount
    return "asks" if price > pause else ""


@transaction.atomic
def buy_the_rest(person: Person, track: Track, *, expected: int | None = None, now: datetime) -> Play:
    """Pay what is left of the schedule at once: the track is the listener's from now on. Buying again changes nothing.

    Raises ``Refused`` (``owned`` where nothing was ever bought, ``moved`` when it is no longer ``expected``, ``wallet``, ``gone``, ``own``).
    """
    wallet, held = wallets.locked(person, now=now), terms.at(now)
    heard = Heard.objects.filter(wallet=wallet, track=track).first() or Heard(wallet=wallet, track=track, first_at=now, last_at=now)
    bought = Play.objects.filter(wallet=wallet, track=track, state=Play.BOUGHT).first()
    if heard.owned_at:
        if bought:
            return bought
        raise Refused("owned", _("This track is yours already."))
    if track.state != states.READY or track.release.state != states.PUBLISHED:
        raise Refused("gone", _("This track cannot be bought at present. Nothing was paid."))
    price = schedule.rest(held.prices, heard.steps)
    if expected is not None and expected != price:
        raise Refused("moved", _("The price has changed since this page was shown. Nothing was paid; please look again."))
    if wallet.left < price:
        raise Refused("wallet", _("There is not enough in your wallet for this. Put money in first; nothing was paid."))
    charge(wallet, price, now=now)
    wallet.save(update_fields=["spent", "month", "month_spent"])
    steps, heard.steps = len(held.prices) - heard.steps, len(held.prices)
    heard.paid += price
    heard.owned_at = now
    heard.save()
    return Play.objects.create(
        wallet=wallet, track=track, at=now, told_at=now, seconds=0, nth=steps, price=price, version=held.version(rules.prices).pk, state=Play.BOUGHT,
        source="web", key=f"rest:{track.pk}", month=terms.month_of(now),
    )  # fmt: skip


