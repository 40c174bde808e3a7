"""The outside world of money, in our words. An adapter for each company, and a sandbox that behaves.

A rail never opens a transaction of ours and is never called inside one: what we want is written down first, the rail is told after
the commit, and what it answers is booked as a new action.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol, runtime_checkable

State = Literal["waiting", "authorised", "paid", "declined", "cancelled", "unknown", "disputed", "returned", "ask"]
"""``waiting``: the person has not decided, or their bank has not; ``authorised``: promised, not taken; ``paid``: ours, less the fee;
``declined`` and ``cancelled``: over, nothing taken; ``unknown``: the rail knows no such payment; ``disputed``: it was paid, and the payer's
bank has taken the money back; ``returned``: a payout or a refund that left came back; ``ask``: something changed, and the rail is to be asked what."""

About = Literal["payment", "refund", "dispute", "payee", ""]
"""What a message of a rail is about; "" is nothing that anything is done about."""


@dataclass(frozen=True)
class Order:
    """What we ask a person to pay: ``key`` is ours and makes it happen once; ``amount`` in the smallest unit; where to come back to.
    ``later``: only have it promised; it is taken by ``capture``."""

    key: str
    amount: int
    unit: str
    title: str
    return_url: str
    at: datetime
    later: bool = False


@dataclass(frozen=True)
class Checkout:
    """Where the person goes to pay, and the rail's name for it."""

    ref: str
    url: str


@dataclass(frozen=True)
class Answer:
    """What the rail says of a payment, a refund or a payout. ``fee`` is what it keeps of a paid one; ``reason`` one of our few words:
    ``declined``, ``insufficient-funds``, ``too-much``, ``late``, ``account`` … ``payment`` is what the rail calls the payment once it was made,
    where that is another name than the one of the checkout."""

    ref: str
    state: State
    amount: int = 0
    unit: str = ""
    fee: int = 0
    reason: str = ""
    payment: str = ""


@dataclass(frozen=True)
class Event:
    """A message from the rail that was checked to be its own. The same ``event_id`` may come again, and late ones after later ones.

    ``ref``: the payment's or payout's; of a refund our own key; the dispute's; the payee's.
    """

    event_id: str
    kind: str
    ref: str
    answer: Answer
    about: About = "payment"


@dataclass(frozen=True)
class Movement:
    """One movement of our money at the rail: ``amount`` in the smallest unit, plus when it came and minus when it left; ``fee`` is what the
    rail kept of it. ``kind``: ``payment``, ``refund``, ``payout``, ``recall``, ``dispute``, ``fee``, ``withdrawal`` (to the co-op's own bank). ``about``: the
    payment a refund or dispute is of, the payout that came back."""

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
    """Payouts that leave together, all of one unit; ``key`` makes it happen once, ``on`` is the day they are to be paid, ``code`` what comes back on
    statements where they are told as one ("": what the rail makes of the key)."""

    key: str
    orders: tuple[PayoutOrder, ...]
    at: datetime
    on: date
    code: str = ""


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


DisputeState = Literal["open", "answered", "won", "lost"]


@dataclass(frozen=True)
class Dispute:
    """A payer's bank takes a payment back and asks us: how it stands *now*, so that messages may come in any order.

    ``payment`` is the payment's ref (or what the rail calls it once made). ``taken`` is what is gone from our balance at this moment (0 again
    when it was given back), ``fee`` what the rail keeps for it, both in the smallest unit. ``due_at``: until when an answer is read.
    """

    ref: str
    payment: str
    state: DisputeState
    amount: int
    unit: str
    taken: int = 0
    fee: int = 0
    reason: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True)
class Evidence:
    """What we answer a payer's bank: words, and perhaps one file (a picture or PDF)."""

    words: str
    file: File | None = None


@dataclass(frozen=True)
class Payee:
    """Somebody the rail can send money to, as the rail sees them. ``ready``: money can be sent. ``missing``: what it still wants to know."""

    ref: str
    ready: bool
    missing: tuple[str, ...] = ()


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


@runtime_checkable
class DisputeRail(Protocol):
    """What a rail can do besides where disputes are answered through it. For any other, a person answers in its own console."""

    def dispute(self, ref: str, *, at: datetime) -> Dispute | None:
        """How a dispute stands now; None when there is none of this name. Raises :class:`RailError`."""
        ...

    def contest(self, ref: str, evidence: Evidence, *, key: str, at: datetime) -> Dispute:
        """Send our answer to the payer's bank, once. Raises :class:`RailError`."""
        ...

    def concede(self, ref: str, *, key: str, at: datetime) -> Dispute:
        """Let the payer's bank have it: the dispute is lost at once. Raises :class:`RailError`."""
        ...


@runtime_checkable
class PayeeRail(Protocol):
    """What a rail can do besides that pays people out by itself, once it knows who they are."""

    def enrol(self, owner: str, *, email: str, organisation: bool, key: str) -> Payee:
        """Make somebody known to the rail, once for each ``key``. Raises :class:`RailError`."""
        ...

    def enrolment_url(self, ref: str, *, back: str, again: str) -> str:
        """Where they tell the rail who they are, and come ``back`` from; ``again`` is where the rail sends them when that address is used up."""
        ...

    def payee(self, ref: str) -> Payee | None:
        """How it stands with them. Raises :class:`RailError`."""
        ...

    def recall(self, ref: str, amount: int, *, key: str, at: datetime) -> Answer:
        """Take back ``amount`` of a payout: ``returned``, or ``declined`` when it is not there any more. Raises :class:`RailError`."""
        ...
