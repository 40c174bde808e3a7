"""Translations: every app brings ``locale/<language>/LC_MESSAGES/django.po``; the compiled form is made here, never committed."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation import template as django_template

KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "N_": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2), "npgettext": ((1, "c"), 2, 3),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
}  # fmt: skip


def catalogues() -> Iterator[Path]:
    """All ``.po`` files of the house."""
    for folder in settings.LOCALE_PATHS:
        yield from sorted(Path(folder).glob("*/LC_MESSAGES/django.po"))


def compile_all() -> int:
    """Make every ``.mo`` that is older than its ``.po``. Returns how many were made. Raises ``ValueError`` naming a broken file."""
    made = 0
    for source in catalogues():
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3], abort_invalid=True)
        buffer = io.BytesIO()
        write_mo(buffer, catalogue)
        fresh = target.with_suffix(f".{os.getpid()}.mo")
        fresh.write_bytes(buffer.getvalue())
        fresh.replace(target)  # whole or not at all: two programs may start at once
        made += 1
    return made


def wanted(folder: Path) -> dict[tuple[str | None, str], list[str]]:
    """Every text of an app's code and templates: ``{(context, English): [places]}``."""
    found: dict[tuple[str | None, str], list[str]] = {}
    for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.html"), *folder.rglob("*.txt")]):
        if "migrations" in path.parts or "node_modules" in path.parts:
            continue
        text = path.read_text()
        if path.suffix != ".py":
            text = "\n".join(line.strip() for line in django_template.templatize(text).splitlines())
            text = re.sub(r"^[^g_np]*(?=(?:gettext|ngettext|pgettext|npgettext|_)\()", "", text, flags=re.MULTILINE)
            text = "\n".join(re.findall(r"(?:n?p?gettext|_)\((?:[^()'\"]|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")*\)", text))
        for line, messages, _comments, context in extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS):
            english = messages[0] if isinstance(messages, tuple) else messages
            if english:
                found.setdefault((context, english), []).append(f"{path.name}:{line}")
    return found


def untranslated(language: str = "ko") -> list[str]:
    """Texts of the house that have no translation, each as ``app: "text" (where)``."""
    missing = []
    for folder in settings.LOCALE_PATHS:
        source = Path(folder) / language / "LC_MESSAGES" / "django.po"
        catalogue = Catalog()
        if source.exists():
            with source.open("rb") as file:
                catalogue = read_po(file, locale=language)
        for (context, english), places in wanted(Path(folder).parent).items():
            message = catalogue.get(english, context)
            if message is None or not message.string or "fuzzy" in message.flags:
                missing.append(f'{Path(folder).parent.name}: "{english}" ({places[0]})')
    return missing
