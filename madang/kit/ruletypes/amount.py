"""An amount of money: a whole number of the smallest unit, and the unit's code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from madang.kit import money, units
from madang.kit.ruletypes.base import Field, RuleType, Unfit, limits, mapping, no_float


class Money(NamedTuple):
    """``amount`` in the smallest unit of ``unit``: Money(900, "USD") is nine dollars."""

    amount: int
    unit: str


def read_money(raw: Any, currency: str | None, path: str) -> Money:
    """Money from canonical ``{"amount", "unit"}``, or from major units ("9.00", 12000) of ``currency``. Raises ``Unfit``."""
    no_float(raw, path)
    if isinstance(raw, Money):
        raw = {"amount": raw.amount, "unit": raw.unit}
    if isinstance(raw, dict):
        given = mapping(raw, path, "amount", unit=currency or "?")
        amount, unit = given.get("amount"), given.get("unit")
        if set(given) != {"amount", "unit"} or isinstance(amount, bool) or not isinstance(amount, int) or not isinstance(unit, str):
            raise Unfit(path, "amount", raw, unit=currency or "?")
        if currency is not None and unit != currency:
            raise Unfit(path, "amount of", raw, unit=currency, other=unit)
        return Money(amount, unit)
    if currency is None:
        raise Unfit(path, "currency", raw)
    if isinstance(raw, bool) or not isinstance(raw, int | str):
        raise Unfit(path, "amount", raw, unit=currency)
    try:
        return Money(money.parse_amount(str(raw), currency), currency)
    except ValueError:
        raise Unfit(path, "amount", raw, unit=currency) from None


@dataclass(frozen=True)
class Amount(RuleType):
    """Money between ``min`` and ``max``, both in the smallest unit (None: no bound). The value is :class:`Money`.

    ``scale``: decimals of the unit where amounts are smaller than a coin (6: "EUR.6", millionths); then ``min`` and ``max`` are in that unit.
    """

    min: int | None = 0
    max: int | None = 10**12
    scale: int | None = None

    kind = "amount"

    def parse(self, raw: Any, *, currency: str | None = None, path: str = "") -> Money:
        if self.scale is not None and currency is not None:
            currency = units.finer(currency, self.scale)
        value = read_money(raw, currency, path)
        if (self.min is not None and value.amount < self.min) or (self.max is not None and value.amount > self.max):
            low, high = (money.format_amount(0 if bound is None else bound, value.unit, "en") for bound in (self.min, self.max))
            word = "between" if self.min is not None and self.max is not None else "at least" if self.min is not None else "at most"
            names = {"between": {"min": low, "max": high}, "at least": {"min": low}, "at most": {"max": high}}[word]
            raise Unfit(path, word, raw, **names)
        return value

    def dump(self, value: Money) -> dict[str, Any]:
        return {"amount": value.amount, "unit": value.unit}

    def describe(self, value: Money, lang: str = "en") -> str:
        return money.format_amount(value.amount, value.unit, lang)

    def bounds(self, lang: str = "en") -> str:
        low = None if self.min is None else str(self.min)
        return limits(lang, low, None) if self.min else ""

    def text(self, value: Money, *, currency: str | None = None) -> str:
        known = units.unit(value.unit)
        scale, coins = known.scale, units.unit(known.currency).scale
        sign, digits = "-" if value.amount < 0 else "", f"{abs(value.amount):0{scale + 1}d}"
        if not scale:
            return sign + digits
        minor = digits[-scale:].rstrip("0").ljust(coins, "0")  # 0.0024, 1.50
        return f"{sign}{digits[:-scale]}.{minor}" if minor else sign + digits[:-scale]

    def fields(self, value: Any, *, name: str = "value", currency: str | None = None, lang: str = "en") -> list[Field]:
        text = "" if value is None else self.text(value)
        return [Field(name, self.kind, self.label, text, unit=currency or (units.unit(value.unit).currency if value else ""), help=self.help)]
