"""What is taken at all: everything has a limit and says so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """``shortest``, ``longest`` in milliseconds, ``size`` in bytes."""

    shortest: int = 500
    longest: int = 6 * 3600 * 1000
    size: int = 4 * 1024**3
    channels: int = 8
    sample_rate: int = 384_000


USUAL = Limits()
