"""Disputes: a payer's bank takes a payment back, we may answer, it decides. Each step is booked as what changed since the last, so that the
messages of a payment service may come twice, late or in any order."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from madang.coop import ledger, notices
from madang.coop.members import queries as members
from madang.coop.members.models import OfficeTerm
from madang.coop.notices import texts
from madang.coop.payments import losses, rails, sealing, states
from madang.coop.payments.booking import clearing, disputed
from madang.coop.payments.models import Charge, Dispute
from madang.coop.payments.waits import wait
from madang.coop.people.actions import clean_text
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.rails.payments import Dispute as Told
from madang.rails.payments import Evidence, File, RailError

log = logging.getLogger(__name__)
PAYOUTS = "payouts"
FILE_MAX = 900_000
KINDS = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}
WORDS_KEPT = timedelta(days=90)
"""After this long our words and file for a decided dispute are forgotten."""


def look(rail_name: str, ref: str, *, now: datetime) -> bool:
    """Ask the rail how a dispute stands and book it. Never inside a transaction. False when it is about nothing we know (yet).

    Raises :class:`RailError`.
    """
    rail = rails.disputes_at(rail_name)
    told = rail.dispute(ref, at=now) if rail is not None else None
    return told is not None and learn(rail_name, told, now=now) is not None


@transaction.atomic
def learn(rail_name: str, told: Told, *, now: datetime) -> Dispute | None:
    """Book what the rail says of a dispute *now*: what changed since we last knew. One effect however often. None for an unknown payment.

    Decided stays decided; and while it is open, what was taken does not become less by an older answer that comes late.
    """
    charge = Charge.objects.select_for_update(of=("self",)).filter(Q(ref=told.payment) | Q(payment_ref=told.payment), rail=rail_name).first()
    if charge is None or charge.entry_id is None or not told.payment or told.unit != charge.unit:
        return None
    found = Dispute.objects.select_for_update(of=("self",)).filter(rail=rail_name, ref=told.ref).first()
    if found is None:
        found = Dispute.objects.create(charge=charge, rail=rail_name, ref=told.ref, amount=told.amount, unit=told.unit, opened_at=now, due_at=told.due_at)
        _opened(found, now)
    if states.dispute.is_final(found.state):
        return found
    if told.state in ("won", "lost") or told.taken >= found.taken:
        _book_difference(found, charge, told, now)
    found.reason, found.due_at, found.amount = told.reason[:40], told.due_at or found.due_at, max(found.amount, told.amount)
    if told.state == states.WON and told.taken:
        found.next_at = now + wait(0)  # decided for us, and the money is not back yet: asked again
    elif told.state != found.state and not (found.wish and told.state == states.OPEN_DISPUTE):
        states.dispute.check(found.state, told.state)
        found.state = told.state
    if states.dispute.is_final(found.state):
        _ended(found, charge, now)
    found.save()
    return found


def _book_difference(found: Dispute, charge: Charge, told: Told, now: datetime) -> None:
    """One entry for what left or came back, and for what the rail asks for it, since the last one."""
    away, fee = told.taken - found.taken, told.fee - found.fee
    here = clearing(found.rail, found.unit)
    moves = []
    if away:
        place = disputed(charge)
        moves.append(ledger.Move(place, here, away, "dispute-taken") if away > 0 else ledger.Move(here, place, -away, "dispute-given-back"))
    if fee:
        costs, note = ledger.account("card-costs", "", found.unit), {"of": found.amount, "rail": found.rail}
        moves.append(ledger.Move(costs, here, fee, "dispute-fee", note=note) if fee > 0 else ledger.Move(here, costs, -fee, "dispute-fee-back", note=note))
    if moves:
        found.bookings += 1
        ledger.post("dispute", moves, key=f"dispute:{found.pk}:{found.bookings}", subject=charge.subject, payer=charge.owner, now=now)
        found.taken, found.fee = told.taken, told.fee


def _opened(found: Dispute, now: datetime) -> None:
    for person in members.on_duty(PAYOUTS, now):
        _ask(person, found, now)
    params = {"amount": texts.money(found.amount, found.unit)}
    notices.tell(found.charge.payer, "payments.dispute_payer", url=found.charge.get_absolute_url(), params=params, now=now)


def _ask(person: Person, found: Dispute, now: datetime) -> None:
    params = {"amount": texts.money(found.amount, found.unit)}
    url = reverse("payments:dispute", args=[found.pk])
    notices.open_task(person, f"dispute:{found.pk}", "payments.dispute", url=url, params=params, due_at=found.due_at, now=now)


def _ended(found: Dispute, charge: Charge, now: datetime) -> None:
    found.ended_at, found.next_at, found.wish = now, None, ""
    notices.close_task(f"dispute:{found.pk}", now)
    if found.state == states.LOST and found.taken:
        losses.bear(found, charge, now=now)
    message = "payments.dispute_won" if found.state == states.WON else "payments.dispute_lost"
    params, url = {"amount": texts.money(found.amount, found.unit)}, reverse("payments:dispute", args=[found.pk])
    for person in members.on_duty(PAYOUTS, now):
        notices.tell(person, message, url=url, params=params, now=now)


def _open_one(dispute_id: UUID, by: Person, now: datetime) -> Dispute:
    found = Dispute.objects.select_for_update(of=("self",)).select_related("charge").filter(pk=dispute_id).first()
    if found is None or not members.has_duty(by, PAYOUTS, now):
        raise Missing("no such dispute, or not yours to answer")
    return found


def _still_open(found: Dispute, by: Person, now: datetime) -> None:
    if found.charge.payer_id == by.pk:
        raise Refused("own-dispute", _("This is your own payment: somebody else has to answer for the co-op. Nothing was sent."))
    if found.state != states.OPEN_DISPUTE or found.wish:
        raise Refused("dispute-answered", _("This was answered or decided already. Nothing was sent."))
    if found.due_at and found.due_at <= now:
        raise Refused("dispute-late", _("The day to answer by is over. Nothing was sent."))


@transaction.atomic
def contest(dispute_id: UUID, words: str, *, by: Person, now: datetime, file: bytes = b"") -> Dispute:
    """Answer the payer's bank, once and for good; the rail is told after the commit. A repeat with the same words changes nothing.

    Raises ``Missing``, ``Refused``: ``words`` (at least 20 letters), ``file`` (PDF, PNG or JPEG, at most 0.9 MB), ``own-dispute``,
    ``dispute-answered``, ``dispute-late``.
    """
    found = _open_one(dispute_id, by, now)
    said = clean_text(words, 5_000, "words")
    if found.words and (found.words, found.by_id) == (said, by.pk):
        return found
    _still_open(found, by, now)
    if len(said) < 20:
        raise Refused("words", _("Please say in at least 20 letters what was done and how you know. Nothing was sent."), "words")
    if file:
        found.file_type = next((kind for head, kind in KINDS.items() if file.startswith(head)), "")
        if not found.file_type or len(file) > FILE_MAX:
            raise Refused("file", _("Please choose a PDF, PNG or JPEG of at most 0.9 MB. Nothing was sent."), "file")
        found.sealed, found.file_name = sealing.seal(file), f"evidence.{ENDINGS[found.file_type]}"
    found.words = said
    return _to_be_told(found, "contest", by, now)


@transaction.atomic
def concede(dispute_id: UUID, *, by: Person, now: datetime) -> Dispute:
    """Let the payer's bank have it. The rail is told after the commit. Raises as :func:`contest`."""
    found = _open_one(dispute_id, by, now)
    if found.wish == "concede" or found.state == states.LOST:
        return found
    _still_open(found, by, now)
    return _to_be_told(found, "concede", by, now)


