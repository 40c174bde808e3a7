"""What the members decided to spend, and what was drawn on it."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Authorised(models.Model):
    """A sum that a decision lets whoever pays out spend: at most ``cap`` (smallest unit) before ``until``, on ``title``, to be paid ``to`` (in the
    author's words), booked under the cost ``sort``. ``key``: which project, of a budget. ``withdrawn_at``: the members took back what was not drawn.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    decision = models.ForeignKey("decisions.Proposal", models.PROTECT, related_name="authorised")
    key = models.CharField(max_length=10, blank=True)
    title = models.CharField(max_length=140)
    to = models.CharField(max_length=140, blank=True)
    sort = models.CharField(max_length=20)
    cap = models.BigIntegerField()
    unit = models.CharField(max_length=3)
    since = models.DateTimeField()
    until = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["since", "decision", "key"]
        constraints = [
            models.UniqueConstraint(fields=["decision", "key"], name="payments_authorised_once"),
            models.CheckConstraint(condition=Q(cap__gt=0), name="payments_authorised_positive"),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="payments_authorised_until"),
        ]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def last(self) -> datetime:
        """A moment of the last day on which it may be drawn on."""
        return self.until - timedelta(seconds=1)


class Draw(models.Model):
    """A part of an authorised sum that was spent: ``line`` of the bank's statement shows it, or it stands to ``owner``'s credit. Never more than the cap:
    the database refuses it (``sql/authorised.sql``)."""

    id = models.UUIDField(primary_key=True, editable=False)
    authorised = models.ForeignKey(Authorised, models.PROTECT, related_name="draws")
    amount = models.BigIntegerField()
    entry = models.OneToOneField("ledger.Entry", models.PROTECT, related_name="+")
    line = models.OneToOneField("payments.BankLine", models.PROTECT, null=True, related_name="+")
    owner = models.CharField(max_length=90, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_draw_positive"),
            models.CheckConstraint(condition=Q(line=None) ^ Q(owner=""), name="payments_draw_one_way"),
        ]
