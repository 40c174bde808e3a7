"""WCAG 2.2 AA holds by arithmetic: each text colour on each ground it stands on, in light and in dark."""

import re
from pathlib import Path

import pytest

SHEET = (Path(__file__).parents[2] / "madang/web/static/web/css/ground.css").read_text()
LIGHT, DARK = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block)) for block in re.findall(r":root \{(.*?)\}", SHEET, re.S)[:2]]
TEXT = [
    *((text, ground) for text in ("ink", "quiet", "pine", "persimmon", "bad") for ground in ("paper", "card", "sunk")),
    ("pine", "pine-soft"), ("persimmon", "persimmon-soft"), ("bad", "bad-soft"), ("ink", "pine-soft"), ("ink", "persimmon-soft"), ("ink", "bad-soft"),
    ("on-pine", "pine"), ("on-pine", "pine-deep"), ("paper", "persimmon"), ("quiet", "persimmon-soft"),
]  # fmt: skip
EDGES = [("edge", "card"), ("edge", "paper"), ("persimmon-fill", "paper")]


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2, definition)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_can_be_read(theme: dict[str, str], text: str, ground: str) -> None:
    assert contrast(theme[text], theme[ground]) >= 4.5, f"{text} on {ground}: {contrast(theme[text], theme[ground]):.2f}"


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_the_edge_of_a_control_can_be_seen(theme: dict[str, str], edge: str, ground: str) -> None:
    assert contrast(theme[edge], theme[ground]) >= 3, f"{edge} on {ground}: {contrast(theme[edge], theme[ground]):.2f}"
