"""The bank's statements: read once, matched by themselves where nothing is doubtful, shown to a person where something is."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from madang.coop import law, ledger, once
from madang.coop.payments import accounts, batches, own, states
from madang.coop.payments.actions import learn
from madang.coop.payments.again import new_lines
from madang.coop.payments.booking import clearing, refund_account
from madang.coop.payments.models import BankAccount, BankLine, BankStatement, Batch, Charge, Payout, Refund
from madang.coop.payments.outgoing import payout_answered, refund
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.rails.bank import BadFile, Statement, StatementLine, sniff
from madang.rails.bank.codes import codes_in
from madang.rails.payments import Answer

log = logging.getLogger(__name__)
RAIL = "bank"
WORDS_KEPT = timedelta(days=90)


@dataclass(frozen=True)
class Report:
    """What reading a statement did."""

    statement: BankStatement
    matched: int
    doubtful: int
    known: int
    gap: bool


def read(data: bytes, *, by: Person, now: datetime, is_ours: bool = False) -> Report:
    """Read a statement of the co-op's account and book what it proves. The file is not kept.

    ``is_ours``: a person says that a file that names no account is of ours. Raises ``Refused``: ``office``, ``no-account``, ``read-before``,
    ``other-format`` (the days were read in another format), ``whose`` (no account named), and ``file-<code>`` for what cannot be trusted.
    """
    accounts.require_payouts(by, now)
    ours = accounts.ours()
    if ours is None:
        raise Refused("no-account", accounts.no_account_words())
    digest = hashlib.sha256(data).hexdigest()
    if BankStatement.objects.filter(digest=digest).exists():
        raise Refused("read-before", _("This file was read before. Nothing was booked a second time."), "file")
    try:
        found = sniff.read_ours(data, accounts.place(ours).number, law.coop().currency)
    except BadFile as no:
        raise Refused(f"file-{no.code}", _why_bad(no.code), "file") from None
    if not found.account and not is_ours:
        raise Refused("whose", _("The file does not say whose account it is. If it is the co-op's, say so and send it again."), "is_ours")
    return _keep(found, ours, digest, by, now)


def _why_bad(code: str) -> str:
    return {
        "size": _("The file is too large. Choose fewer days."),
        "cut": _("The file ends in the middle. Please download it from the bank again."),
        "sum": _("Opening balance and lines do not give the closing balance: something is missing or was changed. Nothing was booked."),
        "amount": _("There is an amount in it that cannot be. Nothing was booked."),
        "date": _("There is a day in it that cannot be. Nothing was booked."),
        "unit": _("It is in another currency than the co-op's. Nothing was booked."),
        "account": _("It is of another account than the co-op's. Nothing was booked."),
        "empty": _("There is nothing in this file."),
        "twice": _("One booking stands in it twice. Nothing was booked."),
    }.get(code, _("This is none of the files we can read: camt.053, MT940, OFX or a Korean bank's CSV."))


@transaction.atomic
def _keep(found: Statement, ours: BankAccount, digest: str, by: Person, now: datetime) -> Report:
    BankAccount.objects.select_for_update().get(pk=ours.pk)  # one statement after the other
    others = BankStatement.objects.filter(account=ours, since__lte=found.until, until__gte=found.since).exclude(format=found.format)
    if others.exists():
        words = _("Some of these days were read from a file of another format; their lines would count twice. Nothing was booked.")
        raise Refused("other-format", words, "file")
    new = new_lines(found, ours)
    known = len(found.lines) - len(new)
    before = BankStatement.objects.filter(account=ours, until__lt=found.since).order_by("-until", "-pk").first()
    kept = BankStatement(
        digest=digest, account=ours, unit=found.unit, format=found.format, since=found.since, until=found.until, opening=found.opening,
        closing=found.closing, lines_new=len(new), lines_known=known, by=by, at=now,
    )  # fmt: skip
    if not once.insert(kept):
        raise Refused("read-before", _("This file was read before. Nothing was booked a second time."), "file")
    matching = _Matching(new)
    rows = matching.new
    for line in new:
        rows.append(matching.book(line, kept, now))
    BankLine.objects.bulk_create(rows, batch_size=1_000)
    done = sum(1 for row in rows if row.state == "matched")
    return Report(kept, done, len(rows) - done, known, gap=before is not None and before.closing != found.opening)


class _Matching:
    """Which charge or payout each line proves. All codes of a statement are looked up in four queries."""

    def __init__(self, lines: Sequence[StatementLine]) -> None:
        self.codes = {line.id: codes_in(f"{line.reference} {line.text} {line.name}") for line in lines}
        every = {code for codes in self.codes.values() for code in codes}
        self.charges = {one.ref: one for one in Charge.objects.filter(rail=RAIL, ref__in=every).select_related("payer")}
        self.payouts = {one.code: one for one in Payout.objects.filter(rail=RAIL, code__in=every).select_related("batch")}
        open_ones = Charge.objects.filter(rail=RAIL, entry=None, state__in=[states.CREATED, states.AUTHORISED], amount__in={line.amount for line in lines})
        self.waiting = set(open_ones.exclude(ref="").values_list("amount", "unit"))
        self.batches = {one.code: one for one in Batch.objects.filter(code__in=every)}
        self.new: list[BankLine] = []
        self.own = own.waiting(law.coop().currency)

    def book(self, line: StatementLine, statement: BankStatement, now: datetime) -> BankLine:
        """The line as it will be kept, after booking what it proves beyond doubt. One that cannot be booked does not keep the others waiting."""
        row = BankLine(
            line_id=line.id, statement=statement, account=statement.account, booked=line.booked, amount=line.amount, unit=line.unit,
            name=line.name[:140], reference=line.reference[:140], text=line.text[:500], returned=line.returned[:20],
        )  # fmt: skip
        if self._own(row):
            row.state, row.decided_at = "matched", now
            return row
        if not self.codes[line.id]:  # most lines of a busy account
            row.state, row.why = "doubtful", "left-unknown" if line.amount <= 0 else self._guess(line)
            return row
        try:
            with transaction.atomic():
                self._decide(row, line, now)
        except Exception:
            log.exception("bank line %s is kept and shown to a person", line.id)
            row.state, row.why, row.charge, row.payout, row.batch = "doubtful", "not-booked", None, None, None  # nothing was booked for any of them
        row.decided_at = now if row.state == "matched" else None
        return row

    def _decide(self, row: BankLine, line: StatementLine, now: datetime) -> None:
        codes = self.codes[line.id]
        charges = [self.charges[code] for code in codes if code in self.charges]
        payouts = [self.payouts[code] for code in codes if code in self.payouts]
        whole = [self.batches[code] for code in codes if code in self.batches]
        if len(payouts) == 1 and abs(line.amount) == payouts[0].amount:
            row.payout = payouts[0]
            row.state, row.why = self._payout(payouts[0], line, now)
        elif len(whole) == 1 and not payouts and line.amount == -whole[0].total:
            row.batch = whole[0]
            row.state, row.why = self._batch(whole[0], now)
        elif payouts or whole:
            row.state, row.why = "doubtful", "payout-amount"
        elif line.amount <= 0:
            row.state, row.why = "doubtful", "left-unknown"
        elif len(charges) == 1:
            row.charge = charges[0]
            row.state, row.why = self._charge(charges[0], line, now)
        else:
            row.state, row.why = "doubtful", "several-codes" if charges else self._guess(line)

    def _own(self, row: BankLine) -> bool:
        """Whether the line proves just one booking of our own money, and names it."""
        named = [one for one in own.fits(row, self.own) if own.marked(row, one)] if self.own and not row.returned else []
        if len(named) != 1:
            return False
        row.entry = named[0].entry
        self.own.remove(named[0])
        return True

    def _guess(self, line: StatementLine) -> str:
        """Why no code was found: is there an open transfer of just this amount?"""
        return "same-amount" if (line.amount, line.unit) in self.waiting else "no-code"

    def _charge(self, charge: Charge, line: StatementLine, now: datetime) -> tuple[str, str]:
        if line.returned:
            return "doubtful", "returned"
        charge.refresh_from_db()
        if charge.entry_id is not None or BankLine.objects.filter(charge=charge, state__in=["matched", "decided"]).exists():
            return "doubtful", "paid-twice"
        together = line.amount + sum(one.amount for one in self._parts(charge))
        if (together, line.unit) != (charge.amount, charge.unit):
            return "doubtful", "too-little" if together < charge.amount else "too-much"
        learn(charge, Answer(charge.ref, "paid", charge.amount, line.unit), now=now)
        for one in self._parts(charge):
            self._settled(one, now)
        return "matched", ""

    def _parts(self, charge: Charge) -> list[BankLine]:
        """What came for a charge before and was too little for it: lines of this statement, and of those read before."""
        early = list(parts_of(charge).select_for_update(of=("self",)))
        return early + [row for row in self.new if row.state == "doubtful" and row.why == "too-little" and row.charge == charge]

    def _settled(self, row: BankLine, now: datetime) -> None:
        row.state, row.why, row.decided_at = "matched", "", now
        if row.pk:
            row.save(update_fields=["state", "why", "decided_at"])

    def _payout(self, payout: Payout, line: StatementLine, now: datetime) -> tuple[str, str]:
        payout.refresh_from_db()
        if payout.batch is None or payout.batch.approved_at is None:
            return "doubtful", "not-approved"
        if line.amount > 0:
            if payout.state == "failed":
                return "doubtful", "came-back-twice"
            payout_answered(payout, Answer(payout.code, "returned", payout.amount, payout.unit, reason=line.returned or "returned"), now=now)
            batches.finish(payout.batch, now=now)
            return "matched", "came-back"
        if payout.state != "created":
            return "doubtful", "left-twice"
        payout_answered(payout, Answer(payout.code, "paid", payout.amount, payout.unit), now=now)
        batches.finish(payout.batch, now=now)
        return "matched", ""

    def _batch(self, batch: Batch, now: datetime) -> tuple[str, str]:
        open_ones = list(batch.payouts.filter(state="created"))
        if batch.approved_at is None or len(open_ones) != batch.count:
            return "doubtful", "left-twice" if batch.approved_at else "not-approved"
        for payout in open_ones:
            payout_answered(payout, Answer(payout.code, "paid", payout.amount, payout.unit), now=now)
        batches.finish(batch, now=now)
        return "matched", ""


def parts_of(charge: Charge) -> QuerySet[BankLine]:
    """Lines with a charge's code that were too little for it and that nobody has decided."""
    return BankLine.objects.filter(charge=charge, unit=charge.unit, state="doubtful", why="too-little")


