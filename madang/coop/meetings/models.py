"""Meetings, their agenda, who was there from when to when, what happened, and who signed the minutes.

The database holds (``sql/guard.sql``): attendance is noted only while a meeting is open, and what happened is only ever added to.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from madang.coop.meetings import states

PERSON = settings.AUTH_USER_MODEL


class Meeting(models.Model):
    """A general meeting of all members. ``secret``: what the code on the wall is made of; ``words``: what the keeper adds to the minutes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=140)
    place = models.CharField(max_length=200)
    online = models.CharField(max_length=300, blank=True, help_text="how to take part from elsewhere; for members only")
    starts_at = models.DateTimeField()
    state = models.CharField(max_length=10, default=states.DRAFT)
    called_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    chair = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    current = models.ForeignKey("Item", models.SET_NULL, null=True, related_name="+", help_text="the point that is being dealt with")
    members = models.PositiveIntegerField(null=True, help_text="who could vote when it was opened")
    secret = models.CharField(max_length=64, blank=True)
    words = models.TextField(blank=True, max_length=8000)
    why = models.CharField(max_length=500, blank=True, help_text="why it was cancelled")
    created_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.UUIDField(null=True, help_text="the decision that confirmed the minutes")

    class Meta:
        ordering = ["-starts_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=states.meeting.states), name="meetings_state"),
            models.CheckConstraint(condition=~Q(state__in=["called", "open", "closed"]) | Q(called_at__isnull=False), name="meetings_called"),
            models.CheckConstraint(
                condition=~Q(state__in=["open", "closed"]) | Q(opened_at__gte=F("called_at"), chair__isnull=False, members__isnull=False),
                name="meetings_opened",
            ),
            models.CheckConstraint(condition=~Q(state="closed") | Q(closed_at__gte=F("opened_at"), current=None), name="meetings_closed"),
            models.CheckConstraint(condition=Q(confirmed_at=None) | Q(state="closed", confirmed_by__isnull=False), name="meetings_confirmed"),
        ]
        indexes = [models.Index(fields=["state", "starts_at"], name="meetings_by_state")]

    def __str__(self) -> str:
        return str(self.title)

    def to(self, state: str) -> None:
        """Step to ``state``; raises ``Refused`` when the course has no such step. Does not save."""
        states.meeting.check(self.state, state)
        self.state = state


class Item(models.Model):
    """A point of the agenda: something to talk about, or with ``proposal`` a motion. ``done_at``: talked about, counted or broken off."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=140)
    text = models.TextField(blank=True, max_length=4000)
    proposal = models.ForeignKey("decisions.Proposal", models.PROTECT, null=True, related_name="items")
    begun_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "position"], name="meetings_item_place", deferrable=models.Deferrable.DEFERRED),
            models.UniqueConstraint(fields=["meeting", "proposal"], name="meetings_item_once"),
            models.CheckConstraint(condition=Q(done_at=None) | Q(begun_at__isnull=False, done_at__gte=F("begun_at")), name="meetings_item_dates"),
        ]

    def __str__(self) -> str:
        return str(self.title)


class Attendance(models.Model):
    """A member who is there, from when to when; ``person`` is in the room for it. Who leaves and comes back has two."""

    PHONE, TYPED, PROXY = "phone", "typed", "proxy"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="attendance")
    membership = models.ForeignKey("members.Membership", models.PROTECT, related_name="+")
    person = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    how = models.CharField(max_length=6)
    typed_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    came_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["came_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "membership"], condition=Q(left_at=None), name="meetings_there_once"),
            models.CheckConstraint(condition=Q(how__in=["phone", "typed", "proxy"]), name="meetings_how"),
            models.CheckConstraint(condition=Q(left_at=None) | Q(left_at__gte=F("came_at")), name="meetings_left_after"),
        ]


class Moment(models.Model):
    """Something that happened: "opened", "quorum", "quorum.lost", "put", "counted", "broken", "talked", "chair", "closed". Only added to."""

    id = models.BigAutoField(primary_key=True)
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="moments")
    at = models.DateTimeField()
    what = models.CharField(max_length=20)
    item = models.ForeignKey(Item, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    present = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["at", "id"]


class Signer(models.Model):
    """Whom the meeting chose to sign its minutes, the chair among them; ``digest``: of the minutes that were signed."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="signers")
    person = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    named_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["named_at", "id"]
        constraints = [models.UniqueConstraint(fields=["meeting", "person"], name="meetings_signer_once")]
