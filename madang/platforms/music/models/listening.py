"""A listener's wallet, what they have heard and own, and every play. Amounts are in the co-op's currency with six decimals ("EUR.6")."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from madang.platforms.music.models.catalogue import Track

PERSON = settings.AUTH_USER_MODEL


class Wallet(models.Model):
    """What a listener put in (``funded``) and what their plays cost so far (``spent``). It never goes below zero: the database sees to it.

    The books hold the same money: account *wallet* of the person = funded − what settlements took; ``spent`` runs ahead of them until the month is settled.
    ``cap``: the listener's own limit a month (null: none); ``pause_over``: a play that costs more asks first. ``month`` is whose sum ``month_spent`` is.
    """

    person = models.OneToOneField(PERSON, models.PROTECT, related_name="music_wallet")
    funded = models.BigIntegerField(default=0)
    spent = models.BigIntegerField(default=0)
    settled = models.BigIntegerField(default=0, help_text="of what was spent, taken by settlements")
    cap = models.BigIntegerField(null=True)
    pause_over = models.BigIntegerField(null=True)
    month = models.DateField(null=True)
    month_spent = models.BigIntegerField(default=0)
    paid_until = models.DateTimeField(null=True, help_text="the subscription holds until then")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(spent__gte=0, funded__gte=F("spent")), name="music_wallet_not_below_zero"),
            models.CheckConstraint(condition=Q(settled__gte=0, settled__lte=F("spent")), name="music_wallet_settled"),
            models.CheckConstraint(condition=Q(cap__isnull=True) | Q(cap__gte=0), name="music_wallet_cap"),
            models.CheckConstraint(condition=Q(pause_over__isnull=True) | Q(pause_over__gte=0), name="music_wallet_pause"),
        ]

    def __str__(self) -> str:
        return str(self.person)

    @property
    def left(self) -> int:
        """What can still be spent."""
        return self.funded - self.spent


class TopUp(models.Model):
    """Money a listener puts into their wallet: ``amount`` in coins of the co-op's currency; ``back`` of it went back the way it came."""

    PENDING, PAID, FAILED = "pending", "paid", "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="top_ups")
    amount = models.BigIntegerField()
    back = models.BigIntegerField(default=0)
    unit = models.CharField(max_length=5)
    state = models.CharField(max_length=8, default=PENDING)
    charge_id = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, back__gte=0, back__lte=F("amount")), name="music_topup_amount"),
            models.CheckConstraint(condition=Q(state__in=["pending", "paid", "failed"]), name="music_topup_state"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}"


class Heard(models.Model):
    """One listener and one track, for life: how often it was played (``plays``), how many prices of the schedule were paid (``steps``) and what they
    came to (``paid``), and since when it is owned."""

    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="heard")
    track = models.ForeignKey(Track, models.PROTECT, related_name="heard")
    plays = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=0)
    paid = models.BigIntegerField(default=0)
    owned_at = models.DateTimeField(null=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wallet", "track"], name="music_heard_once")]
        indexes = [
            models.Index(fields=["wallet", "-last_at"], name="music_heard_lately"),
            models.Index(fields=["track"], name="music_heard_track", condition=Q(owned_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.track_id} × {self.plays}"


class Play(models.Model):
    """One play. ``at`` is when it began, ``seconds`` how much was heard, ``nth`` which price of the schedule it paid (0: none, it was free or did not
    count), ``price`` what it cost, ``version`` the rule that said so; ``month`` is whose settlement it belongs to; ``key`` is the player's own name for it.

    ``state``: counted; bought (no play: the rest of a track paid at once); or why it does not count: "short", "own" (one's own music), "overlap" (something
    else was heard at that moment), "day" (more than a day a day), "cap", "wallet", "asks" (over the price at which the listener is asked), "late" (told too
    long afterwards), "gone" (not to be heard any more).
    """

    COUNTED, BOUGHT = "counted", "bought"
    REFUSED = ("short", "own", "overlap", "day", "cap", "wallet", "asks", "late", "gone")

    id = models.BigAutoField(primary_key=True)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="plays", db_index=False)
    track = models.ForeignKey(Track, models.PROTECT, related_name="plays", db_index=False)
    at = models.DateTimeField()
    told_at = models.DateTimeField()
    seconds = models.PositiveIntegerField()
    nth = models.PositiveIntegerField(default=0)
    price = models.BigIntegerField(default=0)
    version = models.UUIDField(null=True)
    state = models.CharField(max_length=8)
    source = models.CharField(max_length=16)
    key = models.CharField(max_length=80)
    month = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wallet", "key"], name="music_play_once"),
            models.CheckConstraint(condition=Q(price__gte=0), name="music_play_price"),
            models.CheckConstraint(
                condition=Q(state="counted") | Q(state="bought", nth__gt=0)
                | Q(state__in=["short", "own", "overlap", "day", "cap", "wallet", "asks", "late", "gone"], nth=0, price=0),
                name="music_play_state",
            ),
            models.CheckConstraint(condition=Q(price=0) | Q(nth__gt=0), name="music_play_priced"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["wallet", "-at"], name="music_play_listener"),
            models.Index(fields=["track", "-at"], name="music_play_track"),
            BrinIndex(fields=["month"], name="music_play_month"),
        ]

    def __str__(self) -> str:
        return f"{self.track_id} {self.at:%Y-%m-%d %H:%M}"


class Fee(models.Model):
    """One month of a subscription, paid out of the wallet: ``amount`` for the days from ``since`` to ``until``, by the rule ``version``."""

    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="fees")
    month = models.DateField(help_text="whose settlement it belongs to")
    since = models.DateTimeField()
    until = models.DateTimeField()
    amount = models.BigIntegerField()
    version = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wallet", "since"], name="music_fee_once"),
            models.CheckConstraint(condition=Q(amount__gt=0, until__gt=F("since")), name="music_fee_amount"),
        ]
        indexes = [models.Index(fields=["month"], name="music_fee_month")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}: {self.amount}"


class Fetch(models.Model):
    """A track that another player fetched whole. Unless it is told as a play before ``due_at``, it counts as one then."""

    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="fetches")
    track = models.ForeignKey(Track, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    client = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wallet", "track"], name="music_fetch_once")]
        indexes = [models.Index(fields=["due_at"], name="music_fetch_due")]

    def __str__(self) -> str:
        return f"{self.track_id} {self.at:%Y-%m-%d %H:%M}"


class Playing(models.Model):
    """What a person's player plays now, as it tells it: ``position`` in milliseconds; ``key`` names this hearing, ``counted`` once it was told as a play."""

    person = models.OneToOneField(PERSON, models.CASCADE, related_name="music_playing")
    track = models.ForeignKey(Track, models.CASCADE, related_name="+")
    key = models.UUIDField(default=uuid.uuid4)
    state = models.CharField(max_length=10, default="playing")
    position = models.PositiveBigIntegerField(default=0)
    counted = models.BooleanField(default=False)
    client = models.CharField(max_length=60, blank=True)
    since = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-at"], name="music_playing_at")]

    def __str__(self) -> str:
        return f"{self.track_id} {self.state}"
