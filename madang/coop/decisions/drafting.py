"""Before the vote: draft, discuss, support, withdraw. Exposed through :mod:`madang.coop.decisions.actions`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from madang.coop import law, record
from madang.coop.decisions import bodies, carried, cooling, kinds, states, telling, ways
from madang.coop.decisions.models import Proposal, Support
from madang.coop.members import queries as members
from madang.coop.people.actions import clean_line, clean_text
from madang.coop.people.models import Organisation, Person
from madang.coop.rules import DryRun
from madang.coop.rules.registry import scope_of
from madang.kit.errors import Missing, Refused
from madang.kit.ruletypes import Way
from madang.kit.ruletypes.text import in_language

TITLE_MAX, REASON_MAX, DRAFTS_MOST, OPEN_MOST = 140, 8000, 20, 20


@transaction.atomic
def draft(
    author: Person | None,
    kind: str,
    title: str,
    reason: str = "",
    changes: Sequence[dict[str, Any]] = (),
    *,
    details: dict[str, Any] | None = None,
    org: Organisation | None = None,
    id: UUID | None = None,
    now: datetime,
) -> Proposal:
    """Write a proposal that only its author sees yet.

    ``changes``: ``[{"rule": key, "value": raw}]``, optionally with "from" (the version it was drafted from; else the live one).
    ``author`` None: the house itself asks (an application that is decided by vote). ``id``: the author's own, so that sending it twice is
    one proposal: while it is a draft it takes the newer words, later the same words again change nothing.
    Raises ``Refused`` ("title", "reason", "forming", "not-yours-to-propose", "too-many-drafts", "key-used" for an id with something else
    behind it, and what the kind refuses), ``Missing`` for an unknown kind.
    """
    law.require_open()
    chosen = kinds.get(kind)
    title, reason = _words(chosen, title, reason)
    if (author is None) != chosen.by_house:
        raise Refused("kind", _("This is not proposed by hand."))
    prepared = chosen.prepare(changes, details or {}, org, now)
    way = ways.read(prepared.way_name, now)
    carried.require_countable(way, options=chosen.asks is not None, advisory=kind == "ask")
    if author is not None:
        ways.require_may_propose(way, author, now, org)
    fields = {
        "kind": kind, "title": title, "reason": reason, "author": author, "org": org, "changes": prepared.changes, "details": prepared.details,
        "way_name": prepared.way_name, "way": Way().dump(way),
    }  # fmt: skip
    if id is not None and Proposal.objects.filter(pk=id).exists():
        return _again(id, fields)
    if author is not None and Proposal.objects.filter(author=author, state=states.DRAFT).count() >= DRAFTS_MOST:
        raise Refused("too-many-drafts", _("You have {n} drafts. Propose or withdraw one first.").format(n=DRAFTS_MOST))
    try:
        with transaction.atomic():
            return Proposal.objects.create(id=id or uuid4(), created_at=now, **fields)
    except IntegrityError:  # a double click: the first one made it a moment ago
        if id is None or not Proposal.objects.filter(pk=id).exists():
            raise
        return _again(id, fields)


def _again(id: UUID, fields: dict[str, Any]) -> Proposal:
    """What was sent under this id before, with the newer words while it is a draft."""
    one, asked = locked(id), ("kind", "title", "reason", "org", "changes", "details")
    same = one.author_id is not None and one.author == fields["author"]
    if same and one.state == states.DRAFT and (one.kind, one.org) == (fields["kind"], fields["org"]):
        for name, value in fields.items():
            setattr(one, name, value)
        one.save()
        return one
    if same and all(getattr(one, name) == fields[name] for name in asked):
        return one
    raise Refused("key-used", _("This form has been used for another proposal. Open a new one; what you wrote here is kept until you leave the page."))


@transaction.atomic
def edit(
    proposal: Proposal | UUID | str,
    person: Person,
    *,
    title: str,
    reason: str,
    changes: Sequence[dict[str, Any]] = (),
    details: dict[str, Any] | None = None,
    now: datetime,
) -> Proposal:
    """Rewrite a draft. Raises ``Missing`` for another's, ``Refused`` when it is no draft any more and as ``draft`` does."""
    one = locked(proposal)
    if one.author_id != person.pk:
        raise Missing("not your draft")
    if one.state != states.DRAFT:
        raise Refused("not-a-draft", _("It is being discussed already; withdraw it and propose anew to change it."))
    kind = kinds.get(one.kind)
    one.title, one.reason = _words(kind, title, reason)
    prepared = kind.prepare(changes, details or {}, one.org, now)
    one.changes, one.details, one.way_name = prepared.changes, prepared.details, prepared.way_name
    one.way = Way().dump(ways.read(prepared.way_name, now))
    one.save()
    return one


