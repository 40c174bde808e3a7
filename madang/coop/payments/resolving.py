"""What people do about differences: look at the reports, book what was forgotten or say why the books are right; count the drawer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db import connection, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from madang.coop import ledger, notices
from madang.coop.ledger.models import Account
from madang.coop.members import queries as members
from madang.coop.members.models import OfficeTerm
from madang.coop.payments import accounts
from madang.coop.payments.booking import clearing
from madang.coop.payments.gaps import TRANSIT
from madang.coop.payments.items import CORRECTION
from madang.coop.payments.reconciliations import CashCount, Difference, Reconciliation, Resolution
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.kit.money import LARGEST

MESSAGE = "payments.differs"
TASK = "reconcile"
WORDS_MAX = 200
DAYS_A_PAGE = 31


def newest() -> list[Reconciliation]:
    """The newest report of each service and currency that proved something, by the rail's name. One SQL query."""
    found = Reconciliation.objects.exclude(state="silent").order_by("rail", "unit", "-day", "-pk").distinct("rail", "unit")
    return list(found.prefetch_related("differences__root__resolution", "differences__resolution"))


def settled(one: Difference) -> Resolution | str | None:
    """What was done about a difference: a resolution, words from before, or None while it is open."""
    root = one.root or one
    return getattr(root, "resolution", None) or one.explained or None


def open_ones(report: Reconciliation) -> list[Difference]:
    """Differences of a report that wait for a person."""
    return [one for one in report.differences.all() if one.kind != TRANSIT and settled(one) is None]


def ask_people(*, now: datetime) -> None:
    """Whoever pays out has a task for every service that differs; one that agrees has none."""
    for report in newest():
        left, key = open_ones(report), f"{TASK}:{report.rail}:{report.unit}"
        if not left:
            notices.close_task(key, now)
            continue
        for person in members.on_duty(accounts.PAYOUTS, now):
            _ask(person, report, key, now)


def _ask(person: Person, report: Reconciliation, key: str, now: datetime) -> None:
    url = reverse("payments:reconciliation", args=[report.rail, report.day.isoformat()])
    notices.open_task(person, key, MESSAGE, url=url, params={"rail": name_of(report.rail)}, now=now)


def seated(term: OfficeTerm, *, now: datetime) -> None:
    """Whoever begins to pay out finds what differs."""
    if accounts.PAYOUTS in term.office.does:
        for report in newest():
            if open_ones(report):
                _ask(term.person, report, f"{TASK}:{report.rail}:{report.unit}", now)


def unseated(term: OfficeTerm, *, now: datetime) -> None:
    """Who pays out no more is not asked."""
    if accounts.PAYOUTS in term.office.does and not members.has_duty(term.person, accounts.PAYOUTS, now):
        notices.close_tasks(term.person, [MESSAGE], now)


def name_of(rail: str) -> Any:
    """What people call a service."""
    from django.utils.translation import gettext_lazy

    names = {"sandbox": gettext_lazy("the pretend bank"), "bank": gettext_lazy("the bank"), "cash": gettext_lazy("the cash drawer")}
    return names.get(rail, {"portone": "PortOne", "stripe": "Stripe"}.get(rail, rail))


@transaction.atomic
def resolve(difference_id: UUID, how: str, words: str, *, by: Person, now: datetime) -> Resolution:
    """Settle a difference, once: ``explained`` (the books are right, and why), or booked as ``card-cost``, ``suspense`` (money nobody can name yet) or
    ``other-rail`` (it came from or went to the co-op's bank account). What is booked brings the books to what the service holds.

    Raises ``Missing``, ``Refused``: ``office``, ``words``, ``how``, ``settled`` when it was settled otherwise, ``newer`` when a later report has it.
    """
    accounts.require_payouts(by, now)
    found = Difference.objects.select_related("reconciliation", "root").filter(pk=difference_id).first()
    if found is None:
        raise Missing("no such difference")
    root = found.root or found
    with connection.cursor() as cursor:  # one at a time; the rows themselves cannot be locked: who serves may not change them
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"resolve:{root.pk}"])
    said = " ".join(words.split())
    if (made := Resolution.objects.filter(difference=root).first()) is not None:
        if (made.how, made.words) == (how, said):
            return made
        raise Refused("settled", _("Somebody has settled this already. Nothing was changed."))
    if found.kind == TRANSIT or found.explained:
        raise Refused("settled", _("There is nothing to settle here. Nothing was changed."))
    if not 0 < len(said) <= WORDS_MAX:
        raise Refused("words", _("Please say in a few words what it was, so that whoever checks the books understands it."), "words")
    if how not in ways(found):
        raise Refused("how", _("Please choose what to do about it. Nothing was booked."), "how")
    last = next((one for one in newest() if (one.rail, one.unit) == (found.reconciliation.rail, found.reconciliation.unit)), None)
    if last is not None and last.pk != found.reconciliation_id and not last.differences.filter(thing=found.thing, root=root).exists():
        raise Refused("newer", _("A later report says something else about this. Please settle it there. Nothing was booked."))
    entry = None if how == "explained" else _book(found, root, how, now)
    made = Resolution.objects.create(difference=root, how=how, words=said, by=by, at=now, entry=entry)
    ask_people(now=now)
    return made


