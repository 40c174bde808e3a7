"""The code on the wall of the room: whoever can read it is there. It changes every minute and is worth nothing elsewhere."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

STEP = 60
"""Seconds one code is shown."""
LATE = 2
"""How many steps before an earlier code still serves: who types slowly, and a page that was just drawn anew."""


def shown(secret: str, now: datetime, back: int = 0) -> str:
    """Six digits for this minute (``back`` minutes ago), made of the meeting's secret as RFC 6238 makes them (HMAC-SHA-256)."""
    counter = int(now.timestamp()) // STEP - back
    mac = hmac.new(bytes.fromhex(secret), counter.to_bytes(8, "big"), hashlib.sha256).digest()
    at = mac[-1] & 0x0F
    return f"{(int.from_bytes(mac[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


def fits(secret: str, given: str, now: datetime) -> bool:
    """Whether this is the code of now, or of one or two minutes ago. Spaces do not matter."""
    typed = "".join(given.split()).encode()
    return any(hmac.compare_digest(shown(secret, now, back).encode(), typed) for back in range(LATE + 1))
