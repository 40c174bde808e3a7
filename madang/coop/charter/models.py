"""The founders' links."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q


class FounderInvitation(models.Model):
    """A founder's own link. Only the hash of its secret is kept; a new link replaces the old one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    membership = models.OneToOneField("members.Membership", models.PROTECT, related_name="founding")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="foundings")
    order = models.PositiveSmallIntegerField()
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["order"], name="charter_founder_order"),
            models.CheckConstraint(condition=Q(accepted_at=None) | Q(accepted_at__gte=F("created_at")), name="charter_accepted_after_invited"),
        ]
