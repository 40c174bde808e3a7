"""Tax kept back when earnings are paid out to a person in business by themselves, and given back when the payout returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from madang.coop import ledger
from madang.coop.ledger.models import Account, Entry
from madang.coop.ledger.splits import percent
from madang.coop.tax import status
from madang.coop.tax.models import Withholding
from madang.kit.tax import Rates, Withheld, withhold


@dataclass(frozen=True)
class Kept:
    """What is kept back of one payout, and by which words of the law."""

    owner: str
    unit: str
    standing: str
    figures: Withheld
    rates: Rates | None = None
    citation: str = ""

    @property
    def net(self) -> int:
        """What is sent to the payee."""
        return self.figures.net

    def moves(self, source: Account) -> list[ledger.Move]:
        """``source`` → the accounts of the tax offices."""
        if self.rates is None or not self.figures.total:
            return []
        national, local = ledger.accounts([("withheld", ""), ("withheld-local", "")], self.unit)
        found = [ledger.Move(source, national, self.figures.income, "withheld", note=self._note(self.rates.income, self.figures.gross))]
        if self.figures.local:
            found.append(ledger.Move(source, local, self.figures.local, "withheld-local", note=self._note(self.rates.local, self.figures.income)))
        return found

    def _note(self, rate: object, of: int) -> dict[str, object]:
        return {"of": of, "share": percent(rate), "law": self.citation}  # type: ignore[arg-type]


def of_payout(owner: str, amount: int, unit: str, *, now: datetime) -> Kept:
    """What is kept back of ``amount`` (smallest unit) of earnings paid to ``owner``; nothing unless the co-op is registered. At most 3 queries."""
    day = status.day_of(now)
    nothing = Kept(owner, unit, "none", withhold(amount, None))
    if not owner.startswith("person:") or status.ours(day) is None:
        return nothing
    standing = status.payee_standing(owner, day)
    if standing not in ("freelancer", "foreign"):
        return nothing
    asked, foreign = status.tax_law(), standing == "foreign"
    rates = asked.rates(day, foreign=foreign)
    citation = asked.bound("withholding.foreign.rate" if foreign else "withholding.business.rate", day).citation
    return Kept(owner, unit, standing, withhold(amount, rates), rates, citation)


def keep(kept: Kept, entry: Entry, *, now: datetime) -> Withholding | None:
    """Write down what ``entry`` kept back, in the caller's transaction; also where the law's small amounts made it nothing."""
    if kept.rates is None:
        return None
    made, _new = Withholding.objects.get_or_create(
        entry=entry,
        defaults={
            "owner": kept.owner, "standing": kept.standing, "gross": kept.figures.gross, "income": kept.figures.income, "local": kept.figures.local,
            "unit": kept.unit, "citation": kept.citation, "at": now,
        },
    )  # fmt: skip
    return made


def total_of(entry: UUID) -> int:
    """What was kept back by an entry, in the smallest unit. One query."""
    found = Withholding.objects.filter(entry_id=entry).aggregate(income=Sum("income"), local=Sum("local"))
    return int(found["income"] or 0) + int(found["local"] or 0)


def back(entry_id: UUID, source: Account) -> list[ledger.Move]:
    """The moves that give back what ``entry_id`` kept: the payout did not arrive, so nothing was paid. One query or three."""
    found = Withholding.objects.filter(entry_id=entry_id, back=None).first()
    if found is None or not found.income + found.local:
        return []
    national, local = ledger.accounts([("withheld", ""), ("withheld-local", "")], found.unit)
    note: Mapping[str, object] = {"law": found.citation}
    pairs = ((national, found.income, "withheld-back"), (local, found.local, "withheld-local-back"))
    return [ledger.Move(place, source, amount, kind, note=note) for place, amount, kind in pairs if amount]


def gave_back(entry_id: UUID, entry: Entry) -> None:
    """Write down that ``entry`` gave back what ``entry_id`` kept."""
    Withholding.objects.filter(entry_id=entry_id, back=None).update(back=entry)
