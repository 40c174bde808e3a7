"""Money a payer's bank takes back, and what follows: disputes, what rails are still to be asked, connected payees, payouts called back."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from madang.coop.payments import states

RECALL_STATES = ["created", "done", "failed"]


class Dispute(models.Model):
    """A payer's bank took a charge back, or asks about it. ``taken`` and ``fee``: what is booked of it by now, in the smallest unit.

    ``words`` and ``sealed`` (a file, encrypted) are our answer; ``wish`` is what the rail is to be told (``contest``, ``concede``, "" nothing).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    charge = models.ForeignKey("payments.Charge", models.PROTECT, related_name="disputes")
    rail = models.CharField(max_length=20)
    ref = models.CharField(max_length=120)
    state = models.CharField(max_length=10, default=states.OPEN_DISPUTE)
    amount = models.BigIntegerField()
    unit = models.CharField(max_length=3)
    taken = models.BigIntegerField(default=0)
    fee = models.BigIntegerField(default=0)
    bookings = models.PositiveSmallIntegerField(default=0, help_text="how many entries were made for it")
    reason = models.CharField(max_length=40, blank=True)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    words = models.TextField(blank=True)
    sealed = models.BinaryField(null=True)
    file_name = models.CharField(max_length=100, blank=True)
    file_type = models.CharField(max_length=60, blank=True)
    wish = models.CharField(max_length=10, blank=True)
    by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True, help_text="when the rail is told (again)")
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rail", "ref"], name="payments_dispute_once"),
            models.CheckConstraint(condition=Q(state__in=sorted(states.dispute.states)), name="payments_dispute_state"),
            models.CheckConstraint(condition=Q(amount__gt=0, taken__gte=0), name="payments_dispute_amounts"),
            models.CheckConstraint(condition=Q(state__in=["won", "lost"]) | Q(ended_at=None), name="payments_dispute_ended"),
            models.CheckConstraint(condition=~Q(state="won") | Q(taken=0), name="payments_dispute_given_back"),
            models.CheckConstraint(condition=Q(wish__in=["", "contest", "concede"]), name="payments_dispute_wish"),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="payments_dispute_open", condition=Q(ended_at=None)),
            models.Index(fields=["next_at"], name="payments_dispute_tell", condition=Q(next_at__isnull=False)),
            models.Index(fields=["ended_at"], name="payments_dispute_words", condition=~Q(words="")),
        ]


class Question(models.Model):
    """A rail said that something of this name changed: it is to be asked what. ``news`` counts how often it said so."""

    rail = models.CharField(max_length=20)
    about = models.CharField(max_length=10)
    ref = models.CharField(max_length=120)
    news = models.PositiveIntegerField(default=1)
    ask_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rail", "about", "ref"], name="payments_question_once")]
        indexes = [models.Index(fields=["ask_at"], name="payments_question_open", condition=Q(ask_at__isnull=False))]


class Payee(models.Model):
    """Somebody a rail can pay by itself: ``owner`` (``person:<id>`` …) is ``ref`` there; ``ready`` once they told it who they are."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.CharField(max_length=90)
    rail = models.CharField(max_length=20)
    ref = models.CharField(max_length=120)
    ready = models.BooleanField(default=False)
    by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, help_text="when the rail last said how it stands")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rail", "owner"], condition=Q(ended_at=None), name="payments_payee_one"),
            models.UniqueConstraint(fields=["rail", "ref"], name="payments_payee_ref"),
        ]


class Recall(models.Model):
    """Part of a payout that is called back, because its owner owes it to the co-op."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    payout = models.ForeignKey("payments.Payout", models.PROTECT, related_name="recalls")
    amount = models.BigIntegerField()
    state = models.CharField(max_length=10, default="created")
    ref = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True, help_text="when the rail is told (again)")
    attempts = models.PositiveSmallIntegerField(default=0)
    entry = models.ForeignKey("ledger.Entry", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_recall_positive"),
            models.CheckConstraint(condition=Q(state__in=RECALL_STATES), name="payments_recall_state"),
            models.CheckConstraint(condition=~Q(state="done") | Q(entry__isnull=False), name="payments_recall_done"),
        ]
        indexes = [models.Index(fields=["next_at"], name="payments_recall_open", condition=Q(state="created"))]
