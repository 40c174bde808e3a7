"""The verifier: checks what a co-op exported, on any computer, with no Django and no database."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def main(argv: Sequence[str] | None = None) -> int:
    """``madang verify DIR [--key KEY] [--receipt FILE]``: 0 verified, 1 not verified (it says what and where), 2 wrong usage."""
    from madang.kit.verify import command

    return command.main(argv)


def verify_export(folder: Path | str, key: str | None = None) -> list[str]:
    """Check an export (with ``key`` also its author): a sentence for each problem, none when it holds.

    Raises ``NoExport`` (a ``ValueError``) when there is no folder, ``NoteError`` (a ``ValueError``) for what is no key.
    """
    from madang.kit.note import Verifier
    from madang.kit.verify.folder import verify_folder

    return verify_folder(Path(folder), Verifier.parse(key) if key else None).problems


__all__ = ["main", "verify_export"]
