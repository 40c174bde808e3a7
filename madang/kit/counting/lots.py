"""The lot of a vote: a secret whose hash is published when voting opens, together with all papers, draws what votes and rules leave tied.

Nobody who knows only one of the two can choose the outcome: who knows the secret does not know the last paper, who casts the last paper does not know
the secret. Afterwards both are public and anybody draws again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any


def text(marks: Any) -> str:
    """Plain JSON in its one form, so that equal papers are equal text."""
    return json.dumps(marks, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def root(papers: Iterable[tuple[int, Any]]) -> str:
    """The hash of all papers (how many, and what they mark), in whatever order they come; hexadecimal."""
    return sha256(text(sorted(([many, marks] for many, marks in papers), key=lambda row: text(row[1]))).encode()).hexdigest()


def commitment(secret: str) -> str:
    """What is published of the secret (hexadecimal) when voting opens."""
    return sha256(bytes.fromhex(secret)).hexdigest()


def seed(secret: str, papers: Iterable[tuple[int, Any]]) -> bytes:
    """What the lot is drawn from. Raises ``ValueError`` for a secret that is not hexadecimal."""
    return sha256(bytes.fromhex(secret) + bytes.fromhex(root(papers))).digest()
