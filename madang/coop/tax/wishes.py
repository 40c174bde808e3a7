"""What a payer wants for a payment: a cash receipt to their number, or an invoice to their business. Asked on the pay page, kept sealed."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from madang.coop.people.actions import clean_line
from madang.coop.people.models import Person
from madang.coop.tax import numbers, sealing, status
from madang.coop.tax.models import Wish
from madang.kit.errors import Refused

USES = ("income", "business", "invoice")


@transaction.atomic
def wish(charge: UUID, person: Person, use: str, number: str, *, name: str = "", address: str = "", now: datetime) -> Wish | None:
    """``use``: "income" (소득공제: a mobile number or card), "business" (지출증빙: a registration number), "invoice" (also a name), "" for none.

    The last word counts. The caller has checked that the charge is theirs and open. Raises ``Refused`` at the field that is wrong.
    """
    if not use:
        Wish.objects.filter(charge=charge, person=person).delete()
        return None
    country = status.tax_law().country
    if use not in USES or (use != "invoice" and country != "KR"):
        raise Refused("use", _("Choose what you need. Nothing was changed."), "use")
    to: dict[str, Any] = {}
    try:
        to["number"] = numbers.cash_receipt(number) if use == "income" else numbers.business(number, country)
    except ValueError:
        words = _("This is no mobile number and no cash receipt card.") if use == "income" else _("This registration number is not right: please check it.")
        raise Refused("number", words, "number") from None
    if use == "invoice":
        to |= {"name": clean_line(name, 70, "name"), "address": clean_line(address, 150, "address")}
        if not to["name"]:
            raise Refused("name", _("Please give the name that the registration says."), "name")
    sealed, tail = sealing.seal(json.dumps(to)), to["number"][-4:]
    return Wish.objects.update_or_create(charge=charge, defaults={"person": person, "use": use, "sealed": sealed, "tail": tail, "at": now})[0]


def seen(charge: UUID) -> Wish | None:
    """A wish as its person may see it: what for, and the last digits. One query."""
    return Wish.objects.filter(charge=charge).defer("sealed").first()


def of(charge: UUID | str) -> tuple[Wish, dict[str, Any]] | None:
    """A wish and to whom, in the clear. One query."""
    found = Wish.objects.filter(charge=charge).first()
    return (found, json.loads(sealing.unseal(found.sealed))) if found else None


def invoice_to(charge: UUID | str) -> dict[str, Any]:
    """The business an invoice was asked for, {} when none was. One query."""
    found = of(charge)
    return found[1] if found and found[0].use == "invoice" else {}


def forget(charge: UUID | str | None) -> None:
    """It was met: the number is no longer needed here."""
    if charge:
        Wish.objects.filter(charge=charge).delete()
