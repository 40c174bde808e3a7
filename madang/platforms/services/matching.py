"""Who is asked next: an order anyone can recompute, told in words.

Among the workers who are free for the whole visit and the way after it, the rule *matching* says who comes first. Ties are drawn by a
hash of job and worker, so that nobody is favoured by name or by the day they joined. A worker can read, with each offer, what was
counted (EU Directive 2024/2831, art. 9–11: which parameters decide and why), and ask a person of the office to look at it.
Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

FEWEST, LONGEST, LOT = "fewest_jobs", "longest_wait", "lot"
WAYS = (FEWEST, LONGEST, LOT)


@dataclass(frozen=True)
class Candidate:
    """A worker who is free: ``jobs`` in the last 30 days, and when the last one ended (None: never had one)."""

    worker: str
    jobs: int
    last_ended: datetime | None = None


@dataclass(frozen=True)
class Ranked:
    """A candidate and the place (1 is asked first) among how many."""

    candidate: Candidate
    place: int
    free: int

    def reasons(self, way: str, version: str) -> dict[str, Any]:
        """What decided, as plain data for :class:`Offer`."""
        return {"rule": "services.matching", "version": version, "way": way, "jobs_30_days": self.candidate.jobs, "place": self.place, "free": self.free}


def draw(salt: str, worker: str) -> str:
    """The lot of ``worker`` in the draw ``salt``: the same for everyone who computes it."""
    return sha256(f"{salt}|{worker}".encode()).hexdigest()


def rank(candidates: Iterable[Candidate], way: str, salt: str) -> list[Ranked]:
    """Everyone who is free, the one to ask first at the head. Raises ``ValueError`` for an unknown ``way``."""
    if way == FEWEST:
        order = sorted(candidates, key=lambda one: (one.jobs, draw(salt, one.worker)))
    elif way == LONGEST:
        order = sorted(candidates, key=lambda one: (one.last_ended.timestamp() if one.last_ended else 0.0, draw(salt, one.worker)))
    elif way == LOT:
        order = sorted(candidates, key=lambda one: draw(salt, one.worker))
    else:
        raise ValueError(way)
    return [Ranked(one, place, len(order)) for place, one in enumerate(order, 1)]
