"""Money that comes in and goes out through a rail."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from madang.coop.payments import states
from madang.coop.payments.models_authorised import Authorised as Authorised
from madang.coop.payments.models_authorised import Draw as Draw
from madang.coop.payments.models_disputes import Dispute as Dispute  # tables of the same app, in a file of their own
from madang.coop.payments.models_disputes import Payee as Payee
from madang.coop.payments.models_disputes import Question as Question
from madang.coop.payments.models_disputes import Recall as Recall
from madang.coop.payments.models_withdrawals import Withdrawal as Withdrawal

REFUND_STATES = ["created", "done", "failed"]
PAYOUT_STATES = ["created", "done", "failed"]
BATCH_STATES = ["made", "approved", "cancelled", "done"]
LINE_STATES = ["matched", "doubtful", "decided", "left"]


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
    payment_ref = models.CharField(max_length=120, blank=True, help_text="what the rail calls the payment once it was made, where that is another name")
    checkout_url = models.CharField(max_length=2_000, blank=True)
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
            models.UniqueConstraint(fields=["rail", "payment_ref"], condition=~Q(payment_ref=""), name="payments_charge_payment"),
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
    by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+", help_text="who sent it by hand, from the co-op's bank account")
    asked_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+", help_text="who wants to send it by hand")
    approved_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+", help_text="who looked at that before it was sent")
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
            models.CheckConstraint(
                condition=Q(approved_by=None) | (Q(asked_by__isnull=False) & ~Q(approved_by=F("asked_by"))), name="payments_refund_two_people"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], name="payments_refund_open", condition=Q(state="created")),
            models.Index(fields=["ref"], name="payments_refund_ref", condition=~Q(ref="")),
        ]


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
    """Money that left for someone's bank: ``owner`` (``person:<id>`` …) had it as balance of ``source``.

    ``second``: it goes over a service that moves real money, so a second person approves it before it is sent. Over the bank it waits for a
    ``batch``, which two people sign. ``whose``: the owner of the account it goes to, where that is not ``owner``.
    """

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
    batch = models.ForeignKey("payments.Batch", models.PROTECT, null=True, related_name="payouts")
    code = models.CharField(max_length=7, blank=True, help_text="what comes back on the bank's statement")
    name = models.CharField(max_length=70, blank=True, help_text="the holder of the account it went to")
    to = models.CharField(max_length=40, blank=True, help_text="the account it went to, masked")
    whose = models.CharField(max_length=90, blank=True, help_text="whose account it goes to, where that is not the owner's")
    by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    second = models.BooleanField(default=False, help_text="a second person approves it before it is sent")
    approved_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    entry = models.ForeignKey("ledger.Entry", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_payout_positive"),
            models.CheckConstraint(condition=Q(state__in=PAYOUT_STATES), name="payments_payout_state"),
            models.CheckConstraint(condition=Q(approved_by=None) | ~Q(approved_by=F("by")), name="payments_payout_two_people"),
            models.CheckConstraint(condition=Q(second=False) | ~Q(state="done") | Q(approved_by__isnull=False), name="payments_payout_approved"),
            models.CheckConstraint(condition=~Q(rail="bank") | ~Q(state="done") | Q(batch__isnull=False), name="payments_payout_in_a_batch"),
            models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="payments_payout_code"),
        ]
        indexes = [
            models.Index(fields=["next_at"], name="payments_payout_open", condition=Q(state="created")),
            models.Index(fields=["owner", "created_at"], name="payments_payout_owner"),
            models.Index(fields=["created_at"], name="payments_payout_at"),
            models.Index(fields=["rail", "ref"], name="payments_payout_ref", condition=~Q(ref="")),
        ]

    @property
    def what(self) -> Any:
        """What it is, in words: "what was earned", "shares paid back" …"""
        from madang.coop.ledger import flows

        return _("what was earned") if self.kind == "payout" else flows.flow(self.kind).title

    @property
    def party(self) -> str:
        """Whose bank account it goes to: ``person:<id>`` …"""
        return self.whose or self.owner


class BankAccount(models.Model):
    """Where an owner wants to be paid, or (``owner`` "") where the co-op is paid and pays from. Never changed: a new one ends the old.

    ``sealed`` is the number, encrypted; ``bank`` a BIC ("" where none is needed) or the three digits of a Korean bank. The co-op's own
    counts once a second person has confirmed it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.CharField(max_length=90, blank=True)
    kind = models.CharField(max_length=4)
    holder = models.CharField(max_length=70)
    bank = models.CharField(max_length=11, blank=True)
    sealed = models.BinaryField(max_length=400)
    tail = models.CharField(max_length=4)
    by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    confirmed_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["iban", "kr"]), name="payments_account_kind"),
            models.CheckConstraint(condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("by")), name="payments_account_two_people"),
            models.UniqueConstraint(fields=["owner"], condition=Q(ended_at=None) & ~Q(owner=""), name="payments_account_one"),
            models.UniqueConstraint(fields=["owner"], condition=Q(ended_at=None, owner="", confirmed_at__isnull=False), name="payments_account_ours"),
        ]


