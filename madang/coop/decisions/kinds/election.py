"""Elect people to an office: several seats, candidates who were named during the discussion, counted by a way that fits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from madang.coop.decisions import standing
from madang.coop.decisions.kinds import base
from madang.coop.decisions.kinds.base import Change, Kind, Line, Options, Prepared, register
from madang.coop.decisions.methods import METHODS
from madang.coop.decisions.models import Proposal
from madang.coop.members import queries as members
from madang.coop.members.actions import appoint
from madang.coop.members.models import Office, OfficeTerm
from madang.coop.members.offices import months_later
from madang.coop.people.models import Organisation
from madang.kit.counting.papers import Question
from madang.kit.errors import Refused
from madang.kit.ruletypes.text import in_language

ONE, SEVERAL = ("irv", "schulze", "approval"), ("stv-scottish", "stv-meek", "approval")


class Form(base.Form):
    """Which office, how many, how it is counted. Who stands is named during the discussion."""

    office = forms.ChoiceField(label=pgettext_lazy("election", "Office"))
    seats = forms.IntegerField(
        label=gettext_lazy("How many are elected"),
        initial=1,
        min_value=1,
        max_value=100,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "input-short"}),
    )
    method = forms.ChoiceField(
        label=gettext_lazy("How it is counted"),
        required=False,
        choices=[
            ("", gettext_lazy("As fits: in proportion for several, instant run-off for one")),
            *((key, METHODS[key].title) for key in (*SEVERAL, *ONE[:2])),
        ],
    )

    def prepare(self) -> None:
        """The offices that are filled by a vote."""
        offices = Office.objects.filter(filled_by__startswith="vote:")
        self.fields["office"].choices = [(one.key, in_language(one.title, self.lang)) for one in offices]  # type: ignore[attr-defined]

    def nothing(self) -> str:
        """Without an office that is filled by a vote there is nobody to elect."""
        return "" if Office.objects.filter(filled_by__startswith="vote:").exists() else _("No office is filled by a vote.")


def prepare(changes: Sequence[Change], details: dict[str, Any], org: Organisation | None, now: datetime) -> Prepared:
    """Raises ``Refused``: "other-scope", "no-office" (none that is filled by a vote), "seats" (more than the office has), "method"."""
    if org is not None:
        raise Refused("other-scope", _("The offices are the whole co-op's: propose this to all members, not inside one organisation."), "office")
    office = Office.objects.filter(key=str(details.get("office", ""))).first()
    if office is None or not office.filled_by.startswith("vote:"):
        raise Refused("no-office", _("Choose an office that is filled by a vote."), "office")
    try:
        seats = int(str(details.get("seats", 1)))
    except ValueError:
        raise Refused("seats", _("Write a whole number."), "seats") from None
    if not 1 <= seats <= office.seats:
        most = ngettext("This office has {n} seat.", "This office has {n} seats.", office.seats).format(n=office.seats)
        raise Refused("seats", most, "seats")
    method = str(details.get("method") or "") or (SEVERAL if seats > 1 else ONE)[0]
    if method not in (SEVERAL if seats > 1 else ONE):
        raise Refused("method", _("This way of counting does not fit so many seats."), "method")
    return Prepared([], {"office": office.key, "seats": seats, "method": method}, office.filled_by.removeprefix("vote:"))


def opening(proposal: Proposal, now: datetime) -> str:
    """Voting opens: who stands now is on the ballot. "nobody-stands" when nobody does."""
    found = standing.candidates(proposal, now)
    if not found:
        return "nobody-stands"
    proposal.details = {**proposal.details, "candidates": [{"key": f"n{place}", "person": str(one.person_id)} for place, one in enumerate(found, 1)]}
    return ""


def asks(proposal: Proposal) -> Options | None:
    """The candidates, once voting opened. Where no more stand than are elected, it is yes or no to all of them: there is nothing to choose."""
    kept = proposal.details.get("candidates") or []
    if len(kept) <= proposal.details.get("seats", 0):
        return None
    people = standing.people(proposal)
    said = {one.person_id: one.statement for one in standing.Nomination.objects.filter(proposal=proposal)}
    keys = tuple(row["key"] for row in kept)
    titles = {key: str(people[key]) if key in people else _("someone who left") for key in keys}
    texts = {key: said.get(people[key].pk, "") for key in keys if key in people}
    return Options(Question(proposal.details["method"], keys, seats=proposal.details["seats"]), titles, texts)


def effect(proposal: Proposal, now: datetime) -> list[str]:
    """Each of those elected gets a term in the order elected, now or when a seat becomes free. Who is no member any more leaves theirs empty."""
    office = Office.objects.get(key=proposal.details["office"])
    people = standing.people(proposal)
    winners = (proposal.tally or {}).get("winners") or [row["key"] for row in proposal.details["candidates"]]
    for key in winners:
        person = people.get(key)
        if person is None or not members.is_member(person, now):
            continue
        since = _since(office, person, now)
        appoint(office, person, since=since, until=months_later(since, office.term_months), decision_id=proposal.pk, now=now)
    return []


def _since(office: Office, person: Any, now: datetime) -> datetime:
    """When a seat is free for this person: who holds the office goes on after their own term."""
    running = list(OfficeTerm.objects.filter(office=office, until__gt=now).order_by("until"))
    own = [term.until for term in running if term.person_id == person.pk]
    if own:
        return max(own)
    ends = [term.until for term in running]
    return ends[len(ends) - office.seats] if len(ends) >= office.seats else now


def lines(proposal: Proposal, lang: str) -> list[Line]:
    """The office, how many, and once voting opened who stands."""
    kept = proposal.details
    if not kept:
        return []
    office = Office.objects.filter(key=kept["office"]).first()
    many = ngettext("{n} is elected", "{n} are elected", kept["seats"]).format(n=kept["seats"])
    title = in_language(office.title, lang) if office else kept["office"]
    said = [Line(_("Elected to the office"), "", title, note=many), Line(_("How it is counted"), "", str(METHODS[kept["method"]].title))]
    if people := standing.people(proposal):
        said.append(Line(_("Who stands"), "", "\n".join(str(one) for one in people.values())))
    return said


def hearing(now: datetime) -> timedelta:
    """People need a few days to be named and to make up their minds."""
    return timedelta(days=3)


register(Kind("election", gettext_lazy("Elect people to an office"), prepare, effect, lines, form=Form, subject="officers", asks=asks,
              opening=opening, hearing=hearing, first=True,
              help=gettext_lazy("Members name candidates while it is discussed; then all rank them.")))  # fmt: skip
