"""What the law says of a way of deciding: whether classes may carry parts of the vote, whether anyone may be barred, whether votes are delegated."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from madang.coop import law
from madang.coop.law.profiles import Bound, Profile
from madang.coop.law.texts import say_citation
from madang.kit.errors import Refused
from madang.kit.ruletypes import WayOfDeciding


def against(way: WayOfDeciding, profile: Profile, at: datetime) -> list[tuple[str, str, Bound]]:
    """Each setting of the way that this law does not allow at ``at``: (its key, what the law expects in words, the bound). Guidance forbids nothing."""
    found = []
    for key, there, name, expected in (
        ("weights", bool(way.who.weights), "vote.weighted_classes", _("the same vote for every member: classes do not carry parts of it")),
        ("caps", bool(way.who.caps), "vote.weighted_classes", _("the same vote for every member: no class is held down")),
        ("delegation", way.who.delegation.most > 0, "vote.delegation", _("no delegation: a member votes or gives a proxy")),
    ):
        bound = profile.bound(name, at)
        if there and bound.value is False and not bound.guidance:
            found.append((key, expected, bound))
    return found


def require(way: Any, at: datetime) -> None:
    """Raise ``Refused("law")``, citing the article, when the law of this co-op does not allow a way of deciding."""
    for _key, expected, bound in against(way, law.profile(), at):
        raise Refused("law", _("The law asks for {expected} ({citation}).").format(expected=expected, citation=cited(bound)))


def cited(bound: Bound) -> str:
    """Where it is written, as the reader cites it."""
    return say_citation(bound.citation, translation.get_language() or "en")
