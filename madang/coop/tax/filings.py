"""What goes to the services of the tax office: written down in the transaction that caused it, sent after the commit, answered once."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from madang.coop import once
from madang.coop.tax import sealing, status, wishes
from madang.coop.tax.models import Filing, Paper, Wish
from madang.coop.tax.sandbox import rail
from madang.kit.tax import from_gross
from madang.rails.fiscal import CashReceipt, FiscalError, Invoice, Result

log = logging.getLogger(__name__)
CARDS = ("card", "stripe", "portone")
"""Rails whose own slip is the receipt (부가가치세법 art. 36 (5)): no cash receipt beside it."""
SELF = "self"
WAITS = (1, 5, 15, 60, 240, 720)


def wait(attempts: int) -> timedelta:
    """How long until the next try: 1, 5, 15 minutes, 1, 4, then every 12 hours."""
    return timedelta(minutes=WAITS[min(attempts, len(WAITS) - 1)])


def on_paid(charge: UUID, rail_name: str, *, subject: str, owner: str, amount: int, unit: str, now: datetime) -> Filing | None:
    """A taxed thing was paid: issue the cash receipt the payer asked for, or the one the law asks for unasked. In the caller's transaction, once a charge.

    Two queries where the co-op is registered, one where it is not.
    """
    day = status.day_of(now)
    by = status.ours(day)
    asked = status.tax_law()
    number = str(asked.bound("cash_receipt.self_number", day).value)
    if by is None or not number or rail_name in CARDS:
        return None
    wished = wishes.of(charge)
    if wished is not None and wished[0].use == "invoice":
        return None
    if wished is None and not (by.cash_receipts and amount >= asked.bound("cash_receipt.from", day).number()):
        return None
    priced = from_gross(amount, asked.bound("vat.rate", day).fraction())
    use, to = (wished[0].use, wished[1]["number"]) if wished else (SELF, number.replace("-", ""))
    filing = Filing(
        kind="cash-receipt", key=f"cash-receipt:{charge}", subject=subject, owner=owner, use=use, net=priced.net, tax=priced.tax, unit=unit,
        sealed=sealing.seal(to), tail=to[-4:], created_at=now, next_at=now + wait(0),
    )  # fmt: skip
    return _keep(filing, now)


def on_refunded(charge: UUID, refund: UUID, back: int, *, now: datetime) -> Filing | None:
    """``back`` went back to who paid: the cash receipt is cancelled by as much, its tax in the receipt's own proportion. Nothing where there was none.

    Once a refund; never more than the receipt, and all cancellations of all of it come to exactly its tax.
    """
    first = Filing.objects.filter(key=f"cash-receipt:{charge}").first()
    if first is None:
        return None
    whole = first.net + first.tax
    before = Filing.objects.filter(kind="cash-receipt-cancel", of=first).exclude(key=f"cash-receipt-cancel:{refund}").aggregate(net=Sum("net"), tax=Sum("tax"))
    gone, gone_tax = (before["net"] or 0) + (before["tax"] or 0), before["tax"] or 0
    back = min(back, whole - gone)
    if back <= 0:
        return None
    tax = first.tax * (gone + back) // whole - gone_tax
    filing = Filing(
        kind="cash-receipt-cancel", key=f"cash-receipt-cancel:{refund}", subject=first.subject, owner=first.owner, of=first, use=first.use, net=back - tax,
        tax=tax, unit=first.unit, tail=first.tail, created_at=now, next_at=now + wait(0),
    )  # fmt: skip
    return _keep(filing, now)


def invoice(paper: Paper, *, now: datetime) -> Filing | None:
    """A tax invoice, or its correction, on its way to the tax service; nothing where invoices are not electronic. In the caller's transaction."""
    if not status.tax_law().bound("invoice.electronic", paper.issued_on).yes():
        return None
    filing = Filing(
        kind="e-invoice", key=f"e-invoice:{paper.pk}", subject=paper.subject, owner=paper.owner, paper=paper, net=paper.net, tax=paper.tax, unit=paper.unit,
        tail=str(paper.customer.get("number", ""))[-4:], created_at=now, next_at=now + wait(0),
    )  # fmt: skip
    return _keep(filing, now)


