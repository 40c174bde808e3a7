"""What one can do about an inspection: ask, open, refuse, withdraw, look, take a copy; and what happens when a term runs out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from madang.coop import law, notices, record
from madang.coop.ledger.inspection import opens, queries, rules, states
from madang.coop.ledger.inspection.models import Examiner, Inspection, InspectionLook
from madang.coop.members import queries as members
from madang.coop.members.models import OfficeTerm
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused

AT_ONCE = 3
"""Requests of one person that wait or are open."""
SHORTEST, LONGEST = 10, 2_000
KIND = "inspection"


@transaction.atomic
def ask(person: Person, things: Collection[str], reason: str, *, id: UUID, proof: str = "", now: datetime) -> Inspection:
    """Ask to see what the law opens. Repeating it with the same ``id`` gives the same request.

    Raises ``Refused``: "no-right" (the law opens nothing to who is no member or creditor), "things", "reason", "proof" (who is no creditor by the ledger
    says what the co-op owes them), "at-once", "used" (the id is another's).
    """
    Person.objects.select_for_update().get(pk=person.pk)
    same = Inspection.objects.filter(pk=id).first()
    if same is not None:
        if same.person_id != person.pk:
            raise Refused("used", _("That request is there already. Nothing was asked; open the form anew."))
        return same
    standing = opens.standing(person, now)
    right = opens.right(standing, now)
    if right is None:
        raise Refused("no-right", _("The law opens these books to members. Whoever is not a member has no right to inspect them."))
    wanted = [one for one in right.things if one in set(things)]
    if not wanted or len(wanted) != len(set(things)):
        raise Refused("things", _("Choose at least one thing that the law opens to you."), "things")
    reason, proof = reason.strip(), proof.strip() if standing == opens.CLAIMED else ""
    if not SHORTEST <= len(reason) <= LONGEST:
        raise Refused("reason", _("Say in a sentence or two what you want to find out."), "reason")
    if standing == opens.CLAIMED and not SHORTEST <= len(proof) <= LONGEST:
        raise Refused("proof", _("Say what the co-op owes you and how you can show it."), "proof")
    if Inspection.objects.filter(person=person, state__in=[*states.WAITING, states.OPENED]).count() >= AT_ONCE:
        raise Refused("at-once", _("Three of your requests are under way. Wait until one is over, or withdraw one."))
    made = Inspection.objects.create(
        pk=id, person=person, standing=standing, things=wanted, law=right.citation, reason=reason, proof=proof, asked_at=now,
        answer_by=now + rules.answer_within.at(now).value,
    )  # fmt: skip
    _leaf(made, "asked", now, things=wanted, law=right.citation, standing=standing)
    _put_before(made, now)
    return made


@transaction.atomic
def open_books(id: Any, *, by: Person, now: datetime) -> Inspection:
    """Open what was asked for, for the time the members decided on. Raises ``Missing``, ``Refused`` ("office", and where it does not wait any more)."""
    found = _locked(id)
    if found.state == states.OPENED and found.answered_by_id == by.pk:
        return found
    _require(found, by, now)
    return _open(found, by, now)


@transaction.atomic
def refuse(id: Any, *, by: Person, ground: str, words: str, now: datetime) -> Inspection:
    """Refuse, on a ground the law knows and in words. Raises ``Missing``, ``Refused`` ("office", "ground", "words")."""
    found = _locked(id)
    if found.state == states.REFUSED and found.answered_by_id == by.pk:
        return found
    _require(found, by, now)
    if ground not in opens.refusable(found.standing, found.asked_at):
        raise Refused("ground", _("The law knows no such ground. Choose one of those named, or open what was asked for."), "ground")
    if not SHORTEST <= len(words.strip()) <= LONGEST:
        raise Refused("words", _("Say to the person who asked why, in a sentence or two."), "words")
    found.to(states.REFUSED)
    found.answered_at, found.answered_by, found.ground, found.words, found.ended_at = now, by, ground, words.strip(), now
    found.save()
    _leaf(found, "refused", now, ground=ground)
    notices.close_task(_task(found), now)
    notices.tell(found.person, "ledger.inspection_refused", url=_url(found), now=now)
    return found


@transaction.atomic
def withdraw(id: Any, *, by: Person, now: datetime) -> Inspection:
    """Whoever asked takes it back. Raises ``Missing`` for anybody else."""
    found = _locked(id)
    if found.person_id != by.pk:
        raise Missing("not yours to withdraw")
    if found.state == states.WITHDRAWN:
        return found
    found.to(states.WITHDRAWN)
    found.ended_at = now
    found.save()
    _leaf(found, "withdrawn", now)
    notices.close_task(_task(found), now)
    return found


@transaction.atomic
def look(id: Any, thing: str, *, by: Person, copied: bool = False, part: str = "", now: datetime) -> InspectionLook:
    """Write down that they look at (or take a copy of) one thing now. Raises ``Missing`` unless it is theirs, open and among what was asked for."""
    found = _locked(id)
    if found.person_id != by.pk or not found.open_at(now) or thing not in found.things:
        raise Missing("not open to you")
    made = InspectionLook.objects.create(inspection=found, thing=thing, part=part[:40], copied=copied, at=now)
    _leaf(found, "copied" if copied else "seen", now, thing=thing, part=made.part, look=str(made.pk))
    return made


def due(now: datetime, limit: int) -> list[str]:
    """Requests whose term, or whose open time, is over."""
    late = Inspection.objects.filter(state=states.ASKED, answer_by__lte=now).order_by("answer_by").values_list("pk", flat=True)[:limit]
    over = Inspection.objects.filter(state=states.OPENED, until__lte=now).order_by("until").values_list("pk", flat=True)[: limit - len(late)]
    return [str(pk) for pk in (*late, *over)]


@transaction.atomic
def fall_due(id: str, *, now: datetime) -> None:
    """What was open closes. What nobody answered opens, where the law lets nobody refuse by silence; else it goes to directors and auditors as well."""
    found = _locked(id)
    if found.state == states.OPENED and found.until is not None and found.until <= now:
        found.to(states.ENDED)
        found.ended_at = now
        found.save()
        _leaf(found, "ended", now)
    elif found.state == states.ASKED and found.answer_by <= now:
        right = opens.right(found.standing, found.asked_at)
        if right is not None and right.by_itself:
            _open(found, None, now)
            return
        found.to(states.OVERDUE)
        found.save()
        _leaf(found, "overdue", now)
        _put_before(found, now)
        notices.tell(found.person, "ledger.inspection_overdue", url=_url(found), now=now)


def seated(term: OfficeTerm, *, now: datetime) -> None:
    """Whoever begins to answer finds what waits."""
    for found in queries.waiting_for(term.person, now):
        _task_for(term.person, found, now)


def unseated(term: OfficeTerm, *, now: datetime) -> None:
    """It is taken off who answers no longer."""
    for found in Inspection.objects.filter(state__in=states.WAITING):
        if not queries.may_answer(found, term.person, now):
            notices.close_task(_task(found), now, person=term.person)


@transaction.atomic
def name_examiner(person: Person, *, until: datetime, decision_id: UUID, now: datetime) -> Examiner:
    """Let someone see the whole book until a moment, as a decision says. Once for each decision."""
    made, new = Examiner.objects.get_or_create(decision_id=decision_id, defaults={"person": person, "since": now, "until": until})
    if new:
        notices.tell(person, "ledger.examiner", url=reverse("ledger:examine"), params={"until": until}, now=now)
    return made


def erase(person: Person, *, now: datetime) -> None:
    """Their words go; that somebody asked and looked stays. What waits or is open is over."""
    for found in Inspection.objects.select_for_update().filter(person=person, state__in=[*states.WAITING, states.OPENED]):
        found.to(states.ENDED if found.state == states.OPENED else states.WITHDRAWN)
        found.ended_at = now
        found.save()
        notices.close_task(_task(found), now)
    Inspection.objects.filter(person=person).update(reason="", proof="")
    Inspection.objects.filter(answered_by=person).update(words="")
    Examiner.objects.filter(person=person, until__gt=now, since__lt=now).update(until=now)


def _locked(id: Any) -> Inspection:
    found = Inspection.objects.select_for_update(of=("self",)).select_related("person").filter(pk=id).first()
    if found is None:
        raise Missing("no such request")
    return found


def _require(found: Inspection, by: Person, now: datetime) -> None:
    if not queries.may_answer(found, by, now):
        raise Refused("office", _("Your office is not there to answer this request."))


def _open(found: Inspection, by: Person | None, now: datetime) -> Inspection:
    found.to(states.OPENED)
    found.answered_at, found.answered_by, found.until = now, by, now + rules.open_for.at(now).value
    found.save()
    _leaf(found, "opened", now, until=found.until.isoformat(), unanswered=by is None)
    notices.close_task(_task(found), now)
    notices.tell(found.person, "ledger.inspection_opened", url=_url(found), params={"until": found.until}, now=now)
    if law.profile().bound("inspection.told", now).yes() and set(found.things) & set(opens.NAMING):
        named = [one for one in members.people(now) if one.pk != found.person_id]
        notices.tell_all(named, "ledger.inspection_told", url=_url(found), params={"until": found.until}, now=now)
    return found


def _put_before(found: Inspection, now: datetime) -> None:
    for person in queries.answerers(now, overdue=found.state == states.OVERDUE):
        if queries.may_answer(found, person, now):
            _task_for(person, found, now)


def _task_for(person: Person, found: Inspection, now: datetime) -> None:
    notices.open_task(person, _task(found), "ledger.inspection", url=_url(found), due_at=found.answer_by, now=now)


def _task(found: Inspection) -> str:
    return f"inspection:{found.pk}"


def _url(found: Inspection) -> str:
    return reverse("ledger:inspection", args=[found.pk])


def _leaf(found: Inspection, step: str, now: datetime, **more: Any) -> None:
    """Its trace: what happened, of which request; nobody's name. Private: who stands behind the number is in the co-op's own list."""
    record.write(KIND, f"inspection:{found.pk}", [{"state": step, **more}], now=now)