def _to_be_told(found: Dispute, wish: str, by: Person, now: datetime) -> Dispute:
    if rails.disputes_at(found.rail) is None:
        raise Refused("by-hand", _("This payment service takes answers in its own pages only. Nothing was sent."))
    found.wish, found.by, found.answered_at, found.next_at, found.attempts = wish, by, now, now + wait(0), 0
    if wish == "contest":
        found.state = states.ANSWERED
    found.save()
    notices.close_task(f"dispute:{found.pk}", now)
    transaction.on_commit(lambda: send(found.pk, now=now))
    return found


def send(dispute_id: UUID | str, *, now: datetime) -> None:
    """Tell the rail, outside any transaction, and book what it answers."""
    found = Dispute.objects.get(pk=dispute_id)
    rail = rails.disputes_at(found.rail)
    if not found.wish or rail is None:
        return
    key = f"dispute:{found.pk}:{found.wish}"
    try:
        if found.wish == "concede":
            told = rail.concede(found.ref, key=key, at=now)
        else:
            file = File(found.file_name, found.file_type, sealing.unseal(found.sealed)) if found.sealed else None
            told = rail.contest(found.ref, Evidence(found.words, file), key=key, at=now)
    except RailError as error:
        log.warning("dispute %s: the rail did not take the answer: %s", found.pk, error)
        return
    with transaction.atomic():  # both or neither: a dispute whose wish is gone and whose end is not known would seem unanswered
        Charge.objects.select_for_update(of=("self",)).get(pk=found.charge_id)  # first, as everybody does who learns
        Dispute.objects.filter(pk=found.pk).update(wish="", next_at=None)
        learn(found.rail, told, now=now)


