"""A dispute is lost: whose loss is it? What is still there of the payment first, then whoever was paid by the share the members decided (nothing, as
it comes), and the rest is the co-op's."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from django.utils.translation import get_language

from madang.coop import ledger, notices
from madang.coop.ledger import queries as books
from madang.coop.ledger.models import Transfer
from madang.coop.ledger.splits import percent, share_said
from madang.coop.payments import debts, recalls, rules
from madang.coop.payments.booking import disputed, purpose, refund_account
from madang.coop.payments.models import Charge, Dispute, Refund
from madang.kit.splits import largest_remainder


def bear(found: Dispute, charge: Charge, *, now: datetime) -> None:
    """Book whose loss the taken money is, once. In the caller's transaction."""
    into, need = disputed(charge), found.taken
    moves, refunds = _put_aside(charge, need)
    need -= sum(move.amount for move in moves)
    still_held = purpose(charge.purpose).lost
    if need and still_held is not None:
        need -= still_held(charge, need, into, now=now)
    theirs = _shares(charge, need, now) if need else {}
    version = rules.dispute_payees.at(now)
    kept = version if version.pk else None
    for owner, amount in theirs.items():
        moves += debts.taken(owner, amount, into, "dispute-borne", kept, {"of": found.taken})
        need -= amount
    if need:
        moves.append(ledger.Move(ledger.account("dispute-losses", "", found.unit), into, need, "dispute-lost", kept, {"of": found.taken}))
    if not moves:
        return
    entry = ledger.post("dispute-lost", moves, key=f"dispute-lost:{found.pk}", subject=charge.subject, now=now)  # no payer: who bears it is not theirs to see
    for refund in refunds:
        refund.state, refund.entry, refund.done_at, refund.next_at, refund.ref = "done", entry, now, None, f"dispute:{found.pk}"
        refund.save()
        notices.close_task(f"refund:{refund.pk}", now)
    for owner in theirs:
        owed = sum(move.amount for move in moves if move.debit.kind == "debt" and move.debit.owner == owner)
        if owed:
            debts.tell(owner, owed, found.unit, now=now)
            recalls.recall(owner, found.unit, owed, now=now)


def _put_aside(charge: Charge, need: int) -> tuple[list[ledger.Move], list[Refund]]:
    """What was to go back to the payer anyway and did not: their bank has taken it now. As whole refunds."""
    place, moves, done = refund_account(charge), [], []
    there = books.balance(place)
    for refund in charge.refunds.select_for_update().filter(state__in=["created", "failed"]).order_by("created_at", "pk"):
        if refund.amount <= min(need, there):
            moves.append(ledger.Move(place, disputed(charge), refund.amount, "dispute-refund"))
            need, there = need - refund.amount, there - refund.amount
            done.append(refund)
    return moves, done


def paid_on(charge: Charge) -> dict[str, int]:
    """What people and organisations got out of a payment, by owner: its subject's lines into what is payable, less what they passed on in them."""
    got: dict[str, int] = {}
    lines = (
        Transfer.objects.filter(entry__subject=charge.subject, unit=charge.unit).exclude(entry__kind__startswith="dispute").select_related("debit", "credit")
    )
    for line in lines:
        for account, amount in ((line.credit, line.amount), (line.debit, -line.amount)):
            if account.kind == "payable" and account.owner != charge.owner:
                got[account.owner] = got.get(account.owner, 0) + amount
    return {owner: amount for owner, amount in got.items() if amount > 0}


def _shares(charge: Charge, need: int, now: datetime) -> dict[str, int]:
    """Who of those who were paid bears how much of ``need``: the decided share, by what each got, never more than that."""
    share: Fraction = rules.dispute_payees.at(now).value
    got = paid_on(charge)
    whole = sum(got.values())
    theirs = min(whole, need * share.numerator // share.denominator)
    if not theirs:
        return {}
    split = largest_remainder(theirs, [(owner, Fraction(amount, whole)) for owner, amount in sorted(got.items())], f"dispute:{charge.pk}")
    return {owner: amount for owner, amount in split.items() if amount}


def share_in_words(now: datetime) -> str:
    """The decided share, as the reader's language writes it: "0 %", "0%"."""
    return share_said(percent(rules.dispute_payees.at(now).value), get_language() or "en")