class Batch(models.Model):
    """Payouts that go to the bank in one file: one person makes it, another approves it, then it may be taken to the bank.

    ``sealed`` is the file as it was approved, encrypted, until the bank has answered for all of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=200, unique=True)
    code = models.CharField(max_length=7, unique=True)
    unit = models.CharField(max_length=3)
    format = models.CharField(max_length=10)
    state = models.CharField(max_length=10, default="made")
    total = models.BigIntegerField()
    count = models.PositiveSmallIntegerField()
    on = models.DateField()
    sealed = models.BinaryField(null=True)
    made_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    approved_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(total__gt=0, count__gt=0), name="payments_batch_positive"),
            models.CheckConstraint(condition=Q(state__in=BATCH_STATES), name="payments_batch_state"),
            models.CheckConstraint(condition=Q(approved_by=None) | ~Q(approved_by=F("made_by")), name="payments_batch_two_people"),
            models.CheckConstraint(
                condition=Q(state__in=["made", "cancelled"]) | Q(approved_by__isnull=False, approved_at__isnull=False), name="payments_batch_approved"
            ),
            models.CheckConstraint(condition=Q(taken_at=None) | Q(approved_at__isnull=False), name="payments_batch_taken"),
        ]
        indexes = [models.Index(fields=["made_at"], name="payments_batch_at")]


class BatchCopy(models.Model):
    """A batch's file once more, after it was taken: who asked why, who else allowed it, who took it. One waits at a time."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="copies")
    asked_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    why = models.CharField(max_length=200)
    allowed_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    allowed_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["batch"], condition=Q(taken_at=None), name="payments_copy_one_waits"),
            models.CheckConstraint(condition=Q(allowed_by=None) | ~Q(allowed_by=F("asked_by")), name="payments_copy_two_people"),
            models.CheckConstraint(condition=Q(taken_at=None) | Q(allowed_at__isnull=False), name="payments_copy_allowed"),
        ]


class BankStatement(models.Model):
    """A bank's file that was read: whose days, and how it began and ended. The file itself is not kept."""

    digest = models.CharField(max_length=64, unique=True, help_text="of the file, so that it is read once")
    account = models.ForeignKey(BankAccount, models.PROTECT, related_name="statements")
    unit = models.CharField(max_length=3)
    format = models.CharField(max_length=10)
    since = models.DateField()
    until = models.DateField()
    opening = models.BigIntegerField()
    closing = models.BigIntegerField()
    lines_new = models.PositiveIntegerField()
    lines_known = models.PositiveIntegerField()
    by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account", "until"], name="payments_statement_days")]


class BankLine(models.Model):
    """One booking of our bank account, once however often it is read; ``why`` is why a person has to look, or what they decided.

    ``name``, ``reference`` and ``text`` are what the bank wrote; they are forgotten when a decided line is 90 days old.
    """

    line_id = models.CharField(max_length=40)
    statement = models.ForeignKey(BankStatement, models.PROTECT, related_name="lines")
    account = models.ForeignKey(BankAccount, models.PROTECT, related_name="lines")
    booked = models.DateField()
    amount = models.BigIntegerField()
    unit = models.CharField(max_length=3)
    name = models.CharField(max_length=140, blank=True)
    reference = models.CharField(max_length=140, blank=True)
    text = models.CharField(max_length=500, blank=True)
    returned = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=10)
    why = models.CharField(max_length=40, blank=True)
    charge = models.ForeignKey(Charge, models.PROTECT, null=True, related_name="bank_lines")
    payout = models.ForeignKey(Payout, models.PROTECT, null=True, related_name="bank_lines")
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="bank_lines")
    entry = models.ForeignKey("ledger.Entry", models.PROTECT, null=True, related_name="+", help_text="a booking of our own money that it proves")
    decided_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "line_id"], name="payments_line_once"),
            models.CheckConstraint(condition=Q(state__in=LINE_STATES), name="payments_line_state"),
        ]
        indexes = [
            models.Index(fields=["booked"], name="payments_line_open", condition=Q(state="doubtful")),
            models.Index(fields=["decided_at"], name="payments_line_words", condition=~Q(state="doubtful")),
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


from madang.coop.payments.reconciliations import (  # noqa: E402  (they point at the tables above)
    CashCount,
    Difference,
    RailItem,
    RailQuestion,
    Reconciliation,
    Resolution,
)  # fmt: skip

__all__ = [
    "BankAccount", "BankLine", "BankStatement", "Batch", "CashCount", "Charge", "Difference", "Payout", "RailItem", "RailQuestion", "Reconciliation",
    "Refund", "Resolution", "SandboxEvent", "SandboxPayment", "WebhookEvent", "Withdrawal",
]  # fmt: skip
