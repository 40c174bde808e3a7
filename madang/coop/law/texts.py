"""Texts that stand in the data once for each language; and which language a terminal speaks."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar, cast

from django.conf import settings
from django.utils import translation
from django.utils.translation import get_language

Told = TypeVar("Told", bound=Callable[..., int])


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


def in_the_terminals_language(command: Told) -> Told:
    """What is said in a terminal is said in the terminal's language, where these pages speak it; else in English."""

    @wraps(command)
    def said(*args: Any, **kwargs: Any) -> int:
        spoken = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
        language = spoken.split("_")[0].split(".")[0].lower()
        with translation.override(language if language in dict(settings.LANGUAGES) else "en"):
            return command(*args, **kwargs)

    return cast(Told, said)
