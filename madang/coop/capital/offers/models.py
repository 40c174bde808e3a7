"""Share offers and the applications in them. The money of an application is a ``Hold`` until shares are issued for it or it goes back."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q

from madang.coop.capital.offers import states
from madang.kit.offers import Limits, Match, Terms


class Offer(models.Model):
    """An offer of shares on fixed terms (amounts in the smallest unit). Once it is no draft, the database lets nobody change the terms or the document.

    ``closes_at`` is the day in the terms, ``ends_at`` the day as extended. ``document``: {language: Markdown}. ``proposal_id``: the decision it
    waits for or was opened by; ``opened_by``: who of the board opened it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.JSONField(help_text="{language: title}")
    document = models.JSONField(default=dict, help_text="{language: Markdown}")
    kind = models.CharField(max_length=12)
    unit = models.CharField(max_length=3)
    price = models.BigIntegerField()
    minimum = models.BigIntegerField(default=0)
    optimum = models.BigIntegerField(default=0)
    maximum = models.BigIntegerField(default=0)
    person_class = models.ForeignKey("members.MemberClass", models.PROTECT, null=True, related_name="+")
    least_person = models.BigIntegerField(default=0)
    most_person = models.BigIntegerField(default=0)
    organisation_class = models.ForeignKey("members.MemberClass", models.PROTECT, null=True, related_name="+")
    least_organisation = models.BigIntegerField(default=0)
    most_organisation = models.BigIntegerField(default=0)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    extension_days = models.PositiveSmallIntegerField(default=0)
    extensions = models.PositiveSmallIntegerField(default=1)
    extended = models.PositiveSmallIntegerField(default=0)
    oversubscribed = models.CharField(max_length=16, default="first-come")
    match_holder = models.ForeignKey("members.Membership", models.PROTECT, null=True, related_name="+")
    match_cap = models.BigIntegerField(default=0)
    state = models.CharField(max_length=12, default=states.DRAFT)
    author = models.ForeignKey("people.Person", models.SET_NULL, null=True, related_name="+")
    opened_by = models.ForeignKey("people.Person", models.SET_NULL, null=True, related_name="+")
    proposal_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=states.offer.states), name="capital_offer_state"),
            models.CheckConstraint(condition=Q(kind__in=["pioneer", "time-bound", "open"]), name="capital_offer_kind"),
            models.CheckConstraint(
                condition=Q(price__gt=0, minimum__gte=0, optimum__gte=0, maximum__gte=0, match_cap__gte=0), name="capital_offer_amounts"
            ),
            models.CheckConstraint(condition=Q(extended__lte=F("extensions")), name="capital_offer_extended"),
            models.CheckConstraint(condition=Q(person_class__isnull=False) | Q(organisation_class__isnull=False), name="capital_offer_classes"),
        ]
        indexes = [models.Index(fields=["ends_at"], name="capital_offer_ends", condition=Q(state__in=states.LIVE_OFFER))]

    @property
    def terms(self) -> Terms:
        """The terms as the pure core reads them."""
        match = Match(str(self.match_holder_id), self.match_cap) if self.match_holder_id and self.match_cap else None
        return Terms(
            self.kind, self.price, self.opens_at, self.closes_at, Limits(self.least_person or self.price, self.most_person),
            Limits(self.least_organisation or self.price, self.most_organisation), self.minimum, self.optimum, self.maximum, self.extension_days,
            self.extensions, self.oversubscribed, match,
        )  # fmt: skip

    def running(self, now: datetime) -> bool:
        """Whether one can apply now."""
        return self.state in states.LIVE_OFFER and self.opens_at <= now and (self.ends_at is None or now < self.ends_at)

    def to(self, state: str) -> None:
        """One step of its life. Raises ``Refused`` when there is none."""
        states.offer.check(self.state, state)
        self.state = state


class Application(models.Model):
    """Someone's wish for ``count`` shares of an offer, for themselves or an organisation they speak for; ``by`` pays.

    ``allotted``: how many of them they get, once that is settled; ``issued``: how many were issued. ``matching``: the match funder's money.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    offer = models.ForeignKey(Offer, models.PROTECT, related_name="applications")
    person = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="share_applications")
    organisation = models.ForeignKey("people.Organisation", models.PROTECT, null=True, related_name="share_applications")
    by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    membership = models.ForeignKey("members.Membership", models.PROTECT, null=True, related_name="share_applications")
    count = models.PositiveIntegerField()
    price = models.BigIntegerField()
    unit = models.CharField(max_length=3)
    matching = models.BooleanField(default=False)
    state = models.CharField(max_length=10, default=states.ASKED)
    charge = models.OneToOneField("payments.Charge", models.PROTECT, null=True, related_name="share_application")
    hold = models.OneToOneField("ledger.Hold", models.PROTECT, null=True, related_name="share_application")
    allotted = models.PositiveIntegerField(null=True)
    issued = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=states.application.states), name="capital_application_state"),
            models.CheckConstraint(condition=Q(count__gt=0, price__gt=0), name="capital_application_positive"),
            models.CheckConstraint(condition=Q(issued__lte=F("count")) & (Q(allotted=None) | Q(allotted__lte=F("count"))), name="capital_application_issued"),
            models.CheckConstraint(condition=Q(person__isnull=True) ^ Q(organisation__isnull=True), name="capital_application_holder"),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "lapsed"], hold=None) | (~Q(state__in=["asked", "lapsed"]) & Q(hold__isnull=False)),
                name="capital_application_hold",
            ),
            models.UniqueConstraint(fields=["offer"], condition=Q(matching=True, state__in=["asked", "paid", "issued"]), name="capital_application_one_match"),
        ]
        indexes = [models.Index(fields=["offer", "state"], name="capital_application_state")]

    @property
    def amount(self) -> int:
        """What was asked for, in the smallest unit."""
        return self.count * self.price

    @property
    def issued_amount(self) -> int:
        """What became share capital."""
        return self.issued * self.price

    @property
    def holder(self) -> models.Model:
        """Whose shares they would be: a person or an organisation."""
        found = self.person or self.organisation
        assert found is not None
        return found

    def to(self, state: str) -> None:
        """One step of its life. Raises ``Refused`` when there is none."""
        states.application.check(self.state, state)
        self.state = state
