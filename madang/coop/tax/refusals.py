"""What a service of the tax office would not take: whoever deals with taxes has a task until it went through, in whichever way."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madang.coop import notices
from madang.coop.members import queries as members
from madang.coop.members.models import OfficeTerm
from madang.coop.notices import texts
from madang.coop.people.actions import clean_line
from madang.coop.people.models import Person
from madang.coop.tax import DUTY, filings, numbers, sealing, status
from madang.coop.tax.models import Filing
from madang.kit.errors import Missing, Refused

MESSAGE = "tax.refused"
NOTHING = "nothing-to-cancel"
"""A cancellation whose receipt was never issued: nobody has to do anything."""
WHAT = {
    "cash-receipt": gettext_lazy("cash receipt"),
    "cash-receipt-cancel": gettext_lazy("cancellation of a cash receipt"),
    "e-invoice": gettext_lazy("electronic invoice"),
}
WHY = {
    "number": gettext_lazy("It does not know the number it goes to."),
    "supplier": gettext_lazy("It does not know the co-op's own registration number."),
    "key-used": gettext_lazy("It was given something else under this name before."),
    "amount": gettext_lazy("It does not take this amount."),
    "too-much": gettext_lazy("More would be cancelled than was issued."),
    "unknown": gettext_lazy("It has never heard of what this belongs to."),
    NOTHING: gettext_lazy("The receipt it would cancel was never issued, so nothing has to be done."),
}


def why(reason: str) -> Any:
    """A refusal's reason in words."""
    return WHY.get(reason, gettext_lazy("It did not say why."))


def key_of(filing: Filing) -> str:
    """Under which key its task is."""
    return f"tax-refused:{filing.pk}"


def waiting() -> list[Filing]:
    """What was refused and waits for a person, oldest first. One query."""
    return list(Filing.objects.filter(state="refused").exclude(reason=NOTHING).order_by("created_at")[:200])


def ask(filing: Filing, *, now: datetime) -> None:
    """Everybody who deals with taxes is told of a refusal. In the caller's transaction."""
    if filing.reason != NOTHING:
        for person in members.on_duty(DUTY, now):
            _ask(person, filing, now)


def _ask(person: Person, filing: Filing, now: datetime) -> None:
    params = {"what": WHAT[filing.kind], "amount": texts.money(filing.gross, filing.unit), "why": why(filing.reason)}
    notices.open_task(person, key_of(filing), MESSAGE, url=reverse("tax:filing", args=[filing.pk]), params=params, now=now)


def through(filing: Filing, *, now: datetime) -> None:
    """It went through: nobody needs to look at it any more."""
    notices.close_task(key_of(filing), now)


def _refused(filing_id: UUID | str, by: Person, now: datetime) -> Filing:
    status.require(by, now)
    found = Filing.objects.select_for_update(of=("self",)).filter(pk=filing_id).first()
    if found is None:
        raise Missing("no such filing")
    if found.state != "refused":
        raise Refused("state", _("This was not refused, or somebody has seen to it already. Nothing was changed."))
    return found


@transaction.atomic
def again(filing_id: UUID | str, *, by: Person, number: str = "", now: datetime) -> Filing:
    """Hand in what was refused once more, as something new to the service; a cash receipt with another ``number`` if one is given.

    Raises ``Missing``, ``Refused``: ``office``, ``state`` when it was not refused (also the second time), ``number``.
    """
    found = _refused(filing_id, by, now)
    if number.strip():
        if found.kind != "cash-receipt":
            raise Refused("number", _("What was written cannot be changed here: correct the paper instead. Nothing was sent."), "number")
        try:
            given = numbers.business(number, status.tax_law().country) if found.use == "business" else numbers.cash_receipt(number)
        except ValueError:
            raise Refused("number", _("This is no number a cash receipt can go to. Nothing was sent."), "number") from None
        found.sealed, found.tail = sealing.seal(given), given[-4:]
    elif found.kind == "cash-receipt" and not found.sealed:
        raise Refused("number", _("The number it went to is forgotten. Please give one. Nothing was sent."), "number")
    _open_again(found, by, now)
    for one in found.cancellations.filter(state="refused", reason=NOTHING):
        _open_again(one, by, now)  # the money had gone back: it is cancelled as soon as it is issued
    transaction.on_commit(lambda: filings.send(found.pk, now=now))
    return found


def _open_again(filing: Filing, by: Person, now: datetime) -> None:
    filing.state, filing.reason, filing.done_at, filing.attempts, filing.by = "created", "", None, 0, by
    filing.again += 1
    filing.next_at = now + filings.wait(0)
    filing.save()


@transaction.atomic
def settled_elsewhere(filing_id: UUID | str, approval: str, *, by: Person, now: datetime) -> Filing:
    """A person did it at the tax office's own site: ``approval`` is the number they were given there.

    Raises ``Missing``, ``Refused``: ``office``, ``state``, ``approval`` for none.
    """
    found = _refused(filing_id, by, now)
    said = clean_line(approval, 40, "approval")
    if not said:
        raise Refused("approval", _("Please give the number the tax office gave you for it."), "approval")
    found.state, found.approval, found.done_at, found.next_at, found.sealed, found.by = "done", said, now, None, None, by
    found.save()
    through(found, now=now)
    return found


def seated(term: OfficeTerm, *, now: datetime) -> None:
    """Whoever begins to deal with taxes finds what was refused."""
    if DUTY in term.office.does:
        for filing in waiting():
            _ask(term.person, filing, now)


def unseated(term: OfficeTerm, *, now: datetime) -> None:
    """Who deals with taxes no more is not asked."""
    if DUTY in term.office.does and not members.has_duty(term.person, DUTY, now):
        notices.close_tasks(term.person, [MESSAGE], now)
