"""Where money is. What can never be true of it is refused by the database itself: see ``sql/``."""

from __future__ import annotations

import uuid

from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Greatest, Least

from madang.coop.ledger.inspection.models import Examiner as Examiner
from madang.coop.ledger.inspection.models import Inspection as Inspection
from madang.coop.ledger.inspection.models import InspectionLook as InspectionLook
from madang.coop.ledger.moves import Part

FLOORED = ("hold", "shares", "claims", "refunds")
"""Kinds of account that may not go below zero: nobody can take out what was not put in."""

BUSY = ("", "rail", "organisation")
"""Owners (the word before the colon) much is booked for: the co-op itself, what moves its money, organisations."""

WORD = r"^[a-z][a-z0-9-]*$"


def _span() -> Func:
    """From when an entry was booked to when it counts, or the other way round: who looks between the two sees it by one date only."""
    return Func(Least(F("at"), F("effective_at")), Greatest(F("at"), F("effective_at")), function="tstzrange")


class Account(models.Model):
    """A place where money of one unit stands: of a ``kind``, for an ``owner`` ("" is the co-op itself).

    Owners are written ``person:<id>``, ``organisation:<id>``, ``membership:<id>``, ``job:<id>`` … (:mod:`madang.coop.ledger.owners`).
    Balance = credits − debits, kept by a trigger in ``ledger_balance``. Its limits are given at birth: ``floored`` (balance less what is
    promised away ≥ 0) and ``cap`` (balance and what is promised to it ≤ cap). ``busy``: sums by month, day and hour are kept too.
    """

    kind = models.CharField(max_length=30)
    owner = models.CharField(max_length=90, blank=True, default="")
    unit = models.CharField(max_length=5)
    floored = models.BooleanField(default=False)
    cap = models.BigIntegerField(null=True)
    busy = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "owner", "unit"], name="ledger_account_once"),
            models.UniqueConstraint(fields=["id", "unit"], name="ledger_account_unit"),
            models.CheckConstraint(condition=Q(kind__regex=WORD), name="ledger_account_kind"),
            models.CheckConstraint(condition=Q(unit__regex=r"^[A-Z]{3}(\.[1-9])?$"), name="ledger_account_currency"),
            models.CheckConstraint(condition=Q(floored=True) | ~Q(kind__in=FLOORED), name="ledger_account_floor_fits_kind"),
            models.CheckConstraint(condition=Q(cap__isnull=True) | Q(cap__gte=0), name="ledger_account_cap"),
        ]
        indexes = [models.Index(fields=["owner"], name="ledger_account_owner")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.owner}" if self.owner else self.kind


