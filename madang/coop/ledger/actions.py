"""The verbs of the books: post, hold, release, refund. Nothing else writes there, and nothing is ever changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from madang.coop import once, record
from madang.coop.ledger import booking
from madang.coop.ledger.booking import Posting
from madang.coop.ledger.models import FLOORED, Account, Entry, Hold
from madang.coop.ledger.moves import Move, Part
from madang.kit.errors import Refused
from madang.kit.units import unit as known_unit

ACCOUNT_LOCK = 0x6C6467


def account(kind: str, owner: str, unit: str) -> Account:
    """The account of this kind, owner ("" is the co-op) and unit, opened when it is asked for the first time.

    Raises ``ValueError`` for an unknown currency.
    """
    return accounts([(kind, owner)], unit)[0]


def accounts(wanted: Sequence[tuple[str, str]], unit: str) -> list[Account]:
    """The accounts of these (kind, owner) and ``unit``, in this order, opened where they are not there yet. One query when all are.

    Raises ``ValueError`` for an unknown currency.
    """
    known_unit(unit)
    rows = Account.objects.filter(unit=unit, owner__in={owner for _kind, owner in wanted}, kind__in={kind for kind, _owner in wanted})
    found = {(one.kind, one.owner): one for one in rows}
    for one in wanted:
        if one not in found:
            found[one] = _open(*one, unit)
    return [found[one] for one in wanted]


def _open(kind: str, owner: str, unit: str) -> Account:
    """A new account; when another opens it at the same moment, that one."""
    new = Account(kind=kind, owner=owner, unit=unit, floored=kind in FLOORED)
    return new if once.insert(new) else Account.objects.get(kind=kind, owner=owner, unit=unit)


def one_at_a_time(place: Account) -> None:
    """Until the transaction ends nobody else decides over this account's balance (a payout reads it, then takes).

    An advisory lock: the serving role may not lock rows of tables it may not change.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashint8(%s))", [ACCOUNT_LOCK, place.pk])


@transaction.atomic
def post(kind: str, moves: Sequence[Move], *, key: str, subject: str, now: datetime, effective_at: datetime | None = None, payer: str = "") -> Entry:
    """Book one event: all its moves or none, once for each ``key``, and leave its trace in the record (one line a transfer).

    A repeat returns the first entry. ``payer`` is the owner whose money it was, so that they may see why.
    Raises ``Refused`` (``key-used``: the key was used for something else; ``not-enough``: an account would fall below its floor)
    and ``ValueError`` for what no caller may ask (amount ≤ 0, two units in one transfer, an account to itself).
    """
    posting = Posting(kind, moves, key, subject, payer, now, effective_at)
    booking.check(posting)
    for entry_id, _posting, moment in booking.write([posting], now):
        record.write("entry", f"entry:{entry_id}", booking.lines(entry_id, posting, moment), public=False, now=now)
        return Entry(id=entry_id, key=key, kind=kind, subject=subject, payer=payer, at=now, effective_at=moment, digest=booking.digest(posting))
    return booking.same(Entry.objects.get(key=key), posting)


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
        raise ValueError("one key twice in a batch")
    new = booking.write(postings, now)
    if len(new) < len(postings):
        fresh = {posting.key for _id, posting, _moment in new}
        for entry in Entry.objects.filter(key__in=by_key.keys() - fresh):
            booking.same(entry, by_key[entry.key])
    record.write_many([("entry", f"entry:{one}", booking.lines(one, posting, moment), False, posting.at or now) for one, posting, moment in new])
    return len(new)


@transaction.atomic
def hold(subject: str, amount: int, unit: str, *, payer: str, key: str, now: datetime, source: Account | None = None, kind: str = "hold") -> Hold:
    """Keep ``amount`` for ``subject`` (``"job:<id>"``) until the work is done. Once for each ``key``.

    Without ``source`` nothing is booked yet: a payment books it when its purpose answers ``[hold.part()]`` (see payments).
    With ``source`` the money comes from that account now. Raises ``Refused`` (``key-used``) when the key holds something else.
    """
    known_unit(unit)
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
