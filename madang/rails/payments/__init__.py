"""The outside world of money, in our words. An adapter for each company, and a sandbox that behaves.

A rail never opens a transaction of ours and is never called inside one: what we want is written down first, the rail is told after
the commit, and what it answers is booked as a new action.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

State = Literal["waiting", "authorised", "paid", "declined", "cancelled", "unknown", "disputed", "returned", "ask"]
"""``waiting``: the person has not decided, or their bank has not; ``authorised``: promised, not taken; ``paid``: ours, less the fee;
``declined`` and ``cancelled``: over, nothing taken; ``unknown``: the rail knows no such payment; ``disputed``: it was paid, and the payer's
bank has taken the money back; ``returned``: a payout that left came back; ``ask``: something changed, and the rail is to be asked what."""


@dataclass(frozen=True)
class Order:
    """What we ask a person to pay: ``key`` is ours and makes it happen once; ``amount`` in the smallest unit; where to come back to."""

    key: str
    amount: int
    unit: str
    title: str
    return_url: str
    at: datetime


@dataclass(frozen=True)
class Checkout:
    """Where the person goes to pay, and the rail's name for it."""

    ref: str
    url: str


@dataclass(frozen=True)
class Answer:
    """What the rail says of a payment, a refund or a payout. ``fee`` is what it keeps of a paid one; ``reason`` one of our few words:
    ``declined``, ``insufficient-funds``, ``too-much``, ``late``, ``account`` …"""

    ref: str
    state: State
    amount: int = 0
    unit: str = ""
    fee: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Event:
    """A message from the rail that was checked to be its own. The same ``event_id`` may come again."""

    event_id: str
    kind: str
    ref: str
    answer: Answer


@dataclass(frozen=True)
class Movement:
    """One movement of our money at the rail: ``amount`` in the smallest unit, plus when it came and minus when it left; ``fee`` is what the
    rail kept of it. ``kind``: ``payment``, ``refund``, ``payout``, ``dispute``, ``fee``. ``about``: the payment a refund or dispute is of, the payout
    that came back."""

    ref: str
    kind: str
    amount: int
    unit: str
    at: datetime
    fee: int = 0
    about: str = ""


@dataclass(frozen=True)
class PayoutOrder:
    """One payout: ``key`` is ours and makes it happen once, ``to`` the owner (``person:<id>``), ``account`` and ``bank`` where it goes (a rail
    that knows the owner itself needs neither), ``code`` what comes back on statements."""

    key: str
    to: str
    amount: int
    unit: str
    name: str = ""
    account: str = ""
    bank: str = ""
    code: str = ""


@dataclass(frozen=True)
class PayoutBatch:
    """Payouts that leave together, all of one unit; ``key`` makes it happen once, ``on`` is the day they are to be paid."""

    key: str
    orders: tuple[PayoutOrder, ...]
    at: datetime
    on: date


@dataclass(frozen=True)
class File:
    """What a person hands to the bank."""

    name: str
    content_type: str
    body: bytes


@dataclass(frozen=True)
class Sent:
    """What became of a batch: the rail's name for it; the ``answers`` known at once, in the orders' order (``waiting`` while nobody knows);
    and the ``file`` to be handed over by a rail that does not send by itself."""

    ref: str
    answers: tuple[Answer, ...]
    file: File | None = None


class RailError(Exception):
    """The rail could not be asked or would not answer: nothing is known, so ask again later."""


class BadSignature(Exception):
    """This message is not from the rail, or is too old: it is thrown away."""


class PaymentRail(Protocol):
    """What a rail must be able to do. Every call with a ``key`` may be repeated: one effect, the same answer."""

    name: str
    pretend: bool
    fee_in_words: str

    def authorise(self, order: Order) -> Checkout:
        """Open a payment; the person decides at the address it returns. Raises :class:`RailError`."""
        ...

    def capture(self, ref: str, *, key: str, at: datetime) -> Answer:
        """Take an authorised payment. A rail that takes at once answers ``paid``."""
        ...

    def void(self, ref: str, *, key: str, at: datetime) -> Answer:
        """Close a payment nobody finished; if it was paid meanwhile the answer says so."""
        ...

    def refund(self, ref: str, amount: int, *, key: str, at: datetime) -> Answer:
        """Send back ``amount`` of a paid payment; ``paid`` means it is on its way, ``declined`` that it will never be."""
        ...

    def fetch(self, ref: str, *, at: datetime) -> Answer:
        """What is the matter with this payment? For webhooks that got lost."""
        ...

    def reconcile(self, since: datetime, until: datetime) -> Iterable[Movement]:
        """Everything that moved at the rail in ``[since, until)``, oldest first: what the ledger must say too. Raises :class:`RailError`."""
        ...

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, *, at: datetime) -> Event:
        """Read a message after checking that the rail signed it lately. Raises :class:`BadSignature`."""
        ...

    def fee(self, amount: int, unit: str) -> int:
        """What the rail keeps of a payment of ``amount``, both in the smallest unit: exact integer arithmetic."""
        ...


class PayoutRail(Protocol):
    """What a rail that sends money out must be able to do. Every call with a ``key`` may be repeated: one effect, the same answer."""

    name: str
    pretend: bool

    def send(self, batch: PayoutBatch) -> Sent:
        """Send a batch, or write the file a person gives to the bank. Raises :class:`RailError`, and ``ValueError`` for what no bank would take."""
        ...

    def results(self, refs: Sequence[str], *, at: datetime) -> list[Answer]:
        """What became of these payouts (the refs of :class:`Sent` answers). A rail of files answers ``waiting``: its statements tell."""
        ...

    def reverse(self, ref: str, *, key: str, at: datetime) -> Answer:
        """Call a payout back: ``cancelled`` when it had not left, ``returned`` when it came back, ``declined`` when it is too late."""
        ...

    def reconcile(self, since: datetime, until: datetime) -> Iterable[Movement]:
        """As :meth:`PaymentRail.reconcile`."""
        ...
