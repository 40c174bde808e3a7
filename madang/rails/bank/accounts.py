"""Numbers of accounts and of businesses: what has a checksum is checked, what has a shape is held to it."""

from __future__ import annotations

import re

from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException

KR_BANKS = {
    "002": "산업은행", "003": "기업은행", "004": "국민은행", "007": "수협은행", "011": "농협은행", "012": "농축협", "020": "우리은행",
    "023": "SC제일은행", "027": "한국씨티은행", "031": "iM뱅크", "032": "부산은행", "034": "광주은행", "035": "제주은행", "037": "전북은행",
    "039": "경남은행", "045": "새마을금고", "048": "신협", "050": "저축은행", "064": "산림조합", "071": "우체국", "081": "하나은행",
    "088": "신한은행", "089": "케이뱅크", "090": "카카오뱅크", "092": "토스뱅크",
}  # fmt: skip
"""Korean banks by the three digits that the clearing house (금융결제원) gives them. For the choice of a person, so plain names."""

_SEPARATED = re.compile(r"[\s-]+")


def iban(text: str) -> str:
    """An IBAN without spaces. Raises ``ValueError`` when country, length, form or checksum is wrong."""
    try:
        return str(IBAN(text[:60]))
    except (SchwiftyException, ValueError) as no:
        raise ValueError(f"not an IBAN: {type(no).__name__}") from None


def bic(text: str) -> str:
    """A BIC (8 or 11 characters). Raises ``ValueError`` when it has not the form of one."""
    try:
        return str(BIC(text[:20]))
    except (SchwiftyException, ValueError) as no:
        raise ValueError(f"not a BIC: {type(no).__name__}") from None


def kr_account(text: str) -> str:
    """A Korean account number as digits: 10 to 16 of them, as all banks have it; hyphens and spaces fall away. Raises ``ValueError``.

    There is no checksum that holds for all banks, so only the shape is checked.
    """
    digits = _SEPARATED.sub("", text)
    if not (digits.isascii() and digits.isdecimal() and 10 <= len(digits) <= 16) or len(set(digits)) == 1:
        raise ValueError("not a Korean account number")
    return digits


def compact(text: str) -> str:
    """Any account number as it is compared: letters and digits only, in capitals."""
    return "".join(sign for sign in text.upper() if sign.isascii() and sign.isalnum())


def masked(number: str) -> str:
    """What is shown of an account number: its last four."""
    return "••••" + number[-4:]


def business_number(text: str) -> str:
    """A Korean business registration number (사업자등록번호) as ten digits. Raises ``ValueError`` when its check digit is wrong.

    Weights 1 3 7 1 3 7 1 3 5; of the last product the tens count too; the check digit fills up to ten (National Tax Service).
    """
    digits = _SEPARATED.sub("", text)
    if not (digits.isascii() and digits.isdecimal() and len(digits) == 10):
        raise ValueError("not a business registration number")
    nine = [int(sign) for sign in digits[:9]]
    total = sum(one * weight for one, weight in zip(nine, (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=True)) + nine[8] * 5 // 10
    if (10 - total % 10) % 10 != int(digits[9]) or digits[:3] < "101":
        raise ValueError("wrong check digit")
    return digits
