"""The verifier: checks what a co-op exported, on any computer, with no Django and no database."""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """``madang verify DIR [--key KEY] [--receipt FILE]``: 0 verified, 1 not verified (it says what and where), 2 wrong usage."""
    from madang.kit.verify import command

    return command.main(argv)


__all__ = ["main"]
