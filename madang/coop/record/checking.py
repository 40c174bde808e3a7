"""Checking a receipt that someone brings, against the record as it stands here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from madang.coop.record import keys, queries, words
from madang.coop.record.models import Leaf
from madang.kit.verify import receipt as receipts
from madang.kit.verify.history import moment


@dataclass(frozen=True)
class Finding:
    """What was found: ``code`` is "" when all holds, else a word from :data:`words.TROUBLE`; then ``line`` is not to be believed."""

    code: str
    receipt: receipts.Receipt | None = None
    size: int = 0
    key: str = ""

    @property
    def good(self) -> bool:
        return not self.code

    @property
    def trouble(self) -> Any:
        """The sentence for people, "" when all holds."""
        return words.TROUBLE[self.code] if self.code else ""

    @property
    def at(self) -> datetime | None:
        """When it was recorded."""
        return moment(self.receipt.entry.at) if self.receipt else None

    @property
    def title(self) -> Any:
        return words.kind_name(self.receipt.entry.kind) if self.receipt else ""

    @property
    def line_no(self) -> int:
        """Counted from one, for people."""
        return self.receipt.line_no + 1 if self.receipt else 0

    @property
    def rows(self) -> list[words.Row]:
        """The words of the line."""
        return words.said(self.receipt.body) if self.receipt else []


def check(text: str) -> Finding:
    """Check a receipt's text: its words, its proof, its signature, and that it is of the history that this server shows. A few queries."""
    verifier = keys.verifier()
    try:
        receipt = receipts.loads(text)
        if verifier is None:
            return Finding("signature")
        checkpoint = receipt.verify(verifier)
    except receipts.ReceiptError as wrong:
        return Finding(wrong.code)
    latest = queries.latest()
    if latest is None or latest.size < checkpoint.size:
        return Finding("newer")
    stored = Leaf.objects.filter(index=receipt.proof.index).values_list("leaf_hash", flat=True).first()
    if stored is None or bytes(stored) != receipt.leaf_hash or not queries.continues(checkpoint):
        return Finding("history")
    return Finding("", receipt, checkpoint.size, verifier.name)