def candidates(amount: int, unit: str, limit: int = 20) -> list[Charge]:
    """Open transfers a line may have been meant for: those of just this amount. One query."""
    waiting = Charge.objects.filter(rail=RAIL, entry=None, unit=unit, amount=amount).exclude(ref="")
    return list(waiting.filter(state__in=[states.CREATED, states.AUTHORISED]).select_related("payer").order_by("-created_at")[:limit])


def open_line(line_id: int) -> BankLine:
    """A line, for whoever decides about it. Raises ``Missing``."""
    found = BankLine.objects.select_for_update(of=("self",)).filter(pk=line_id).first()
    if found is None:
        raise Missing("no such line")
    return found


@transaction.atomic
def take_for(line_id: int, code: str, *, by: Person, now: datetime) -> BankLine:
    """A person says that a doubtful line pays the charge with this code. What came beyond it is put aside and goes back.

    Raises ``Missing``, ``Refused``: ``office``, ``decided``, ``own-charge``, ``code`` for no open transfer, ``too-little``.
    """
    accounts.require_payouts(by, now)
    line = open_line(line_id)
    wanted = (codes_in(code) or [""])[0]
    charge = Charge.objects.select_for_update(of=("self",)).filter(rail=RAIL, ref=wanted).exclude(ref="").first()
    if line.state == "decided" and charge is not None and line.charge_id == charge.pk:
        return line
    if line.state != "doubtful":
        raise Refused("decided", _("This line was decided already."))
    if charge is not None and charge.payer_id == by.pk:
        raise Refused("own-charge", _("This would pay for you, so somebody else has to decide it. Nothing was booked."), "code")
    if charge is None or charge.entry_id is not None or line.amount <= 0:
        raise Refused("code", _("There is no open transfer with this code. Nothing was booked."), "code")
    parts = [one for one in parts_of(charge).select_for_update(of=("self",)) if one.pk != line.pk]
    came = line.amount + sum(one.amount for one in parts)
    if came < charge.amount or line.unit != charge.unit:
        raise Refused("too-little", _("Less came than was asked for, so it cannot pay this. Send it back, or ask for the rest."), "code")
    learn(charge, Answer(charge.ref, "paid", charge.amount, charge.unit), now=now)
    if over := came - charge.amount:
        aside = ledger.Move(clearing(RAIL, line.unit), refund_account(charge), over, "overpaid")
        ledger.post("overpaid", [aside], key=f"overpaid:{line.pk}", subject=charge.subject, payer=charge.owner, now=now)
        refund(charge, over, key=f"overpaid:{line.pk}", now=now)
    for one in [line, *parts]:
        one.state, one.charge, one.decided_by, one.decided_at = "decided", charge, by, now
        one.save()
    return line


