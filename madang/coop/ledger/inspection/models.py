"""Requests to inspect the books, each look that came of them, and the examiners whom decisions named."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q

from madang.coop.ledger.inspection import states


class Inspection(models.Model):
    """A request of ``person`` to see ``things`` (keys of :data:`opens.THINGS`) that ``law`` names (its citation, as it stood then).

    ``standing``: "member", "creditor" (the ledger says so), "claimed" (they say so, ``proof`` in their words). ``ground``: why it was refused, ``words`` in
    the answerer's words. ``answered_by`` is empty where the term ran out and the law opened it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="inspections")
    standing = models.CharField(max_length=10)
    things = models.JSONField(default=list)
    law = models.CharField(max_length=200)
    reason = models.TextField(blank=True)
    proof = models.TextField(blank=True)
    state = models.CharField(max_length=10, default=states.ASKED)
    asked_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    ground = models.CharField(max_length=20, blank=True)
    words = models.TextField(blank=True)
    until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(standing__in=["member", "creditor", "claimed"]), name="ledger_inspection_standing"),
            models.CheckConstraint(condition=Q(state__in=states.request.states), name="ledger_inspection_state"),
            models.CheckConstraint(condition=~Q(state__in=["opened", "ended"]) | Q(until__gt=F("answered_at")), name="ledger_inspection_limited"),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(ground="") & Q(answered_by__isnull=False), name="ledger_inspection_ground"),
            models.CheckConstraint(condition=Q(answer_by__gt=F("asked_at")), name="ledger_inspection_term"),
        ]
        indexes = [
            models.Index(fields=["state", "answer_by"], name="ledger_inspection_waiting"),
            models.Index(fields=["-asked_at"], name="ledger_inspection_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.state}: {', '.join(self.things)}"

    def to(self, state: str) -> None:
        """Step to ``state``; raises ``Refused`` when there is no such step. Does not save."""
        states.request.check(self.state, state)
        self.state = state

    def open_at(self, now: datetime) -> bool:
        """Whether what was asked for can be seen at ``now``."""
        return self.state == states.OPENED and self.until is not None and now < self.until

    @property
    def waiting(self) -> bool:
        """Whether it waits for an answer."""
        return self.state in states.WAITING


class InspectionLook(models.Model):
    """One look, or one copy taken, of one thing. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="looks")
    thing = models.CharField(max_length=20)
    part = models.CharField(max_length=40, blank=True)
    copied = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["inspection", "at"], name="ledger_look_of")]


class Examiner(models.Model):
    """Someone a decision lets see the whole book, with names, in ``[since, until)``."""

    decision_id = models.UUIDField(primary_key=True)
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="examinations")
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(until__gt=F("since")), name="ledger_examiner_limited")]
        indexes = [models.Index(fields=["person", "until"], name="ledger_examiner_person")]
