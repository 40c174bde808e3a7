"""The bounds a year end is held to, and how a breach of them is told: with the article."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from madang.kit.errors import Refused
from madang.kit.surplus.words import FORBIDDEN, in_words


class Bound(Protocol):
    """One thing a law profile says: a value, and where it is written ("" where no law says it)."""

    @property
    def value(self) -> object: ...  # a number, a Fraction of 1, a yes/no or a word
    @property
    def citation(self) -> str: ...  # "협동조합 기본법 art. 50 (1)"
    @property
    def url(self) -> str: ...


NAMES = (
    "reserve.legal.min_fraction",
    "reserve.legal.until_multiple",
    "reserve.legal.until_base",
    "reserve.legal.use",
    "losses.order",
    "surplus.rest",
    "dividend.allowed",
    "dividend.patronage.allowed",
    "dividend.capital.allowed",
    "dividend.patronage.min_fraction",
    "dividend.capital.max_fraction",
    "dividend.capital.as_needed",
)


class Forbidden(Refused):
    """The law does not allow it. ``article`` says where that is written, ``url`` where to read it; ``said(lang)`` is the sentence for people."""

    def __init__(self, code: str, bound: Bound, figures: Mapping[str, object], field: str | None = None) -> None:
        self.article, self.url, self.figures = bound.citation, bound.url, dict(figures)
        super().__init__(code, in_words(FORBIDDEN[code], "en", article=self.article, **self.figures), field)

    def said(self, lang: str, amount: Callable[[int], str] = str, article: str = "") -> str:
        """What is not allowed and where it is written, in ``lang`` ("ko" or "en"); ``amount`` writes an amount, ``article`` the citation as cited there."""
        return in_words(FORBIDDEN[self.code], lang, amount, article=article or self.article, **self.figures)


@dataclass(frozen=True)
class Law:
    """The bounds of :data:`NAMES` as they stood on one day."""

    bounds: Mapping[str, Bound]

    @classmethod
    def of(cls, bound: Callable[[str], Bound]) -> Law:
        """All bounds a year end needs, each asked of ``bound(name)``: ``Law.of(lambda name: profile.bound(name, day))``."""
        return cls({name: bound(name) for name in NAMES})

    def __getitem__(self, name: str) -> Bound:
        """One bound. Raises ``KeyError`` for a name that is none of :data:`NAMES`."""
        return self.bounds[name]

    def fraction(self, name: str) -> Fraction:
        """The value as a fraction of 1. Raises ``TypeError`` when it is none."""
        value = self.bounds[name].value
        if isinstance(value, bool) or not isinstance(value, int | Fraction):
            raise TypeError(f"{name} is not a fraction")
        return Fraction(value)

    def yes(self, name: str) -> bool:
        """The value as yes or no."""
        return self.bounds[name].value is True

    def word(self, name: str) -> str:
        """The value as a word, or words."""
        return str(self.bounds[name].value)

    def forbids(self, kind: str) -> Bound | None:
        """The bound that forbids dividends of this kind ("patronage" or "capital"), or None."""
        for name in ("dividend.allowed", f"dividend.{kind}.allowed"):
            if not self.yes(name):
                return self.bounds[name]
        return None
