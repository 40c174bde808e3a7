"""Who owns the co-op: classes, memberships, offices and their terms, and invitations to work in a member organisation."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

LIVE = ["applied", "admitted", "active"]
ADMISSION = r"^(open|office:[a-z][a-z0-9_-]*|vote:[a-z][a-z0-9_-]*)$"
FILLED_BY = r"^(office:[a-z][a-z0-9_-]*|vote:[a-z][a-z0-9_-]*)$"


class Period(Func):
    """``[since, until)`` as PostgreSQL's range of moments; no end means for ever."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class MemberClass(models.Model):
    """A kind of stakeholder, as the charter wrote it. ``share_price`` is in the smallest unit of the co-op's currency."""

    PERSON, ORGANISATION = "person", "organisation"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.SlugField(max_length=40, unique=True)
    title = models.JSONField(help_text="{language: title}")
    about = models.JSONField(default=dict, help_text="{language: what a member of this class does and gets}")
    holder = models.CharField(max_length=12, choices=[(PERSON, _("a person")), (ORGANISATION, _("an organisation"))], default=PERSON)
    admission = models.CharField(max_length=60, default="open", help_text="open, office:<key> or vote:<way>")
    share_price = models.BigIntegerField(default=0)
    min_shares = models.PositiveIntegerField(default=1)
    votes = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "key"]
        constraints = [
            models.CheckConstraint(condition=Q(holder__in=["person", "organisation"]), name="members_class_holder"),
            models.CheckConstraint(condition=Q(admission__regex=ADMISSION), name="members_class_admission"),
            models.CheckConstraint(condition=Q(share_price__gte=0), name="members_class_price"),
        ]

    def __str__(self) -> str:
        return str(self.key)

    @property
    def entry_price(self) -> int:
        """What joining costs: the shares one must hold, in the smallest unit."""
        return self.share_price * self.min_shares


