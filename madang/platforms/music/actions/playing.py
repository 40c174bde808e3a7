"""What players of others tell: what plays now, what was played, what they fetched. Each becomes a play by the same rules as one from our own pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction

from madang.coop.people.models import Person
from madang.platforms.music import rules, terms
from madang.platforms.music.actions import listening, wallets
from madang.platforms.music.models import Fetch, Playing, Track

STOPPED = "stopped"


@transaction.atomic
def scrobble(person: Person, played: Sequence[tuple[Track, datetime | None]], *, client: str, now: datetime) -> list[listening.Told]:
    """Tracks that were played, with when each began (None: just now). The same track at the same moment is one play, however often it is told."""
    held, reports = terms.at(now), []
    for track, at in played:
        seconds = held.counts_after(track.duration)
        begun = min(at, now) if at else now - timedelta(seconds=seconds)
        reports.append(listening.Report(f"scrobble:{track.pk}:{begun.isoformat()}"[:80], track.pk, begun, seconds))
    told = listening.report(person, reports, source=client[:16] or "subsonic", agreed=True, now=now)
    Fetch.objects.filter(wallet__person=person, track__in=[track for track, _at in played]).delete()
    Playing.objects.filter(person=person, track__in=[track for track, _at in played]).update(counted=True)
    return told


@transaction.atomic
def now_playing(person: Person, track: Track, *, client: str, position: int = 0, state: str = "playing", counts: bool = True, now: datetime) -> Playing:
    """A player says where it is in a track (``position``, milliseconds). Past the threshold it is a play, once for each hearing (unless not ``counts``)."""
    Person.objects.select_for_update().get(pk=person.pk)
    there = Playing.objects.filter(person=person).first()
    if there is None or there.track_id != track.pk or state == "starting" or there.state == STOPPED:
        values = {"track": track, "key": uuid4(), "counted": False, "since": now}
        there = Playing.objects.update_or_create(person=person, defaults={**values, "at": now, "client": client[:60]})[0]
    there.state, there.position, there.at, there.client = state, min(position, track.duration), now, client[:60]
    needed = terms.at(now).counts_after(track.duration)
    if counts and not there.counted and there.position >= needed * 1000:
        there.counted = True
        one = listening.Report(f"hearing:{there.key}", track.pk, now - timedelta(milliseconds=there.position), there.position // 1000)
        listening.report(person, [one], source=client[:16] or "subsonic", agreed=True, now=now)
        Fetch.objects.filter(wallet__person=person, track=track).delete()
    there.save()
    return there


def fetched(person: Person, track: Track, *, client: str, now: datetime) -> None:
    """Another player has fetched a track whole. Nothing is paid for that; if nobody tells a play of it for a while, it was one."""
    wallet = wallets.wallet_of(person, now=now)
    due = now + terms.at(now).value(rules.unreported)
    Fetch.objects.get_or_create(wallet=wallet, track=track, defaults={"at": now, "due_at": due, "client": client[:60]})


def find_unreported(now: datetime, limit: int) -> list[str]:
    """Fetched tracks that nobody told a play of."""
    return [str(key) for key in Fetch.objects.filter(due_at__lte=now).order_by("due_at").values_list("pk", flat=True)[:limit]]


@transaction.atomic
def count_unreported(key: str, *, now: datetime) -> None:
    """A fetched track counts as a play, from when it was fetched. Due work."""
    one = Fetch.objects.select_for_update().select_related("wallet__person", "track").filter(pk=key).first()
    if one is None:
        return
    report = listening.Report(f"fetch:{one.pk}", one.track_id, one.at, one.track.duration // 1000)
    listening.report(one.wallet.person, [report], source=one.client[:16] or "subsonic", agreed=True, now=now)
    one.delete()