def find_wishes(now: datetime, limit: int) -> list[str]:
    """Answers the rail is to be told (again), and disputes past their day that nobody heard of."""
    due = Dispute.objects.filter(Q(next_at__lte=now) | Q(next_at=None, ended_at=None, due_at__lte=now)).order_by("pk")
    return [str(key) for key in due.values_list("pk", flat=True)[:limit]]


def tell_again(key: str, *, now: datetime) -> None:
    """Note the try; then tell the rail, or ask it what became of the dispute, after the commit."""
    row = Dispute.objects.select_for_update(of=("self",)).get(pk=key)
    if row.ended_at:
        return
    row.next_at, row.attempts = now + wait(row.attempts), min(row.attempts + 1, 99)
    row.save(update_fields=["next_at", "attempts"])
    transaction.on_commit(lambda: (send if row.wish else _ask_rail)(row.pk, now=now))


def _ask_rail(dispute_id: UUID | str, *, now: datetime) -> None:
    row = Dispute.objects.get(pk=dispute_id)
    try:
        look(row.rail, row.ref, now=now)
    except RailError as error:
        log.warning("dispute %s: the rail did not answer: %s", row.pk, error)


def seated(term: OfficeTerm, *, now: datetime) -> None:
    """Whoever begins to pay out finds the disputes that wait for an answer."""
    if PAYOUTS in term.office.does:
        for found in Dispute.objects.filter(state=states.OPEN_DISPUTE, wish=""):
            _ask(term.person, found, now)


def unseated(term: OfficeTerm, *, now: datetime) -> None:
    """Who pays out no more is not asked to answer."""
    if PAYOUTS in term.office.does and not members.has_duty(term.person, PAYOUTS, now):
        notices.close_tasks(term.person, ["payments.dispute"], now)


def dispute_of(dispute_id: UUID, person: Any, now: datetime) -> Dispute:
    """A dispute, for who pays out. Raises ``Missing``."""
    found = Dispute.objects.select_related("charge__payer", "by").filter(pk=dispute_id).first()
    if found is None or not members.has_duty(person, PAYOUTS, now):
        raise Missing("no such dispute, or not yours to see")
    return found


def latest(limit: int = 50) -> list[Dispute]:
    """Open ones first, by the day to answer; then the newest. One SQL query."""
    return list(Dispute.objects.select_related("charge__payer").order_by("-ended_at", "due_at", "-opened_at")[:limit])


def open_count() -> int:
    """How many wait for the co-op's answer. One SQL query."""
    return Dispute.objects.filter(state=states.OPEN_DISPUTE, wish="").count()


def find_old_words(now: datetime, limit: int) -> list[str]:
    """Answers to disputes decided long ago."""
    old = Dispute.objects.filter(ended_at__lte=now - WORDS_KEPT).exclude(words="")
    return [str(key) for key in old.order_by("ended_at").values_list("pk", flat=True)[:limit]]


def forget(key: str, *, now: datetime) -> None:
    """Take words and file off one; days and amounts stay."""
    Dispute.objects.filter(pk=key).exclude(ended_at=None).update(words="", sealed=None, file_name="", file_type="")
