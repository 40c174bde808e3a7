"""Proofs that stand alone, as text (C2SP tlog-proof): this entry is in that log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from madang.kit import base64, merkle, note
from madang.kit.merkle import ProofError

HEADER = "c2sp.org/tlog-proof@v1"
PATH_MAX = 63
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True)
class Proof:
    """Where the entry stands, the way from it to the root, and the signed checkpoint with that root. ``extra`` is not authenticated."""

    index: int
    path: Sequence[bytes]
    checkpoint: str
    extra: bytes | None = None

    def dumps(self) -> str:
        """The text form."""
        lines = [HEADER]
        if self.extra is not None:
            lines.append(f"extra {base64.encode(self.extra)}")
        lines.append(f"index {self.index}")
        lines += [base64.encode(item) for item in self.path]
        return "\n".join(lines) + "\n\n" + self.checkpoint

    @classmethod
    def loads(cls, text: str) -> Proof:
        """Read the text form. Raises :class:`ProofError` for anything :meth:`dumps` would not write."""
        head, gap, checkpoint = text.partition("\n\n")
        lines = head.split("\n")
        if not gap or lines.pop(0) != HEADER:
            raise ProofError(f"a proof begins with {HEADER}")
        extra = None
        try:
            if lines and lines[0].startswith("extra "):
                extra = base64.decode(lines.pop(0).removeprefix("extra "))
            match = _INDEX.fullmatch(lines.pop(0)) if lines else None
            if not match:
                raise ProofError("a proof names the index of its entry")
            path = [base64.decode(line) for line in lines]
        except ProofError:
            raise
        except ValueError as wrong:
            raise ProofError(str(wrong)) from None
        if len(path) > PATH_MAX or any(len(item) != merkle.HASH_SIZE for item in path):
            raise ProofError(f"the way to the root is at most {PATH_MAX} hashes of 32 bytes")
        return cls(int(match[1]), path, checkpoint, extra)

    def verify(self, leaf_hash: bytes, key: note.Verifier) -> note.Checkpoint:
        """The checkpoint it proves the entry in. Raises :class:`ProofError`, or :class:`note.NoteError` when the signature is not the key's."""
        checkpoint = note.open_checkpoint(self.checkpoint, key)
        merkle.verify_inclusion(leaf_hash, self.index, checkpoint.size, self.path, checkpoint.root)
        return checkpoint
