"""Share certificates. A number is never used twice; a certificate is never changed, only cancelled, and the database holds both."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


class Certificate(models.Model):
    """``count`` shares of one membership, certified under a ``number`` that counts up from 1 without a gap."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.PositiveIntegerField(unique=True)
    membership = models.ForeignKey("members.Membership", models.PROTECT, related_name="certificates")
    name = models.CharField(max_length=200, blank=True, help_text="of the holder on the day of issue")
    count = models.PositiveIntegerField()
    price = models.BigIntegerField()
    unit = models.CharField(max_length=3)
    issued_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(count__gt=0, price__gte=0, number__gt=0), name="capital_certificate_positive"),
            models.CheckConstraint(condition=Q(cancelled_at=None) | Q(cancelled_at__gte=models.F("issued_at")), name="capital_certificate_cancelled"),
        ]
        indexes = [models.Index(fields=["membership"], name="capital_certificate_valid", condition=Q(cancelled_at=None))]

    @property
    def amount(self) -> int:
        """Paid in for these shares, in the smallest unit."""
        return self.count * self.price
