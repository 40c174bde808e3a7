"""The articles of association: one long text, said by how many articles it has, its changes told article by article."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from madang.kit import difference
from madang.kit.ruletypes.text import Text
from madang.kit.ruletypes.words import say


@dataclass(frozen=True)
class Articles(Text):
    """The whole text, plain, a line a paragraph; "" while there are none. Cut into articles by ``madang.kit.difference.parts``."""

    max_length: int = 60_000
    empty: bool = True

    def describe(self, value: Any, lang: str = "en") -> str:
        if not value:
            return say("no articles", lang)
        return say("articles", lang, n=sum(1 for part in difference.parts(value) if part.heading), letters=f"{len(value):,}")

    def changes(self, before: Any, after: Any, lang: str = "en") -> list[tuple[str, str, str]]:
        """Each article that differs: (its heading, the old words, the new ones)."""
        told = []
        for piece in difference.compare(before or "", after or ""):
            if piece.kind != difference.SAME:
                old, new = ("\n".join(text for one in piece.paragraphs if (text := difference.joined(one.runs, side))) for side in (_OLD, _NEW))
                told.append((piece.title, old, new))
        return told


_OLD, _NEW = difference.REMOVED, difference.ADDED