@transaction.atomic
def is_own(line_id: int, entry_id: UUID, *, by: Person, now: datetime) -> BankLine:
    """A person says that a doubtful line is the co-op's own money that is booked already: a payment service's payment to it, a refund sent by hand, a tax.

    Raises ``Missing``, ``Refused``: ``office``, ``decided``, ``own-refund``, ``other`` when that is not of this amount or another line proves it.
    """
    accounts.require_payouts(by, now)
    line = open_line(line_id)
    if line.state == "decided" and line.entry_id == entry_id:
        return line
    if line.state != "doubtful":
        raise Refused("decided", _("This line was decided already."))
    meant = next((one for one in own.fits(line, own.waiting(line.unit)) if one.entry.pk == entry_id), None)
    if meant is None:
        raise Refused("other", _("That is of another amount, or another line was taken for it already. Nothing was changed."))
    if Refund.objects.filter(entry=meant.entry, charge__payer=by).exists():
        raise Refused("own-refund", _("This money goes back to you, so somebody else has to send it and say so. Nothing was booked."))
    line.state, line.entry, line.decided_by, line.decided_at, line.why = "decided", meant.entry, by, now, ""
    line.save()
    return line


def require_not_own(line: BankLine, by: Person, now: datetime) -> None:
    """Raises ``Refused("own-payout")`` where the line names a payout to this person, also one that could not be booked."""
    named = Payout.objects.filter(rail=RAIL, code__in=codes_in(f"{line.reference} {line.text} {line.name}"))
    if {one.party for one in [*named, *([line.payout] if line.payout else [])]} & set(accounts.owners_of(by, now)):
        raise Refused("own-payout", _("This is your own money, so somebody else has to say what the bank did with it. Nothing was booked."))


