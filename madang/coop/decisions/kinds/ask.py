"""Ask everyone: what do you think? Nothing follows from it by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madang.coop.decisions.kinds import choose
from madang.coop.decisions.kinds.base import Kind, Line, Options, register
from madang.coop.decisions.models import Proposal


def asks(proposal: Proposal) -> Options | None:
    """As a choice, but nothing is decided."""
    asked = choose.asks(proposal)
    return replace(asked, advisory=True) if asked else None


def lines(proposal: Proposal, lang: str) -> list[Line]:
    """As a choice, and that it binds nobody."""
    said = choose.lines(proposal, lang)
    return [*said, Line(_("What follows"), "", _("Nothing by itself: it tells what people think."))] if said else []


def _effect(proposal: Proposal, now: Any) -> list[str]:
    return []


register(Kind("ask", gettext_lazy("Ask everyone"), choose.prepare, _effect, lines, form=choose.Form, open_details=True, asks=asks, amends=True,
              help=gettext_lazy("What do people think? Nothing follows from it by itself.")))  # fmt: skip
