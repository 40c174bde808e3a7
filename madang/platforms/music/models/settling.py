"""A month's money: what came of whose plays, and who got which part. Amounts in the co-op's currency with six decimals."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from madang.platforms.music import states
from madang.platforms.music.models.catalogue import Track


class Settlement(models.Model):
    """One month settled under one model: ``paid`` by listeners = ``artists`` + ``upkeep`` + ``unheard``; ``floor`` came on top from its reserve.

    ``versions``: {rule key: version id} that shaped it; ``file``, ``sha256``: the month's plays as they were counted, for who recomputes it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    month = models.DateField(unique=True)
    state = models.CharField(max_length=8, default=states.OPEN)
    model = models.CharField(max_length=20)
    versions = models.JSONField(default=dict)
    unit = models.CharField(max_length=5)
    plays = models.BigIntegerField(default=0)
    listeners = models.IntegerField(default=0)
    paid = models.BigIntegerField(default=0)
    artists = models.BigIntegerField(default=0)
    upkeep = models.BigIntegerField(default=0)
    unheard = models.BigIntegerField(default=0)
    floor = models.BigIntegerField(default=0)
    file = models.CharField(max_length=120, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    counted_at = models.DateTimeField()
    booked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=states.SETTLEMENT_STATES), name="music_settlement_state"),
            models.CheckConstraint(condition=Q(paid=F("artists") + F("upkeep") + F("unheard")), name="music_settlement_adds_up"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class Line(models.Model):
    """What one track earned in one month: its counted plays, by how many listeners, the artist side's amount, and the floor on top."""

    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="lines")
    track = models.ForeignKey(Track, models.PROTECT, related_name="lines")
    plays = models.BigIntegerField()
    listeners = models.IntegerField()
    amount = models.BigIntegerField()
    floor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["settlement", "track"], name="music_line_once")]

    def __str__(self) -> str:
        return f"{self.track_id}: {self.amount}"


class Earning(models.Model):
    """What one party got of one track's line: ``owner`` as the books write it, ``path`` the way through the splits, ``why`` what it was a part of.

    ``held``: it waits ("unconfirmed", "disputed") in the books' account *held-back* of ``owner`` ("artist:7", "party:12") until ``let_go_at``.
    """

    line = models.ForeignKey(Line, models.PROTECT, related_name="earnings")
    owner = models.CharField(max_length=90, db_index=True)
    amount = models.BigIntegerField()
    path = models.JSONField(default=list)
    agreement = models.UUIDField(null=True)
    held = models.CharField(max_length=12, blank=True)
    let_go_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="music_earning_amount")]

    def __str__(self) -> str:
        return f"{self.owner}: {self.amount}"
