"""Reference codes: short enough for the line a bank lets one write, and a slip of the finger makes none that is another's.

Seven signs of 31 (no 0, 1, I, L, O). With the weights 1 … 7 their weighted sum is 0 modulo the prime 31, so that each single wrong sign
and each swap of two different signs is noticed (887 million codes: of 30,000 two meet with a chance of four in ten, so :func:`free` looks).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 7
_VALUE = {sign: value for value, sign in enumerate(ALPHABET)}


def code_for(key: str) -> str:
    """The code of a key: always the same, spread like chance."""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8])
    signs = []
    for _place in range(LENGTH - 1):
        number, value = divmod(number, 31)
        signs.append(value)
    total = sum(weight * value for weight, value in enumerate(signs, 1))
    signs.append(-total * pow(LENGTH, -1, 31) % 31)
    return "".join(ALPHABET[value] for value in signs)


def free(key: str, taken: Callable[[str], bool]) -> str:
    """The first code of a key that nobody else has: the key's own, or when another key's code met it, the next one it leads to."""
    return next(code for step in range(1_000) if not taken(code := code_for(f"{key}#{step}" if step else key)))


def is_code(text: str) -> bool:
    """Whether these seven signs are a code that was not mistyped."""
    return len(text) == LENGTH and all(sign in _VALUE for sign in text) and sum(at * _VALUE[sign] for at, sign in enumerate(text, 1)) % 31 == 0


def shown(code: str) -> str:
    """As a person reads it: ``K7M-2X9P``."""
    return f"{code[:3]}-{code[3:]}"


def codes_in(text: str) -> list[str]:
    """Every code that stands in what a payer wrote, in order, each once: spaces, hyphens and small letters do not matter."""
    plain = "".join(sign for sign in text.upper() if not (sign.isspace() or sign in "-–—_./:"))
    windows = (plain[at : at + LENGTH] for at in range(len(plain) - LENGTH + 1))
    return list(dict.fromkeys(window for window in windows if is_code(window)))
