"""What payment services told of our money, and the daily reports that hold it against the books. All of it only grows."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from madang.coop.payments import gaps

STATES = ["agreed", "differs", "silent"]
HOW = ["card-cost", "suspense", "other-rail", "explained"]


class RailQuestion(models.Model):
    """That a service is to be asked for its items, and when again if it does not answer: one row a rail."""

    rail = models.CharField(primary_key=True, max_length=20)
    next_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)


class RailItem(models.Model):
    """One movement of our money as the service told it. Told otherwise later, it is a new row with a higher ``revision``; the highest counts.

    ``ordinal`` tells apart movements of one kind that have the same ``ref``; ``about`` is the ref of the payment or payout it belongs to.
    """

    rail = models.CharField(max_length=20)
    kind = models.CharField(max_length=20)
    ref = models.CharField(max_length=120)
    about = models.CharField(max_length=120, blank=True)
    ordinal = models.PositiveSmallIntegerField(default=0)
    revision = models.PositiveSmallIntegerField(default=0)
    amount = models.BigIntegerField()
    fee = models.BigIntegerField(default=0)
    unit = models.CharField(max_length=3)
    at = models.DateTimeField()
    told_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rail", "kind", "ref", "ordinal", "revision"], name="payments_item_once")]
        indexes = [
            models.Index(fields=["rail", "unit", "at"], name="payments_item_at"),
            models.Index(fields=["rail", "ref"], name="payments_item_ref"),
            models.Index(fields=["rail", "about"], name="payments_item_about", condition=~Q(about="")),
        ]


class Reconciliation(models.Model):
    """A service's items and balance beside the books, from ``since`` to the end of ``day`` (days of the co-op's time zone; ``until`` is that end).

    ``theirs`` and ``ours`` are what it holds for us then, by its items and by the books, ``said`` the balance it states itself, if it states one.
    ``silent``: it could not be asked (``why``), and nothing is proved. The same day may be looked at again: the newest counts.
    """

    rail = models.CharField(max_length=20)
    unit = models.CharField(max_length=3)
    since = models.DateField()
    day = models.DateField()
    until = models.DateTimeField()
    state = models.CharField(max_length=10)
    why = models.CharField(max_length=40, blank=True)
    theirs = models.BigIntegerField(default=0)
    ours = models.BigIntegerField(default=0)
    said = models.BigIntegerField(null=True)
    items = models.PositiveIntegerField(default=0)
    seen = models.BigIntegerField(null=True, help_text="the newest stored item there was, so that the next report adds only what came since")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="payments_reconciliation_state"),
            models.CheckConstraint(condition=Q(since__lte=F("day")), name="payments_reconciliation_days"),
        ]
        indexes = [models.Index(fields=["rail", "unit", "day"], name="payments_reconciliation_day")]

    @property
    def gap(self) -> int:
        """How much more the service holds than the books say, in the smallest unit."""
        return self.theirs - self.ours


class Difference(models.Model):
    """One named difference of a report. ``root`` is the same difference in the first report that named it, when it is not this one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reconciliation = models.ForeignKey(Reconciliation, models.PROTECT, related_name="differences")
    root = models.ForeignKey("self", models.PROTECT, null=True, related_name="later")
    thing = models.CharField(max_length=140)
    kind = models.CharField(max_length=14)
    theirs = models.BigIntegerField()
    their_fee = models.BigIntegerField()
    ours = models.BigIntegerField()
    our_fee = models.BigIntegerField()
    explained = models.CharField(max_length=200, blank=True, help_text="why the books are right, when somebody had said so before")
    charge = models.ForeignKey("payments.Charge", models.PROTECT, null=True, related_name="+")
    refund = models.ForeignKey("payments.Refund", models.PROTECT, null=True, related_name="+")
    payout = models.ForeignKey("payments.Payout", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=gaps.KINDS), name="payments_difference_kind"),
            models.UniqueConstraint(fields=["reconciliation", "thing"], name="payments_difference_once"),
        ]

    @property
    def net(self) -> int:
        """How much more the service holds than the books say, in the smallest unit."""
        return (self.theirs - self.their_fee) - (self.ours - self.our_fee)


class Resolution(models.Model):
    """What a person did about a difference, in their words: booked it (``entry``), or explained why the books are right."""

    difference = models.OneToOneField(Difference, models.PROTECT, related_name="resolution")
    how = models.CharField(max_length=12)
    words = models.CharField(max_length=200)
    by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.ForeignKey("ledger.Entry", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(how__in=HOW), name="payments_resolution_how"),
            models.CheckConstraint(condition=Q(how="explained", entry=None) | ~Q(how="explained") & Q(entry__isnull=False), name="payments_resolution_booked"),
        ]


class CashCount(models.Model):
    """What a person counted in the drawer, in the smallest unit."""

    amount = models.BigIntegerField()
    unit = models.CharField(max_length=3)
    by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gte=0), name="payments_count_positive")]
        indexes = [models.Index(fields=["at"], name="payments_count_at")]
