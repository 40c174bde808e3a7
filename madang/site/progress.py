"""Progress in the terminal: one line that grows, or one line a step where nobody watches."""

from __future__ import annotations

import sys
from collections.abc import Callable


class Progress:
    """Call it with what is being done and how much of it (0–100)."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.last = ("", -1)
        self.live = sys.stdout.isatty()

    def __call__(self, what: str, percent: int = 0) -> None:
        """Say that ``what`` is ``percent`` done."""
        percent = max(0, min(100, int(percent)))
        step = percent if self.live else percent // 20 * 20
        if (what, step) == self.last:
            return
        if self.live:
            if what != self.last[0] and self.last[0]:
                sys.stdout.write("\n")
            sys.stdout.write(f"\r  {what} {'█' * (percent // 5):<20} {percent:3d} %")
            sys.stdout.flush()
        else:
            self.say(f"  {what} {step} %")
        self.last = (what, step)

    def done(self) -> None:
        """End the line."""
        if self.live and self.last[0]:
            sys.stdout.write("\n")
