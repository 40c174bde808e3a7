"""Who gets which part: proposed by one, confirmed by every party, disputed by any of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from madang.coop import notices
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.platforms.music import states
from madang.platforms.music.actions import catalogue
from madang.platforms.music.models import Agreement, Artist, Party, Release, Track
from madang.platforms.music.parties import artist_of, confirmers, subject_of

PARTIES_MAX = 40


@dataclass(frozen=True)
class Wish:
    """A party as it is proposed: a person or an artist, its weight, its role, and what it gets back first (finest unit, out of at most so many per cent)."""

    weight: int
    person: Person | None = None
    artist: Artist | None = None
    role: str = ""
    recoup: int = 0
    recoup_percent: int = 100


def _named(subject: Artist | Release | Track) -> Mapping[str, Artist | Release | Track]:
    return {"track" if isinstance(subject, Track) else "release" if isinstance(subject, Release) else "artist": subject}


@transaction.atomic
def propose(by: Person, subject: Artist | Release | Track, wishes: Sequence[Wish], *, effective_from: datetime | None = None, words: str = "",
            now: datetime) -> Agreement:  # fmt: skip
    """Propose a split. Who proposes has confirmed; the others are asked. It holds once all confirmed, from ``effective_from`` (now) on.

    Raises ``Missing`` when ``by`` may not act for it, ``Refused`` (``parties``, ``twice``, ``loop``, ``weight``, ``waiting`` while another waits).
    """
    catalogue.require(by, artist_of(subject))
    Artist.objects.select_for_update().get(pk=artist_of(subject).pk)
    _check(subject, wishes)
    if Agreement.objects.filter(**_named(subject), state=states.PROPOSED).exists():
        raise Refused("waiting", _("Another split of this still waits for its parties. Take that one back first."))
    made = Agreement.objects.create(
        **_named(subject), effective_from=max(effective_from or now, now), proposed_by=by, made_at=now, words=words[:500]
    )  # fmt: skip
    for wish in wishes:
        party = Party.objects.create(
            agreement=made, person=wish.person, artist=wish.artist, weight=wish.weight, role=wish.role[:60], recoup=wish.recoup,
            recoup_percent=wish.recoup_percent,
        )  # fmt: skip
        if by in confirmers(party):
            Party.objects.filter(pk=party.pk).update(confirmed_at=now)
            continue
        for person in confirmers(party):
            params = {"name": by, "what": str(subject)}
            notices.open_task(person, f"music:split:{party.pk}", "music.split", url=f"/music/splits/{made.pk}/", params=params, now=now)
    return _agreed(made, now=now)


def _check(subject: Artist | Release | Track, wishes: Sequence[Wish]) -> None:
    if not 1 <= len(wishes) <= PARTIES_MAX:
        raise Refused("parties", _("A split needs at least one party, and at most forty."), "parties")
    if any((one.person is None) == (one.artist is None) for one in wishes):
        raise Refused("parties", _("Each party is a person or an artist."), "parties")
    if any(not 0 < one.weight <= 1_000_000 or not 0 <= one.recoup <= 10**15 or not 1 <= one.recoup_percent <= 100 for one in wishes):
        raise Refused("weight", _("Each part is a number above zero."), "parties")
    who = [(one.person and one.person.pk, one.artist and one.artist.pk) for one in wishes]
    if len(set(who)) != len(who):
        raise Refused("twice", _("Somebody stands in this split twice."), "parties")
    if isinstance(subject, Artist):
        for one in wishes:
            if one.artist is not None and _leads_back(one.artist, subject):
                raise Refused("loop", _("%(name)s passes its part on to here: it would go round in circles.") % {"name": one.artist}, "parties")


def _leads_back(start: Artist, target: Artist) -> bool:
    """Whether what ``start`` gets is passed on to ``target``, by what was agreed or is proposed."""
    seen: set[int] = set()
    ahead = {start.pk}
    while ahead:
        if target.pk in ahead:
            return True
        seen |= ahead
        live = Party.objects.filter(agreement__artist__in=ahead, agreement__state__in=[states.PROPOSED, states.AGREED], artist__isnull=False)
        ahead = set(live.values_list("artist", flat=True)) - seen
    return False


def _agreed(made: Agreement, *, now: datetime) -> Agreement:
    """When every party has confirmed the split holds, and the one before it is over."""
    if made.parties.filter(confirmed_at=None).exists():
        return made
    before = Agreement.objects.filter(artist=made.artist, release=made.release, track=made.track, state=states.AGREED).exclude(pk=made.pk)
    for one in before.select_for_update():
        states.AGREEMENT.check(one.state, states.REPLACED)
        one.state, one.ended_at = states.REPLACED, max(made.effective_from, now)
        one.save(update_fields=["state", "ended_at"])
    states.AGREEMENT.check(made.state, states.AGREED)
    made.state, made.agreed_at, made.effective_from = states.AGREED, now, max(made.effective_from, now)
    made.save(update_fields=["state", "agreed_at", "effective_from"])
    return made


def _locked(party: Party | int) -> Party:
    found = Party.objects.select_for_update(of=("self",)).select_related("agreement", "person", "artist").filter(pk=getattr(party, "pk", party)).first()
    if found is None:
        raise Missing("no such party")
    Agreement.objects.select_for_update().get(pk=found.agreement_id)
    return found


@transaction.atomic
def confirm(by: Person, party: Party | int, *, now: datetime) -> Agreement:
    """A party says yes. Raises ``Missing`` when it is not ``by``'s to say, ``Refused`` when the proposal is over."""
    locked = _locked(party)
    if by not in confirmers(locked):
        raise Missing("not yours to confirm")
    made = Agreement.objects.select_for_update().get(pk=locked.agreement_id)
    if locked.confirmed_at is None:
        if made.state != states.PROPOSED:
            raise Refused("over", _("This proposal is over. Nothing was changed."))
        Party.objects.filter(pk=locked.pk).update(confirmed_at=now)
        notices.close_task(f"music:split:{locked.pk}", now)
        made = _agreed(made, now=now)
    return made


