"""Objections: in a way that passes unless one stands, who is against says why, by name, to those who decide; and may let it go again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from madang.coop import notices
from madang.kit.errors import Refused

MAX = 2000


class Objection(models.Model):
    """Why one voter objects. ``let_go_at``: their ballot says something else by now."""

    elector = models.OneToOneField("decisions.Elector", models.PROTECT, primary_key=True, related_name="objection")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(max_length=MAX)
    raised_at = models.DateTimeField()
    let_go_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["raised_at"]

    def __str__(self) -> str:
        return self.text[:80]


def read(reason: str, there: Objection | None) -> str:
    """The reason, cleaned; an objection that stands needs none again. Raises ``Refused("objection")``."""
    from madang.coop.people.actions import clean_text

    text = clean_text(reason, MAX * 2, "objection")
    if len(text) > MAX:
        raise Refused("objection", _("Please keep it under {n} characters.").format(n=MAX), "objection")
    if not text and there is None:
        raise Refused("objection", _("Say why you object, so that the others can answer it: an objection without a reason cannot stand."), "objection")
    return text or (there.text if there else "")


def note(elector: Any, by: Any, against: bool, reason: str, now: datetime) -> None:
    """With the ballot: an objection is raised, stands on, or is let go. Raises ``Refused("objection")``."""
    there = Objection.objects.select_for_update(of=("self",)).filter(pk=elector.pk).first()
    if against:
        text = read(reason, there)
        if there is None:
            Objection.objects.create(elector=elector, by=by, text=text, raised_at=now)
        elif (there.text, there.let_go_at) != (text, None):
            there.text, there.by, there.let_go_at = text, by, None
            there.save()
        else:
            return
        _tell(elector.proposal, by, now)
    elif there is not None and there.let_go_at is None:
        there.let_go_at = now
        there.save()


def _tell(proposal: Any, by: Any, now: datetime) -> None:
    """Who proposed it reads at once that somebody objects, and can answer."""
    if proposal.author is not None and proposal.author_id != by.pk:
        notices.tell(proposal.author, "decisions.objected", url=f"/decisions/{proposal.pk}/#objections", params={"title": proposal.title, "name": by}, now=now)


def of(proposal: Any) -> list[Objection]:
    """All objections to a proposal, those that were let go too. One query."""
    return list(Objection.objects.filter(elector__proposal=proposal).select_related("by"))
