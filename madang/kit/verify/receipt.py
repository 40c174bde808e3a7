"""A receipt: one line, shown without the others, with the proof that it stands in the record.

It is a C2SP tlog-proof whose ``extra`` holds, as canonical JSON, the entry, the line's number, its salt and words, and the way from the line
to the root inside the entry. Nothing of it needs to be believed: the entry must hash to the leaf, the line must lead to the entry's root.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from madang.kit import canonical, merkle, note
from madang.kit.proof import Proof
from madang.kit.verify.lines import Entry, line_hash, unhex

RECEIPT_MAX = 2_000_000


class ReceiptError(ValueError):
    """The receipt does not hold. ``code``: form, key, signature, line, tree."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Receipt:
    """A line with its proof. Reading one checks nothing; :meth:`verify` does."""

    entry: Entry
    line_no: int
    salt: bytes
    body: dict[str, Any]
    inner: Sequence[bytes]
    proof: Proof

    def dumps(self) -> str:
        """The text a member keeps."""
        return self.proof.dumps()

    @property
    def origin(self) -> str:
        """The log the receipt says it is of (unchecked)."""
        return self.proof.checkpoint.partition("\n")[0]

    def check_line(self) -> None:
        """Raise :class:`ReceiptError` unless the line belongs to the entry."""
        try:
            merkle.verify_inclusion(line_hash(self.salt, canonical.dumps(self.body)), self.line_no, self.entry.lines, self.inner, self.entry.root)
        except ValueError as wrong:
            raise ReceiptError("line", f"The words of the receipt are not the ones that were recorded: {wrong}.") from None

    def verify(self, key: note.Verifier | None) -> note.Checkpoint:
        """The checkpoint the line is proved in. Without a key all is checked but who signed. Raises :class:`ReceiptError`."""
        self.check_line()
        try:
            if key is None:
                checkpoint = note.Checkpoint.parse(note.split(self.proof.checkpoint)[0])
            else:
                checkpoint = note.open_checkpoint(self.proof.checkpoint, key)
        except note.NoteError as wrong:
            raise ReceiptError("signature", f"The receipt's checkpoint is not signed by the key we trust: {wrong}.") from None
        try:
            merkle.verify_inclusion(self.leaf_hash, self.proof.index, checkpoint.size, self.proof.path, checkpoint.root)
        except merkle.ProofError as wrong:
            raise ReceiptError("tree", f"The receipt's entry is not in the tree of its checkpoint: {wrong}.") from None
        return checkpoint

    @property
    def leaf_hash(self) -> bytes:
        return merkle.leaf_hash(self.entry.dumps())


def make(entry: Entry, line_no: int, salt: bytes, body: dict[str, Any], line_hashes: Sequence[bytes], proof: Proof) -> Receipt:
    """A receipt for one of an entry's lines; ``proof`` is that of the entry, its ``extra`` is filled in here."""
    inner = merkle.MemoryTree(line_hashes).inclusion(line_no)
    extra = canonical.dumps(
        {
            "v": 1,
            "entry": canonical.loads(entry.dumps()),
            "line": line_no,
            "salt": salt.hex(),
            "body": body,
            "path": [item.hex() for item in inner],
        }
    )
    return Receipt(entry, line_no, salt, body, inner, Proof(proof.index, proof.path, proof.checkpoint, extra))


def loads(text: str) -> Receipt:
    """Read a receipt; line ends of another system are forgiven. Raises :class:`ReceiptError` when it is not one."""
    if len(text) > RECEIPT_MAX:
        raise ReceiptError("form", "This is too long for a receipt.")
    tidy = text.replace("\r\n", "\n").strip("\ufeff \n\t") + "\n"
    try:
        proof = Proof.loads(tidy)
        value = canonical.loads(proof.extra or b"")
        if not isinstance(value, dict) or set(value) != {"v", "entry", "line", "salt", "body", "path"} or value["v"] != 1:
            raise ValueError("its extra line is not one of ours")
        if type(value["line"]) is not int or not isinstance(value["body"], dict) or not isinstance(value["path"], list):
            raise ValueError("its extra line is not one of ours")
        inner = [unhex(item) for item in value["path"]]
        return Receipt(Entry.of(value["entry"]), value["line"], unhex(value["salt"]), value["body"], inner, proof)
    except ValueError as wrong:
        raise ReceiptError("form", f"This is not a receipt of ours: {wrong}.") from None
