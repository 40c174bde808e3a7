"""Which rails this installation has."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

from django.conf import settings

from madang.coop import law
from madang.coop.payments import accounts, codes, portone, sandbox
from madang.coop.payments.models import BankLine
from madang.kit.errors import Refused
from madang.rails.payments import DisputeRail, Movement, PayeeRail, PaymentRail, PayoutRail
from madang.rails.payments.bank import FORMATS, WRITERS, BankTransfer
from madang.rails.payments.cash import Cash
from madang.rails.payments.stripe import Settings, Stripe

BANK = "bank"
PRETEND = "sandbox"
STRIPE = "stripe"
NAMES = ("sandbox", BANK, Cash.name, STRIPE, portone.NAME)
"""Every rail this programme has, whether it is set up or not."""
log = logging.getLogger(__name__)


def rail(name: str) -> PaymentRail:
    """A rail by its name. Raises ``KeyError`` for one that is not here."""
    if name == "sandbox":
        return sandbox.rail()
    if name == BANK:
        return bank()
    if name == Cash.name:
        return Cash()
    if name == STRIPE:
        return stripe()
    if name == portone.NAME:
        return portone.rail()
    raise KeyError(name)


def payout_rail(name: str) -> PayoutRail:
    """The rail that sends payouts out, by its name. Raises ``KeyError`` for one that is not here."""
    if name == "sandbox":
        return sandbox.rail()
    if name == BANK:
        return bank()
    if name == STRIPE:
        return stripe()
    if name == portone.NAME:
        return portone.rail()
    raise KeyError(name)


def _told() -> dict[str, Any]:
    """What this installation was given for Stripe (``settings.py`` of this app); empty where nothing was."""
    return getattr(settings, "STRIPE", None) or {}


def connected() -> bool:
    """Whether this co-op takes payments through Stripe. A demo, whose clock can be moved by anyone, never does so with real money."""
    told = _told()
    if not told:
        return False
    coop = law.coop_or_none()
    if coop is not None and coop.demo and not Settings(told["key"]).test_mode:
        log.error("a demo does not use a live key of Stripe: the pretend bank is used instead")
        return False
    return True


def stripe() -> Stripe:
    """Stripe, with this installation's key. Raises ``KeyError`` where none is given."""
    if not connected():
        raise KeyError(STRIPE)
    return Stripe(Settings(**_told()))


def either(name: str) -> PaymentRail | PayoutRail:
    """A rail by its name, whichever way it moves money. Raises ``KeyError`` for one that is not here."""
    try:
        return rail(name)
    except KeyError:
        return payout_rail(name)


def default() -> PaymentRail:
    """The rail new charges go through: Stripe where it is connected, PortOne where it is set up, else the pretend bank."""
    if connected():
        return stripe()
    return portone.rail() if portone.told() else sandbox.rail()


def pretends() -> bool:
    """Whether the pretend bank may be used for anything: in a demo, or while nothing that moves real money is set up. Deny first: at most two queries."""
    if connected() or portone.told():
        return False
    coop = law.coop_or_none()
    return coop is None or coop.demo or accounts.ours() is None


def in_words() -> str:
    """Where new payments go, for whoever runs the house."""
    found = default()
    if found.name == PRETEND and not pretends():
        return "the co-op's bank account; no service is connected"
    return "a pretend bank: no real money moves" if found.pretend else found.name


def test_mode(name: str) -> bool:
    """Whether a real service is used with pretend money: to be said on every page that it concerns."""
    return name == STRIPE and connected() and Settings(**_told()).test_mode


def disputes_at(name: str) -> DisputeRail | None:
    """The rail if disputes are answered through it, None where a person does that in the service's own console."""
    try:
        found = rail(name)
    except (KeyError, Refused):
        return None
    return found if isinstance(found, DisputeRail) else None


def payees_at(name: str = STRIPE) -> PayeeRail | None:
    """The rail if it pays people by itself once it knows them, else None."""
    try:
        found = payout_rail(name)
    except (KeyError, Refused):
        return None
    return found if isinstance(found, PayeeRail) else None


class Statements:
    """What the bank rail remembers: the lines that were read."""

    def came_in(self, code: str) -> tuple[int, str] | None:
        """(amount, unit) of the line that was matched with this code."""
        found = BankLine.objects.filter(charge__ref=code, charge__rail=BANK, state__in=["matched", "decided"]).first()
        return (found.charge.amount, found.unit) if found and found.charge else None

    def taken(self, code: str, key: str) -> bool:
        """Whether anything but the charge this order is of has the code. An order's key begins with its charge's id."""
        return codes.taken(code, charge=key.partition(":")[0])

    def movements(self, since: datetime, until: datetime) -> Iterable[Movement]:
        """All lines of our accounts in this span, by the day they were booked (midnight UTC)."""
        for line in BankLine.objects.filter(booked__gte=since.date(), booked__lt=(until + timedelta(days=1)).date()).order_by("booked", "pk").iterator():
            at = datetime(line.booked.year, line.booked.month, line.booked.day, tzinfo=since.tzinfo)
            if since <= at < until:
                yield Movement(line.line_id, "payment" if line.amount > 0 else "payout", line.amount, line.unit, at)


def bank() -> BankTransfer:
    """The bank-transfer rail over the co-op's account. Raises ``Refused("no-account")`` while there is none."""
    ours = accounts.ours()
    if ours is None:
        raise Refused("no-account", accounts.no_account_words())
    place = accounts.place(ours)
    return BankTransfer(Statements(), (place.holder, place.number, place.bank), place.kind, "/pay/transfer/{ref}/")


def bank_format(kind: str) -> str:
    """The file a co-op with an account of this kind gives to its bank."""
    return FORMATS[kind]


def bank_writer(name: str) -> ModuleType:
    """The writer of such a file."""
    return WRITERS[name]
