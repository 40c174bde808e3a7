"""A death is written down by two people, and not before the member had time to say that they live."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from madang.coop import ledger, notices, record
from madang.coop.capital import death, queue
from madang.coop.capital.models import Claim, DeathReport, ValuationLine
from madang.coop.ledger.models import Entry
from madang.coop.members import actions as members
from madang.coop.members import queries as register
from madang.coop.members.models import LIVE, Membership, Office, OfficeTerm
from madang.coop.payments import accounts, outgoing
from madang.coop.people import actions as people
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused

NOTICE = timedelta(days=14)
"""From the report to the day it counts: a holiday or a stay in hospital long. Nobody is harmed by it: no law here pays an heir sooner, and a claim's
place in the queue is that of the day the membership ended. A constant, not a rule: no majority shall be able to take somebody's two weeks away."""
TO_ANSWER = timedelta(days=7)
"""From the confirmation at least, also when it came late: the member hears of it once more, and can still say that they live."""
STALE = timedelta(days=60)
"""So long an unconfirmed report stays open: later, somebody has to look again and write it anew."""
OPEN = ("reported", "confirmed")


def others(first: Person, person: Person, now: datetime) -> list[Person]:
    """Who may confirm what ``first`` reported of ``person``: directors, and who pays out, except these two. Two queries."""
    seats = OfficeTerm.objects.filter(register.holding_at(now), office__role=Office.DIRECTOR, person__erased_at=None).select_related("person")
    found = {term.person_id: term.person for term in seats} | {one.pk: one for one in register.on_duty(outgoing.PAYOUTS, now)}
    return [one for key, one in sorted(found.items(), key=lambda row: str(row[0])) if key not in (first.pk, person.pk)]


@transaction.atomic
def report(person: Person, on: date, *, by: Person, now: datetime) -> DeathReport:
    """Somebody in office writes that a member has died. Nothing happens yet: the member is told at their own address, and another is asked to confirm.

    Repeating it while it is open changes nothing. Raises ``Missing`` (no member), ``Refused``: "office", "day" (it is not over yet), "self",
    "alone" (nobody else could confirm it).
    """
    if not death.may_record(by, now):
        raise Refused("office", _("Only a director, or whoever pays out, can write this down. Nothing was changed."))
    if by.pk == person.pk:
        raise Refused("self", _("Nobody writes this down of themselves."))
    if on > queue.today(now):
        raise Refused("day", _("That day has not come yet."), "day")
    if not Membership.objects.select_for_update(of=("self",)).filter(person=person, state__in=LIVE).exists():
        raise Missing("no member")
    if there := DeathReport.objects.filter(person=person, state__in=OPEN).first():
        return there
    second = others(by, person, now)
    if not second:
        accounts.require_not_alone(by, now)
        raise Refused("alone", _("Nobody else here could confirm this. Fill a second office first; nothing was changed."))
    made = DeathReport.objects.create(person=person, on=on, reported_by=by, reported_at=now, due_at=now + NOTICE)
    params = {"name": by, "until": made.due_at}
    notices.open_task(person, f"alive:{made.pk}", "capital.reported_dead", url=reverse("capital:dead", args=[made.pk]), params=params, now=now)
    for one in second:
        params = {"name": by, "who": person}
        notices.open_task(one, f"death:{made.pk}", "capital.confirm_death", url=reverse("capital:dead", args=[made.pk]), params=params, now=now)
    return made


def _locked(report_id: UUID) -> DeathReport:
    found = DeathReport.objects.select_for_update(of=("self",)).select_related("person", "reported_by", "confirmed_by").filter(pk=report_id).first()
    if found is None:
        raise Missing("no such report")
    return found


@transaction.atomic
def confirm(report_id: UUID, *, by: Person, now: datetime) -> DeathReport:
    """Another person in office has seen a document too. It counts once the member's two weeks are over. Twice is once.

    Raises ``Missing``, ``Refused``: "office", "four-eyes", "over".
    """
    found = _locked(report_id)
    if found.confirmed_by_id == by.pk and found.state != "undone":
        return found
    if by.pk == found.reported_by_id:
        raise Refused("four-eyes", _("You wrote this down yourself, so somebody else has to confirm it. Nothing was changed."))
    if by.pk not in {one.pk for one in others(found.reported_by, found.person, now)}:
        raise Refused("office", _("Only a director, or whoever pays out, can write this down. Nothing was changed."))
    if found.state != "reported":
        raise Refused("over", _("This was confirmed or called off already."))
    found.state, found.confirmed_by, found.confirmed_at, found.due_at = "confirmed", by, now, max(found.due_at, now + TO_ANSWER)
    found.save(update_fields=["state", "confirmed_by", "confirmed_at", "due_at"])
    notices.close_task(f"death:{found.pk}", now)
    url, params = reverse("capital:dead", args=[found.pk]), {"name": found.reported_by, "until": found.due_at}
    notices.tell(found.person, "capital.reported_dead", url=url, params=params, now=now)
    return found


@transaction.atomic
def call_off(report_id: UUID, *, by: Person, now: datetime) -> DeathReport:
    """They live: the member says so, or whoever may write a death down. Nothing has happened, and nothing will. Twice is once.

    Raises ``Missing`` for others, ``Refused("over")`` once it took effect (then :func:`was_wrong`).
    """
    found = _locked(report_id)
    if by.pk != found.person_id and not death.may_record(by, now):
        raise Missing("not yours")
    if found.state == "undone":
        return found
    if found.state == "done":
        raise Refused("over", _("This has taken effect already. Somebody in office can take it back."))
    return _undone(found, by, now)


