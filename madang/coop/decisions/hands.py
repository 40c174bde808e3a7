"""A show of hands at a general meeting: how many of a class raised theirs, as whoever chairs counted them and typed it in."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from madang.coop.decisions import states
from madang.kit.errors import Refused


class Hands(models.Model):
    """The hands of one class on one motion; typed again they are replaced, until the count. The database takes no more than are present."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey("decisions.Proposal", models.PROTECT, related_name="hands")
    class_key = models.CharField(max_length=40)
    in_favour = models.PositiveIntegerField(default=0)
    against = models.PositiveIntegerField(default=0)
    abstain = models.PositiveIntegerField(default=0)
    typed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["proposal", "class_key"], name="decisions_hands_once")]

    @property
    def raised(self) -> int:
        """How many hands."""
        return self.in_favour + self.against + self.abstain


def require_room(one: Any, elector: Any) -> None:
    """Raise ``Refused("hands")`` where a first ballot would make more than are present, because hands were typed in. Four queries at most."""
    if one.sitting is None or hasattr(elector, "ballot"):
        return
    raised = sum(row.raised for row in Hands.objects.filter(proposal=one, class_key=elector.class_key))
    if raised and raised + elector._meta.model.objects.filter(proposal=one, class_key=elector.class_key, ballot__isnull=False).count() >= (
        one.electorate["classes"].get(elector.class_key, 0)
    ):
        raise Refused("hands", _("Everyone present is counted by the hands that were raised. Tell the chair if you are not among them."))


def counted(proposal: Any) -> Iterator[tuple[str, str]]:
    """The hands as ballots of (class, choice). At most one query, none where it was not put at a meeting."""
    if proposal.sitting is None:
        return
    for one in Hands.objects.filter(proposal=proposal):
        for choice, many in ((states.FOR, one.in_favour), (states.AGAINST, one.against), (states.ABSTAIN, one.abstain)):
            yield from ((one.class_key, choice) for _hand in range(many))
