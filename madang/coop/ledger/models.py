"""Where money is. What can never be true of it is refused by the database itself: see ``sql/``."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from madang.coop.ledger.moves import Part

FLOORED = ("hold", "shares", "claims", "refunds")
"""Kinds of account that may not go below zero: nobody can take out what was not put in."""

WORD = r"^[a-z][a-z0-9-]*$"


class Account(models.Model):
    """A place where money of one unit stands: of a ``kind``, for an ``owner`` ("" is the co-op itself).

    Owners are written ``person:<id>``, ``organisation:<id>``, ``membership:<id>``, ``job:<id>`` … (:mod:`madang.coop.ledger.owners`).
    Balance = credits − debits, kept by a trigger in ``ledger_balance``.
    """

    kind = models.CharField(max_length=30)
    owner = models.CharField(max_length=90, blank=True, default="")
    unit = models.CharField(max_length=3)
    floored = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "owner", "unit"], name="ledger_account_once"),
            models.UniqueConstraint(fields=["id", "unit"], name="ledger_account_unit"),
            models.UniqueConstraint(fields=["id", "floored"], name="ledger_account_floor"),
            models.CheckConstraint(condition=Q(kind__regex=WORD), name="ledger_account_kind"),
            models.CheckConstraint(condition=Q(unit__regex=r"^[A-Z]{3}$"), name="ledger_account_currency"),
            models.CheckConstraint(
                condition=(Q(floored=True) & Q(kind__in=FLOORED)) | (Q(floored=False) & ~Q(kind__in=FLOORED)), name="ledger_account_floor_fits_kind"
            ),
        ]
        indexes = [models.Index(fields=["owner"], name="ledger_account_owner")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.owner}" if self.owner else self.kind


class Entry(models.Model):
    """One event's transfers, booked together. ``key`` makes it happen once; ``digest`` tells a repeat from a contradiction.

    ``at`` is when it was booked, ``effective_at`` when it counts; ``payer`` is the owner whose money it was, if it was someone's.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=100, blank=True)
    payer = models.CharField(max_length=90, blank=True)
    at = models.DateTimeField()
    effective_at = models.DateTimeField()
    digest = models.BinaryField(max_length=32)

    class Meta:
        indexes = [models.Index(fields=["subject"], name="ledger_entry_subject")]
        constraints = [models.UniqueConstraint(fields=["id", "effective_at"], name="ledger_entry_moment")]

    def __str__(self) -> str:
        return str(self.key)


class Transfer(models.Model):
    """One amount from one account (``debit``) to another (``credit``), of one unit, never changed.

    ``version`` is the rule version that set the amount; ``note`` says how in small data: ``{"of": 52000, "share": "95%"}``.
    ``at`` is the entry's ``effective_at`` (a composite foreign key keeps the two the same).
    """

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="transfers", db_constraint=False, db_index=False)
    ordinal = models.PositiveSmallIntegerField()
    debit = models.ForeignKey(Account, models.PROTECT, related_name="debits", db_constraint=False, db_index=False)
    credit = models.ForeignKey(Account, models.PROTECT, related_name="credits", db_constraint=False, db_index=False)
    unit = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    version = models.ForeignKey("rules.RuleVersion", models.PROTECT, null=True, related_name="+", db_index=False)
    note = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "ordinal"], name="ledger_transfer_order"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="ledger_transfer_positive"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="ledger_transfer_two_accounts"),
            models.CheckConstraint(condition=Q(kind__regex=WORD), name="ledger_transfer_kind"),
        ]
        indexes = [
            models.Index(fields=["debit", "at"], name="ledger_transfer_debit", include=["amount", "kind"]),
            models.Index(fields=["credit", "at"], name="ledger_transfer_credit", include=["amount", "kind"]),
        ]


class Hold(models.Model):
    """Money paid and not yet released: kept until the work is done. ``account`` is its own, kind ``hold``, owner = ``subject``."""

    HELD, RELEASED, REFUNDED = "held", "released", "refunded"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="holds")
    subject = models.CharField(max_length=90)
    payer = models.CharField(max_length=90, blank=True)
    amount = models.BigIntegerField()
    unit = models.CharField(max_length=3)
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


class Balance(models.Model):
    """What went out of and into an account, kept by the trigger in ``sql/2_balances.sql`` and by nothing else.

    An account with a floor has one row (shard 0); others are spread over 16, so that a hot account does not queue.
    """

    pk = models.CompositePrimaryKey("account_id", "shard")
    account = models.ForeignKey(Account, models.PROTECT, related_name="balances", db_constraint=False, db_index=False)
    shard = models.SmallIntegerField()
    floored = models.BooleanField()
    debits = models.BigIntegerField(default=0)
    credits = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(shard__gte=0, shard__lte=15) & (Q(floored=False) | Q(shard=0)), name="ledger_balance_shard"),
            models.CheckConstraint(condition=Q(debits__gte=0, credits__gte=0), name="ledger_balance_sums"),
            models.CheckConstraint(condition=Q(floored=False) | Q(credits__gte=F("debits")), name="ledger_balance_floor"),
        ]


class DayFlow(models.Model):
    """What moved in a day of the co-op's time zone, by kind of transfer and of both accounts; kept by the same trigger."""

    pk = models.CompositePrimaryKey("day", "unit", "kind", "debit_kind", "credit_kind", "shard")
    day = models.DateField()
    unit = models.CharField(max_length=3)
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
    unit = models.CharField(max_length=3)
    kind = models.CharField(max_length=40)
    owner = models.CharField(max_length=90)
