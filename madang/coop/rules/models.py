"""The values rules have had: dated, never changed, each naming who set it."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import Q


class RuleVersion(models.Model):
    """One value of one rule from one moment on. Exactly one of ``founding_id`` and ``decision_id`` says who set it.

    The table only grows (triggers), and a trigger of ``decisions`` refuses a row that no passed decision set.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=80)
    scope = models.CharField(max_length=36, blank=True, default="", help_text='"" for the co-op, else an organisation\'s id')
    data = models.JSONField(db_column="value", help_text="the value as canonical JSON")
    effective_from = models.DateTimeField()
    founding_id = models.UUIDField(null=True)
    decision_id = models.UUIDField(null=True)
    previous = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["key", "scope", "effective_from"]
        indexes = [models.Index(fields=["decision_id"], name="rules_version_decision")]
        constraints = [
            models.UniqueConstraint(fields=["key", "scope", "effective_from"], name="rules_version_once"),
            models.UniqueConstraint(fields=["key", "scope", "decision_id"], condition=Q(decision_id__isnull=False), name="rules_version_decided_once"),
            models.UniqueConstraint(fields=["key", "scope"], condition=Q(previous=None), name="rules_version_one_first"),
            models.UniqueConstraint(fields=["previous"], condition=Q(previous__isnull=False), name="rules_version_one_line"),
            models.CheckConstraint(
                condition=Q(founding_id__isnull=False, decision_id=None) | Q(founding_id=None, decision_id__isnull=False), name="rules_version_has_one_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.describe('en')}"

    @property
    def value(self) -> Any:
        """The typed value (a Fraction, a timedelta, a dict of them …)."""
        return self.rule.parse(self.data)

    @property
    def rule(self) -> Any:
        """The declaration."""
        from madang.coop.rules import registry

        return registry.get(self.key)

    @property
    def as_it_came(self) -> bool:
        """Whether nobody decided it yet: the programme's own default."""
        return self.founding_id is None and self.decision_id is None

    def describe(self, lang: str) -> str:
        """The value in words."""
        return str(self.rule.type.describe(self.value, lang))
