"""What classes carried in a vote, and who asked for more, in words for its page."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from madang.coop.decisions import ways
from madang.coop.decisions.models import Proposal
from madang.coop.members.models import MemberClass
from madang.kit.errors import Refused
from madang.kit.ruletypes import WayOfDeciding
from madang.kit.ruletypes.text import in_language


@dataclass(frozen=True)
class Carried:
    """``rows``: for, against, and what each class carried, as (label, percent, percent) for bars; ``said``: sentences about it."""

    rows: list[tuple[str, str, str]]
    classes: list[tuple[str, str, str]]
    said: list[str]


def told(one: Proposal, lang: str) -> Carried | None:
    """None where every ballot counted the same and no class could ask for more. One query at most."""
    if one.tally is None or not {"weighed", "upgraded_by"} & one.tally.keys():
        return None
    way = ways.parse(one.way)
    names = {kind.key: in_language(kind.title, lang) for kind in MemberClass.objects.filter(key__in=[*(one.electorate or {}).get("classes", {})])}
    said = [_more(way, names.get(key, key)) for key in one.tally.get("upgraded_by", ())]
    weighed = one.tally.get("weighed")
    if weighed is None:
        if way.who.weighed:
            said.append(_("What each class carried is not shown: the ballots of a small class could be worked out of it."))
        return Carried([], [], said)
    rows = [(_("Carried for it"), weighed["for"]), (_("Carried against it"), weighed["against"])]
    rest = 1 - Fraction(weighed["for"]) - Fraction(weighed["against"])
    if rest:
        rows.append((_("Nobody's: held back by a cap"), str(rest)))
    return Carried(_bars(rows), _bars([(names.get(key, key), part) for key, part in weighed["of"].items()]), said)


def _more(way: WayOfDeciding, name: str) -> str:
    veto = way.who.veto
    share = percent(veto.majority)
    if veto.every_class:
        return _("More of {name} were against than for, so it needed {share} and more than half of every class.").format(name=name, share=share)
    return _("More of {name} were against than for, so it needed {share}.").format(name=name, share=share)


def _bars(rows: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    return [(name, "" if percent(Fraction(part)) == part else part, percent(Fraction(part))) for name, part in rows]


def percent(part: Fraction) -> str:
    """For reading, rounded to two places: "53.33%". The count itself is exact."""
    hundredths = round(part * 10_000)
    return f"{hundredths // 100}.{hundredths % 100:02}".rstrip("0").rstrip(".") + "%"


def require_countable(way: WayOfDeciding, *, options: bool, advisory: bool = False) -> None:
    """Raise ``Refused("weighed-options")`` for a vote among options that would choose something in a way where classes carry parts: no method
    for options counts parts, and heads would be another decision than the members agreed on."""
    if options and not advisory and (way.who.weighed or way.who.veto.classes):
        raise Refused("weighed-options", _("In this way of deciding classes carry parts of the vote, and a vote among options counts heads. Ask yes or no."))
