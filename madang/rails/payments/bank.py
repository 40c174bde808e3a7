"""Bank transfer: a person pays by hand with a code, we pay by a file a person hands to the bank. The bank's statements tell what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from madang.rails.bank import krbulk, orders, pain001
from madang.rails.bank.codes import code_for, free
from madang.rails.payments import Answer, BadSignature, Checkout, Event, File, Movement, Order, PayoutBatch, Sent

WRITERS = {module.NAME: module for module in (pain001, krbulk)}
FORMATS = {"iban": pain001.NAME, "kr": krbulk.NAME}
"""Which file a co-op with such an account gives to its bank."""


class Memory(Protocol):
    """What the statements have told so far. Whoever hosts the rail gives it one."""

    def came_in(self, code: str) -> tuple[int, str] | None:
        """(amount, unit) of what came with this code, None while nothing did."""
        ...

    def taken(self, code: str, key: str) -> bool:
        """Whether this code was given to anything but the order with this key."""
        ...

    def movements(self, since: datetime, until: datetime) -> Iterable[Movement]:
        """All lines of our account in this span."""
        ...


class BankTransfer:
    """A :class:`~madang.rails.payments.PaymentRail` and :class:`~madang.rails.payments.PayoutRail` over a person and their bank.

    ``payer`` is (holder, account, bank) of the co-op; ``kind`` "iban" or "kr" says which file its bank takes.
    """

    name = "bank"
    pretend = False
    fee_in_words = "0"

    def __init__(self, memory: Memory, payer: tuple[str, str, str], kind: str, checkout_url: str) -> None:
        self._memory = memory
        self._payer = payer
        self._writer = WRITERS[FORMATS[kind]]
        self._checkout_url = checkout_url

    def authorise(self, order: Order) -> Checkout:
        """The code to write into the transfer, and the page that says where to send it."""
        code = free(order.key, lambda one: self._memory.taken(one, order.key))
        return Checkout(code, self._checkout_url.format(ref=code))

    def fetch(self, ref: str, *, at: datetime) -> Answer:
        """Paid once a statement told so."""
        found = self._memory.came_in(ref)
        return Answer(ref, "paid", *found) if found else Answer(ref, "waiting")

    def capture(self, ref: str, *, key: str, at: datetime) -> Answer:
        """A bank transfer is ours when it is there."""
        return self.fetch(ref, at=at)

    def void(self, ref: str, *, key: str, at: datetime) -> Answer:
        """Nobody waits for it any more; what comes all the same is sent back."""
        found = self.fetch(ref, at=at)
        return found if found.state == "paid" else Answer(ref, "cancelled")

    def refund(self, ref: str, amount: int, *, key: str, at: datetime) -> Answer:
        """We know no account of the payer's: a person asks for one and sends it by hand."""
        return Answer("", "declined", amount, reason="by-hand")

    def fee(self, amount: int, unit: str) -> int:
        """What the bank charges stands on the statement as a line of its own."""
        return 0

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, *, at: datetime) -> Event:
        """No bank calls us."""
        raise BadSignature("a bank sends no messages here")

    def send(self, batch: PayoutBatch) -> Sent:
        """The file for the bank: pain.001 or the Korean CSV. Raises :class:`~madang.rails.bank.orders.BadOrder` (a ``ValueError``)."""
        holder, account, bank = self._payer
        payments = tuple(orders.Payment(one.code, one.name, one.account, one.bank, one.amount) for one in batch.orders)
        code, unit = batch.code or code_for(batch.key), batch.orders[0].unit if batch.orders else ""
        body = self._writer.write(orders.Batch(code, holder, account, bank, unit, batch.at, batch.on, payments))
        file = File(f"{batch.on.isoformat()}-{code}.{self._writer.ENDING}", self._writer.CONTENT_TYPE, body)
        return Sent(code, tuple(Answer(one.code, "waiting", one.amount, one.unit) for one in batch.orders), file)

    def results(self, refs: Sequence[str], *, at: datetime) -> list[Answer]:
        """The next statement tells."""
        return [Answer(ref, "waiting") for ref in refs]

    def reverse(self, ref: str, *, key: str, at: datetime) -> Answer:
        """Only the bank can call a transfer back."""
        return Answer(ref, "declined", reason="ask-the-bank")

    def reconcile(self, since: datetime, until: datetime) -> Iterable[Movement]:
        """All lines of our account that were read."""
        return self._memory.movements(since, until)
