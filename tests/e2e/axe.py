"""axe-core under a strict policy: its source is evaluated, not loaded as a script of the page."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@cache
def _source() -> str:
    return SOURCE.read_text(encoding="utf-8")


def violations(page: Any, rules: list[str] | None = None) -> list[str]:
    """WCAG 2.2 A and AA violations of the page as it stands (or of these rules alone): one line each, with the first elements concerned."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_source())
    # A bar that sticks to the bottom covers half a button wherever the page happens to be scrolled to; one scrolls on.
    page.evaluate("document.querySelectorAll('.actions-sticky').forEach(bar => { bar.style.position = 'static' })")
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": RULES}
    found = page.evaluate("only => axe.run(document, {runOnly: only, resultTypes: ['violations']})", only)["violations"]
    return [f"{one['id']} ({one['impact']}): " + " | ".join(node["html"][:140] for node in one["nodes"][:3]) for one in found]
