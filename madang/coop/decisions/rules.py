"""How we decide is decided too: every way of deciding is a rule ``ways.<name>``, named by the charter or by a rule's ``decided_by``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from madang.coop.decisions import articles as articles
from madang.coop.decisions import lawful
from madang.coop.members.models import MemberClass, Office
from madang.coop.rules import Rule, declare, declare_family
from madang.coop.rules.registry import static_rules
from madang.kit.ruletypes import Duration, Flag, Way, WayOfDeciding, Whole
from madang.kit.ruletypes.text import in_language

PREFIX = "ways."
ORDINARY: dict[str, Any] = {
    "title": {"ko": "일반 결정", "en": "Ordinary decision"},
    "quorum": "20%",
    "majority": "50%",
    "strict": True,
    "discussion": "3d",
    "voting": "5d",
    "notice": "2d",
}
CONSTITUTION: dict[str, Any] = {
    "title": {"ko": "결정 방식을 바꾸는 결정", "en": "Changing how we decide"},
    "quorum": "50%",
    "majority": "2/3",
    "strict": False,
    "discussion": "7d",
    "voting": "7d",
    "notice": "7d",
}
CONSENT: dict[str, Any] = {
    "title": {"ko": "이의 없음", "en": "No objection"},
    "quorum": "0%",
    "objections": True,
    "discussion": "3d",
    "voting": "5d",
    "notice": "0h",
    "remind": "24h",
}
DEFAULTS = {"constitution": CONSTITUTION, "consent": CONSENT}


class OurWay(Way):
    """A way of deciding that calls classes and offices by their names."""

    def names(self, value: WayOfDeciding, lang: str) -> Mapping[str, str]:
        """At most two queries, none for a way that names no class and no office."""
        found: dict[str, str] = {}
        if keys := [*value.electorate, *value.per_class, *value.who.classes]:
            found |= {one.key: in_language(one.title, lang) for one in MemberClass.objects.filter(key__in=keys)}
        offices = {one.removeprefix("office:") for one in (value.draft, f"office:{value.window.office}") if one.startswith("office:")} - {""}
        if offices:
            found |= {f"office:{office.key}": in_language(office.title, lang) for office in Office.objects.filter(key__in=offices)}
        return found


WAY = OurWay()


def make(key: str) -> Rule:
    """The rule of one way. Changing a way is decided by "constitution" where the co-op has it, else by "policy"."""
    name = key.removeprefix(PREFIX)
    return Rule(
        key,
        WAY,
        default=DEFAULTS.get(name, ORDINARY),
        title=format_lazy(_("Way of deciding: {name}"), name=name),
        help=_("Who votes, how many must take part, which share carries it, and how long each part takes."),
        decided_by=("constitution", "policy"),
        group=_("How we decide"),
        allowed=lawful.require,
    )


def needed() -> Iterable[str]:
    """The ways the declared rules lean on: each must have a value from the founding on."""
    return dict.fromkeys([f"{PREFIX}policy", f"{PREFIX}consent", *(f"{PREFIX}{rule.decided_by[-1]}" for rule in static_rules())])


declare_family(PREFIX, make, needed)

meeting_only = declare(
    "deciding.meeting_only",
    Flag(),
    default=True,
    title=_("What the law leaves to a general meeting is decided at meetings only"),
    help=_("Otherwise a vote here can prepare it; its page says that a meeting has to confirm it."),
    decided_by=("constitution", "policy"),
    group=_("How we decide"),
)
after_amendment = declare(
    "deciding.after_amendment",
    Duration(min="0h", max="30d"),
    default="2d",
    title=_("How long there is to read a changed proposal before voting opens"),
    help=_("When its proposer, or a vote, takes an amendment in, voting opens so much later at the earliest."),
    decided_by=("constitution", "policy"),
    group=_("How we decide"),
)
amendment_votes = declare(
    "deciding.amendment_votes",
    Whole(min=0, max=20),
    default=2,
    title=_("How many amendments of one proposal can be put to the vote"),
    help=_("Each such vote makes the proposal wait. 0: only its proposer takes amendments in."),
    decided_by=("constitution", "policy"),
    group=_("How we decide"),
)
proxies_per_person = declare(
    "deciding.proxies",
    Whole(min=0, max=20),
    default=1,
    title=_("How many members one person may act for as a proxy"),
    help=_("0: nobody acts for another. The law may allow fewer."),
    decided_by=("constitution", "policy"),
    group=_("How we decide"),
)
