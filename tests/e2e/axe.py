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


def bring(context: Any) -> None:
    """Have axe there already on every page of this browser: quicker than handing half a megabyte over on each."""
    context.add_init_script(_source())


FRAME = ["aside.demo", "header.head", "footer.foot"]
ROWS = "main :is(tr, li, dd, dt, option):nth-child(n + 41)"
"""The forty-first row of a list and what comes after: of one template with the forty before."""


def violations(page: Any, rules: list[str] | None = None, *, frame: bool = True) -> list[str]:
    """WCAG 2.2 A and AA violations of the page as it stands (or of these rules alone): one line each, with the first elements concerned.

    ``frame=False`` leaves out what stands around every page, for whoever has had it judged already. Rules about the page as a whole still hold.
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_source())
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": RULES}
    without = [[selector] for selector in ([ROWS] if frame else [ROWS, *FRAME])]
    found = page.evaluate(JUDGE, [only, without])
    return [f"{one['id']} ({one['impact']}): " + " | ".join(node[:140] for node in one["nodes"]) for one in found]


# A bar that sticks to the bottom covers half a button wherever the page happens to be scrolled to; one scrolls on.
JUDGE = """async ([only, exclude]) => {
  document.querySelectorAll('.actions-sticky').forEach(bar => { bar.style.position = 'static' });
  const told = await axe.run({exclude}, {runOnly: only, resultTypes: ['violations']});
  return told.violations.map(one => ({id: one.id, impact: one.impact, nodes: one.nodes.slice(0, 3).map(node => node.html)}));
}"""