@transaction.atomic
def leave(line_id: int, why: str, *, by: Person, now: datetime) -> BankLine:
    """A person says that a line is none of our payments (a bank fee, rent, our own transfer): it is not booked here, and why is kept.

    Raises ``Missing``, ``Refused``: ``office``, ``decided``, ``own-payout``, ``why``.
    """
    accounts.require_payouts(by, now)
    line = open_line(line_id)
    if line.state != "doubtful":
        raise Refused("decided", _("This line was decided already."))
    require_not_own(line, by, now)
    words = " ".join(why.split())
    if not 0 < len(words) <= 40:
        raise Refused("why", _("Please say in a few words (at most 40 signs) what it is."), "why")
    line.state, line.why, line.decided_by, line.decided_at = "left", words, by, now
    line.save()
    return line


def doubtful(limit: int = 100) -> list[tuple[BankLine, list[Charge], list[own.Own]]]:
    """Lines a person has to look at, oldest first, each with the open transfers it may have been meant for and our own bookings it may prove."""
    rows = list(BankLine.objects.filter(state="doubtful").select_related("charge__payer", "payout").order_by("booked", "pk")[:limit])
    owns = own.waiting(law.coop().currency) if rows else []
    return [(row, candidates(row.amount, row.unit, 5) if row.amount > 0 else [], own.fits(row, owns)[:5]) for row in rows]


def read_lately(limit: int = 12) -> list[BankStatement]:
    """The statements read last. One query."""
    return list(BankStatement.objects.select_related("by").order_by("-at")[:limit])


@dataclass(frozen=True)
class Standing:
    """What the bank says and what the books say, in the smallest unit, and what explains the difference."""

    bank: int
    books: int
    doubtful: int
    left: int
    on_the_way: int
    before: int

    @property
    def unexplained(self) -> int:
        """0 when every won is accounted for."""
        return self.bank - (self.books + self.doubtful + self.left + self.on_the_way + self.before)


def standing() -> Standing | None:
    """The daily proof: the bank's balance is what stood there before the first statement, plus the books, plus what is named. None before one was read."""
    from madang.coop.ledger import queries as books

    ours = accounts.ours()
    newest = BankStatement.objects.filter(account=ours).order_by("-until", "-pk").first()
    first = BankStatement.objects.filter(account=ours).order_by("since", "pk").first()
    if newest is None or first is None:
        return None

    def total(**which: Any) -> int:
        return int(BankLine.objects.filter(account=ours, **which).aggregate(total=Sum("amount"))["total"] or 0)

    waiting = Payout.objects.filter(rail=RAIL, state="created").aggregate(total=Sum("amount"))["total"] or 0
    on_the_way = int(waiting) - own.total(newest.unit)
    return Standing(newest.closing, -books.balance(clearing(RAIL, newest.unit)), total(state="doubtful"), total(state="left"), on_the_way, first.opening)


def forget_words(now: datetime, limit: int) -> list[str]:
    """Decided lines whose words are no longer needed."""
    old = BankLine.objects.filter(decided_at__lte=now - WORDS_KEPT).exclude(state="doubtful").exclude(name="", reference="", text="")
    return [str(key) for key in old.order_by("decided_at").values_list("pk", flat=True)[:limit]]


def forget(key: str, *, now: datetime) -> None:
    """Take the bank's words off one line; day and amount stay."""
    BankLine.objects.filter(pk=key).exclude(state="doubtful").update(name="", reference="", text="")


