"""An invoice of ours in the standard form of the co-op's country, to give to who asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import ModuleType
from typing import Any

from django.utils.translation import gettext as _

from madang.coop.ledger import periods
from madang.coop.tax import status
from madang.coop.tax.models import Paper
from madang.kit.errors import Refused
from madang.rails.fiscal import kec, ubl
from madang.rails.fiscal.einvoice import EInvoice, Party, Unwritable

FORMS: dict[str, ModuleType] = {"KR": kec, "GB": ubl}
"""The standard form of a country's invoices. A new one is a module with ``NAME``, ``TITLE``, ``CONTENT_TYPE`` and ``write``, named here."""


@dataclass(frozen=True)
class File:
    """An invoice as a file: its name, its form's name in words, its type and what is in it."""

    name: str
    title: str
    content_type: str
    body: bytes


def form_of(paper: Paper) -> ModuleType | None:
    """The form this paper can be had in; None for a receipt, one whose customer is forgotten, or a country without a form. No query but the co-op's."""
    first = paper.corrects or paper
    if first.kind != "invoice" or not paper.customer:
        return None
    return FORMS.get(status.tax_law().country)


def file(paper: Paper) -> File:
    """The file of an invoice or its correction. Two queries. Raises ``Refused("form")`` where there is none."""
    form = form_of(paper)
    words = _("This paper has no electronic form.")
    if form is None:
        raise Refused("form", words)
    try:
        body: bytes = form.write(told(paper))
    except Unwritable:
        raise Refused("form", words) from None
    return File(f"{paper.code}-{form.NAME}.xml", form.TITLE, form.CONTENT_TYPE, body)


def told(paper: Paper) -> EInvoice:
    """A paper as an electronic invoice says it. Raises :class:`~madang.rails.fiscal.einvoice.Unwritable`."""
    country, first = status.tax_law().country, paper.corrects
    lang = "ko" if country == "KR" else "en"
    title = paper.title.get(lang) or next(iter(paper.title.values()), paper.code)
    return EInvoice(
        paper.code, paper.issued_on, paper.supplied_on, paper.at.astimezone(periods.zone()), _party(paper.supplier, country), _party(paper.customer, country),
        str(title), paper.subject, paper.net, paper.tax, paper.unit, Fraction(paper.rate), first.code if first else "", first.issued_on if first else None,
        paper.reason, _approval(paper), _approval(first) if first else "",
    )  # fmt: skip


def _party(said: dict[str, Any], country: str) -> Party:
    given = {name: str(said.get(name, "")) for name in ("number", "name", "address", "representative", "trade", "item")}
    return Party(**given, country=country)


def _approval(paper: Paper) -> str:
    done = paper.filings.filter(kind="e-invoice", state="done").values_list("approval", flat=True).first()
    return done or ""
