"""The co-op as a legal person. One installation is one co-op: one row."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models

from madang.coop import law


class CoopRows(models.QuerySet["Coop"]):
    """Writing the co-op's row makes everyone in this process read it anew."""

    def update(self, **values: Any) -> int:
        """As Django's, and what was remembered is forgotten."""
        law.forget()
        return super().update(**values)


class Coop(models.Model):
    """What the charter said the co-op is. ``founding_id`` names the founding in the record."""

    FORMING, OPEN = "forming", "open"

    only = models.BooleanField(primary_key=True, default=True, editable=False)
    name = models.JSONField(help_text="{language: name}")
    slug = models.SlugField()
    purpose = models.JSONField(default=dict, help_text="{language: one or two sentences}")
    law = models.CharField(max_length=40, help_text="key of a law profile")
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=64)
    languages = models.JSONField(default=list)
    voters = models.CharField(max_length=20, default="people", help_text="people, organisations or both")
    platforms = models.JSONField(default=list)
    demo = models.BooleanField(default=False)
    clock_offset = models.DurationField(default=None, null=True, help_text="only a demo can move its clock")
    state = models.CharField(max_length=10, default=FORMING)
    founding_id = models.UUIDField(default=uuid.uuid4)
    founded_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    charter_text = models.TextField()

    objects = CoopRows.as_manager()
    filled_at = models.DateTimeField(null=True, help_text="when a demo got its believable past")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(only=True), name="law_coop_only_one"),
            models.CheckConstraint(condition=models.Q(demo=True) | models.Q(clock_offset=None), name="law_coop_clock_is_real"),
            models.CheckConstraint(condition=models.Q(state__in=["forming", "open"]), name="law_coop_state"),
            models.CheckConstraint(condition=models.Q(voters__in=["people", "organisations", "both"]), name="law_coop_voters"),
            models.CheckConstraint(
                condition=models.Q(state="forming", opened_at=None) | models.Q(state="open", opened_at__isnull=False), name="law_coop_opened"
            ),
        ]
