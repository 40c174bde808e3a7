"""Decide something by no objection: it passes unless somebody objects and says why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madang.coop.decisions import ways
from madang.coop.decisions.kinds import resolve
from madang.coop.decisions.kinds.base import Change, Kind, Prepared, register
from madang.coop.decisions.rules import PREFIX
from madang.coop.people.models import Organisation
from madang.coop.rules.models import RuleVersion
from madang.kit.errors import Refused

WAY = "consent"


def there(now: datetime) -> bool:
    """Whether the co-op has this way, and it is still one by no objection. Two queries at most."""
    return RuleVersion.objects.filter(key=PREFIX + WAY, scope="").exists() and ways.read(WAY, now).objections


def missing() -> str:
    """What to do where it has not."""
    return _("This co-op has no way of deciding by no objection yet. Propose to change the rule “Way of deciding: consent” first.")


class Form(resolve.Form):
    """What is to be decided, in words."""

    def nothing(self) -> str:
        """A co-op that was founded without this way has to decide on it first."""
        return "" if there(self.now) else missing()


def prepare(changes: Sequence[Change], details: dict[str, Any], org: Organisation | None, now: datetime) -> Prepared:
    """Raises ``Refused``: "no-text" without words, "no-way" where the co-op has no such way or has made it another one."""
    made = resolve.prepare(changes, details, org, now)
    if not there(now):
        raise Refused("no-way", missing())
    return replace(made, way_name=WAY)


register(Kind("no_objection", gettext_lazy("No objection"), prepare, resolve.effect, resolve.lines, form=Form, open_details=True, first=True, amends=True,
              help=gettext_lazy("It passes unless somebody objects and says why. Quick, where most agree.")))  # fmt: skip
