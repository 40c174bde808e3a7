"""A text, in one language or in each of the co-op's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from madang.kit.ruletypes.base import Field, RuleType, Unfit, below
from madang.kit.ruletypes.words import say

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
_FORM_LANGUAGES = ("ko", "en")


def clean(raw: Any, path: str, longest: int, *, empty: bool = True) -> str:
    """A text without control characters, ends trimmed, in Unicode NFC. Raises ``Unfit``."""
    if not isinstance(raw, str):
        raise Unfit(path, "text", raw)
    text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n")).strip()
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    if len(text) > longest:
        raise Unfit(path, "text short", raw, max=longest)
    if not text and not empty:
        raise Unfit(path, "text filled", raw)
    return text


@dataclass(frozen=True)
class Text(RuleType):
    """At most ``max_length`` characters. With ``languages=True`` the value is {language: text}, with at least one text."""

    max_length: int = 2000
    languages: bool = False
    empty: bool = False

    kind = "text"

    def parse(self, raw: Any, *, currency: str | None = None, path: str = "") -> Any:
        if not self.languages:
            return clean(raw, path, self.max_length, empty=self.empty)
        if not isinstance(raw, Mapping) or not all(isinstance(k, str) and _LANGUAGE.fullmatch(k) for k in raw):
            raise Unfit(path, "texts", raw)
        texts = {lang: clean(text, below(path, lang), self.max_length) for lang, text in sorted(raw.items())}
        texts = {lang: text for lang, text in texts.items() if text}
        if not texts and not self.empty:
            raise Unfit(path, "texts", raw)
        return texts

    def dump(self, value: Any) -> Any:
        return dict(value) if self.languages else value

    def describe(self, value: Any, lang: str = "en") -> str:
        return in_language(value, lang) or say("empty", lang) if self.languages else value or say("empty", lang)

    def changes(self, before: Any, after: Any, lang: str = "en") -> list[tuple[str, str, str]]:
        if not self.languages:
            return super(Text, self).changes(before, after, lang)  # noqa: UP008  a dataclass with slots is made anew: the short form means the old one
        changed = [one for one in dict.fromkeys([*before, *after]) if before.get(one, "") != after.get(one, "")]
        return [(_language(one, lang), before.get(one) or say("empty", lang), after.get(one) or say("empty", lang)) for one in changed]

    def fields(self, value: Any, *, name: str = "value", currency: str | None = None, lang: str = "en") -> list[Field]:
        long = self.max_length > 200
        if not self.languages:
            return [Field(name, self.kind, self.label, value or "", max=str(self.max_length), help=self.help, required=not self.empty, long=long)]
        known = dict.fromkeys([*(value or {}), *_FORM_LANGUAGES])
        return [
            Field(f"{name}.{one}", self.kind, f"{self.label} ({_language(one, lang)})" if self.label else _language(one, lang), (value or {}).get(one, ""),
                  max=str(self.max_length), help=self.help, required=False, long=long)
            for one in known
        ]  # fmt: skip

    def from_form(self, data: Mapping[str, str], *, name: str = "value") -> Any:
        if not self.languages:
            return data.get(name, "").strip()
        return {key.removeprefix(name + "."): data[key] for key in data if key.startswith(name + ".") and data[key].strip()}


def in_language(texts: Mapping[str, str], lang: str) -> str:
    """The text in this language, else in English, else the first."""
    return texts.get(lang) or texts.get(lang.split("-")[0]) or texts.get("en") or next(iter(texts.values()), "")


def _language(code: str, lang: str) -> str:
    return say(f"language {code}", lang) if code in _FORM_LANGUAGES else code
