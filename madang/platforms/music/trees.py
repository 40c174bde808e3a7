"""The agreements behind many tracks at once, as :mod:`parts` reads them. A handful of queries, however many tracks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from uuid import UUID

from django.db.models import Q

from madang.coop import ledger
from madang.platforms.music import states
from madang.platforms.music.models import Agreement, Member, Party, Track
from madang.platforms.music.parts import DEEPEST, Agreed, Part


class Trees:
    """What held at ``moment``: ``of(track)`` gives the agreement of the track itself, else of its release, else of its artist.

    An artist without an agreement is its one member, if there is only one; with several of them nobody agreed yet, and what comes waits.
    """

    def __init__(self, tracks: Iterable[Track], moment: datetime) -> None:
        self.moment = moment
        tracks = list(tracks)
        self._tracks = self._held(Q(track__in=[one.pk for one in tracks]), "track_id")
        self._releases = self._held(Q(release__in={one.release_id for one in tracks}), "release_id")
        self._artists: dict[int, Agreement] = {}
        self._alone: dict[int, str] = {}
        self._parties: dict[UUID, list[Party]] = {}
        self._made: dict[str, Agreed] = {}
        self._read_parties([*self._tracks.values(), *self._releases.values()])
        ahead = {one.artist_id for one in tracks} | {party.artist_id for parties in self._parties.values() for party in parties if party.artist_id}
        seen: set[int] = set()
        for _depth in range(DEEPEST):
            ahead -= seen
            if not ahead:
                break
            seen |= ahead
            found = self._held(Q(artist__in=ahead), "artist_id")
            self._artists |= found
            self._read_members(ahead - found.keys())
            self._read_parties(found.values())
            ahead = {party.artist_id for one in found.values() for party in self._parties[one.pk] if party.artist_id}

    def _held(self, which: Q, key: str) -> dict[int, Agreement]:
        held = Agreement.objects.filter(which, state__in=[states.AGREED, states.REPLACED], effective_from__lte=self.moment).exclude(ended_at__lte=self.moment)
        return {getattr(one, key): one for one in held.order_by("effective_from", "agreed_at")}

    def _read_parties(self, agreements: Iterable[Agreement]) -> None:
        wanted = [one.pk for one in agreements]
        rows: dict[UUID, list[Party]] = defaultdict(list)
        for party in Party.objects.filter(agreement__in=wanted).order_by("pk"):
            rows[party.agreement_id].append(party)
        self._parties |= {key: rows[key] for key in wanted}

    def _read_members(self, artists: set[int]) -> None:
        people: dict[int, set[UUID | None]] = defaultdict(set)
        rows = Member.objects.filter(artist__in=artists, other=None, since__lte=self.moment).exclude(until__lte=self.moment)
        for artist, person in rows.values_list("artist", "person"):
            people[artist].add(person)
        for artist, found in people.items():
            if len(found) == 1 and (person := next(iter(found))) is not None:
                self._alone[artist] = f"person:{person}"

    def of(self, track: Track) -> Agreed:
        """The agreement that shares what this track earns."""
        agreement = self._tracks.get(track.pk) or self._releases.get(track.release_id)
        return self._agreed(agreement) if agreement else self._artist(track.artist_id)

    def _artist(self, artist: int) -> Agreed:
        waits = f"artist:{artist}"
        if artist in self._artists:
            return self._agreed(self._artists[artist], waits)
        if waits not in self._made:
            alone = self._alone.get(artist)
            self._made[waits] = Agreed("", waits, [Part(waits, 1, ledger.owner_of(alone))] if alone else [])
        return self._made[waits]

    def _agreed(self, agreement: Agreement, waits: str = "") -> Agreed:
        key = str(agreement.pk)
        if key not in self._made:
            made = self._made[key] = Agreed(key, waits or f"artist:{agreement.artist_id}")
            made.parts = [self._part(one) for one in self._parties[agreement.pk]]
        return self._made[key]

    def _part(self, party: Party) -> Part:
        inside = self._artist(party.artist_id) if party.artist_id else None
        owner = f"person:{party.person_id}" if party.person_id else ""
        back = Fraction(party.recoup_percent, 100)
        return Part(str(party.pk), party.weight, owner, inside, party.recoup - party.recouped, back, party.disputed_at is not None)

    def came_back(self) -> dict[int, int]:
        """{party: what is left of what it gets back}, of the parties that get something back first."""
        return {int(part.key): part.back for agreed in self._made.values() for part in agreed.parts if part.key.isdecimal()}
