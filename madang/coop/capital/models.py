"""What members put in and get back. How much each holds stands in the ledger (accounts ``shares`` and ``claims``); here stands how it came."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q


class Purchase(models.Model):
    """Shares someone asked for: ``count`` at ``price`` each, paid by one charge."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    membership = models.ForeignKey("members.Membership", models.PROTECT, related_name="purchases")
    count = models.PositiveIntegerField()
    price = models.BigIntegerField()
    unit = models.CharField(max_length=3)
    charge = models.OneToOneField("payments.Charge", models.PROTECT, null=True, related_name="purchase")
    created_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(count__gt=0, price__gt=0), name="capital_purchase_positive")]
        indexes = [models.Index(fields=["membership", "created_at"], name="capital_purchase_member")]

    @property
    def amount(self) -> int:
        """What it costs, in the smallest unit."""
        return self.count * self.price


class Closing(models.Model):
    """What a proposal for using a year's surplus would book, fixed when its discussion opened: the vote is on exactly this.

    ``books``: what is closed of each kind of account, and what stood in surplus and reserves; ``digest``: of all the lines.
    """

    proposal_id = models.UUIDField(primary_key=True)
    year = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=3)
    books = models.JSONField(default=dict)
    use = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["year"], name="capital_closing_year")]


class ClosingLine(models.Model):
    """What one membership would get: by its use (``counted`` of its class's ``measure``) and on its capital."""

    closing = models.ForeignKey(Closing, models.PROTECT, related_name="lines", db_index=False)
    membership = models.ForeignKey("members.Membership", models.PROTECT, related_name="surplus_lines")
    measure = models.CharField(max_length=40, blank=True)
    counted = models.BigIntegerField(default=0)
    paid_in = models.BigIntegerField(default=0)
    patronage = models.BigIntegerField(default=0)
    capital = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["closing", "membership"], name="capital_closing_line_once"),
            models.CheckConstraint(condition=Q(patronage__gte=0, capital__gte=0, counted__gte=0, paid_in__gte=0), name="capital_closing_line_amounts"),
        ]

    @property
    def amount(self) -> int:
        """All of it, in the smallest unit."""
        return self.patronage + self.capital


class Claim(models.Model):
    """What the co-op owes for shares that are shares no more, from the day the law gives. ``account`` (kind ``claims``) holds it until it is paid.

    One claim is one payment: what a yearly cap cuts in two is two claims. ``origin``: the member left, died, or stays and drew out a part.
    ``par``: what it was booked at, where a decision valued it lower. ``claimed_at``: whose it is has asked for it, so it does not lapse.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    membership = models.ForeignKey("members.Membership", models.PROTECT, related_name="claims")
    origin = models.CharField(max_length=10, default="left")
    heir = models.CharField(max_length=10, blank=True, help_text="after a death: whose it is")
    was = models.CharField(max_length=10, blank=True, help_text="after a death: what a claim that was there before came of")
    account = models.ForeignKey("ledger.Account", models.PROTECT, related_name="+")
    amount = models.BigIntegerField()
    unit = models.CharField(max_length=3)
    made_at = models.DateTimeField()
    asked_on = models.DateField(null=True, help_text="the day that gives its place in the queue; None: the day it was made")
    due_on = models.DateField(help_text="the first day it may be asked for")
    lapses_on = models.DateField(null=True)
    citation = models.CharField(max_length=300, blank=True)
    par = models.BigIntegerField(null=True)
    resolution_id = models.UUIDField(null=True, help_text="the decision of the members that it is paid back")
    claimed_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    lapsed_at = models.DateTimeField(null=True)
    payout = models.OneToOneField("payments.Payout", models.PROTECT, null=True, related_name="claim")
    paid_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0) | Q(amount=0, par__gt=0), name="capital_claim_positive"),
            models.CheckConstraint(condition=Q(lapses_on=None) | Q(lapses_on__gt=F("due_on")), name="capital_claim_dates"),
            models.CheckConstraint(condition=Q(origin__in=["left", "death", "stay"]), name="capital_claim_origin"),
            models.CheckConstraint(condition=Q(heir="") | Q(origin="death", heir__in=["nominee", "estate", "heirs"]), name="capital_claim_heir"),
            models.CheckConstraint(condition=Q(paid_at=None) | Q(lapsed_at=None), name="capital_claim_one_end"),
            models.CheckConstraint(condition=Q(par=None) | Q(par__gte=F("amount"), resolution_id__isnull=False), name="capital_claim_valued"),
        ]
        indexes = [models.Index(fields=["due_on"], name="capital_claim_due", condition=Q(paid_at=None))]


from madang.coop.capital.certificates.models import Certificate  # noqa: E402  tables stand in a module of their own noun
from madang.coop.capital.exits import Suspension, Valuation, ValuationLine, Withdrawal  # noqa: E402
from madang.coop.capital.offers.models import Application, Offer  # noqa: E402
from madang.coop.capital.passing import DeathReport, Handover, Nomination  # noqa: E402
from madang.coop.capital.societies import Society  # noqa: E402

__all__ = [
    "Application", "Certificate", "Claim", "Closing", "ClosingLine", "DeathReport", "Handover", "Nomination", "Offer", "Purchase", "Society", "Suspension",
    "Valuation", "ValuationLine", "Withdrawal",
]  # fmt: skip
