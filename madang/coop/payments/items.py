"""The two sides of a reconciliation as legs: what a service told of our money, and what the books say of it, by the things both speak of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Sum

from madang.coop import ledger
from madang.coop.ledger.history import balance_at
from madang.coop.ledger.models import Account, Entry, Transfer
from madang.coop.payments.gaps import Leg
from madang.coop.payments.models import BankLine, Charge, Dispute, Payout, Recall, Refund, Withdrawal
from madang.coop.payments.reconciliations import Difference, RailItem, Reconciliation
from madang.rails.payments import Movement

CORRECTION = "reconciled:"
_MOMENT = timedelta(microseconds=1)
FEES = ("card-cost", "dispute-fee", "dispute-fee-back")
DISPUTED = ("dispute-taken", "dispute-given-back")
_Keys = dict[str, dict[str, UUID]]


def thing_of(kind: str, ref: str, about: str) -> str:
    """What a movement is about: ``payment:<ref>``, ``payout:<ref>`` …; what took a payment or a payout back is about that one."""
    if kind == "dispute":
        return f"payment:{about or ref}"
    return f"payout:{about or ref}" if kind in ("payout", "recall") else f"{kind}:{ref}"


def named(field: str, refs: Collection[str]) -> Q:
    """Rows whose ``field`` is one of these names. That an empty one is none is said, so that the index of the named ones serves: PostgreSQL does not
    work that out for more than a hundred names, and would read all of history instead."""
    return Q(**{f"{field}__in": refs}) & ~Q(**{field: ""})


def _step(kind: str, amount: int) -> str:
    return "return" if kind in ("payout", "recall", "refund", "withdrawal") and amount > 0 else kind


def _their_leg(one: RailItem) -> Leg:
    amount, fee = (0, one.fee - one.amount) if one.kind == "fee" else (one.amount, one.fee)
    return Leg(thing_of(one.kind, one.ref, one.about), _step(one.kind, one.amount), amount, fee, one.at)


def keep(rail: str, told: Iterable[Movement], since: datetime, until: datetime, *, now: datetime) -> set[str]:
    """Store what a service told of ``[since, until)``: what is new, what it tells otherwise now, and (as nothing) what it tells no more.

    Returns the things that changed. Two SQL queries.
    """
    news: dict[tuple[str, str, int], Movement] = {}
    seen: dict[tuple[str, str], int] = defaultdict(int)
    told = sorted(told, key=lambda one: (one.at, one.amount))
    before: dict[tuple[str, str, int], RailItem] = {}
    for row in RailItem.objects.filter(Q(ref__in={one.ref for one in told}) | Q(at__gte=since, at__lt=until), rail=rail).order_by("revision"):
        before[row.kind, row.ref, row.ordinal] = row
    for kind, ref, ordinal in [key for key, row in before.items() if row.at < since]:  # told in days that are not asked about: it stays what it is
        seen[kind, ref] = max(seen[kind, ref], ordinal + 1)
    for one in told:
        news[one.kind, one.ref, seen[one.kind, one.ref]] = one
        seen[one.kind, one.ref] += 1
    rows = []
    for (kind, ref, ordinal), one in news.items():
        old = before.get((kind, ref, ordinal))
        if old is None or (old.amount, old.fee, old.unit, old.at, old.about) != (one.amount, one.fee, one.unit, one.at, one.about):
            revision = old.revision + 1 if old else 0
            rows.append(RailItem(
                rail=rail, kind=kind, ref=ref, ordinal=ordinal, revision=revision, about=one.about, amount=one.amount, fee=one.fee, unit=one.unit,
                at=one.at, told_at=now,
            ))  # fmt: skip
    for key, old in before.items():
        if key not in news and since <= old.at < until and (old.amount or old.fee):
            rows.append(RailItem(
                rail=rail, kind=old.kind, ref=old.ref, ordinal=old.ordinal, revision=old.revision + 1, about=old.about, amount=0, fee=0, unit=old.unit,
                at=old.at, told_at=now,
            ))  # fmt: skip
    RailItem.objects.bulk_create(rows, batch_size=1_000)
    return {thing_of(row.kind, row.ref, row.about) for row in rows}


def _current(rail: str, unit: str) -> QuerySet[RailItem]:
    """What counts of what a service told: the highest revision of each."""
    same = {name: OuterRef(name) for name in ("rail", "kind", "ref", "ordinal")}
    return RailItem.objects.filter(~Exists(RailItem.objects.filter(**same, revision__gt=OuterRef("revision"))), rail=rail, unit=unit)


def newest() -> int:
    """The newest item of any service. One SQL query."""
    return int(RailItem.objects.aggregate(newest=Max("pk"))["newest"] or 0)


def _net(rows: QuerySet[RailItem]) -> int:
    return int(rows.aggregate(total=Sum(F("amount") - F("fee")))["total"] or 0)


class Told:
    """The service's side, from what was stored of it."""

    def __init__(self, rail: str, unit: str) -> None:
        self.rail, self.unit = rail, unit
        self.rows = _current(rail, unit)

    def total(self, until: datetime, last: Reconciliation | None = None) -> int:
        """What it holds for us before ``until``, by its items; from the ``last`` report on where there is one, so that it costs what came since.

        One SQL query without ``last``; with it three, and one for each item that was told otherwise since.
        """
        if last is None or last.seen is None or last.until > until:
            return _net(self.rows.filter(at__lt=until))
        known = self.rows.filter(at__gte=last.until, at__lt=until, pk__lte=last.seen)
        total = last.theirs + _net(known) + _net(self.rows.filter(pk__gt=last.seen, at__lt=until))
        again = RailItem.objects.filter(rail=self.rail, unit=self.unit, pk__gt=last.seen, revision__gt=0)
        for kind, ref, ordinal in set(again.values_list("kind", "ref", "ordinal")):
            same = RailItem.objects.filter(rail=self.rail, kind=kind, ref=ref, ordinal=ordinal, pk__lte=last.seen)
            old = same.order_by("-revision").first()
            if old is not None and old.at < last.until and old.unit == self.unit:
                total -= old.amount - old.fee
        return total

    def count(self, since: datetime, until: datetime) -> int:
        """How many items it told of a span."""
        return self.rows.filter(at__gte=since, at__lt=until).exclude(amount=0, fee=0).count()

    def touched(self, since: datetime, until: datetime) -> set[str]:
        """The things that moved in a span."""
        return {thing_of(*row) for row in self.rows.filter(at__gte=since, at__lt=until).values_list("kind", "ref", "about")}

    def legs(self, things: Collection[str] | None) -> list[Leg]:
        """All legs of these things (None: of all)."""
        rows = self.rows
        if things is not None:
            refs = {thing.partition(":")[2] for thing in things}
            rows = rows.filter(Q(ref__in=refs) | named("about", refs))
        found = [_their_leg(one) for one in rows]
        return [leg for leg in found if things is None or leg.thing in things]

    def abouts(self, things: Collection[str]) -> dict[str, tuple[str, int]]:
        """Of refunds: which payment each is of, and how much."""
        refs = {thing.partition(":")[2] for thing in things if thing.startswith("refund:")}
        return {f"refund:{one.ref}": (one.about, -one.amount) for one in self.rows.filter(kind="refund", ref__in=refs)}


