"""Money that a payment service sent on to the co-op's own bank account."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


class Withdrawal(models.Model):
    """One of a service's own payments to the co-op's bank: ``ref`` is the service's name for it, ``at`` when it says it left, in the smallest unit.

    ``entry`` booked it from the service's clearing account onto the bank's; ``returned_at``: the bank would not take it, and it is there again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rail = models.CharField(max_length=20)
    ref = models.CharField(max_length=120)
    amount = models.BigIntegerField()
    unit = models.CharField(max_length=3)
    at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True)
    entry = models.ForeignKey("ledger.Entry", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rail", "ref"], name="payments_withdrawal_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_withdrawal_positive"),
        ]
