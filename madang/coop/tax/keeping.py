"""How long names and numbers are kept, and how they are forgotten."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q

from madang.coop.ledger import owner_of
from madang.coop.people.models import Person
from madang.coop.tax import status
from madang.coop.tax.models import Filing, Paper, TaxStatus, Wish, Withholding

STATEMENT = 2
"""A resident number is needed until the statement of payments of the last year with payouts is in (Korea: March of the next year); then it goes."""


def masked(row: TaxStatus) -> str:
    """A resident number as its owner may see it: that there is one."""
    return "kept, encrypted" if row.sealed else ""


def erase(person: Person, *, now: datetime) -> None:
    """Wishes and numbers go at once; a resident number stays, sealed, only while the law asks for a statement that is still to come.

    Invoices keep the business they were issued to until :func:`forget`.
    """
    mine = owner_of(person)
    Wish.objects.filter(person=person).delete()
    Filing.objects.filter(owner=mine, state__in=["done", "refused"]).update(sealed=None, tail="")
    TaxStatus.objects.filter(owner=mine).update(name="", representative="", address="", trade="", item="")
    if not _still_to_state(mine, status.day_of(now)):
        TaxStatus.objects.filter(owner=mine).update(number="", sealed=None, tail="")


def _still_to_state(owner: str, day: date) -> bool:
    """Whether a statement of payments that names this owner is still to be handed in, or may be asked for."""
    return Withholding.objects.filter(owner=owner, back=None, at__year__gt=day.year - STATEMENT).exists()


def find_old(now: datetime, limit: int) -> list[str]:
    """``paper:<id>`` and ``status:<id>`` whose names the law no longer asks for."""
    day = status.day_of(now)
    years = status.tax_law().bound("papers.keep_years", day).number()
    old = Paper.objects.filter(issued_on__lt=date(day.year - years, 1, 1)).exclude(customer={}).order_by("issued_on").values_list("pk", flat=True)[:limit]
    found = [f"paper:{pk}" for pk in old]
    erased = [f"person:{pk}" for pk in Person.objects.exclude(erased_at=None).values_list("pk", flat=True)]
    gone = TaxStatus.objects.filter(Q(sealed__isnull=False) | ~Q(number=""), owner__in=erased).order_by("at")
    found += [f"status:{row.pk}" for row in gone if not _still_to_state(row.owner, day)]
    return found[:limit]


def forget(key: str, *, now: datetime) -> None:
    """Forget one of them."""
    kind, _colon, ident = key.partition(":")
    if kind == "paper":
        Paper.objects.filter(pk=ident).update(customer={})
    else:
        TaxStatus.objects.filter(pk=ident).update(number="", sealed=None, tail="")
