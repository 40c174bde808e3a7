"""The verbs of the books: post, hold, release, refund. Nothing else writes there, and nothing is ever changed."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from contextlib import nullcontext
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from madang.coop import once, record
from madang.coop.ledger import booking
from madang.coop.ledger.booking import Posting
from madang.coop.ledger.models import BUSY, FLOORED, WORD, Account, Entry, Hold
from madang.coop.ledger.moves import Move, Part
from madang.coop.ledger.unfit import Unfit
from madang.kit.errors import Refused
from madang.kit.money import LARGEST
from madang.kit.units import unit as known_unit

ACCOUNT_LOCK = 0x6C6467
KIND_MAX, OWNER_MAX = 30, 90


def account(kind: str, owner: str, unit: str, *, floored: bool | None = None, cap: int | None = None) -> Account:
    """The account of this kind, owner ("" is the co-op) and unit, opened when it is asked for the first time.

    ``floored`` (may not go below zero; by its kind unless said) and ``cap`` (may not hold more, smallest unit) are given at birth and stay.
    Raises ``ValueError`` for an unknown currency, ``Refused`` (``other-limits``) when it is there with other limits than those said.
    """
    if floored is None and cap is None:
        return accounts([(kind, owner)], unit)[0]
    known_unit(unit)
    if cap is not None and (type(cap) is not int or not 0 <= cap <= LARGEST):
        raise Unfit("amount", f"not a limit: {cap!r}")
    there = Account.objects.filter(kind=kind, owner=owner, unit=unit).first() or _open(kind, owner, unit, floored=floored, cap=cap)
    if (floored is not None and there.floored != floored) or there.cap != cap:
        raise Refused("other-limits", _("This account is there with other limits. They were given when it was opened, and stay."))
    return there


def accounts(wanted: Sequence[tuple[str, str]], unit: str) -> list[Account]:
    """The accounts of these (kind, owner) and ``unit``, in this order, opened where they are not there yet. One query when all are, else three.

    Raises ``ValueError`` for an unknown currency.
    """
    known_unit(unit)
    found = _there(wanted, unit)
    missing = sorted(set(wanted) - found.keys())  # in one order, so that two who open the same do not wait in a circle
    if missing:
        Account.objects.bulk_create([_new(*one, unit) for one in missing], ignore_conflicts=True)
        found |= _there(missing, unit)
    return [found[one] for one in wanted]


def _there(wanted: Collection[tuple[str, str]], unit: str) -> dict[tuple[str, str], Account]:
    rows = Account.objects.filter(unit=unit, owner__in={owner for _kind, owner in wanted}, kind__in={kind for kind, _owner in wanted})
    return {(one.kind, one.owner): one for one in rows}


def _open(kind: str, owner: str, unit: str, *, floored: bool | None = None, cap: int | None = None) -> Account:
    """A new account; when another opens it at the same moment, that one."""
    new = _new(kind, owner, unit, floored=floored, cap=cap)
    return new if once.insert(new) else Account.objects.get(kind=kind, owner=owner, unit=unit)


def _new(kind: str, owner: str, unit: str, *, floored: bool | None = None, cap: int | None = None) -> Account:
    if len(kind) > KIND_MAX or not re.match(WORD, kind) or len(owner) > OWNER_MAX:
        raise Unfit("account", f"not an account: {kind[:60]!r} of {owner[:100]!r}")
    low = kind in FLOORED if floored is None else floored
    return Account(kind=kind, owner=owner, unit=unit, floored=low, cap=cap, busy=owner.partition(":")[0] in BUSY)


def one_at_a_time(place: Account) -> None:
    """Until the transaction ends nobody else decides over this account's balance (a payout reads it, then takes).

    An advisory lock: the serving role may not lock rows of tables it may not change.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashint8(%s))", [ACCOUNT_LOCK, place.pk])


def post(
    kind: str, moves: Sequence[Move], *, key: str, subject: str, now: datetime, effective_at: datetime | None = None, payer: str = "",
    reverses: UUID | None = None,
) -> Entry:  # fmt: skip
    """Book one event: all its moves or none, once for each ``key``, and leave its trace in the record (one line a transfer).

    A repeat returns the first entry. ``payer`` is the owner whose money it was, so that they may see why. One call of the database.
    Raises ``Refused``: ``key-used`` (the key was used for something else), ``not-enough`` and ``too-much`` (an account would pass its limit),
    ``account-closed``; and :class:`Unfit`, which is a ``ValueError`` too, for what no books take (amount ≤ 0, two units in one transfer …).
    """
    posting = Posting(kind, moves, key, subject, payer, now, effective_at, reverses)
    booking.check(posting)
    # One statement is a transaction by itself; inside another one a savepoint keeps what was done before, should this be refused.
    try:
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            made = booking.write_one(posting, now)
    except Refused as no:
        # Asked twice at the same moment: the database may see that it was taken back before it sees that this was done under our own key.
        there = Entry.objects.filter(key=key).first() if no.code == "reversed" else None
        if there is None:
            raise
        return booking.same(there, posting)
    return made or booking.same(Entry.objects.get(key=key), posting)


def post_batch(
    kind: str, moves: Sequence[Move], *, key: str, now: datetime, subject: str = "", effective_at: datetime | None = None, payer: str = ""
) -> Entry:
    """Book up to 10,000 transfers (a run, an import) as one entry in one statement: all or none, once for ``key``, one leaf whose lines they are.

    Raises as :func:`post`, which it is: a batch is an event with many transfers.
    """
    return post(kind, moves, key=key, subject=subject, now=now, effective_at=effective_at, payer=payer)


