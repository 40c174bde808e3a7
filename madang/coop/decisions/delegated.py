"""What a reader's delegation did in one decision, in words: for whoever delegated, and for whoever carries."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from madang.coop.decisions import ways
from madang.coop.decisions.delegations import Delegated, delegated_of
from madang.coop.decisions.models import Proposal
from madang.coop.people.models import Person
from madang.kit.ruletypes.way_who import AT_ONCE


def told(one: Proposal, reader: Any, *, voting: bool) -> list[str]:
    """Sentences for this reader; nothing for strangers, before the vote, and in a way without delegation. At most two queries."""
    way = ways.parse(one.way)
    if not isinstance(reader, Person) or not way.who.delegation.most or one.opens_at is None:
        return []
    said = [_mine(row, voting, way.who.delegation.shown == AT_ONCE) for row in delegated_of(one, [reader.pk])]
    mine = Delegated.objects.filter(to__person=reader, to__proposal=one)
    many = mine.count() if voting else Delegated.objects.filter(carrier__person=reader, carrier__proposal=one).count()
    if many and voting:
        said.append(ngettext("{n} member delegated to you here.", "{n} members delegated to you here.", many).format(n=many))
    elif many:
        said.append(ngettext("Your ballot carried {n} more.", "Your ballot carried {n} more.", many).format(n=many))
    return said


def _mine(row: Delegated, voting: bool, at_once: bool) -> str:
    name = row.delegation.holder
    if voting:
        if hasattr(row.elector, "ballot"):
            return _("You voted yourself: {name} does not carry your vote here.").format(name=name)
        if row.to is None:
            return _("You delegated to {name}, who has no vote here: vote yourself.").format(name=name)
        if at_once and hasattr(row.to, "ballot"):
            return _("{name} carries your vote, at present: {choice}. Vote yourself to vote otherwise.").format(name=name, choice=_choice(row.to.ballot.choice))
        return _("{name} carries your vote here unless you vote yourself.").format(name=name)
    words = {
        "own": _("You voted yourself: {name} did not carry your vote."),
        "loop": _("Your delegation to {name} led back to you, so your vote was not cast."),
        "full": _("{name} carried as many votes as one person may; yours was not cast."),
        "nobody": _("Neither {name} nor anybody they delegated to voted, so your vote was not cast."),
        "left": _("Your membership had ended, so {name} did not carry your vote."),
        "back": _("Your delegation to {name} had ended before the close, so your vote was not cast."),
    }
    if row.outcome != "carried" or row.carrier is None:
        return words.get(row.outcome, "").format(name=name)
    ballot = getattr(row.elector, "ballot", None)
    choice = _choice(ballot.choice) if ballot is not None else ""
    return _("{name} carried your vote: {choice}.").format(name=row.carrier.person, choice=choice)


def _choice(choice: str) -> str:
    return {
        "for": pgettext("vote", "For"), "against": pgettext("vote", "Against"), "abstain": pgettext("vote", "Abstain"),
    }.get(choice, _("a ballot on the options"))  # fmt: skip
