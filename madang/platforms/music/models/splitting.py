"""Who gets which part of what a track earns, as its parties agreed."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from madang.platforms.music import states
from madang.platforms.music.models.catalogue import Artist, Release, Track

PERSON = settings.AUTH_USER_MODEL


class Agreement(models.Model):
    """A split of one artist (among its members), of one release or of one track. It holds from ``effective_from`` on, once every party confirmed.

    Nearest wins: a track's own, else its release's, else its artist's. A party that is an artist passes its part on by that artist's agreement.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    artist = models.ForeignKey(Artist, models.PROTECT, null=True, related_name="agreements")
    release = models.ForeignKey(Release, models.PROTECT, null=True, related_name="agreements")
    track = models.ForeignKey(Track, models.PROTECT, null=True, related_name="agreements")
    state = models.CharField(max_length=10, default=states.PROPOSED)
    effective_from = models.DateTimeField()
    proposed_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    agreed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    words = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(artist__isnull=False, release=None, track=None) | Q(artist=None, release__isnull=False, track=None)
                | Q(artist=None, release=None, track__isnull=False),
                name="music_agreement_of_one",
            ),
            models.CheckConstraint(condition=Q(state__in=states.AGREEMENT_STATES), name="music_agreement_state"),
            models.CheckConstraint(condition=~Q(state__in=["agreed", "replaced"]) | Q(agreed_at__isnull=False), name="music_agreement_agreed"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["artist", "effective_from"], name="music_agreement_artist"),
            models.Index(fields=["release", "effective_from"], name="music_agreement_release"),
            models.Index(fields=["track", "effective_from"], name="music_agreement_track"),
        ]

    def __str__(self) -> str:
        return str(self.track or self.release or self.artist)


class Party(models.Model):
    """One part of an agreement: ``weight`` of all the weights together, to a person or on to an artist.

    ``recoup``: what this party gets back first (in the co-op's finest unit), out of at most ``recoup_percent`` of what the agreement brings;
    ``recouped`` is what came of it so far. ``disputed_at``: this party's own part waits until the dispute is over.
    """

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="parties")
    person = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="music_parties")
    artist = models.ForeignKey(Artist, models.PROTECT, null=True, related_name="parties")
    weight = models.PositiveIntegerField()
    role = models.CharField(max_length=60, blank=True)
    recoup = models.BigIntegerField(default=0)
    recoup_percent = models.PositiveSmallIntegerField(default=100)
    recouped = models.BigIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True)
    disputed_at = models.DateTimeField(null=True)
    disputed_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    dispute_words = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(person__isnull=False, artist=None) | Q(person=None, artist__isnull=False), name="music_party_is_one"),
            models.CheckConstraint(condition=Q(weight__gt=0, weight__lte=1_000_000), name="music_party_weight"),
            models.CheckConstraint(condition=Q(recoup__gte=0, recouped__gte=0, recouped__lte=models.F("recoup")), name="music_party_recoups"),
            models.CheckConstraint(condition=Q(recoup_percent__gte=1, recoup_percent__lte=100), name="music_party_recoup_percent"),
            models.UniqueConstraint(fields=["agreement", "person"], condition=Q(person__isnull=False), name="music_party_person_once"),
            models.UniqueConstraint(fields=["agreement", "artist"], condition=Q(artist__isnull=False), name="music_party_artist_once"),
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return str(self.person or self.artist)