@transaction.atomic
def post_linked(postings: Sequence[Posting], *, now: datetime) -> list[Entry]:
    """Book several entries that belong together: all of them or none. Returns them in order; a repeat returns the first ones.

    Limits are looked at when all are in, so their order does not matter. A call whose keys were used in part is refused
    (``key-used``): it is not the call that was made before. Raises as :func:`post`, and then books none of them.
    """
    new = post_many(postings, now=now)
    if 0 < new < len(postings):
        raise booking.key_used()
    found = {entry.key: entry for entry in Entry.objects.filter(key__in=[posting.key for posting in postings])}
    return [found[posting.key] for posting in postings]


@transaction.atomic
def post_many(postings: Sequence[Posting], *, now: datetime) -> int:
    """Book many entries in a handful of statements (a run, an import): each once for its key, each with its own leaf.

    Returns how many were new; a replayed batch books 0. Raises as :func:`post` does, and then books none of them.
    """
    if not postings:
        return 0
    for posting in postings:
        booking.check(posting)
    by_key = {posting.key: posting for posting in postings}
    if len(by_key) != len(postings):
        raise Unfit("key", "one key twice in a batch")
    if any(posting.reverses for posting in postings):
        raise Unfit("key", "a reversal is booked alone")
    new = booking.write(postings, now)
    if len(new) < len(postings):
        fresh = {posting.key for _id, posting, _moment in new}
        for entry in Entry.objects.filter(key__in=by_key.keys() - fresh):
            booking.same(entry, by_key[entry.key])
    record.write_many([("entry", f"entry:{one}", booking.bodies(one, posting, moment), False, posting.at or now) for one, posting, moment in new])
    return len(new)


@transaction.atomic
def hold(subject: str, amount: int, unit: str, *, payer: str, key: str, now: datetime, source: Account | None = None, kind: str = "hold") -> Hold:
    """Keep ``amount`` for ``subject`` (``"job:<id>"``) until the work is done. Once for each ``key``.

    Without ``source`` nothing is booked yet: a payment books it when its purpose answers ``[hold.part()]`` (see payments).
    With ``source`` the money comes from that account now. Raises ``Refused`` (``key-used``) when the key holds something else,
    :class:`Unfit` for an amount or a key that is none.
    """
    known_unit(unit)
    if type(amount) is not int or not 0 < amount <= LARGEST:
        raise Unfit("amount", f"{key}: not an amount: {amount!r}")
    if not key or len(key) > booking.KEY_MAX:
        raise Unfit("key", f"not a key: {key[:40]!r}")
    place = _open("hold", subject, unit)
    new = Hold(key=key, account=place, subject=subject, payer=payer, amount=amount, unit=unit, held_at=now)
    made = new if once.insert(new) else Hold.objects.select_related("account").get(key=key)
    if (made.account_id, made.amount, made.payer) != (place.pk, amount, payer):
        raise Refused("key-used", _("This was booked before with other figures. The first booking stands; nothing new was booked."))
    if source is not None:
        post("hold", [Move(source, place, amount, kind)], key=f"hold:{key}", subject=subject, now=made.held_at, payer=payer)
    return made


def release(held: Hold, parts: Sequence[Part | Move], *, key: str, now: datetime, kind: str = "release", effective_at: datetime | None = None) -> Entry:
    """Let held money go where ``parts`` say; those that come out of the hold must use all of it, to the last unit.

    A ``Part`` comes out of the hold; a ``Move`` may also pass money on (from the provider to the worker) in the same entry.
    A repeat with the same key returns the first entry. Raises ``Refused`` (``hold-done``) when it was released or refunded otherwise,
    ``ValueError`` when the parts do not add up to the hold.
    """
    return _let_go(held, parts, Hold.RELEASED, key=key, now=now, kind=kind, effective_at=effective_at)


def refund_hold(held: Hold, into: Account, *, key: str, now: datetime, kind: str = "refund") -> Entry:
    """Give all of a hold back, into the account the money returns from (see ``payments.refund_account``). Raises as :func:`release`."""
    return _let_go(held, [Part(into, held.amount, kind)], Hold.REFUNDED, key=key, now=now, kind=kind, effective_at=None)


@transaction.atomic
def _let_go(held: Hold, parts: Sequence[Part | Move], state: str, *, key: str, now: datetime, kind: str, effective_at: datetime | None) -> Entry:
    locked = Hold.objects.select_for_update(of=("self",)).select_related("account", "entry").get(pk=held.pk)
    moves = [part.out_of(locked.account) if isinstance(part, Part) else part for part in parts]
    out = sum(move.amount for move in moves if move.debit.pk == locked.account_id)
    if out != locked.amount:
        raise ValueError(f"{key}: {out} of {locked.amount} held")
    if locked.state != Hold.HELD:
        first = locked.entry
        if first is None or first.key != key:
            raise Refused("hold-done", _("This money was already released or given back. Nothing was booked again."))
        return booking.same(first, Posting(kind, moves, key, locked.subject, locked.payer, now, effective_at))
    entry = post(kind, moves, key=key, subject=locked.subject, now=now, effective_at=effective_at, payer=locked.payer)
    locked.state, locked.done_at, locked.entry = state, now, entry
    locked.save(update_fields=["state", "done_at", "entry"])
    held.state, held.done_at, held.entry = locked.state, locked.done_at, locked.entry
    return entry
