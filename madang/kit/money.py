"""Amounts as people write and read them. Inside, money is an ``int`` of the smallest unit and a unit code; never a float."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import format_currency, get_currency_symbol

from madang.kit.units import unit

LARGEST = 10**15
"""No single amount is larger (smallest units): far above any co-op, far below what PostgreSQL's bigint sums hold."""

# What a Korean or Japanese keyboard writes wide. Nothing else is folded: "5²" must not become 52.
_WIDE = {0xFF01 + step: 0x21 + step for step in range(94)} | {0xFFE6: "₩", 0xFFE5: "¥", 0x3000: " "}
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_PLAIN = re.compile(r"\d+(?:\.\d+)?")


@lru_cache(maxsize=16)
def _locale(lang: str) -> Locale:
    return Locale.parse(lang.replace("-", "_"))


@lru_cache(maxsize=64)
def _marks(code: str) -> tuple[str, ...]:
    """What may stand before or after the figure, longest first: KRW, ₩, 원."""
    code = unit(code).currency
    marks = {code, get_currency_symbol(code, locale="en"), get_currency_symbol(code, locale="ko"), *(["원"] if code == "KRW" else [])}
    return tuple(sorted(marks, key=lambda mark: (-len(mark), mark)))


def format_amount(amount: int, code: str, lang: str) -> str:
    """An amount (smallest units) for a reader: 52000 KRW is "52,000원" in Korean and "₩52,000" in English; 900 USD is "$9.00".

    A unit finer than its currency shows the decimals there are: 2400 USD.6 is "$0.0024", 9000000 USD.6 is "$9.00".
    Raises ``ValueError`` for an unknown currency.
    """
    known = unit(code)
    value = Decimal(amount).scaleb(-known.scale)
    locale = _locale(lang)
    fine = amount % known.coin != 0
    if locale.language == "ko" and known.currency == "KRW":
        value = abs(value) if fine else Decimal(abs(amount) // known.coin)
        return f"{'-' if amount < 0 else ''}{value.normalize() if fine else value:,f}원"
    return str(format_currency(value, known.currency, locale=locale, currency_digits=True, decimal_quantization=not fine))


def parse_amount(text: str, code: str) -> int:
    """What a person typed ("52,000", "52000원", "$9.00", "9") as smallest units, strictly.

    No signs, exponents or spaces inside; thousands are grouped by threes or not at all; no more decimals than the unit has;
    at most :data:`LARGEST`. Raises ``ValueError`` with a plain reason otherwise.
    """
    scale = unit(code).scale
    if len(text) > 40:
        raise ValueError("too long for an amount")
    plain = text.translate(_WIDE).strip()
    for mark in _marks(code):
        if plain.startswith(mark):
            plain = plain.removeprefix(mark).lstrip()
            break
        if plain.endswith(mark):
            plain = plain.removesuffix(mark).rstrip()
            break
    if not plain.isascii() or not (_PLAIN.fullmatch(plain) or _GROUPED.fullmatch(plain)):
        raise ValueError("not an amount")
    major, _, minor = plain.replace(",", "").partition(".")
    if len(minor) > scale:
        raise ValueError(f"{code} has {scale} decimals" if scale else f"{code} has no decimals")
    amount = int(major + minor.ljust(scale, "0"))
    if amount > LARGEST:
        raise ValueError("too large")
    return amount