@transaction.atomic
def decline(by: Person, party: Party | int, *, now: datetime) -> Agreement:
    """A party says no: the proposal is over, what held before holds on."""
    locked = _locked(party)
    if by not in confirmers(locked):
        raise Missing("not yours to decline")
    return _over(locked.agreement, states.DECLINED, now=now)


@transaction.atomic
def withdraw(by: Person, agreement: Agreement, *, now: datetime) -> Agreement:
    """Who acts for it takes a proposal back."""
    catalogue.require(by, artist_of(subject_of(agreement)))
    return _over(agreement, states.WITHDRAWN, now=now)


def _over(agreement: Agreement, state: str, *, now: datetime) -> Agreement:
    made = Agreement.objects.select_for_update().get(pk=agreement.pk)
    if made.state == state:
        return made
    if made.state != states.PROPOSED:
        raise Refused("over", _("This proposal is over. Nothing was changed."))
    made.state, made.ended_at = state, now
    made.save(update_fields=["state", "ended_at"])
    for party in made.parties.all():
        notices.close_task(f"music:split:{party.pk}", now)
    return made


@transaction.atomic
def dispute(by: Person, party: Party | int, words: str, *, now: datetime) -> Party:
    """A party of a split that holds disputes a part of it (its own or another's): from now on that part, and only that, is kept back.

    Raises ``Missing`` for who is no party, ``Refused`` (``over``, ``words``).
    """
    locked = _locked(party)
    others = _require_party(by, locked)
    if locked.agreement.state != states.AGREED:
        raise Refused("over", _("Only a split that holds can be disputed. Decline the proposal instead."))
    if not words.strip():
        raise Refused("words", _("Please say what is wrong with it, so that the others can answer."), "words")
    if locked.disputed_at is None:
        locked.disputed_at, locked.disputed_by, locked.dispute_words = now, by, words.strip()[:500]
        locked.save(update_fields=["disputed_at", "disputed_by", "dispute_words"])
        for one in others:
            for person in confirmers(one):
                if person != by:
                    params = {"name": by, "what": str(subject_of(locked.agreement))}
                    notices.tell(person, "music.disputed", url=f"/music/splits/{locked.agreement_id}/", params=params, now=now)
    return locked


def _require_party(by: Person, party: Party) -> list[Party]:
    """All parties of the same agreement. Raises ``Missing`` when ``by`` is none of them."""
    others = list(party.agreement.parties.select_related("person", "artist"))
    if not any(by in confirmers(one) for one in others):
        raise Missing("not a party")
    return others


@transaction.atomic
def settle_dispute(by: Person, party: Party | int, *, now: datetime) -> Party:
    """Who disputed a part says that it is settled: what was kept back goes to the party it was kept from. Raises ``Missing``."""
    from madang.platforms.music.actions import settling

    locked = _locked(party)
    _require_party(by, locked)
    if locked.disputed_at is None:
        return locked
    if locked.disputed_by_id != by.pk:
        raise Missing("not yours to settle")
    locked.disputed_at, locked.disputed_by, locked.dispute_words = None, None, ""
    locked.save(update_fields=["disputed_at", "disputed_by", "dispute_words"])
    settling.let_go(f"party:{locked.pk}", now=now)
    return locked