class Books:
    """Our side: the transfers of the clearing account, each under the thing it is about."""

    def __init__(self, rail: str, unit: str) -> None:
        self.rail, self.unit = rail, unit
        self.account: Account = ledger.account("clearing", f"rail:{rail}", unit)

    def total(self, until: datetime) -> int:
        """What the service holds for us before ``until``, by the books. One SQL query."""
        return -balance_at(self.account, until - _MOMENT)

    def first(self) -> datetime | None:
        """When anything was first booked. Two SQL queries."""
        mine = [Transfer.objects.filter(**{side: self.account}).order_by("at").values_list("at", flat=True).first() for side in ("debit", "credit")]
        return min((at for at in mine if at), default=None)

    def touched(self, since: datetime, until: datetime) -> set[str]:
        """The things that were booked in a span."""
        return {leg.thing for leg in self._legs(self._transfers().filter(at__gte=since, at__lt=until))}

    def legs(self, things: Collection[str] | None) -> list[Leg]:
        """All legs of these things (None: of all)."""
        rows = self._transfers()
        if things is None:
            return self._legs(rows)
        return [leg for leg in self._legs(rows.filter(entry__in=self._entries(things))) if leg.thing in things]

    def _transfers(self) -> QuerySet[Transfer]:
        return Transfer.objects.filter(Q(debit=self.account) | Q(credit=self.account))

    def _entries(self, things: Collection[str]) -> set[UUID]:
        """The entries these things were booked by."""
        refs = {thing.partition(":")[2] for thing in things}
        ids = [ref for ref in refs if is_id(ref)]
        charges = list(Charge.objects.filter(named("ref", refs) | named("payment_ref", refs), rail=self.rail).values_list("pk", "entry_id"))
        sent_back = list(Refund.objects.filter(named("ref", refs) | Q(pk__in=ids), charge__rail=self.rail).values_list("pk", "entry_id"))
        refunds = [entry for _pk, entry in sent_back]
        payouts = list(self._payouts(refs, ids))
        keys = [f"payout-returned:{one.pk}" for one in payouts]
        keys += [f"recall:{pk}" for pk in Recall.objects.filter(payout__in=payouts, state="done").values_list("pk", flat=True)]
        for pk, count in Dispute.objects.filter(charge__in=[pk for pk, _entry in charges]).values_list("pk", "bookings"):
            keys += [f"dispute:{pk}:{number}" for number in range(1, count + 1)]
        for sent in Withdrawal.objects.filter(Q(ref__in=refs, rail=self.rail) | Q(entry__in=ids)):
            keys += [f"to-bank:{sent.pk}", f"to-bank-returned:{sent.pk}"]
        keys += [f"{name}:{pk}" for name in ("refund", "refund-returned") for pk, _entry in sent_back]
        keys += [f"overpaid:{pk}" for pk in BankLine.objects.filter(charge__in=[pk for pk, _entry in charges]).values_list("pk", flat=True)]
        keys += [f"{CORRECTION}{pk}" for pk in Difference.objects.filter(thing__in=things, reconciliation__rail=self.rail).values_list("pk", flat=True)]
        found = {entry for _pk, entry in charges} | set(refunds) | {one.entry_id for one in payouts}
        found |= set(Entry.objects.filter(key__in=keys).values_list("pk", flat=True))
        return {entry for entry in found if entry} | {UUID(thing.removeprefix("entry:")) for thing in things if thing.startswith("entry:")}

    def _payouts(self, refs: Collection[str], ids: Sequence[str]) -> QuerySet[Payout]:
        return Payout.objects.filter(named("ref", refs) | named("code", refs) | Q(pk__in=ids) | Q(batch__code__in=refs), rail=self.rail)

    def _legs(self, rows: QuerySet[Transfer]) -> list[Leg]:
        found = list(rows.select_related("entry"))
        things = self._things({one.entry for one in found})
        legs = []
        for one in found:
            into = one.debit_id == self.account.pk
            thing, amount, at = things[one.entry_id], one.amount if into else -one.amount, one.at
            step = "dispute" if one.kind in DISPUTED else thing.partition(":")[0]
            if one.kind in FEES:
                legs.append(Leg(thing, "fee", 0, -amount, at))
            else:
                legs.append(Leg(thing, _step(step, amount), amount, 0, at))
        return legs

    def _things(self, entries: Collection[Entry]) -> dict[UUID, str]:
        """Under which thing each entry stands: at most six SQL queries."""
        ids = [one.pk for one in entries]
        found = {entry: f"entry:{entry}" for entry in ids}
        found |= {one.entry_id: payment_thing(one) for one in Charge.objects.filter(entry__in=ids) if one.entry_id}
        keys: dict[str, dict[str, UUID]] = defaultdict(dict)
        for one in entries:
            name, _colon, rest = one.key.partition(":")
            keys[name][rest] = one.pk
        found |= self._given_back(keys) | self._disputed(keys) | self._recalled(keys) | self._to_the_bank(keys)
        back = keys["payout-returned"]
        for payout in Payout.objects.filter(Q(entry__in=ids) | Q(pk__in=[key for key in back if is_id(key)])).select_related("batch"):
            for entry in (payout.entry_id, back.get(str(payout.pk))):
                if entry in found:
                    found[entry] = payout_thing(payout)
        lines = BankLine.objects.filter(pk__in=[key for key in keys["overpaid"] if key.isdecimal()], charge__isnull=False).select_related("charge")
        found |= {keys["overpaid"][str(line.pk)]: payment_thing(line.charge) for line in lines if line.charge}
        righted = keys[CORRECTION[:-1]]
        rows = Difference.objects.filter(pk__in=[key for key in righted if is_id(key)], reconciliation__rail=self.rail)
        return found | {righted[str(pk)]: thing for pk, thing in rows.values_list("pk", "thing")}

    def _given_back(self, keys: _Keys) -> dict[UUID, str]:
        """Refunds, and those that came back. One that was sent by hand left the co-op's bank, which knows no refunds: it stands under its entry."""
        found: dict[UUID, str] = {}
        ids = {key.partition(":")[0] for name in ("refund", "refund-returned") for key in keys[name]}
        for refund in Refund.objects.filter(pk__in=[key for key in ids if is_id(key)]).select_related("charge"):
            for name, rest in (("refund", f"{refund.pk}"), ("refund", f"{refund.pk}:again"), ("refund-returned", f"{refund.pk}")):
                entry = keys[name].get(rest)
                if entry is not None and not (refund.by_id and entry == refund.entry_id):
                    found[entry] = f"refund:{refund.ref or refund.pk}"
        return found

    def _disputed(self, keys: _Keys) -> dict[UUID, str]:
        mine = {key: entry for key, entry in keys["dispute"].items() if is_id(key.partition(":")[0])}
        rows = Dispute.objects.filter(pk__in={key.partition(":")[0] for key in mine}).select_related("charge")
        things = {str(one.pk): payment_thing(one.charge) for one in rows}
        return {entry: things[key.partition(":")[0]] for key, entry in mine.items() if key.partition(":")[0] in things}

    def _recalled(self, keys: _Keys) -> dict[UUID, str]:
        rows = Recall.objects.filter(pk__in=[key for key in keys["recall"] if is_id(key)]).select_related("payout__batch")
        return {keys["recall"][str(one.pk)]: payout_thing(one.payout) for one in rows}

    def _to_the_bank(self, keys: _Keys) -> dict[UUID, str]:
        """What a service sent to our bank: there it has the service's name, at the bank it stands under the entry that booked it."""
        found: dict[UUID, str] = {}
        there, back = keys["to-bank"], keys["to-bank-returned"]
        for one in Withdrawal.objects.filter(pk__in=[key for key in {*there, *back} if is_id(key)]):
            thing = f"withdrawal:{one.ref}" if one.rail == self.rail else f"entry:{one.entry_id}"
            found |= {entries[str(one.pk)]: thing for entries in (there, back) if str(one.pk) in entries}
        return found


def payment_thing(charge: Charge) -> str:
    """Under which thing a payment stands: what the service calls it once it was made."""
    return f"payment:{charge.payment_ref or charge.ref}"


def payout_thing(payout: Payout) -> str:
    """Under which thing a payout stands: the whole batch where the bank told of it in one line, else itself."""
    if payout.batch and payout.batch.bank_lines.exists():
        return f"batch:{payout.batch.code}"
    return f"payout:{payout.ref or payout.code or payout.pk}"


def is_id(text: str) -> bool:
    """Whether this is an id of ours."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
