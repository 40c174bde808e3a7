"""Proposals, who may vote on them, their ballots, and what was said about them.

The database holds the course (triggers in ``sql/guard.sql``): a proposal is born a draft, moves only along its states, keeps its
words once voting opened; electors are frozen; a ballot goes in only while voting is open.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from madang.coop.decisions import states
from madang.coop.decisions.kept import Papers
from madang.coop.decisions.objecting import Objection
from madang.coop.decisions.standing import Nomination

__all__ = ["Ballot", "Comment", "Elector", "Nomination", "Objection", "Papers", "Proposal", "Support"]


class Proposal(models.Model):
    """One decision from draft to its end. ``changes``: rule changes; ``details``: what other kinds need."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=140)
    reason = models.TextField(blank=True, max_length=8000)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="proposals", null=True)
    org = models.ForeignKey("people.Organisation", models.PROTECT, null=True, blank=True, related_name="proposals", help_text="scope: null is the co-op")
    way_name = models.CharField(max_length=60)
    way = models.JSONField(default=dict, help_text="the way of deciding as it was when discussion opened")
    state = models.CharField(max_length=12, default=states.DRAFT)
    changes = models.JSONField(default=list, help_text='[{"rule", "scope", "from", "value"}]')
    details = models.JSONField(default=dict)
    dry_run = models.JSONField(null=True, help_text="last month under it, as shown on the ballot")
    electorate = models.JSONField(null=True, help_text='{"total": n, "classes": {key: n}}, exact; shown as tally.electorate() says')
    tally = models.JSONField(null=True, help_text="what was made public; small classes hidden")
    extended = models.PositiveSmallIntegerField(default=0, help_text="how often a late rush has lengthened the vote")
    figures = models.JSONField(null=True, help_text="how it stands, where the way shows it while voting: running.py")
    figures_at = models.DateTimeField(null=True)
    before_late = models.JSONField(null=True, help_text="what would have been decided before the last part of the vote, told to nobody")
    back_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", help_text="the decision in force that this goes back on")
    review_at = models.DateTimeField(null=True, help_text="when it is asked whether to keep it")
    review_asked_at = models.DateTimeField(null=True)
    inverse = models.JSONField(null=True, help_text="the changes that would undo it")
    at_meeting = models.BooleanField(default=False, help_text="it is not voted on here, but waits for a general meeting")
    meeting = models.UUIDField(null=True, help_text="the meeting on whose agenda it stands")
    sitting = models.JSONField(null=True, help_text='who was there when it was put: {"meeting", "members", "present", "by_proxy", "counted_of"}')
    lot = models.CharField(max_length=64, blank=True, help_text="the lot's secret until the count; its hash is published when voting opens")
    ended_because = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    discussion_at = models.DateTimeField(null=True)
    opens_at = models.DateTimeField(null=True, help_text="when voting opens (while in discussion: is due to)")
    closes_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    effect_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, help_text="in force, rejected, withdrawn or failed since")

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["opens_at"], condition=Q(state="discussion"), name="decisions_due_open"),
            models.Index(fields=["closes_at"], condition=Q(state="voting"), name="decisions_due_close"),
            models.Index(fields=["effect_at"], condition=Q(state="passed"), name="decisions_due_effect"),
            models.Index(fields=["review_at"], condition=Q(state="in_force", review_asked_at=None), name="decisions_due_review"),
            models.Index(fields=["state", "-created_at"], name="decisions_by_state"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=states.proposal.states), name="decisions_proposal_state"),
            models.CheckConstraint(
                condition=~Q(state="discussion") | Q(discussion_at__isnull=False, opens_at__isnull=False), name="decisions_discussion_dates"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["voting", "passed", "rejected", "in_force"])
                | Q(opens_at__isnull=False, closes_at__gt=models.F("opens_at"), electorate__isnull=False),
                name="decisions_voting_dates",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["passed", "rejected", "in_force"])
                | Q(closed_at__gte=models.F("closes_at"), tally__isnull=False)
                | Q(closed_at__gte=models.F("opens_at"), sitting__isnull=False, tally__isnull=False),
                name="decisions_tallied",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["passed", "in_force"]) | Q(effect_at__gte=models.F("closed_at")), name="decisions_effect_after_close"
            ),
            models.CheckConstraint(condition=Q(state__in=states.OVER, ended_at__isnull=False) | ~Q(state__in=states.OVER), name="decisions_ended"),
        ]

    def __str__(self) -> str:
        return str(self.title)

    def to(self, state: str) -> None:
        """Step to ``state``; raises ``Refused`` when the course has no such step. Does not save."""
        states.proposal.check(self.state, state)
        self.state = state

    @property
    def scope(self) -> str:
        """``""`` for the co-op, else the organisation's id."""
        return str(self.org_id) if self.org_id else ""


