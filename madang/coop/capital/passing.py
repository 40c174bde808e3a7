"""What is stored of shares that pass to somebody else: from hand to hand, and after a death."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q


class Handover(models.Model):
    """``count`` shares one member wants to pass to another. Nobody becomes an owner without their own yes; where the law says so, the members decide too."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    giver = models.ForeignKey("members.Membership", models.PROTECT, related_name="given")
    taker = models.ForeignKey("members.Membership", models.PROTECT, related_name="taken")
    count = models.PositiveIntegerField()
    state = models.CharField(max_length=10, default="offered")
    offered_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    decision_id = models.UUIDField(null=True, help_text="the decision that let it pass, where the law asks for one")

    class Meta:
        ordering = ["-offered_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(count__gt=0) & ~Q(giver=F("taker")), name="capital_handover_sound"),
            models.CheckConstraint(condition=Q(state__in=["offered", "accepted", "done", "declined", "undone"]), name="capital_handover_state"),
            models.CheckConstraint(condition=Q(state="done", done_at__isnull=False) | (~Q(state="done") & Q(done_at=None)), name="capital_handover_done"),
            models.UniqueConstraint(fields=["giver", "taker"], condition=Q(state__in=["offered", "accepted"]), name="capital_handover_open_once"),
        ]

    def to(self, state: str) -> None:
        """Step to ``state``; raises ``Refused`` when life has no such step. Does not save."""
        from madang.coop.capital import states

        states.handover.check(self.state, state)
        self.state = state


class Nomination(models.Model):
    """Whom a member wants their shares to go to when they die: sealed, theirs to change at any time, opened by nobody while they live."""

    person = models.OneToOneField("people.Person", models.PROTECT, primary_key=True, related_name="nomination")
    sealed = models.BinaryField()
    set_at = models.DateTimeField()


class DeathReport(models.Model):
    """One person in office wrote that a member has died, a second confirmed it; it takes effect at ``due_at`` unless somebody says that they live."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    on = models.DateField(help_text="the day they died, as the document says")
    state = models.CharField(max_length=10, default="reported")
    reported_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    confirmed_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["reported", "confirmed", "done", "undone"]), name="capital_death_state"),
            models.CheckConstraint(condition=~Q(reported_by=F("person")), name="capital_death_not_oneself"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | (~Q(confirmed_by=F("reported_by")) & ~Q(confirmed_by=F("person"))), name="capital_death_two_people"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "done"]) | Q(confirmed_by__isnull=False, confirmed_at__isnull=False), name="capital_death_confirmed"
            ),
            models.CheckConstraint(condition=Q(due_at__gt=F("reported_at")), name="capital_death_notice"),
            models.CheckConstraint(condition=~Q(state="done") | Q(done_at__gte=F("due_at")), name="capital_death_not_sooner"),
            models.CheckConstraint(condition=~Q(state="undone") | Q(undone_by__isnull=False, undone_at__isnull=False), name="capital_death_undone"),
            models.UniqueConstraint(fields=["person"], condition=Q(state__in=["reported", "confirmed"]), name="capital_death_open_once"),
        ]
        indexes = [models.Index(fields=["due_at"], name="capital_death_due", condition=Q(state="confirmed"))]
