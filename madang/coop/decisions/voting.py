"""The vote itself: open, cast, close. Exposed through :mod:`madang.coop.decisions.actions`."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from madang.coop import law, record
from madang.coop.decisions import (
    amending,
    back,
    bodies,
    delegations,
    electors,
    hands,
    kept,
    kinds,
    late,
    objecting,
    options,
    running,
    sitting,
    states,
    tally,
    telling,
    ways,
)
from madang.coop.decisions.drafting import locked, try_out
from madang.coop.decisions.models import Ballot, Elector, Proposal
from madang.coop.people.models import Person
from madang.coop.rules.actions import moment_text
from madang.kit.errors import Missing, Refused
from madang.kit.ruletypes import WayOfDeciding


@transaction.atomic
def open_voting(proposal: Proposal | UUID | str, *, now: datetime) -> Proposal:
    """Freeze the electorate and open the vote, when the time to discuss is over. Opened twice is once.

    Too few supporters where the way asks for them, or nobody to vote: it fails and says so. Raises ``Refused("too-early")``.
    """
    one = locked(proposal)
    if one.state != states.DISCUSSION:
        if one.state == states.DRAFT:
            raise Refused("too-early", _("It has to be discussed first."))
        return one
    if one.at_meeting:
        raise Refused("at-meeting", _("It is put to the vote at a general meeting."))
    if one.opens_at is None or now < one.opens_at:
        raise Refused("too-early", _("There is still time to discuss it; voting opens by itself."))
    if amending.pending(one):
        raise Refused("amendment", _("An amendment of it is being decided; voting opens by itself afterwards."))
    way = ways.parse(one.way)
    if one.supports.count() < way.support:
        return fail(one, "support", now)
    electorate = kinds.voters(one, way, now)
    if not electorate:
        return fail(one, "nobody", now)
    ready = kinds.get(one.kind).opening
    if ready and (why := ready(one, now)):
        return fail(one, why, now)
    frozen = [Elector(proposal=one, membership=voter.membership, person=voter.person, class_key=voter.class_key) for voter in electorate]
    begin(one, frozen, now + way.voting, now)
    delegations.freeze(one, way, now)
    telling.voting_opened(one, now)
    return one


def begin(one: Proposal, electorate: Sequence[Elector], closes_at: datetime, now: datetime) -> None:
    """Freeze these electors and open the vote, with its leaf. Who calls it has seen to it that the vote may open."""
    # The dry run on the ballot is of the month before voting, not of the month before it was drafted.
    one.dry_run = try_out(one, now)
    Elector.objects.bulk_create(electorate, batch_size=1000)
    classes = Counter(voter.class_key for voter in electorate)
    one.electorate = {"total": len(electorate), "classes": dict(sorted(classes.items()))}
    one.to(states.VOTING)
    if options.of(one):
        one.lot = secrets.token_hex(32)
    one.opens_at, one.closes_at = now, closes_at
    one.save()
    _leaf_opened(one, now)
    telling.no_more_amendments(one, now)


@transaction.atomic
def cast(
    proposal: Proposal | UUID | str, person: Person, choice: str, *, marks: Any = None, elector: UUID | str | None = None, reason: str = "", now: datetime
) -> Ballot:
    """Cast one's ballot, or change it while voting is open; the last one counts. The same ballot again changes nothing.

    ``choice``: for, against or abstain; in a vote among options "marked" with ``marks`` as ``kit/counting/papers.py`` reads them, or abstain.
    The electorate is frozen; who left since casts no more, and an organisation's vote is cast by whoever speaks for it now.
    ``elector`` says in which capacity, for someone with more than one vote (their own, and an organisation's they speak for).
    ``reason``: why one is against, in a way that passes unless an objection stands.
    Raises ``Missing`` for someone with no vote here, ``Refused``: "choice", "marks", "closed", "which-vote", "not-any-more", "objection".
    """
    one = _held(proposal, now)
    marks = _said(one, choice, marks)
    mine = _mine(one, person, elector, now)
    if len(mine) > 1:
        raise Refused("which-vote", _("You have more than one vote here: say which one this ballot is for."), "elector")
    if one.state != states.VOTING or one.opens_at is None or one.closes_at is None or not one.opens_at <= now < one.closes_at:
        raise Refused("closed", _("Voting is over. Ballots that came in time are counted."))
    hands.require_room(one, mine[0])
    if ways.parse(one.way).objections and marks is None:
        objecting.note(mine[0], person, choice == states.AGAINST, reason, now)
    if running.to_note(one, now):
        running.note(one)
    ballot, made = Ballot.objects.get_or_create(elector=mine[0], defaults={"by": person, "choice": choice, "marks": marks, "cast_at": now})
    if not made and (ballot.choice, ballot.marks) != (choice, marks):
        ballot.by, ballot.choice, ballot.marks, ballot.cast_at = person, choice, marks, now
        ballot.save(update_fields=["by", "choice", "marks", "cast_at"])
    telling.cast(mine[0], person, now)
    return ballot


def _said(one: Proposal, choice: str, marks: Any) -> Any:
    """The marks of this ballot in their one form; None where it marks nothing. Raises ``Refused``: "choice", "marks"."""
    asked = options.of(one)
    if asked is None and (choice not in states.CHOICES or marks is not None):
        raise Refused("choice", _("Choose for, against or abstain."), "choice")
    if asked is not None and choice not in (states.MARKED, states.ABSTAIN):
        raise Refused("choice", _("Mark the options, or abstain."), "choice")
    return options.read(asked, marks) if asked is not None and choice == states.MARKED else None


def _mine(one: Proposal, person: Person, elector: UUID | str | None, now: datetime) -> list[Elector]:
    """The votes that are this person's to cast now, locked: all, or the one named."""
    stand = electors.standing(person, now)
    found = [row for row in electors.touching(stand, [one]).select_for_update(of=("self",)) if elector is None or str(row.pk) == str(elector)]
    if not found:
        raise Missing("you are not in this electorate")
    if mine := [row for row in found if stand.may_cast(row)]:
        return mine
    raise Refused("not-any-more", electors.why_gone(found[0]))


def _held(proposal: Proposal | UUID | str, now: datetime) -> Proposal:
    """The newest row, locked as a ballot needs it; which lock is known before the first is taken, since two who both want more would wait for each other.

    At a meeting one ballot at a time, so that with the hands never more are counted than are present; the first of a vote's last part alone, since
    it notes how it stood before. All others share the row. Raises ``Missing``, and ``Refused("again")`` where it was put at a meeting that very moment.
    """
    plain = Proposal.objects.filter(pk=_id(proposal)).first()
    if plain is None:
        raise Missing("no such decision")
    if plain.sitting is not None or running.to_note(plain, now):
        return locked(plain)
    one = _shared(plain)
    if one.sitting is not None:
        raise Refused("again", _("It was put to the vote this very moment. Please try again."))
    return one


def _id(proposal: Proposal | UUID | str) -> UUID:
    if isinstance(proposal, Proposal):
        return proposal.pk
    try:
        return UUID(str(proposal))
    except ValueError:
        raise Missing("no such decision") from None


def _shared(proposal: Proposal) -> Proposal:
    """The newest row under a shared lock: ballots do not wait for each other, but the count waits for them and they for it."""
    return next(iter(Proposal.objects.raw("SELECT * FROM decisions_proposal WHERE id = %s FOR SHARE", [proposal.pk])))


@transaction.atomic
def close(proposal: Proposal | UUID | str, *, now: datetime) -> Proposal:
    """Count the ballots once voting is over: passed, with notice until it takes effect, or rejected. Counted twice is once.

    Where ballots came in a late rush and the way says so, the vote is lengthened instead (``late.py``).

    The notice runs from the counting, so that nobody learns of it late. Raises ``Refused("too-early")``.
    """
    one = locked(proposal)
    if one.state != states.VOTING:
        if one.state in (states.DRAFT, states.DISCUSSION):
            raise Refused("too-early", _("Voting has not begun."))
        return one
    if one.closes_at is None or now < one.closes_at:
        raise Refused("too-early", _("Voting is still open. It is counted by itself at the close."))
    way = ways.parse(one.way)
    if one.sitting is not None and one.electors.filter(gone_at=None).count() < one.sitting.get("needed", 0):
        with translation.override((law.coop().languages or ["en"])[0]):
            return uncounted(one, _("The quorum was lost during the vote."), now)
    if one.sitting is None:
        if late.lengthened(one, way, now):
            return one
        delegations.carry_all(one, way)
    return finish(one, way, now)


def finish(one: Proposal, way: WayOfDeciding, now: datetime) -> Proposal:
    """Count what was cast and let it have its course: passed, with its notice, or rejected."""
    told = tally.told(one, way)
    one.tally = kept.shown(told)
    one.closed_at = now
    if one.tally["passed"]:
        one.to(states.PASSED)
        one.effect_at = now + back.notice(one, way)
    else:
        one.to(states.REJECTED)
        one.ended_at, one.ended_because = now, ",".join(one.tally["reasons"])
    one.save()
    if asked := options.of(one):
        kept.keep(one, asked, told)
    leaf = {
        "decision": str(one.pk),
        **told,
        "electorate": (tally.electorate(one.electorate) or {}).get("total"),
        "effect_at": moment_text(one.effect_at) if one.effect_at else None,
        "changes": one.changes,
        **sitting.closing(one),
    }
    if parts := kept.parts(told):  # too many for one line: a leaf of their own, before the one that counts them
        lines = [{"decision": str(one.pk), "part": number, "papers": part} for number, part in enumerate(parts, 1)]
        record.write("decision.papers", f"decision:{one.pk}", lines, public=True, now=now)
        leaf["papers"] = {"parts": len(parts)}
    record.write("decision.tally", f"decision:{one.pk}", [leaf], public=True, now=now)
    if not one.tally["passed"] and (ended := kinds.get(one.kind).ended):
        ended(one, now)
    telling.counted(one, now)
    return one


def uncounted(one: Proposal, reason: str, now: datetime) -> Proposal:
    """End an open vote at a meeting without a count; it can be proposed anew."""
    one.ended_because = reason[:500]
    one.to(states.WITHDRAWN)
    one.ended_at = now
    one.save()
    record.write("decision.withdrawn", f"decision:{one.pk}", [{"decision": str(one.pk), "reason": reason[:500]}], public=True, now=now)
    telling.ended(one, now)
    if told := kinds.get(one.kind).ended:
        told(one, now)
    return one


def fail(one: Proposal, why: str, now: datetime) -> Proposal:
    """It could not go on: say so, in the record too. ``why``: "support", "nobody", "moved", "law" or a sentence."""
    one.to(states.FAILED)
    one.ended_because, one.ended_at = why[:500], now
    one.save()
    record.write("decision.failed", f"decision:{one.pk}", [{"decision": str(one.pk), "reason": why[:500]}], public=True, now=now)
    if told := kinds.get(one.kind).ended:
        told(one, now)
    telling.ended(one, now)
    return one


def _leaf_opened(one: Proposal, now: datetime) -> None:
    leaf = {
        "decision": str(one.pk),
        "kind": one.kind,
        "title": one.title,
        "way": one.way,
        "way_name": one.way_name,
        "scope": one.scope,
        "changes": one.changes,
        "electorate": tally.electorate(one.electorate),
        "opens_at": moment_text(one.opens_at) if one.opens_at else None,
        "closes_at": moment_text(one.closes_at) if one.closes_at else None,
    }
    open_details = kinds.get(one.kind).open_details
    if open_details:
        leaf["details"] = one.details
    if one.back_of_id is not None:
        leaf["back"] = str(one.back_of_id)
    leaf |= bodies.leaf(one.kind, now, one.details) | sitting.opening(one)
    if asked := options.of(one):
        leaf["asked"] = options.leaf(one, asked)
    record.write("decision.opened", f"decision:{one.pk}", [leaf], public=True, now=now)
    if one.details and not open_details:  # it names a person: a private line, of a subject of its own so that it can be forgotten
        record.write("decision.details", f"details:{one.pk}", [{"decision": str(one.pk), **one.details}], public=False, now=now)
