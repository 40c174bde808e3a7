"""Texts that stand in the data once for each language."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import get_language


def in_language(texts: Mapping[str, str], lang: str | None = None) -> str:
    """The text in ``lang`` (default: the reader's language), else English, else any there is, else nothing."""
    wanted = (lang or get_language() or "en").split("-")[0]
    return texts.get(wanted) or texts.get("en") or next(iter(texts.values()), "")


def say_citation(citation: str, language: str) -> str:
    """ "… art. 22-2 (2)" as Korean law is cited in Korean: "… 제22조의2 제2항". In other languages as it stands."""
    if not language.startswith("ko"):
        return citation

    def article(found: re.Match[str]) -> str:
        number, after, first, second = found.groups()
        said = f"제{number}조" + (f"의{after}" if after else "")
        return said + (f" 제{first}항" if first else "") + (f"·제{second}항" if second else "")

    both = re.sub(r"arts\. (\d+), (\d+)", r"제\1조·제\2조", citation)
    return re.sub(r"art\. (\d+)(?:-(\d+))?(?: \((\d+)\)(?:, \((\d+)\))?)?", article, both)