def _keep(filing: Filing, now: datetime) -> Filing:
    if not once.insert(filing):
        return Filing.objects.get(key=filing.key)
    transaction.on_commit(lambda: send(filing.pk, now=now))
    return filing


def send(filing_id: UUID | str, *, now: datetime) -> None:
    """Tell the service, outside any transaction, and keep what it answers. Silence is tried again later."""
    found = Filing.objects.select_related("paper", "paper__corrects", "of").get(pk=filing_id)
    if found.state not in ("created", "sent"):
        return
    try:
        answer = _ask(found, now)
    except FiscalError as error:
        log.warning("filing %s: the tax service did not answer: %s", found.pk, error)
        return
    if answer is not None:
        answered(found, answer, now=now)


def _ask(filing: Filing, now: datetime) -> Result | None:
    service, key = rail(), f"{filing.kind}:{filing.pk}" + (f":{filing.again}" if filing.again else "")
    if filing.state == "sent":
        return service.fetch(key, at=now)
    if filing.attempts and (told := service.fetch(key, at=now)).state != "unknown":
        return told  # the answer was lost, not what was asked
    if filing.kind == "cash-receipt":
        to = sealing.unseal(filing.sealed or b"")
        number = _supplier_number(filing, now)
        return service.issue(CashReceipt(key, number, to, filing.use, filing.net, filing.tax, filing.unit, now))
    if filing.kind == "cash-receipt-cancel":
        if filing.of is None or filing.of.state in ("created", "sent"):
            return None  # it waits for what it cancels
        if filing.of.state == "refused":
            return Result("", "refused", reason="nothing-to-cancel")
        return service.cancel(key, filing.of.approval, filing.gross, at=now)
    paper = filing.paper
    assert paper is not None
    before = paper.corrects.code if paper.corrects else ""
    number, to, name = str(paper.supplier.get("number", "")), str(paper.customer.get("number", "")), str(paper.customer.get("name", ""))
    return service.send(Invoice(key, paper.code, number, to, name, paper.net, paper.tax, paper.unit, paper.issued_on, before, now))


def _supplier_number(filing: Filing, now: datetime) -> str:
    by = status.ours(status.day_of(filing.created_at))
    return by.number if by else ""


@transaction.atomic
def answered(filing: Filing, answer: Result, *, now: datetime) -> Filing:
    """Keep what the service said, once; a refusal is a task for who deals with taxes until it went through; a number that is no longer needed is forgotten."""
    from madang.coop.tax import refusals  # it sends by us

    locked = Filing.objects.select_for_update(of=("self",)).get(pk=filing.pk)
    if locked.state not in ("created", "sent"):
        return locked
    if answer.state == "waiting":
        locked.state, locked.next_at = "sent", now + wait(locked.attempts)
    elif answer.state in ("issued", "cancelled"):
        locked.state, locked.approval, locked.done_at, locked.next_at, locked.sealed = "done", answer.approval, now, None, None
    else:
        locked.state, locked.reason, locked.done_at, locked.next_at = "refused", answer.reason[:40] or "unknown", now, None
    locked.save()
    if locked.state == "refused":
        refusals.ask(locked, now=now)
    elif locked.state == "done":
        refusals.through(locked, now=now)
    if locked.state == "done" and locked.kind == "cash-receipt":
        Wish.objects.filter(charge=locked.key.removeprefix("cash-receipt:")).delete()
    return locked


def find_open(now: datetime, limit: int) -> list[str]:
    """What is to be sent (again), or asked about."""
    return [str(pk) for pk in Filing.objects.filter(next_at__lte=now).order_by("next_at").values_list("pk", flat=True)[:limit]]


def tell_again(key: str, *, now: datetime) -> None:
    """Note the try, then tell the service after the commit."""
    row = Filing.objects.select_for_update(of=("self",)).get(pk=key)
    if row.state not in ("created", "sent"):
        return
    row.attempts += 1
    row.next_at = now + wait(row.attempts)
    row.save(update_fields=["attempts", "next_at"])
    transaction.on_commit(lambda: send(key, now=now))