@transaction.atomic
def open_discussion(proposal: Proposal | UUID | str, person: Person | None, *, now: datetime) -> Proposal:
    """Show a draft to everyone; voting opens when the way's time to discuss is over. The way is fixed from here on.

    Doing it twice changes nothing. Raises ``Missing`` for another's draft, ``Refused`` when a value has moved since ("moved"), while the same motion
    failed not long ago ("cooling-off") and while very many of the same author are being decided ("too-many-open").
    """
    one = locked(proposal)
    if one.author_id != (person.pk if person else None):
        raise Missing("not your draft")
    if one.state != states.DRAFT:
        return one
    kind = kinds.get(one.kind)
    prepared = kind.prepare(one.changes, one.details, one.org, now)
    _not_moved(one, now)
    way = ways.read(prepared.way_name, now)
    one.at_meeting = one.at_meeting or bodies.meeting_decides(one.kind, now, one.details)
    carried.require_countable(way, options=kind.asks is not None, advisory=one.kind == "ask")
    if person is not None:
        ways.require_may_propose(way, person, now, one.org)
        _require_few(one, person)
    cooling.require_cooled(one, way, now)
    one.way_name, one.way = prepared.way_name, Way().dump(way)
    one.to(states.DISCUSSION)
    one.discussion_at, one.opens_at = now, now + max(way.discussion, kind.hearing(now) if kind.hearing else way.discussion)
    one.dry_run = try_out(one, now)
    one.save()
    telling.discussion_opened(one, now)
    if kind.opened:
        kind.opened(one, now)
    return one


def _require_few(one: Proposal, person: Person) -> None:
    """One person does not bury the others: every vote asks all members for their time. A meeting's agenda and a measure's vote are not counted."""
    if one.at_meeting or kinds.get(one.kind).by_event:
        return
    open_ones = Proposal.objects.filter(author=person, state__in=(states.DISCUSSION, states.VOTING), at_meeting=False)
    if open_ones.count() >= OPEN_MOST:
        raise Refused("too-many-open", _("{n} of your proposals are being decided. Wait until one of them is; your draft is kept.").format(n=OPEN_MOST))


@transaction.atomic
def support(proposal: Proposal | UUID | str, person: Person, *, now: datetime) -> int:
    """Want this put to the vote. Returns how many do. Raises ``Missing`` as ``comment`` does, ``Refused("over")`` after the discussion."""
    one = locked(proposal)
    require_insider(one, person, now)
    if one.state != states.DISCUSSION:
        raise Refused("over", _("Supporters are gathered during the discussion only."))
    Support.objects.get_or_create(proposal=one, person=person, defaults={"at": now})
    return one.supports.count()


@transaction.atomic
def withdraw(proposal: Proposal | UUID | str, person: Person, reason: str, *, now: datetime) -> Proposal:
    """Take one's own proposal back, before the ballots are counted. Twice is once.

    Why goes on the record for everyone, for good; of a kind that names nobody (``heading``) only those who decide read it.
    Raises ``Missing`` for another's, ``Refused``: "reason" (without one, once others know of it), "too-late".
    """
    one = locked(proposal)
    if one.author_id != person.pk:
        raise Missing("not your proposal")
    if one.state == states.WITHDRAWN:
        return one
    if kinds.get(one.kind).by_event:
        raise Refused("by-event", _("The members are asked because of what was done: this is not taken back. End the measure itself."))
    if one.state not in (states.DRAFT, states.DISCUSSION, states.VOTING):
        raise Refused("too-late", _("The ballots are counted: this can only be changed by another decision."))
    if one.state == states.VOTING and one.closes_at and now >= one.closes_at:
        raise Refused("too-late", _("Voting is over: the ballots are being counted."))
    reason = clean_line(reason, 5000, "reason")
    if len(reason) > 500 or (not reason and one.state != states.DRAFT):
        raise Refused("reason", _("Say in one or two sentences why: everyone who followed it reads it."), "reason")
    known, voting = one.state != states.DRAFT, one.state == states.VOTING
    one.ended_because = reason
    if not known:
        forget_words(one)
    one.to(states.WITHDRAWN)
    one.ended_at = now
    one.save()
    if known:
        kind = kinds.get(one.kind)
        leaf = {"decision": str(one.pk), "reason": "" if kind.heading else reason}
        record.write("decision.withdrawn", f"decision:{one.pk}", [leaf], public=True, now=now)
        telling.ended(one, now, voting=voting)
        if kind.ended:
            kind.ended(one, now)
    return one


