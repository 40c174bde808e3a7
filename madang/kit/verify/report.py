"""What a verification found."""

from __future__ import annotations

from dataclasses import dataclass, field

PROBLEMS_MAX = 50


@dataclass
class Report:
    """Problems, each a plain sentence that names the file or the leaf; and what was counted on the way."""

    problems: list[str] = field(default_factory=list)
    more: int = 0
    files: int = 0
    leaves: int = 0
    opened: int = 0
    rules: int = 0
    decisions: int = 0
    origin: str = ""
    signed_by: str | None = None

    def problem(self, sentence: str) -> None:
        """Note a problem; past fifty they are only counted."""
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(sentence)
        else:
            self.more += 1

    @property
    def good(self) -> bool:
        """Whether nothing was found."""
        return not self.problems