class Entry(models.Model):
    """One event's transfers, booked together. ``key`` makes it happen once; ``digest`` tells a repeat from a contradiction.

    ``at`` is when it was booked, ``effective_at`` when it counts; ``payer`` is the owner whose money it was, if it was someone's;
    ``reverses`` is the entry that this one takes back, whole.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=100, blank=True)
    payer = models.CharField(max_length=90, blank=True)
    at = models.DateTimeField()
    effective_at = models.DateTimeField()
    digest = models.BinaryField(max_length=32)
    reverses = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        indexes = [
            models.Index(fields=["subject"], name="ledger_entry_subject"),
            GistIndex(_span(), name="ledger_entry_dated", condition=~Q(at=F("effective_at"))),
        ]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="ledger_entry_once"),
            models.UniqueConstraint(fields=["reverses"], name="ledger_entry_reversed_once", condition=Q(reverses__isnull=False)),
        ]

    def __str__(self) -> str:
        return str(self.key)


class Transfer(models.Model):
    """One amount from one account (``debit``) to another (``credit``), of one unit, never changed.

    ``version`` is the rule version that set the amount; ``note`` says how in small data: ``{"of": 52000, "share": "95%"}``.
    ``at`` is the entry's ``effective_at``. That accounts, entry and version are there and fit, that an entry's transfers were all written at
    once and each has its own ``ordinal``, is checked by the trigger that keeps the balances, for a whole statement at once.
    """

    amount = models.BigIntegerField()
    debit = models.ForeignKey(Account, models.PROTECT, related_name="debits", db_constraint=False, db_index=False)
    credit = models.ForeignKey(Account, models.PROTECT, related_name="credits", db_constraint=False, db_index=False)
    at = models.DateTimeField()
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="transfers", db_constraint=False, db_index=False)
    version = models.ForeignKey("rules.RuleVersion", models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False)
    ordinal = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=5)
    kind = models.CharField(max_length=40)
    note = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="ledger_transfer_positive"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="ledger_transfer_two_accounts"),
            models.CheckConstraint(condition=Q(kind__regex=WORD), name="ledger_transfer_kind"),
        ]
        indexes = [
            models.Index(fields=["entry"], name="ledger_transfer_entry"),
            models.Index(fields=["debit", "at"], name="ledger_transfer_debit", include=["amount"]),
            models.Index(fields=["credit", "at"], name="ledger_transfer_credit", include=["amount"]),
        ]


class Hold(models.Model):
    """Money paid and not yet released: kept until the work is done. ``account`` is its own, kind ``hold``, owner = ``subject``."""

    HELD, RELEASED, REFUNDED = "held", "released", "refunded"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="holds")
    subject = models.CharField(max_length=90)
    payer = models.CharField(max_length=90, blank=True)
    amount = models.BigIntegerField()
    unit = models.CharField(max_length=5)
    state = models.CharField(max_length=10, default=HELD)
    key = models.CharField(max_length=200, unique=True)
    held_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    entry = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="+", help_text="the entry that released or refunded it")

    class Meta:
        indexes = [
            models.Index(fields=["subject"], name="ledger_hold_subject"),
            models.Index(fields=["unit"], name="ledger_hold_open", condition=Q(state="held"), include=["amount"]),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="ledger_hold_positive"),
            models.CheckConstraint(
                condition=Q(state="held", done_at=None, entry=None) | Q(state__in=["released", "refunded"], done_at__isnull=False, entry__isnull=False),
                name="ledger_hold_state",
            ),
        ]

    def part(self, kind: str = "hold") -> Part:
        """Where a payment puts this money: what a purpose's ``settled`` answers."""
        return Part(self.account, self.amount, kind)


class Pending(models.Model):
    """One transfer promised and not yet made (two-phase): posted in full or in part, voided, or expired at ``expires_at``.

    While it is open, what is left of it (``amount`` − ``posted``) counts against the limits of both accounts.
    """

    PENDING, POSTED, VOIDED, EXPIRED = "pending", "posted", "voided", "expired"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=200, unique=True)
    debit = models.ForeignKey(Account, models.PROTECT, related_name="+")
    credit = models.ForeignKey(Account, models.PROTECT, related_name="+")
    unit = models.CharField(max_length=5)
    amount = models.BigIntegerField()
    posted = models.BigIntegerField(default=0)
    kind = models.CharField(max_length=40)
    version = models.ForeignKey("rules.RuleVersion", models.PROTECT, null=True, related_name="+", db_index=False)
    note = models.JSONField(default=dict)
    subject = models.CharField(max_length=100, blank=True)
    payer = models.CharField(max_length=90, blank=True)
    at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, default=PENDING)
    done_at = models.DateTimeField(null=True)
    digest = models.BinaryField(max_length=32)

    class Meta:
        indexes = [
            models.Index(fields=["subject"], name="ledger_pending_subject"),
            models.Index(fields=["expires_at"], name="ledger_pending_due", condition=Q(state="pending", expires_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, posted__gte=0, posted__lte=F("amount")), name="ledger_pending_amounts"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="ledger_pending_two_accounts"),
            models.CheckConstraint(condition=Q(kind__regex=WORD), name="ledger_pending_kind"),
            models.CheckConstraint(
                condition=Q(state="pending", done_at=None, posted__lt=F("amount"))
                | Q(state="posted", done_at__isnull=False, posted__gt=0)
                | Q(state__in=["voided", "expired"], done_at__isnull=False, posted__lt=F("amount")),
                name="ledger_pending_state",
            ),
        ]

    @property
    def left(self) -> int:
        """What may still be posted of it."""
        return self.amount - self.posted if self.state == self.PENDING else 0


