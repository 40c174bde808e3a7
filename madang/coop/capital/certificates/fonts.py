"""Pretendard for PDF files, from the pieces the pages themselves use: which piece holds which character stands in its style sheet."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.utils.translation import gettext as _

from madang.kit.errors import Refused

SHEET = "vendor/pretendard/pretendardvariable-dynamic-subset.css"
_FACE = re.compile(r"src:\s*url\(['\"]?(?:\./)?([^'\")]+)['\"]?\)[^;]*;\s*unicode-range:\s*([^;}]+)")


@cache
def _pieces() -> dict[int, Path]:
    """The file for each character. Raises ``Refused("no-fonts")`` where the front-end packages were not fetched."""
    found = finders.find(SHEET)
    if not found:
        raise Refused("no-fonts", _("The fonts are not installed here, so no PDF can be made. Whoever runs this installation can fetch them."))
    sheet = Path(str(found))
    pieces: dict[int, Path] = {}
    for name, ranges in _FACE.findall(sheet.read_text("utf-8")):
        for one in ranges.split(","):
            first, _to, last = one.strip().removeprefix("U+").partition("-")
            for code in range(int(first, 16), int(last or first, 16) + 1):
                pieces.setdefault(code, sheet.parent / name)
    return pieces


def pieces_for(text: str) -> list[Path]:
    """The font files that together hold every character of ``text`` that Pretendard has. Raises ``Refused("no-fonts")``."""
    pieces = _pieces()
    return sorted({pieces[ord(one)] for one in text if ord(one) in pieces})
