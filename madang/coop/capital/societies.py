"""Which member organisations are registered societies: a fact somebody confirms, since the law lets a society hold more than a person."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q


class Society(models.Model):
    """A member organisation was found in the register of societies under ``number``, by ``confirmed_by``; until ``ended_at``, if it is no more."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    number = models.CharField(max_length=40)
    confirmed_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()
    ended_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-confirmed_at"]
        constraints = [
            models.UniqueConstraint(fields=["organisation"], condition=Q(ended_at=None), name="capital_society_once"),
            models.CheckConstraint(condition=~Q(number=""), name="capital_society_number"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__gte=F("confirmed_at"), ended_by__isnull=False), name="capital_society_ends"
            ),
        ]
