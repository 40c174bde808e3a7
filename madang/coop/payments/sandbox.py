"""The sandbox's host: its book in two small tables, its messages brought to our door, and a person's walk in one call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac

from madang.coop import once
from madang.coop.payments.models import SandboxEvent, SandboxPayment
from madang.rails.payments import Event
from madang.rails.payments.sandbox import Payment, Post, Sandbox

if TYPE_CHECKING:
    from madang.coop.payments.models import Charge


class Book:
    """The pretend bank's :class:`~madang.rails.payments.sandbox.Store` in PostgreSQL."""

    def open(self, payment: Payment) -> Payment:
        """Keep a new payment, or return the one that has this key already."""
        if once.insert(SandboxPayment(key=payment.key, ref=payment.ref, data=asdict(payment))):
            return payment
        return Payment(**SandboxPayment.objects.get(key=payment.key).data)

    @contextmanager
    def locked(self, ref: str) -> Iterator[Payment | None]:
        """The payment, with nobody else changing it until the block ends."""
        with transaction.atomic():
            row = SandboxPayment.objects.select_for_update().filter(ref=ref).first()
            yield Payment(**row.data) if row else None

    def keep(self, payment: Payment) -> None:
        """Write a payment back."""
        SandboxPayment.objects.filter(ref=payment.ref).update(data=asdict(payment))

    def everything(self) -> Iterable[Payment]:
        """All it remembers, for reconciliation."""
        return (Payment(**row.data) for row in SandboxPayment.objects.order_by("ref").iterator())

    def post(self, post: Post) -> None:
        """Keep a message for delivery; one with a known id is kept once."""
        once.insert(SandboxEvent(event_id=post.event_id, ref=post.body["ref"], deliver_at=post.at, times=post.times, body=post.body))

    def waiting(self, at: datetime, limit: int, only: str = "") -> Iterable[Post]:
        """Messages to be delivered by now; ``only`` one (an event's id) or those about one payment (its ref)."""
        found = SandboxEvent.objects.filter(delivered_at=None, deliver_at__lte=at)
        if only:
            found = found.filter(Q(event_id=only) | Q(ref=only))
        for row in found.order_by("deliver_at", "event_id")[:limit]:
            yield Post(row.event_id, row.deliver_at, row.body, row.times)

    def delivered(self, event_id: str, at: datetime) -> None:
        """This one arrived."""
        SandboxEvent.objects.filter(event_id=event_id, delivered_at=None).update(delivered_at=at)


def rail() -> Sandbox:
    """The sandbox of this installation, signing with a secret of its own derived from the site's."""
    secret = salted_hmac("madang.sandbox.webhook", "v1", secret=settings.SECRET_KEY, algorithm="sha256").digest()
    return Sandbox(Book(), secret, "/pay/sandbox/{ref}/")


def deliver(now: datetime, limit: int = 50, only: str = "") -> list[Event]:
    """Bring the pretend bank's messages to our door, as its web hooks would: signed, stored, then acted on. Returns what arrived.

    ``only`` brings the messages about one payment, or one message.
    """
    from madang.coop.payments import actions

    bank, arrived = rail(), []
    for post, headers, body in bank.deliveries(now, limit, only):
        for _time in range(post.times):
            arrived.append(actions.receive_webhook(bank.name, headers, body, now=now))
        bank.store.delivered(post.event_id, now)
    return arrived


def pay(charge: Charge, *, now: datetime, answer: str = "approve") -> Charge:
    """What a person does: go to the pretend bank, choose an answer there, come back. For tests and demos.

    ``answer`` is one of ``rails.payments.sandbox.CHOICES``. Returns the charge as it is then.
    """
    from madang.coop.payments import actions

    started = actions.go_and_pay(charge, now=now)
    rail().choose(started.ref, answer, at=now)
    deliver(now, only=started.ref)
    started.refresh_from_db()
    return started
