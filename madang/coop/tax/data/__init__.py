"""Tax law as data, one ``<country>.toml`` each: rates, days and numbers with the day they came into force and where they are written.

As :mod:`madang.coop.law.profiles`, and read into the same :class:`~madang.coop.law.profiles.Bound`. A country without a file (or the plain
profile, which has none) taxes nothing here: :data:`NOTHING` is what then holds. This is not advice; a ``note`` says what was not checked.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import cache
from pathlib import Path

from madang.coop.law.profiles import Bound, Value
from madang.kit.errors import Missing
from madang.kit.tax import Rates

FOLDER = Path(__file__).parent

NOTHING: dict[str, Value] = {
    "vat.rate": Fraction(0),
    "vat.prices_include": True,
    "vat.kept_is_taxed": False,
    "vat.threshold": 0,
    "vat.simplified_for_companies": True,
    "vat.period_months": 3,
    "vat.return_days": 0,
    "invoice.must_say": "",
    "invoice.due_day": 0,
    "invoice.electronic": False,
    "invoice.corrections": "",
    "receipt.instead": "",
    "withholding.business.rate": Fraction(0),
    "withholding.foreign.rate": Fraction(0),
    "withholding.local": Fraction(0),
    "withholding.small": 0,
    "withholding.small.services": 0,
    "withholding.step": 1,
    "withholding.due_day": 0,
    "withholding.resident_number": False,
    "cash_receipt.from": 0,
    "cash_receipt.self_number": "",
    "papers.keep_years": 10,
}


@dataclass(frozen=True)
class TaxLaw:
    """What one country asks for."""

    country: str
    checked: date
    bounds: tuple[Bound, ...]

    def bound(self, name: str, at: datetime | date) -> Bound:
        """What holds for ``name`` on the day of ``at``; an empty citation where the law says nothing. Raises ``Missing`` for a name that is none."""
        if name not in NOTHING:
            raise Missing(f"no tax datum is called {name}")
        day = at.astimezone(UTC).date() if isinstance(at, datetime) else at
        valid = [one for one in self.bounds if one.name == name and one.since and one.since <= day and (one.until is None or day < one.until)]
        return max(valid, key=lambda one: one.since or date.min, default=Bound(NOTHING[name], "", "", name))

    def in_force(self, at: datetime | date) -> list[Bound]:
        """Every datum of this law on a day, in the file's order."""
        return [found for name in dict.fromkeys(one.name for one in self.bounds) if (found := self.bound(name, at)).since]

    def taxes(self, at: datetime | date) -> bool:
        """Whether there is anything to register for."""
        return self.bound("vat.rate", at).fraction() > 0 or self.bound("withholding.business.rate", at).fraction() > 0

    def rates(self, at: datetime | date, *, foreign: bool = False) -> Rates | None:
        """What is kept back of the income of a person in business, None where nothing is."""
        rate = self.bound("withholding.foreign.rate" if foreign else "withholding.business.rate", at).fraction()
        if not rate:
            return None
        small = self.bound("withholding.small" if foreign else "withholding.small.services", at).number()
        return Rates(rate, self.bound("withholding.local", at).fraction(), small, self.bound("withholding.step", at).number())


@cache
def law_of(country: str) -> TaxLaw:
    """The tax law of a country ("KR"); an empty one for a country that is not described here."""
    path = FOLDER / f"{country.lower()}.toml"
    if not country.isalpha() or not path.exists():
        return TaxLaw(country, date.min, ())
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    bounds = tuple(
        Bound(_value(row["value"]), row["article"], row["url"], row["name"], row["since"], row["text"], row.get("until"), False, row.get("note", {}))
        for row in data["bounds"]
    )
    if unknown := [one.name for one in bounds if one.name not in NOTHING]:
        raise ValueError(f"{path.name}: no tax datum is called {', '.join(unknown)}")
    return TaxLaw(country, data["checked"], bounds)


def _value(raw: object) -> Value:
    if isinstance(raw, bool | int):
        return raw
    text = str(raw)
    return Fraction(text[:-1]) / 100 if text.endswith("%") else text