class PendingPost(models.Model):
    """An entry that posted a part, or all, of a pending transfer. Append-only."""

    entry = models.OneToOneField(Entry, models.PROTECT, primary_key=True, related_name="of_pending")
    pending = models.ForeignKey(Pending, models.PROTECT, related_name="posts")
    amount = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="ledger_pendingpost_positive")]


class Carried(models.Model):
    """What a recipient of a repeated settlement (``scope``) carried in and out of one entry, in 10⁻¹² of the smallest unit. Append-only."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="carried")
    scope = models.CharField(max_length=100)
    recipient = models.CharField(max_length=90)
    before = models.BigIntegerField()
    after = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["scope", "recipient", "-id"], name="ledger_carried_latest")]
        constraints = [
            models.UniqueConstraint(fields=["entry", "recipient"], name="ledger_carried_once"),
            models.CheckConstraint(condition=Q(before__gte=0, before__lt=10**12, after__gte=0, after__lt=10**12), name="ledger_carried_below_one"),
        ]


class Closing(models.Model):
    """An account that is closed: it was empty, and nothing is booked into or out of it again. Append-only."""

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True, related_name="closing")
    at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)


class Balance(models.Model):
    """What went out of and into an account, and what is promised, kept by the triggers in ``sql/2_balances.sql`` and by nothing else.

    An account with a limit has one row (shard 0); others are spread over 16, so that a hot account does not queue.
    """

    pk = models.CompositePrimaryKey("account_id", "shard")
    account = models.ForeignKey(Account, models.PROTECT, related_name="balances", db_constraint=False, db_index=False)
    shard = models.SmallIntegerField()
    limited = models.BooleanField()
    floored = models.BooleanField()
    cap = models.BigIntegerField(null=True)
    debits = models.BigIntegerField(default=0)
    credits = models.BigIntegerField(default=0)
    pending_out = models.BigIntegerField(default=0)
    pending_in = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(shard__gte=0, shard__lte=15) & (Q(limited=False) | Q(shard=0)), name="ledger_balance_shard"),
            models.CheckConstraint(condition=Q(limited=True) | Q(floored=False, cap=None), name="ledger_balance_limited"),
            models.CheckConstraint(condition=Q(debits__gte=0, credits__gte=0), name="ledger_balance_sums"),
            models.CheckConstraint(condition=Q(floored=False) | Q(credits__gte=F("debits") + F("pending_out")), name="ledger_balance_floor"),
            models.CheckConstraint(condition=Q(cap=None) | Q(cap__gte=F("credits") - F("debits") + F("pending_in")), name="ledger_balance_cap"),
        ]


class Period(models.Model):
    """What went out of and into a busy account in a month (level 0), a day (1), an hour (2) of UTC, by effective date; kept by the same trigger."""

    MONTH, DAY, HOUR = 0, 1, 2

    pk = models.CompositePrimaryKey("account_id", "level", "start", "shard")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    level = models.SmallIntegerField()
    start = models.DateTimeField()
    shard = models.SmallIntegerField()
    debits = models.BigIntegerField()
    credits = models.BigIntegerField()


class DayFlow(models.Model):
    """What moved in a day of the co-op's time zone, by kind of transfer and of both accounts; kept by the same trigger."""

    pk = models.CompositePrimaryKey("day", "unit", "kind", "debit_kind", "credit_kind", "shard")
    day = models.DateField()
    unit = models.CharField(max_length=5)
    kind = models.CharField(max_length=40)
    debit_kind = models.CharField(max_length=30)
    credit_kind = models.CharField(max_length=30)
    shard = models.SmallIntegerField()
    amount = models.BigIntegerField()
    transfers = models.BigIntegerField()


class Party(models.Model):
    """Whose money moved in a month, by kind of transfer: so that no figure is shown for a group under five."""

    pk = models.CompositePrimaryKey("month", "unit", "kind", "owner")
    month = models.DateField()
    unit = models.CharField(max_length=5)
    kind = models.CharField(max_length=40)
    owner = models.CharField(max_length=90)
