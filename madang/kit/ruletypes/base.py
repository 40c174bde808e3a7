"""What every type of rule can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from madang.kit.ruletypes.words import say


class Unfit(ValueError):
    """A value that does not fit its type: where (``path``, such as ``"split.upkeep"``), what was expected, what came.

    ``expected`` in English; :meth:`say` gives the sentence in a language.
    """

    def __init__(self, path: str, word: str, got: Any = None, **names: Any) -> None:
        self.path, self.word, self.got, self.names = path, word, got, names
        super().__init__(self.say("en"))

    @property
    def expected(self) -> str:
        """What would have been right, in English."""
        return self.expects("en")

    def expects(self, lang: str) -> str:
        """What would have been right, in ``lang``."""
        return say(self.word, lang, **self.names)

    def say(self, lang: str = "en") -> str:
        """The whole sentence in ``lang``."""
        return say("at {path}: expected {what}", lang, path=self.path or "value", what=self.expects(lang), got=shown(self.got))


def shown(got: Any) -> str:
    """What came, short enough to show."""
    text = repr(got)
    return text if len(text) <= 60 else text[:57] + "…"


def no_float(raw: Any, path: str) -> None:
    """Floats are refused wherever they could touch money or votes: 9.1 is not what was written."""
    if isinstance(raw, float):
        raise Unfit(path, "float", raw)


@dataclass(frozen=True)
class Field:
    """One input of a form. ``kind``: percent, amount, whole, duration, flag, choice, text, texts; ``text`` is what stands in it now.

    ``min`` and ``max`` are in the same notation as ``text``; ``group`` holds fields of one row together; ``fixed`` is not for typing.
    """

    name: str
    kind: str
    label: Any
    text: str = ""
    unit: str = ""
    min: str = ""
    max: str = ""
    choices: tuple[tuple[str, Any], ...] = ()
    help: Any = ""
    group: str = ""
    required: bool = True
    long: bool = False
    fixed: bool = False


@dataclass(frozen=True)
class Table:
    """A long value as a table: the heads of its columns, and rows of (name, cells, note)."""

    heads: list[str]
    rows: list[tuple[str, list[str], str]]


@dataclass(frozen=True)
class RuleType(ABC):
    """The base of all types. ``label`` and ``help`` name the value where it stands inside a record or a form."""

    label: Any = field(default="", kw_only=True)
    help: Any = field(default="", kw_only=True)

    kind = "value"

    @abstractmethod
    def parse(self, raw: Any, *, currency: str | None = None, path: str = "") -> Any:
        """The value that ``raw`` (from a charter, a form or stored JSON) means. Raises :class:`Unfit` (a ``ValueError``)."""

    @abstractmethod
    def dump(self, value: Any) -> Any:
        """The value as canonical JSON-able data: strings, ints, bools, lists and dicts. ``parse(dump(v)) == v``."""

    @abstractmethod
    def describe(self, value: Any, lang: str = "en") -> str:
        """The value in words, for people."""

    def bounds(self, lang: str = "en") -> str:
        """What limits the value has of itself, in words; empty when none."""
        return ""

    def fields(self, value: Any, *, name: str = "value", currency: str | None = None, lang: str = "en") -> list[Field]:
        """The form fields for this value, filled with it. ``None`` gives empty ones."""
        return [Field(name, self.kind, self.label, "" if value is None else self.text(value, currency=currency), help=self.help)]

    def text(self, value: Any, *, currency: str | None = None) -> str:
        """The value as one would type it into its field."""
        return str(self.dump(value))

    def from_form(self, data: Mapping[str, str], *, name: str = "value") -> Any:
        """What a form sent for this value, as ``raw`` for :meth:`parse`."""
        return data.get(name, "").strip()

    def lines(self, value: Any, lang: str = "en") -> list[tuple[str, str]]:
        """The value as rows of (label, text), for a table; a simple value is one row without label."""
        return [("", self.describe(value, lang))]

    def table(self, value: Any, lang: str = "en") -> Table | None:
        """The value as a table with columns; None for what is told in words or in :meth:`lines`."""
        return None

    def changes(self, before: Any, after: Any, lang: str = "en") -> list[tuple[str, str, str]]:
        """What differs between two values as rows of (label, before, after): only what changes, so that a long table stays readable."""
        return [] if before == after else [("", self.describe(before, lang), self.describe(after, lang))]

    def named(self, label: Any, help: Any = "") -> RuleType:
        """This type under a label."""
        return replace(self, label=label, help=help or self.help)


def limits(lang: str, low: str | None, high: str | None) -> str:
    """Bounds in words."""
    if low is not None and high is not None:
        return say("between", lang, min=low, max=high)
    if low is not None:
        return say("at least", lang, min=low)
    return say("at most", lang, max=high) if high is not None else ""


def check_limits(value: Any, low: Any, high: Any, path: str, got: Any, text: Any = str) -> None:
    """Raise :class:`Unfit` unless ``low <= value <= high`` (None: no bound)."""
    if (low is not None and value < low) or (high is not None and value > high):
        if low is not None and high is not None:
            raise Unfit(path, "between", got, min=text(low), max=text(high))
        raise Unfit(path, "at least", got, min=text(low)) if low is not None else Unfit(path, "at most", got, max=text(high))


def below(path: str, name: str | int) -> str:
    """The path of a part."""
    return f"{path}.{name}" if path else str(name)


def mapping(raw: Any, path: str, word: str, **names: Any) -> Mapping[str, Any]:
    """``raw`` as a mapping with text keys, or :class:`Unfit`."""
    if not isinstance(raw, Mapping) or not all(isinstance(key, str) for key in raw):
        raise Unfit(path, word, raw, **names)
    return raw


def only(keys: Iterable[str], known: Iterable[str], path: str) -> None:
    """Raise :class:`Unfit` for a key nobody knows."""
    allowed = list(known)
    for key in keys:
        if key not in allowed:
            raise Unfit(below(path, key), "known", key, names=", ".join(allowed))
