"""Registration numbers as people type them, checked by their check digits. Pure."""

from __future__ import annotations

import re

from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.gb import vat as gb_vat
from stdnum.kr import brn, rrn

_MOBILE = re.compile(r"01[016789]\d{7,8}", re.ASCII)
_CARD = re.compile(r"\d{13,19}", re.ASCII)


def business(number: str, country: str) -> str:
    """A business's registration number, as it is written: "120-81-47521" (KR), "GB 980 7806 84" → "GB980780684", "DE136695976". Raises ``ValueError``."""
    try:
        if country == "KR":
            return str(brn.format(_kr(brn.validate(number))))
        if country == "GB":
            return "GB" + str(gb_vat.validate(number))
        return str(eu_vat.validate(number))
    except ValidationError as no:
        raise ValueError(str(no)) from None


def _kr(number: str) -> str:
    """The tenth digit of a Korean number checks the nine before it (weights 1 3 7 1 3 7 1 3 5, and the tens of the ninth product once more)."""
    digits = [int(one) for one in number]
    sum_ = sum(digit * weight for digit, weight in zip(digits, (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=False)) + digits[8] * 5 // 10
    if (sum_ + digits[9]) % 10:
        raise ValueError("its check digit is wrong")
    return number


def resident(number: str) -> str:
    """A Korean resident registration number as 13 digits: its date and its seventh digit are looked at. Raises ``ValueError``.

    Its check digit is not: numbers given since October 2020 have none.
    """
    digits = re.sub(r"[\s-]", "", number)
    if not re.fullmatch(r"\d{13}", digits, re.ASCII):
        raise ValueError("not 13 digits")
    try:
        rrn.get_birth_date(digits)
    except ValidationError as no:
        raise ValueError(str(no)) from None
    return digits


def cash_receipt(number: str) -> str:
    """What a cash receipt goes to: a mobile number or a cash receipt card, digits only. Raises ``ValueError``."""
    digits = re.sub(r"[\s-]", "", number)
    if _MOBILE.fullmatch(digits) or _CARD.fullmatch(digits):
        return digits
    raise ValueError("neither a mobile number nor a card")
