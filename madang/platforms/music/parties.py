"""Whose an agreement is: what it is about, who acts for that, who confirms for each party."""

from __future__ import annotations

from django.db.models import Q

from madang.coop.people.models import Person
from madang.platforms.music import states
from madang.platforms.music.models import Agreement, Artist, Member, Party, Release, Track


def subject_of(agreement: Agreement) -> Artist | Release | Track:
    """What an agreement is about."""
    found = agreement.track or agreement.release or agreement.artist
    if found is None:
        raise ValueError(f"agreement {agreement.pk} is about nothing")
    return found


def artist_of(subject: Artist | Release | Track) -> Artist:
    """Who acts for it."""
    if isinstance(subject, Track):
        return subject.release.artist
    return subject.artist if isinstance(subject, Release) else subject


def confirmers(party: Party) -> list[Person]:
    """Who confirms for a party: the person, or whoever manages the artist."""
    if party.person is not None:
        return [party.person]
    managers = Member.objects.filter(artist=party.artist, manages=True, until=None, person__isnull=False).select_related("person")
    return [one.person for one in managers if one.person is not None]


def waiting_for(person: Person) -> list[Party]:
    """The parties of proposals that this person is asked to confirm. One query or two."""
    managed = Member.objects.filter(person=person, manages=True, until=None).values("artist")
    found = Party.objects.filter(Q(person=person) | Q(artist__in=managed), agreement__state=states.PROPOSED, confirmed_at=None)
    return list(found.select_related("agreement__track", "agreement__release", "agreement__artist", "artist"))
