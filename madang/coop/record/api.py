"""The record as JSON: what is public, for anyone; nothing here needs a sign-in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from madang.coop.record import queries, words
from madang.coop.record.checking import check
from madang.coop.record.forms import TEXT_MAX
from madang.coop.record.models import Leaf
from madang.kit import canonical
from madang.kit.errors import Missing

router = Router(tags=["record"], auth=None)


class CheckpointOut(Schema):
    size: int
    root: str = Field(description="hex")
    note: str = Field(description="the signed note")
    key: str = Field(description="the verification key it was signed for")
    at: datetime


class LeavesIn(Schema):
    before: int | None = Field(None, description="only leaves below this index")
    kind: str = Field("", max_length=40, description="only leaves of this type")
    limit: int = Field(50, ge=1, le=200)


class LeafOut(Schema):
    index: int
    kind: str
    subject: str
    at: datetime
    public: bool
    entry: dict[str, Any]
    leaf_hash: str = Field(description="hex")


class LeafLineOut(Schema):
    number: int
    hash: str
    body: dict[str, Any] | None = Field(description="null when it is not public or was erased")


class LeafWithProof(LeafOut):
    lines: list[LeafLineOut]
    path: list[str] = Field(description="the way to the root of the newest checkpoint, hex")
    checkpoint: str = Field(description="the newest checkpoint, a signed note")


class ReceiptIn(Schema):
    text: str = Field(max_length=TEXT_MAX)


class FindingOut(Schema):
    verified: bool
    code: str = Field(description="empty, or: form, line, signature, tree, history, newer")
    message: str
    size: int | None = None
    body: dict[str, Any] | None = None


def _out(leaf: Leaf) -> dict[str, Any]:
    return {
        "index": leaf.index, "kind": leaf.kind, "subject": leaf.subject, "at": leaf.at, "public": leaf.public,
        "entry": canonical.loads(bytes(leaf.entry)), "leaf_hash": bytes(leaf.leaf_hash).hex(),
    }  # fmt: skip


@router.get("/checkpoint", response=CheckpointOut)
def checkpoint(request: HttpRequest) -> dict[str, Any]:
    """The newest checkpoint."""
    found = queries.latest()
    if found is None:
        raise Missing("checkpoint")
    return {"size": found.size, "root": bytes(found.root).hex(), "note": found.note, "key": found.key, "at": found.at}


@router.get("/leaves", response=list[LeafOut])
def leaves(request: HttpRequest, page: Query[LeavesIn]) -> list[dict[str, Any]]:
    """The newest leaves, newest first."""
    return [_out(leaf) for leaf in queries.leaves(before=page.before, kind=words.known_kind(page.kind), limit=page.limit)]


@router.get("/leaves/{int:index}", response=LeafWithProof)
def leaf(request: HttpRequest, index: int) -> dict[str, Any]:
    """One leaf with its lines (words only where they are public) and its proof."""
    found, latest = queries.leaf(index), queries.latest()
    if latest is None:
        raise Missing(str(index))
    lines = [{"number": line.number, "hash": line.hash.hex(), "body": line.body} for line in queries.lines(found)]
    return {**_out(found), "lines": lines, "path": [item.hex() for item in queries.proof(found, latest).path], "checkpoint": latest.note}


@router.post("/receipts/check", response=FindingOut)
def check_receipt(request: HttpRequest, receipt: ReceiptIn) -> dict[str, Any]:
    """Check a receipt; nothing is kept of it."""
    finding = check(receipt.text)
    body = finding.receipt.body if finding.receipt else None
    return {"verified": finding.good, "code": finding.code, "message": str(finding.trouble), "size": finding.size or None, "body": body}
