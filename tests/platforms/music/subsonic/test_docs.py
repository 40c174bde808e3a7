"""docs/subsonic.md says what the tables say. Written anew with ``python -m tests.platforms.music.subsonic.test_docs``."""

from __future__ import annotations

import re
from pathlib import Path

from madang.platforms.music.subsonic.calls import CALLS, EXTENSIONS, Call, Param
from madang.platforms.music.subsonic.notation import Key, Shape
from madang.platforms.music.subsonic.schema import SHAPES

PAGE = Path(__file__).resolve().parents[4] / "docs" / "subsonic.md"
MARK = re.compile(r"(<!-- begin (\w+) -->\n).*?(<!-- end \2 -->)", re.DOTALL)


def _param(one: Param) -> str:
    kind = "/".join(one.choices) if one.choices else "" if one.type in ("text", "any", "query") else one.type
    said = f"**{one.name}**" if one.required else one.name
    said += f" {kind}" if kind else ""
    said += " …" if one.many else ""
    said += f" = {one.default}" if one.default else ""
    return said + (f" ≤ {one.most}" if one.most else "")


def _call(one: Call) -> str:
    since = one.extension or one.since or "OpenSubsonic"
    return f"| `{one.name}` | {one.tier} | {since} | {', '.join(map(_param, one.params.values())) or '–'} | {one.answer or 'empty'} |"


def _key(one: Key) -> str:
    kind = "/".join(choice or "“”" for choice in one.choices) if one.choices else "" if one.type == "text" else one.type
    said = f"**{one.name}**" if one.required else one.name
    said += f":{kind}" if kind else ""
    said += "[]" if one.many else ""
    said += " (the text)" if one.place == "text" else " (an element)" if one.place == "element" and one.type not in SHAPES and not one.many else ""
    return said + ("°" if one.added else "")


def _shape(one: Shape) -> str:
    return f"| {one.name} | {', '.join(map(_key, one.keys.values()))} |"


def written(page: str) -> str:
    """The page with its tables as they should be."""
    tables = {
        "calls": ["| call | tier | since | parameters | answer |", "|---|---|---|---|---|", *map(_call, CALLS.values())],
        "shapes": ["| element | keys |", "|---|---|", *map(_shape, SHAPES.values())],
        "extensions": [", ".join(f"`{name}` {' '.join(map(str, versions))}" for name, versions in EXTENSIONS.items())],
    }
    return MARK.sub(lambda found: found[1] + "\n".join(tables[found[2]]) + "\n" + found[3], page)


def test_the_page_says_what_the_tables_say():
    page = PAGE.read_text()
    assert {found[1] for found in MARK.findall(page)} == {"calls", "shapes", "extensions"}
    assert written(page) == page, "python -m tests.platforms.music.subsonic.test_docs"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
