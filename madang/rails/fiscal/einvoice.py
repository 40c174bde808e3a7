"""An electronic invoice in our words, before any standard: who, to whom, what, how much. :mod:`ubl` and :mod:`kec` write it down."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from xml.etree.ElementTree import Element, SubElement, tostring

from madang.kit.units import unit as known_unit

REASONS = ("returned", "cancelled", "reduced", "mistake", "twice")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Unwritable(ValueError):
    """This cannot be said in the form that was asked for: ``code`` is ``customer``, ``country``, ``unit`` or ``amount``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Party:
    """Who sells or buys: ``number`` as it is registered ("GB980780684", "120-81-47521"), ``trade`` and ``item`` (업태, 종목) where the law asks for them."""

    number: str
    name: str
    address: str = ""
    country: str = ""
    representative: str = ""
    trade: str = ""
    item: str = ""


@dataclass(frozen=True)
class EInvoice:
    """One invoice, or the correction of one (then ``net`` and ``tax`` are below zero and ``corrects`` is its number). Amounts in the smallest ``unit``.

    ``approval`` and ``corrects_approval`` are what the tax office's service gave this one and the one it corrects ("" for none yet).
    ``ordered`` is what the buyer knows it by. ``rate`` is a fraction (1/5 for 20 %).
    """

    number: str
    issued_on: date
    supplied_on: date
    at: datetime
    supplier: Party
    customer: Party
    title: str
    ordered: str
    net: int
    tax: int
    unit: str
    rate: Fraction
    corrects: str = ""
    corrects_on: date | None = None
    reason: str = ""
    approval: str = ""
    corrects_approval: str = ""

    def __post_init__(self) -> None:
        if not (clean(self.customer.number) and clean(self.customer.name)):
            raise Unwritable("customer")
        wrong_sign = (self.net > 0 or self.tax > 0) if self.corrects else (self.net < 0 or self.tax < 0)
        if wrong_sign or bool(self.corrects) != bool(self.reason) or not 0 <= self.rate < 1:
            raise Unwritable("amount")

    @property
    def item(self) -> str:
        """What the one line is called: the title, or the invoice's number where it has no sign that can be written."""
        return clean(self.title) or self.number

    @property
    def gross(self) -> int:
        """What was paid, or goes back."""
        return self.net + self.tax


def plain(amount: int, code: str) -> str:
    """An amount as standards write it: 1234 GBP is "12.34", -52000 KRW "-52000". Raises :class:`Unwritable`."""
    try:
        return format(Decimal(amount).scaleb(-known_unit(code).scale), "f")
    except ValueError:
        raise Unwritable("unit") from None


def per_cent(rate: Fraction) -> str:
    """A rate in per cent without needless zeros: 1/5 is "20", 7/40 "17.5"."""
    exact = Decimal((rate * 100).numerator) / Decimal((rate * 100).denominator)
    return format(exact, "f").rstrip("0").rstrip(".") if exact != exact.to_integral_value() else str(int(exact))


def clean(text: str) -> str:
    """What of it can be written into XML, without space around it."""
    return _NOT_XML.sub("", text).strip()


def put(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    """A child element; signs that XML has no place for are left out."""
    made = SubElement(parent, name, attributes)
    if text is not None:
        made.text = clean(text)
    return made


def put_some(parent: Element, name: str, text: str) -> None:
    """A child element where there is something to say."""
    if clean(text):
        put(parent, name, text)


def written(root: Element) -> bytes:
    """The file, UTF-8."""
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + bytes(tostring(root, "utf-8"))
