"""A decision in words, for its page and the API."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madang.coop.decisions import back, kinds, states, ways
from madang.coop.decisions.kinds.base import Options
from madang.coop.decisions.models import Proposal
from madang.coop.members.models import MemberClass
from madang.kit.ruletypes.text import in_language

PRIVATE_KINDS = {"elect", "election", "admit", "expel"}  # the names of people are for members


@dataclass(frozen=True)
class Step:
    """One step of the course: done, running or ahead; ``at`` may be None when it is not known yet."""

    title: str
    at: datetime | None
    status: str
    note: str = ""


def course(one: Proposal) -> list[Step]:
    """The course with its dates, as far as it went and where it goes."""
    way = ways.parse(one.way)
    order = [states.DRAFT, states.DISCUSSION, states.VOTING, states.PASSED, states.IN_FORCE]
    ends = {
        states.REVERTED: _("The members went back on it"),
        states.REJECTED: _("Did not pass"), states.WITHDRAWN: _("Taken back by its author"), states.FAILED: _("Could not take effect"),
    }  # fmt: skip
    opens = one.opens_at or (one.discussion_at + way.discussion if one.discussion_at else None)
    closes = one.closes_at or (opens + way.voting if opens else None)
    put = one.opens_at if one.sitting else None
    if one.at_meeting:
        closes = one.closed_at
    effect = one.effect_at or (closes + back.notice(one, way) if closes else None)
    plan = [
        (states.DRAFT, pgettext("course", "Written"), one.created_at),
        (states.DISCUSSION, _("Discussion opens"), one.discussion_at),
        (states.VOTING, _("Voting opens"), opens) if not one.at_meeting else (states.VOTING, _("Put to the vote at a general meeting"), put),
        (states.PASSED, _("Voting closes and is counted"), closes),
        (states.IN_FORCE, pgettext("course", "Takes effect"), effect if one.state not in (states.IN_FORCE, states.REVERTED) else one.ended_at),
    ]
    if one.state in ends:
        voted = one.opens_at if one.closes_at else None
        reached = {states.DRAFT: one.created_at, states.DISCUSSION: one.discussion_at, states.VOTING: voted, states.PASSED: one.closed_at}
        reached[states.IN_FORCE] = one.ended_at if one.state == states.REVERTED else None
        done = [Step(title, at, "done") for name, title, at in plan if reached.get(name)]
        return [*done, Step(ends[one.state], _gone_back_at(one) if one.state == states.REVERTED else one.ended_at, "now")]
    here = order.index(one.state)
    status = ["done" if number <= here else "next" if number == here + 1 else "" for number in range(len(order))]
    return [Step(title, at, status[number]) for number, (_name, title, at) in enumerate(plan)]


def _gone_back_at(one: Proposal) -> datetime | None:
    """When going back on it took effect. One query."""
    return Proposal.objects.filter(back_of=one, state=states.IN_FORCE).values_list("ended_at", flat=True).first()


@dataclass(frozen=True)
class Result:
    """One line of the result: everyone, or a class. ``rows`` for bars; None: the figures are not shown."""

    title: str
    passed: bool | None
    rows: list[tuple[str, int, str]] | None
    of: int
    note: str = ""


def results(one: Proposal, lang: str) -> list[Result]:
    """The result over all and by class, as pictures; figures stay hidden where the tally hides them. One query."""
    if one.tally is None or one.electorate is None:
        return []
    classes = one.electorate["classes"]
    titles = {kind.key: in_language(kind.title, lang) for kind in MemberClass.objects.filter(key__in=classes)}
    whole = one.tally["totals"]
    shown = [Result(pgettext("vote", "Everyone"), one.tally["passed"], bars(whole), one.electorate["total"], "" if whole else _few())]
    if len(classes) < 2:
        return shown
    deciding = ways.parse(one.way).per_class
    for key in [*titles, *(key for key in classes if key not in titles)]:
        voters = classes[key]
        row = one.tally["classes"].get(key)
        hidden = row is None or row.get("hidden")
        passed = row["passed"] if row is not None and key in deciding else None
        note = _few() if hidden else ""
        shown.append(Result(titles.get(key, key), passed, None if hidden or row is None else bars(row), voters, note))
    return shown


def unnamed(asked: Options) -> Options:
    """The options of a vote about people, for those whom their names are no business of."""
    titles = {key: _("Candidate {n}").format(n=place) for place, key in enumerate(asked.titles, 1)}
    return replace(asked, titles=titles, texts={})


def _few() -> str:
    return _("Figures for fewer than five ballots are not shown, nor any from which they could be worked out.")


def bars(totals: dict[str, Any] | None) -> list[tuple[str, int, str]] | None:
    """For, against and abstained as bars: (label, how many, share); None where the figures are not shown."""
    if totals is None:
        return None
    cast = sum(totals[name] for name in states.CHOICES)
    words = {
        states.FOR: pgettext("vote", "For"),
        states.AGAINST: pgettext("vote", "Against"),
        states.ABSTAIN: pgettext("vote", "Abstained"),
    }
    return [(words[name], totals[name], f"{totals[name] * 100 // cast if cast else 0}%") for name in states.CHOICES]


def reasons(one: Proposal, lang: str, *, insider: bool) -> list[str]:
    """Why it did not pass or could not go on, in sentences. At most one query.

    What an author typed about something that names nobody to strangers is for ``insider``s.
    """
    if one.state == states.FAILED and one.ended_because.startswith("veto: "):
        return [_("It was vetoed, and takes no effect. {reason}").format(reason=one.ended_because.removeprefix("veto: "))]
    if one.state == states.FAILED:
        return [_failures().get(one.ended_because, one.ended_because)]
    if one.state == states.WITHDRAWN:
        return [one.ended_because] if one.ended_because and (insider or not kinds.get(one.kind).heading) else []
    if one.tally is None:
        return []
    titles = {kind.key: in_language(kind.title, lang) for kind in MemberClass.objects.all()} if one.tally["reasons"] else {}
    said = []
    words = {"quorum": _("Too few took part."), "majority": _("There were not enough votes for it.")}
    for code in one.tally["reasons"]:
        key, _colon, what = code.removeprefix("class:").partition(":")
        if code in words:
            said.append(words[code])
        else:
            said.append(f"{titles.get(key, key)}: {words.get(what) or pgettext('vote', 'not in favour')}")
    return said


def on_record(kind: str) -> str:
    """What a leaf of a decision says, in a word."""
    words = {
        "decision.opened": pgettext("record", "voting opened"), "decision.tally": pgettext("record", "counted"),
        "decision.effect": pgettext("record", "took effect"), "decision.withdrawn": pgettext("record", "taken back"),
        "decision.failed": pgettext("record", "could not take effect"), "decision.extended": pgettext("record", "lengthened"),
        "decision.kept": pgettext("record", "kept"), "decision.panel": pgettext("record", "panel drawn"),
        "decision.amended": pgettext("record", "amended"), "decision.papers": pgettext("record", "ballots without names"),
    }  # fmt: skip
    return words.get(kind, kind)


def _failures() -> dict[str, str]:
    return {
        "moved": _("A rule it changes had been changed by another decision in the meantime. Nothing was changed; propose it again from the new value."),
        "law": _("The law no longer allows it. Nothing was changed."),
        "support": _("Too few members supported putting it to the vote."),
        "year-closed": _("Another decision had closed the year in the meantime. Nothing was booked."),
        "books-moved": _("What stood in the surplus and the reserves had changed in the meantime. Nothing was booked; propose it again."),
        "nobody": _("There was nobody who could vote on it."),
        "too-few-volunteers": _("Too few stood for the panel to be drawn as it was to be. Propose it again with other numbers, or ask more people to stand."),
        "amended-nothing": _("The proposal it would have changed is over, or says something else by now."),
        "nobody-stands": _("Nobody stood for election until voting was to open. Propose it again when somebody will."),
    }