class Elector(models.Model):
    """Someone who may vote on one proposal, fixed when voting opened: one vote a row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="electors")
    membership = models.ForeignKey("members.Membership", models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    class_key = models.CharField(max_length=40)
    called_at = models.DateTimeField(null=True, help_text="when they were told that voting is open")
    reminded_at = models.DateTimeField(null=True, help_text="when they were told once more that they have not voted")
    told_longer = models.PositiveSmallIntegerField(default=0, help_text="of how many lengthenings they were told")
    told_at = models.DateTimeField(null=True, help_text="when they were told the result")
    gone_at = models.DateTimeField(null=True, help_text="of a vote at a meeting: they have left the room since it was put")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["proposal", "membership", "person"], name="decisions_elector_once")]
        indexes = [
            models.Index(fields=["proposal"], condition=Q(called_at=None), name="decisions_uncalled"),
            models.Index(fields=["proposal"], condition=Q(told_at=None), name="decisions_untold"),
        ]


class Ballot(models.Model):
    """One elector's ballot; until voting closes it may be changed, the last one counts. Confidential: the server could see it.

    ``by`` is the elector, or for an organisation's vote whoever spoke for it when the ballot was cast.
    """

    elector = models.OneToOneField(Elector, models.PROTECT, primary_key=True, related_name="ballot")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    choice = models.CharField(max_length=8)
    marks = models.JSONField(null=True, help_text="of a vote on several options: the paper, as kit/counting/papers.py reads it")
    cast_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(choice__in=[*states.CHOICES, states.MARKED]), name="decisions_ballot_choice"),
            models.CheckConstraint(
                condition=Q(choice=states.MARKED, marks__isnull=False) | (~Q(choice=states.MARKED) & Q(marks=None)), name="decisions_ballot_marks"
            ),
        ]


class Comment(models.Model):
    """Something said about a proposal; ``reply_to``: what it answers, always something that answers nothing itself. ``pinned_at``: since when its
    proposer holds it up as a summary."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(max_length=4000)
    at = models.DateTimeField()
    reply_to = models.ForeignKey("self", models.PROTECT, null=True, related_name="replies")
    pinned_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["proposal", "at"], name="decisions_thread")]
        constraints = [models.CheckConstraint(condition=Q(reply_to=None) | Q(pinned_at=None), name="decisions_pin_no_reply")]


class Support(models.Model):
    """A member wants this put to the vote (where the way of deciding asks for supporters)."""

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="supports")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["proposal", "person"], name="decisions_support_once")]


from madang.coop.decisions.amending import Amendment as Amendment  # noqa: E402
from madang.coop.decisions.delegations import Delegated as Delegated  # noqa: E402
from madang.coop.decisions.delegations import Delegation as Delegation  # noqa: E402
from madang.coop.decisions.emergency import Measure as Measure  # noqa: E402
from madang.coop.decisions.hands import Hands as Hands  # noqa: E402
from madang.coop.decisions.panels import Lottery as Lottery  # noqa: E402
from madang.coop.decisions.panels import Volunteer as Volunteer  # noqa: E402
from madang.coop.decisions.proxies import Proxy as Proxy  # noqa: E402
