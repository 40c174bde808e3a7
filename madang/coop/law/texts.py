"""Texts that stand in the data once for each language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import get_language


def in_language(texts: Mapping[str, str], lang: str | None = None) -> str:
    """The text in ``lang`` (default: the reader's language), else English, else any there is, else nothing."""
    wanted = (lang or get_language() or "en").split("-")[0]
    return texts.get(wanted) or texts.get("en") or next(iter(texts.values()), "")
