"""End a membership against the member's will: who, on what grounds. Strangers are not told who; the member is told first and can answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from madang.coop import law, notices
from madang.coop.decisions import ways
from madang.coop.decisions.kinds import base
from madang.coop.decisions.kinds.base import Change, Kind, Line, Prepared, register
from madang.coop.decisions.models import Proposal
from madang.coop.members import actions as members
from madang.coop.members import asking, queries
from madang.coop.members.models import Membership
from madang.coop.people.actions import clean_text
from madang.coop.people.models import Organisation
from madang.kit.errors import Refused
from madang.kit.ruletypes.text import in_language

MAX = 2000


class Form(base.Form):
    """Whose membership, and why. The register names all members to members, so that nobody is out of reach by hiding their name."""

    membership = forms.ChoiceField(label=pgettext_lazy("expulsion", "Member"))
    grounds = forms.CharField(
        label=gettext_lazy("On what grounds?"),
        max_length=MAX,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("What happened, as you would say it to their face. They read it, and so do all members; nobody else."),
    )

    def prepare(self) -> None:
        """The register as it is now."""
        rows = queries.register(self.now) if self.insider else ()
        self.names("membership", [(str(line.membership.pk), f"{line.name} · {in_language(line.class_title, self.lang)}") for line in rows])


def prepare(changes: Sequence[Change], details: dict[str, Any], org: Organisation | None, now: datetime) -> Prepared:
    """Decided in the way "expulsion" where the co-op has it, else as the constitution is changed.

    Raises ``Refused``: "other-scope", "not-a-member" (no membership that is active), "grounds" (none given).
    """
    if org is not None:
        raise Refused("other-scope", _("Membership is the whole co-op's: propose this to all members, not inside one organisation."), "membership")
    membership = _membership(details)
    if membership is None or membership.state != "active":
        raise Refused("not-a-member", _("Choose someone who is a member now."), "membership")
    grounds = clean_text(str(details.get("grounds", "")), MAX * 2, "grounds")
    if not grounds or len(grounds) > MAX:
        raise Refused("grounds", _("Say why, in at most {n} characters: nobody is expelled without a reason.").format(n=MAX), "grounds")
    return Prepared([], {"membership": str(membership.pk), "grounds": grounds}, ways.name_for(("expulsion", "constitution", "policy"), now))


def heading() -> str:
    """The title everyone reads, in the co-op's first language: it names nobody."""
    with translation.override((law.coop().languages or ["en"])[0]):
        return _("Ending a membership")


def hearing(now: datetime) -> timedelta:
    """How long before the vote the law has the member told why, and heard."""
    return timedelta(days=law.profile().bound("notice.expulsion.days", now).number())


def opened(proposal: Proposal, now: datetime) -> None:
    """The member, or who speaks for the member organisation, is told at once."""
    _tell(proposal, "decisions.about_you", now, opens=proposal.opens_at)


def effect(proposal: Proposal, now: datetime) -> list[str]:
    """The membership ends, with all that ends with it. Raises ``Refused`` for one that is over already."""
    membership = _membership(proposal.details)
    if membership is None or membership.state != "active":
        raise Refused("not-a-member", _("The membership was over already."))
    members.expel(membership, proposal.details["grounds"], decision_id=proposal.pk, now=now)
    return []


def ended(proposal: Proposal, now: datetime) -> None:
    """It did not come to that: the member is told so."""
    _tell(proposal, "decisions.about_you.over", now)


def lines(proposal: Proposal, lang: str) -> list[Line]:
    """The class, whose membership, and the grounds: for members."""
    membership = _membership(proposal.details)
    if membership is None:
        return []
    title = in_language(membership.member_class.title, lang)
    return [Line(title, membership.holder_name, _("not a member any more"), note=proposal.details.get("grounds", ""))]


def aside(proposal: Proposal) -> set[UUID]:
    """Who is to leave is heard and does not vote on it, by none of their memberships; nor are they counted for the quorum."""
    membership = _membership(proposal.details)
    if membership is None:
        return set()
    same = {"organisation": membership.organisation} if membership.organisation_id else {"person": membership.person}
    return set(Membership.objects.filter(**same).values_list("pk", flat=True))


def again(new: dict[str, Any], failed: dict[str, Any]) -> bool:
    """The same membership, whatever the grounds are called this time: nobody is put before the members until one of the wordings carries."""
    return bool(new["membership"] == failed["membership"])


def _tell(proposal: Proposal, message: str, now: datetime, **params: Any) -> None:
    membership = _membership(proposal.details)
    if membership is None or membership.state != "active":
        return
    for person in asking.people_of(membership, now):
        notices.tell(person, message, url=f"/decisions/{proposal.pk}/", params=params, now=now)


def _membership(details: dict[str, Any]) -> Membership | None:
    try:
        wanted = UUID(str(details.get("membership", "")))
    except ValueError:
        return None
    return Membership.objects.filter(pk=wanted).select_related("member_class", "person", "organisation").first()


register(Kind("expel", gettext_lazy("End a membership"), prepare, effect, lines, form=Form, opened=opened, ended=ended, heading=heading, hearing=hearing,
              subject="expulsion", aside=aside, again=again,
              help=gettext_lazy("A member is to leave. They are told why and heard before the vote.")))  # fmt: skip