def _undone(found: DeathReport, by: Person, now: datetime) -> DeathReport:
    found.state, found.undone_by, found.undone_at = "undone", by, now
    found.save(update_fields=["state", "undone_by", "undone_at"])
    for key in (f"alive:{found.pk}", f"death:{found.pk}"):
        notices.close_task(key, now)
    told = {one.pk: one for one in (found.reported_by, found.confirmed_by, found.person) if one is not None and one.pk != by.pk}
    notices.tell_all(list(told.values()), "capital.lives", url=reverse("capital:shares"), params={"name": found.person}, now=now)
    return found


def find_due(now: datetime, limit: int) -> list[str]:
    """Deaths two people have written down and whose two weeks are over; and reports nobody has confirmed for so long that they lapse."""
    ripe = Q(state="confirmed", due_at__lte=now) | Q(state="reported", reported_at__lte=now - STALE)
    rows = DeathReport.objects.filter(ripe).order_by("due_at", "pk")
    return [str(key) for key in rows.values_list("pk", flat=True)[:limit]]


@transaction.atomic
def take_effect(key: str, *, now: datetime) -> None:
    """Memberships end, shares become a claim; or a report that nobody confirmed lapses. Once."""
    found = _locked(UUID(key))
    if found.state == "reported" and found.reported_at <= now - STALE:
        _undone(found, found.reported_by, now)
        return
    if found.state != "confirmed" or found.due_at > now:
        return
    if Membership.objects.filter(person=found.person, state="left", left_at__gt=found.reported_at).exists():
        _undone(found, found.person, now)  # they left by themselves since: who acts lives
        return
    death.died(found.person, found.on, now=now)
    found.state, found.done_at = "done", now
    found.save(update_fields=["state", "done_at"])
    notices.close_task(f"alive:{found.pk}", now)


@transaction.atomic
def was_wrong(report_id: UUID, *, by: Person, now: datetime) -> DeathReport:
    """It was a mistake, and it has taken effect: memberships go on, and each entry that made a claim is taken back by a new one. Offices, work and keys
    are to be given anew; shares asked back before are asked for anew. Twice is once.

    Raises ``Missing``, ``Refused``: "office", "over" (it did not take effect), "paid" (something went out, or is on its way), "decided" (the members
    have decided what the claim is worth).
    """
    found = _locked(report_id)
    if not death.may_record(by, now):
        raise Refused("office", _("Only a director, or whoever pays out, can write this down. Nothing was changed."))
    if found.state == "undone":
        return found
    if found.state != "done" or found.done_at is None:
        raise Refused("over", _("This has not taken effect. It can be called off."))
    rows = list(Membership.objects.select_for_update(of=("self",)).filter(person=found.person, state="left", left_at=found.done_at).order_by("pk"))
    mine = Claim.objects.select_for_update(of=("self",)).filter(membership__person=found.person, origin="death")
    claims = list(mine)
    if any(one.payout_id or one.paid_at or one.lapsed_at for one in claims):
        words = _("Something of it was paid out, or is on its way. Call that payout off first; what has been paid has to come back. Nothing was changed.")
        raise Refused("paid", words)
    if any(one.resolution_id for one in claims) or ValuationLine.objects.filter(claim__in=claims).exists():
        raise Refused("decided", _("The members have decided about this claim, or are deciding. Settle it with them; nothing was changed."))
    # what they were stays in the books: the entry that made them, and the one that takes it back
    Claim.objects.filter(pk__in=[one.pk for one in claims if one.made_at == found.done_at]).delete()
    _theirs_again([one for one in claims if one.made_at != found.done_at], now)
    for one in rows:
        if entry := Entry.objects.filter(kind="left", subject=ledger.owner_of(one), at=found.done_at).first():
            ledger.reverse(entry, key=f"lives:{found.pk}:{one.pk}", now=now, reason="lives")
        members.goes_on(one, now=now)
        record.write("return", f"membership:{one.pk}", [{"membership": str(one.pk), "report": str(found.pk)}], public=False, now=now)
    people.open_door(found.person)
    return _undone(found, by, now)


def _theirs_again(claims: list[Claim], now: datetime) -> None:
    """Claims that were the member's own before: theirs again, in one piece where the death cut them in two, and as they came about."""
    whole: dict[object, Claim] = {}
    for one in sorted(claims, key=lambda claim: str(claim.pk)):
        first = whole.setdefault((one.account_id, one.made_at, one.due_on, one.asked_on), one)
        if first is not one:
            first.amount += one.amount
            accounts.end_account(f"claim:{one.pk}", now=now)
            one.delete()
    for one in whole.values():
        accounts.end_account(f"claim:{one.pk}", now=now)
        one.origin, one.heir = one.was or "left", ""
        one.save(update_fields=["origin", "heir", "amount"])


def report_of(report_id: UUID, person: Person, now: datetime) -> DeathReport:
    """A report, for the member, and whoever may write a death down. Raises ``Missing``."""
    found = DeathReport.objects.select_related("person", "reported_by", "confirmed_by", "undone_by").filter(pk=report_id).first()
    if found is None or not (found.person_id == person.pk or death.may_record(person, now)):
        raise Missing("not yours to see")
    return found


def latest(limit: int = 30) -> list[DeathReport]:
    """The newest reports, open ones first. One query."""
    rows = DeathReport.objects.select_related("person", "reported_by").order_by("-reported_at")[:limit]
    return sorted(rows, key=lambda one: one.state not in OPEN)


def erase(person: Person, *, now: datetime) -> None:
    """Who has their data erased is no longer waited for: an open report of their death is called off."""
    DeathReport.objects.filter(person=person, state__in=OPEN).update(state="undone", undone_by=person, undone_at=now)