def ways(found: Difference) -> list[str]:
    """How this can be settled."""
    if not found.net:
        return ["explained"]
    rail = found.reconciliation.rail
    other = [] if rail == "bank" or found.net == 0 else ["other-rail"]
    cost = ["card-cost"] if (found.theirs - found.ours) <= 0 else []
    return [*cost, "suspense", *other, "explained"]


def _book(found: Difference, root: Difference, how: str, now: datetime) -> ledger.Entry:
    """Bring the books to what the service holds: the fee to the card costs, the amount where the person said."""
    report = found.reconciliation
    here, unit = clearing(report.rail, report.unit), report.unit
    costs = ledger.account("card-costs", "", unit)
    amount, fee = found.theirs - found.ours, found.their_fee - found.our_fee
    kinds = {"card-cost": costs, "other-rail": clearing("bank", unit)}
    other = kinds.get(how) or ledger.account("suspense", "", unit)
    moves = _move(here, other, amount, "reconciled") + _move(here, costs, -fee, "card-cost")
    return ledger.post("reconciled", moves, key=f"{CORRECTION}{root.pk}", subject="", now=now)


def _move(here: Account, other: Account, amount: int, kind: str) -> list[ledger.Move]:
    """``amount`` more (or less) at the service."""
    if not amount:
        return []
    return [ledger.Move(here, other, amount, kind) if amount > 0 else ledger.Move(other, here, -amount, kind)]


@transaction.atomic
def count_drawer(amount: int, unit: str, *, by: Person, now: datetime) -> CashCount:
    """What is in the drawer now, counted by whoever pays out. The next report holds it against the books. Raises ``Refused``: ``office``, ``amount``."""
    accounts.require_payouts(by, now)
    if not 0 <= amount <= LARGEST:
        raise Refused("amount", _("This cannot be in the drawer. Nothing was noted."), "amount")
    return CashCount.objects.create(amount=amount, unit=unit, by=by, at=now)


@dataclass(frozen=True)
class Day:
    """A report as the list of days shows it."""

    report: Reconciliation
    name: Any
    open: int


def _days(found: QuerySet[Reconciliation]) -> list[Day]:
    rows = found.order_by("-day", "rail", "-pk").prefetch_related("differences__root__resolution", "differences__resolution")
    return [Day(one, name_of(one.rail), len(open_ones(one))) for one in rows]


def days(limit: int = 60) -> list[Day]:
    """The newest reports. Four SQL queries."""
    newest_first = Reconciliation.objects.order_by("-day", "rail", "-pk").values("pk")[:limit]
    return _days(Reconciliation.objects.filter(pk__in=newest_first))


def pages() -> Paginator[Any]:
    """The days that have a report, newest first, a month of days a page."""
    return Paginator(Reconciliation.objects.order_by("-day").values_list("day", flat=True).distinct(), DAYS_A_PAGE)


def days_between(first: date, last: date) -> list[Day]:
    """The reports of these days. Four SQL queries."""
    return _days(Reconciliation.objects.filter(day__gte=first, day__lte=last))


def standing() -> list[Day]:
    """Of each service the newest report that proved something. Four SQL queries."""
    return [Day(one, name_of(one.rail), len(open_ones(one))) for one in newest()]


def report_of(rail: str, day: date) -> Reconciliation:
    """The newest report of a service's day. Raises ``Missing``."""
    found = Reconciliation.objects.filter(rail=rail, day=day).order_by("-pk").prefetch_related(
        "differences__root__resolution__by", "differences__resolution__by", "differences__charge__payer", "differences__payout", "differences__refund"
    ).first()  # fmt: skip
    if found is None:
        raise Missing("no such report")
    return found


def unsettled() -> Sequence[str]:
    """For ``madang check``: differences nobody has settled, a sentence each."""
    return [
        f"{report.rail} {report.day}: {one.kind} {one.thing}: there {one.theirs} (fee {one.their_fee}), here {one.ours} (fee {one.our_fee}) {report.unit}"
        for report in newest()
        for one in open_ones(report)
    ]


def unproved() -> Sequence[str]:
    """For ``madang check``: reports whose differences do not add up to the whole difference."""
    return [
        f"{report.rail} {report.day}: {report.gap} {report.unit} differ, {named} are named"
        for report in newest()
        if report.gap != (named := sum(one.net for one in report.differences.all() if one.kind != "sum"))
    ]
