"""What is stored of the way out: shares members who stay asked back, when the board held it, and what a decision valued."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q


class Withdrawal(models.Model):
    """``count`` shares a member who stays asked back; ``paid_count`` of them went out. Until they are paid they are share capital, and bear its losses."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    membership = models.ForeignKey("members.Membership", models.PROTECT, related_name="withdrawals")
    count = models.PositiveIntegerField()
    paid_count = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField()
    asked_on = models.DateField(help_text="the day that gives its place in the queue")
    ready_on = models.DateField(help_text="the day its notice is over")
    version_id = models.UUIDField(null=True, help_text="the version of the rule that set the notice")
    state = models.CharField(max_length=10, default="waiting")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["asked_on", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(count__gt=0, paid_count__gte=0, paid_count__lte=F("count")), name="capital_withdrawal_counts"),
            models.CheckConstraint(condition=Q(state__in=["waiting", "paid", "undone", "left"]), name="capital_withdrawal_state"),
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at=None, paid_count__lt=F("count"))
                | Q(state="paid", ended_at__isnull=False, paid_count=F("count"))
                | Q(state__in=["undone", "left"], ended_at__isnull=False),
                name="capital_withdrawal_ended",
            ),
            models.CheckConstraint(condition=Q(ready_on__gte=F("asked_on")), name="capital_withdrawal_dates"),
        ]
        indexes = [models.Index(fields=["asked_on"], name="capital_withdrawal_queue", condition=Q(state="waiting"))]

    @property
    def left(self) -> int:
        """Shares still to be paid back."""
        return self.count - self.paid_count

    def to(self, state: str) -> None:
        """Step to ``state``; raises ``Refused`` when life has no such step. Does not save."""
        from madang.coop.capital import states

        states.withdrawal.check(self.state, state)
        self.state = state


class Suspension(models.Model):
    """The board holds all paying back, with reasons everyone who waits is told. One at a time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    running = models.BooleanField(default=True)
    reason = models.TextField(max_length=2000)
    by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    ended_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-since"]
        constraints = [
            models.UniqueConstraint(fields=["running"], condition=Q(running=True), name="capital_suspension_one"),
            models.CheckConstraint(condition=Q(running=True, until=None) | Q(running=False, until__gte=F("since")), name="capital_suspension_ends"),
        ]


class Valuation(models.Model):
    """What a proposal would write off, fixed when its discussion opened: the vote is on exactly these lines.

    ``kind`` "refund" (claims of those who left, worth what the balance sheet says) or "write-down" (shares of those who stay bear a loss);
    ``sheets``: the figures they follow from; ``digest``: of all the lines.
    """

    proposal_id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=10)
    unit = models.CharField(max_length=3)
    sheets = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(kind__in=["refund", "write-down"]), name="capital_valuation_kind")]


class ValuationLine(models.Model):
    """What one membership's shares, or one claim, stood at and what it is worth then."""

    valuation = models.ForeignKey(Valuation, models.PROTECT, related_name="lines", db_index=False)
    membership = models.ForeignKey("members.Membership", models.PROTECT, related_name="valuation_lines")
    claim = models.ForeignKey("capital.Claim", models.PROTECT, null=True, related_name="valuation_lines")
    before = models.BigIntegerField()
    after = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(before__gt=0, after__gte=0, after__lte=F("before")), name="capital_valuation_line_amounts"),
            models.UniqueConstraint(fields=["valuation", "membership", "claim"], name="capital_valuation_line_once", nulls_distinct=False),
        ]

    @property
    def lost(self) -> int:
        """What is written off, in the smallest unit."""
        return self.before - self.after