def forget_words(draft: Proposal) -> None:
    """Take the words out of a draft nobody else has seen. Does not save; later the database keeps what was proposed."""
    draft.title, draft.reason, draft.ended_because = "—", "", ""
    draft.changes, draft.details, draft.dry_run = [], {}, None


def locked(proposal: Proposal | UUID | str) -> Proposal:
    """The row as it is now, and nobody else's to change until we are done. Raises ``Missing``."""
    pk = proposal.pk if isinstance(proposal, Proposal) else proposal
    try:
        found = Proposal.objects.select_for_update(of=("self",)).select_related("org", "author").filter(pk=UUID(str(pk))).first()
    except ValueError:
        found = None
    if found is None:
        raise Missing("no such decision")
    return found


def require_insider(proposal: Proposal, person: Person, now: datetime) -> None:
    """Raise ``Missing`` unless the person may take part: a member, or for an organisation's own decision someone who works there."""
    if proposal.state == states.DRAFT and proposal.author_id != person.pk:
        raise Missing("no such decision")
    if proposal.org is not None:
        if not any(one.person.pk == person.pk for one in members.voters(now, proposal.org)):
            raise Missing("not your decision")
    elif not members.is_member(person, now):
        raise Missing("not your decision")


def try_out(proposal: Proposal, now: datetime) -> dict[str, Any] | None:
    """Last month under the proposal, as it is kept with it; None when it cannot be tried out."""
    run = kinds.get(proposal.kind).dry_run
    if run is None:
        return None
    said: dict[str, dict[str, Any]] = {}
    for language in law.coop().languages:
        with translation.override(language):
            if (made := run(proposal.changes, now, proposal.org)) is None:
                return None
            said[language] = dump_dry_run(made)
    first = next(iter(said.values()))
    words = {language: [row[0] for row in one["rows"]] + [one["note"]] for language, one in said.items()}
    texts = [{language: found[at] for language, found in words.items()} for at in range(len(first["rows"]) + 1)]
    return {"rows": [[text, *row[1:]] for text, row in zip(texts, first["rows"], strict=False)], "note": texts[-1], "unit": first["unit"]}


def dry_run_in(kept: dict[str, Any] | None, lang: str) -> dict[str, Any] | None:
    """A kept dry run in the words of a language."""
    if not kept:
        return kept
    rows = [[in_language(row[0], lang), *row[1:]] for row in kept.get("rows", [])]
    return {**kept, "rows": rows, "note": in_language(kept.get("note", ""), lang)}


def dump_dry_run(made: DryRun) -> dict[str, Any]:
    """A dry run as JSON: figures stay ints, words become text, what is hidden is null."""

    def figure(value: Any) -> Any:
        return value if value is None or (isinstance(value, int) and not isinstance(value, bool)) else str(value)

    return {"rows": [[str(label), figure(before), figure(after)] for label, before, after in made.rows], "note": str(made.note), "unit": made.unit}


def _words(kind: kinds.Kind, title: str, reason: str) -> tuple[str, str]:
    if kind.heading:
        return kind.heading(), ""
    title, reason = clean_line(title, TITLE_MAX * 10, "title"), clean_text(reason, REASON_MAX * 2, "reason")
    if not title or len(title) > TITLE_MAX:
        raise Refused("title", _("Give it a title of at most {n} characters.").format(n=TITLE_MAX), "title")
    if len(reason) > REASON_MAX:
        raise Refused("reason", _("Please keep the reason under {n} characters.").format(n=REASON_MAX), "reason")
    return title, reason


def _not_moved(proposal: Proposal, now: datetime) -> None:
    from madang.coop.rules.actions import latest

    for change in proposal.changes:
        live = latest(change["rule"], scope_of(proposal.org_id))
        if (str(live.pk) if live else None) != change["from"]:
            raise Refused("moved", _("A rule it changes has been changed by another decision since you drafted it. Please look at it again."))
