"""Money that comes in and goes out through a rail."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse

from madang.coop.ledger.models import Account
from madang.coop.payments import states

REFUND_STATES = ["created", "done", "failed"]
PAYOUT_STATES = ["created", "done", "failed"]


class Charge(models.Model):
    """What someone is asked to pay, once: for a ``purpose`` (declared in the house) and a ``subject`` (``"job:<id>"``).

    ``ref`` is the rail's own name for the payment, ``fee`` what the rail kept; both in the smallest unit. ``ask_at`` is when the
    rail will be asked if it stays silent. ``entry`` booked the money; on a charge that was over, it booked what is sent back.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=40)
    subject = models.CharField(max_length=90)
    payer = models.ForeignKey("people.Person", models.PROTECT, related_name="charges")
    amount = models.BigIntegerField()
    unit = models.CharField(max_length=3)
    rail = models.CharField(max_length=20)
    state = models.CharField(max_length=12, default=states.CREATED)
    ref = models.CharField(max_length=120, blank=True)
    checkout_url = models.CharField(max_length=500, blank=True)
    key = models.CharField(max_length=200, unique=True)
    fee = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=40, blank=True, help_text="why it failed, in the rail's few words of ours")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ask_at = models.DateTimeField(null=True, help_text="when the rail is asked if nothing was heard")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="how often the rail was asked")
    declines = models.PositiveSmallIntegerField(default=0, help_text="how often a bank said no")
    entry = models.ForeignKey("ledger.Entry", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_charge_positive"),
            models.CheckConstraint(condition=Q(fee__gte=0), name="payments_charge_fee"),
            models.CheckConstraint(condition=Q(state__in=sorted(states.charge.states)), name="payments_charge_state"),
            models.CheckConstraint(
                condition=Q(state=states.SETTLED, settled_at__isnull=False, entry__isnull=False) | (~Q(state=states.SETTLED) & Q(settled_at=None)),
                name="payments_charge_settled",
            ),
            models.UniqueConstraint(fields=["rail", "ref"], condition=~Q(ref=""), name="payments_charge_ref"),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="payments_charge_open", condition=Q(state__in=[states.CREATED, states.AUTHORISED])),
            models.Index(fields=["ask_at"], name="payments_charge_silent", condition=Q(ask_at__isnull=False)),
            models.Index(fields=["subject"], name="payments_charge_subject"),
            models.Index(fields=["payer", "created_at"], name="payments_charge_payer"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.subject}"

    def get_absolute_url(self) -> str:
        """Where it is paid."""
        return reverse("payments:charge", args=[self.pk])

    @property
    def owner(self) -> str:
        """The payer as an owner of the ledger: ``person:<id>``."""
        return f"person:{self.payer_id}"

    @property
    def clearing(self) -> Account:
        """The account of what the rail holds for us."""
        from madang.coop.payments.booking import clearing

        return clearing(self.rail, self.unit)


class Refund(models.Model):
    """Money on its way back to who paid. What goes back was put aside first, in the account ``refunds`` of the charge."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    charge = models.ForeignKey(Charge, models.PROTECT, related_name="refunds")
    amount = models.BigIntegerField()
    unit = models.CharField(max_length=3)
    state = models.CharField(max_length=10, default="created")
    key = models.CharField(max_length=200, unique=True)
    ref = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True, help_text="when the rail is told (again)")
    attempts = models.PositiveSmallIntegerField(default=0)
    entry = models.ForeignKey("ledger.Entry", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_refund_positive"),
            models.CheckConstraint(condition=Q(state__in=REFUND_STATES), name="payments_refund_state"),
            models.CheckConstraint(condition=~Q(state="done") | Q(done_at__isnull=False, entry__isnull=False), name="payments_refund_done"),
        ]
        indexes = [models.Index(fields=["next_at"], name="payments_refund_open", condition=Q(state="created"))]


class WebhookEvent(models.Model):
    """What a rail told us, stored before it is acted on; the same event twice is one row."""

    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)
    ref = models.CharField(max_length=120)
    body = models.JSONField()
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "event_id"], name="payments_webhook_once")]
        indexes = [models.Index(fields=["received_at"], name="payments_webhook_open", condition=Q(handled_at=None))]


class Payout(models.Model):
    """Money that left for someone's bank: ``owner`` (``person:<id>`` …) had it as balance of ``source``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.CharField(max_length=90)
    source = models.ForeignKey("ledger.Account", models.PROTECT, related_name="+")
    amount = models.BigIntegerField()
    unit = models.CharField(max_length=3)
    kind = models.CharField(max_length=40, default="payout")
    rail = models.CharField(max_length=20)
    state = models.CharField(max_length=10, default="created")
    key = models.CharField(max_length=200, unique=True)
    ref = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    entry = models.ForeignKey("ledger.Entry", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_payout_positive"),
            models.CheckConstraint(condition=Q(state__in=PAYOUT_STATES), name="payments_payout_state"),
        ]
        indexes = [
            models.Index(fields=["next_at"], name="payments_payout_open", condition=Q(state="created")),
            models.Index(fields=["owner", "created_at"], name="payments_payout_owner"),
            models.Index(fields=["created_at"], name="payments_payout_at"),
        ]


class SandboxPayment(models.Model):
    """The pretend bank's own book: what it remembers of one payment. Nothing of ours may read it but the sandbox."""

    ref = models.CharField(primary_key=True, max_length=60)
    key = models.CharField(max_length=200, unique=True)
    data = models.JSONField()


class SandboxEvent(models.Model):
    """A message the pretend bank still has to send, or has sent."""

    event_id = models.CharField(primary_key=True, max_length=60)
    ref = models.CharField(max_length=60, db_index=True)
    deliver_at = models.DateTimeField()
    times = models.PositiveSmallIntegerField(default=1)
    body = models.JSONField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["deliver_at"], name="payments_sandbox_post", condition=Q(delivered_at=None))]