class Membership(models.Model):
    """One person or one organisation in one class, from application to leaving. A past one stays for the register."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member_class = models.ForeignKey(MemberClass, models.PROTECT, related_name="memberships")
    person = models.ForeignKey("people.Person", models.PROTECT, null=True, blank=True, related_name="memberships")
    organisation = models.ForeignKey("people.Organisation", models.PROTECT, null=True, blank=True, related_name="memberships")
    state = models.CharField(max_length=10, default="applied")
    primary = models.BooleanField(default=True, help_text="the class this person votes in")
    founder = models.BooleanField(default=False, help_text="joins by the founding: their own yes admits them, nobody else's")
    words = models.TextField(blank=True, max_length=2000, help_text="what the applicant wrote")
    applied_at = models.DateTimeField()
    applied_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+", help_text="who applied for an organisation")
    admitted_at = models.DateTimeField(null=True)
    admitted_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    decision_id = models.UUIDField(null=True, help_text="the decision that admitted, refused or expelled")
    active_from = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, max_length=2000, help_text="why it was refused or ended")
    names_open = models.BooleanField(default=True, help_text="other members may see this name outside the register the law opens")

    class Meta:
        ordering = ["applied_at", "id"]
        indexes = [
            models.Index(fields=["active_from", "left_at"], name="members_active_period"),
            models.Index(fields=["state", "member_class"], name="members_state_class"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=True, organisation__isnull=False) | Q(person__isnull=False, organisation__isnull=True), name="members_one_holder"
            ),
            models.UniqueConstraint(fields=["member_class", "person"], condition=Q(state__in=LIVE), name="members_person_once_a_class"),
            models.UniqueConstraint(fields=["member_class", "organisation"], condition=Q(state__in=LIVE), name="members_organisation_once_a_class"),
            models.UniqueConstraint(fields=["person"], condition=Q(state__in=LIVE, primary=True), name="members_person_one_primary"),
            models.UniqueConstraint(fields=["organisation"], condition=Q(state__in=LIVE, primary=True), name="members_organisation_one_primary"),
            models.CheckConstraint(condition=Q(state__in=[*LIVE, "left", "refused"]), name="members_state"),
            models.CheckConstraint(
                condition=Q(state="applied", admitted_at=None, active_from=None, left_at=None, refused_at=None)
                | Q(state="admitted", admitted_at__isnull=False, active_from=None, left_at=None, refused_at=None)
                | Q(state="active", admitted_at__isnull=False, active_from__isnull=False, left_at=None, refused_at=None)
                | Q(state="left", left_at__isnull=False, refused_at=None)
                | Q(state="refused", refused_at__isnull=False, admitted_at=None, active_from=None, left_at=None),
                name="members_dates_fit_state",
            ),
            models.CheckConstraint(condition=Q(admitted_at=None) | Q(admitted_at__gte=F("applied_at")), name="members_admitted_after_applied"),
            models.CheckConstraint(
                condition=Q(active_from=None) | Q(admitted_at__isnull=False, active_from__gte=F("admitted_at")), name="members_active_after_admitted"
            ),
            models.CheckConstraint(
                condition=Q(left_at=None) | (Q(left_at__gte=F("applied_at")) & (Q(active_from=None) | Q(left_at__gte=F("active_from")))),
                name="members_left_last",
            ),
            models.CheckConstraint(condition=Q(refused_at=None) | Q(refused_at__gte=F("applied_at")), name="members_refused_after_applied"),
        ]

    def __str__(self) -> str:
        return f"{self.holder_name} ({self.member_class.key})"

    @property
    def holder_name(self) -> str:
        """The name of the person or organisation that holds it."""
        return str(self.organisation or self.person)

    @property
    def holder_key(self) -> str:
        """``person:<id>`` or ``organisation:<id>``, as the ledger names owners."""
        return f"organisation:{self.organisation_id}" if self.organisation_id else f"person:{self.person_id}"

    def to(self, state: str) -> None:
        """Step to ``state``; raises ``Refused`` when life has no such step. Does not save."""
        from madang.coop.members import states

        states.membership.check(self.state, state)
        self.state = state


class Office(models.Model):
    """A seat the co-op gives to a person for a time. Its name is the co-op's own: ``role`` says what the law means by it, ``does`` which
    duties of the program (``house.collect("duties")``) come with it.
    """

    DIRECTOR, AUDITOR = "director", "auditor"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.SlugField(max_length=40, unique=True)
    title = models.JSONField(help_text="{language: title}")
    about = models.JSONField(default=dict, help_text="{language: what it does}")
    role = models.CharField(max_length=10, blank=True, default="", help_text="director or auditor, where the law speaks of them")
    does = models.JSONField(default=list, help_text="[key of a duty]")
    seats = models.PositiveSmallIntegerField(default=1)
    term_months = models.PositiveSmallIntegerField(default=24)
    filled_by = models.CharField(max_length=60, default="vote:policy", help_text="office:<key> or vote:<way>")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "key"]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=["", "director", "auditor"]), name="members_office_role"),
            models.CheckConstraint(condition=Q(filled_by__regex=FILLED_BY), name="members_office_filled_by"),
            models.CheckConstraint(condition=Q(seats__gte=1) & Q(term_months__gte=1), name="members_office_sizes"),
        ]

    def __str__(self) -> str:
        return str(self.key)


class OfficeTerm(models.Model):
    """A person holds an office in ``[since, until)``. Ending early moves ``until``; a person holds one office once at a time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    office = models.ForeignKey(Office, models.PROTECT, related_name="terms")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="terms")
    since = models.DateTimeField()
    until = models.DateTimeField()
    appointed_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    decision_id = models.UUIDField(null=True)
    founding_id = models.UUIDField(null=True)
    ended_early = models.BooleanField(default=False)
    begun_at = models.DateTimeField(null=True, help_text="when what waits for the office was put before its holder")
    warned_at = models.DateTimeField(null=True, help_text="when holder and electorate were told that it ends soon")
    over_at = models.DateTimeField(null=True, help_text="when what waited for its holder was taken off them")

    class Meta:
        ordering = ["since", "id"]
        indexes = [
            models.Index(fields=["since"], condition=Q(begun_at=None, over_at=None), name="members_terms_to_begin"),
            models.Index(fields=["until"], condition=Q(over_at=None), name="members_terms_to_end"),
        ]
        constraints = [
            # An appointment undone before its first moment leaves an empty term, never a negative one.
            models.CheckConstraint(condition=Q(until__gt=F("since")) | Q(ended_early=True, until=F("since")), name="members_term_ordered"),
            models.CheckConstraint(
                condition=Q(appointed_by__isnull=False) | Q(decision_id__isnull=False) | Q(founding_id__isnull=False), name="members_term_has_a_source"
            ),
            ExclusionConstraint(
                name="members_term_no_overlap",
                expressions=[
                    ("office", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    (Period("since", "until"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def holds_at(self, moment: datetime) -> bool:
        """Whether the term runs at ``moment``."""
        return bool(self.since <= moment < self.until)


class WorkInvitation(models.Model):
    """An organisation asks someone, by a link in a mail, to work in it. Only the token's hash is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey("people.Organisation", models.PROTECT, related_name="invitations")
    email = models.EmailField(blank=True, help_text="blank once the invitation is over or its addressee erased")
    role = models.CharField(max_length=20, default="worker")
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=["worker", "representative"]), name="members_invitation_role"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="members_invitation_ordered"),
            models.CheckConstraint(condition=Q(accepted_at=None) | Q(accepted_by__isnull=False, withdrawn_at=None), name="members_invitation_ended_once"),
            models.UniqueConstraint(
                fields=["organisation", "email"], condition=Q(accepted_at=None, withdrawn_at=None) & ~Q(email=""), name="members_invitation_open_once"
            ),
        ]

    def open_at(self, moment: datetime) -> bool:
        """Whether it can still be accepted at ``moment``."""
        return self.accepted_at is None and self.withdrawn_at is None and bool(moment < self.expires_at)

