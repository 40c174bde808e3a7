"""Ids that stand in the order of time, so that what was written together lies together in an index."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID


def time_ordered(now: datetime) -> UUID:
    """A UUID of version 7 (RFC 9562 §5.7): 48 bits of milliseconds since 1970, 74 bits of chance. ``now`` is aware."""
    milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    chance = secrets.randbits(74)
    return UUID(int=milliseconds << 80 | 7 << 76 | (chance >> 62) << 64 | 2 << 62 | chance & ((1 << 62) - 1))
