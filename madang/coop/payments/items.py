"""The two sides of a reconciliation as legs: what a service told of our money, and what the books say of it, by the things both speak of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum

from madang.coop import ledger
from madang.coop.ledger.history import balance_at
from madang.coop.ledger.models import Account, Entry, Transfer
from madang.coop.payments.gaps import Leg
from madang.coop.payments.models import BankLine, Charge, Dispute, Payout, Refund
from madang.coop.payments.reconciliations import Difference, RailItem
from madang.rails.payments import Movement

CORRECTION = "reconciled:"
FEES = ("card-cost", "dispute-fee", "dispute-fee-back")
_MOMENT = timedelta(microseconds=1)


def thing_of(kind: str, ref: str, about: str) -> str:
    """What a movement is about: ``payment:<ref>``, ``payout:<ref>`` …; what took a payment or a payout back is about that one."""
    if kind == "dispute":
        return f"payment:{about or ref}"
    return f"payout:{about or ref}" if kind in ("payout", "recall") else f"{kind}:{ref}"


def _step(kind: str, amount: int) -> str:
    return "return" if kind in ("payout", "recall") and amount > 0 else kind


def _their_leg(one: RailItem) -> Leg:
    amount, fee = (0, one.fee - one.amount) if one.kind == "fee" else (one.amount, one.fee)
    return Leg(thing_of(one.kind, one.ref, one.about), _step(one.kind, one.amount), amount, fee, one.at)


def keep(rail: str, told: Iterable[Movement], since: datetime, until: datetime, *, now: datetime) -> set[str]:
    """Store what a service told of ``[since, until)``: what is new, what it tells otherwise now, and (as nothing) what it tells no more.

    Returns the things that changed. Two SQL queries.
    """
    news: dict[tuple[str, str, int], Movement] = {}
    seen: dict[tuple[str, str], int] = defaultdict(int)
    for one in sorted(told, key=lambda one: (one.at, one.amount)):
        news[one.kind, one.ref, seen[one.kind, one.ref]] = one
        seen[one.kind, one.ref] += 1
    refs = {ref for _kind, ref, _ordinal in news}
    before: dict[tuple[str, str, int], RailItem] = {}
    for row in RailItem.objects.filter(Q(ref__in=refs) | Q(at__gte=since, at__lt=until), rail=rail).order_by("revision"):
        before[row.kind, row.ref, row.ordinal] = row
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
    newest = Subquery(RailItem.objects.filter(**same).order_by("-revision").values("revision")[:1])
    return RailItem.objects.filter(rail=rail, unit=unit, revision=newest)


class Told:
    """The service's side, from what was stored of it."""

    def __init__(self, rail: str, unit: str) -> None:
        self.rows = _current(rail, unit)

    def total(self, until: datetime) -> int:
        """What it holds for us before ``until``, by its items. One SQL query."""
        return int(self.rows.filter(at__lt=until).aggregate(total=Sum(F("amount") - F("fee")))["total"] or 0)

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
            rows = rows.filter(Q(ref__in=refs) | Q(about__in=refs))
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
        ids = [ref for ref in refs if _is_id(ref)]
        charges = list(Charge.objects.filter(rail=self.rail, ref__in=refs).values_list("pk", "entry_id"))
        refunds = list(Refund.objects.filter(Q(ref__in=refs) | Q(pk__in=ids), charge__rail=self.rail).values_list("entry_id", flat=True))
        payouts = list(self._payouts(refs, ids))
        keys = [f"payout-returned:{one.pk}" for one in payouts]
        keys += [f"overpaid:{pk}" for pk in BankLine.objects.filter(charge__in=[pk for pk, _entry in charges]).values_list("pk", flat=True)]
        disputes = Dispute.objects.filter(charge__in=[pk for pk, _entry in charges]).values_list("pk", "bookings")
        keys += [f"dispute:{pk}:{number}" for pk, bookings in disputes for number in range(1, bookings + 1)]
        keys += [f"{CORRECTION}{pk}" for pk in Difference.objects.filter(thing__in=things, reconciliation__rail=self.rail).values_list("pk", flat=True)]
        found = {entry for _pk, entry in charges} | set(refunds) | {one.entry_id for one in payouts}
        found |= set(Entry.objects.filter(key__in=keys).values_list("pk", flat=True))
        return {entry for entry in found if entry} | {UUID(thing.removeprefix("entry:")) for thing in things if thing.startswith("entry:")}

    def _payouts(self, refs: Collection[str], ids: Sequence[str]) -> QuerySet[Payout]:
        return Payout.objects.filter(Q(ref__in=refs) | Q(code__in=refs) | Q(pk__in=ids) | Q(batch__code__in=refs), rail=self.rail)

    def _legs(self, rows: QuerySet[Transfer]) -> list[Leg]:
        found = list(rows.select_related("entry"))
        things = self._things({one.entry for one in found})
        legs = []
        for one in found:
            into = one.debit_id == self.account.pk
            thing, amount, at = things[one.entry_id], one.amount if into else -one.amount, one.at
            step = thing.partition(":")[0]
            if one.kind in FEES:
                legs.append(Leg(thing, "fee", 0, -amount, at))
            elif one.kind.startswith("dispute-"):
                legs.append(Leg(thing, "dispute", amount, 0, at))
            else:
                legs.append(Leg(thing, "return" if step == "payout" and into else step, amount, 0, at))
        return legs

    def _things(self, entries: Collection[Entry]) -> dict[UUID, str]:
        """Under which thing each entry stands: at most seven SQL queries."""
        ids = [one.pk for one in entries]
        found = {entry: f"entry:{entry}" for entry in ids}
        found |= {one.entry_id: f"payment:{one.ref}" for one in Charge.objects.filter(entry__in=ids) if one.entry_id}
        found |= {one.entry_id: f"refund:{_ref(one)}" for one in Refund.objects.filter(entry__in=ids) if one.entry_id}
        keys: dict[str, dict[str, UUID]] = defaultdict(dict)
        for one in entries:
            name, _colon, rest = one.key.partition(":")
            keys[name][rest] = one.pk
        back = keys["payout-returned"]
        for payout in Payout.objects.filter(Q(entry__in=ids) | Q(pk__in=[key for key in back if _is_id(key)])).select_related("batch"):
            for entry in (payout.entry_id, back.get(str(payout.pk))):
                if entry in found:
                    found[entry] = payout_thing(payout)
        lines = BankLine.objects.filter(pk__in=[key for key in keys["overpaid"] if key.isdecimal()], charge__isnull=False).select_related("charge")
        found |= {keys["overpaid"][str(line.pk)]: f"payment:{line.charge.ref}" for line in lines if line.charge}
        booked = {rest: entry for rest, entry in keys["dispute"].items() if _is_id(rest.partition(":")[0])}
        about = dict(Dispute.objects.filter(pk__in={rest.partition(":")[0] for rest in booked}).values_list("pk", "charge__ref"))
        found |= {entry: f"payment:{about[UUID(rest.partition(':')[0])]}" for rest, entry in booked.items() if UUID(rest.partition(":")[0]) in about}
        righted = keys[CORRECTION[:-1]]
        found |= {righted[str(pk)]: thing for pk, thing in Difference.objects.filter(pk__in=[key for key in righted if _is_id(key)]).values_list("pk", "thing")}
        return found


def _ref(refund: Refund) -> str:
    """The service's name for a refund; one that was sent by hand it knows nothing of, so that stands under ours."""
    return refund.ref if refund.ref and " " not in refund.ref else str(refund.pk)


def payout_thing(payout: Payout) -> str:
    """Under which thing a payout stands: the whole batch where the bank told of it in one line, else itself."""
    if payout.batch and payout.batch.bank_lines.exists():
        return f"batch:{payout.batch.code}"
    return f"payout:{payout.ref or payout.code or payout.pk}"


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
