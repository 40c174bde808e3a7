"""Reads a charter: TOML to plain data, or every mistake in it at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path as FilePath
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from madang.coop import rules
from madang.coop.charter import kinds, schema, soundness
from madang.coop.charter.kinds import Around, Wrong, suggest
from madang.coop.charter.problems import BadCharter, Problem, dotted, shown
from madang.coop.charter.schema import Charter, ClassSpec, FounderSpec, Key, OfficeSpec
from madang.coop.charter.source import Path, Places, locate, places_so_far
from madang.kit.errors import Missing
from madang.kit.ruletypes import Unfit

SIZE_MAX = 1_000_000
_AT = re.compile(r"\(at line (\d+), column \d+\)$|\(at end of document\)$")


def read_file(path: FilePath, *, now: datetime) -> Charter:
    """The charter in this file. Raises :class:`BadCharter` with everything that is wrong with it."""
    name = str(path)
    try:
        raw = path.read_bytes()
    except OSError as no:
        raise BadCharter([Problem(name, 1, "", _("a charter that can be read"), str(no.strerror or no))]) from no
    if len(raw) > SIZE_MAX:
        raise BadCharter([Problem(name, 1, "", _("a charter of at most 1 MB"), _("{size} bytes").format(size=f"{len(raw):,}"))])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as no:
        line = raw[: no.start].count(b"\n") + 1
        raise BadCharter([Problem(name, line, "", _("text in UTF-8"), repr(raw[no.start : no.start + 4]))]) from no
    return read(text, name, now=now)


def read(text: str, name: str, *, now: datetime) -> Charter:
    """The charter in this text; ``name`` stands for the file in what is said about it, ``now`` picks the law of the day."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as no:
        raise BadCharter([_syntax(text, name, no)]) from no
    reading = Reading(data, locate(text), name)
    charter = reading.charter(text, now)
    if reading.problems:
        raise BadCharter(reading.problems)
    return charter


def _syntax(text: str, name: str, no: Exception) -> Problem:
    """What Python's reader says, on the line and with the key it does not always tell."""
    said = str(no)
    if twice := places_so_far(text).twice:
        path, line, first = twice[0]
        return Problem(name, line, dotted(path), _("each key only once"), _("it stands in line {line} already").format(line=first))
    match = _AT.search(said)
    line = int(match.group(1)) if match and match.group(1) else max(1, text.rstrip("\n").count("\n") + 1)
    return Problem(name, line, "", _("valid TOML"), _AT.sub("", said).strip() or type(no).__name__)


class Reading:
    """One reading of one document: collects what is wrong while it goes."""

    def __init__(self, data: Mapping[str, Any], places: Places, file: str) -> None:
        self.data, self.places, self.file = data, places, file
        self.problems: list[Problem] = []

    def wrong(self, path: Path, expected: str, found: Any = None, *, said: str | None = None) -> None:
        """Note a mistake. ``found`` is shown as TOML would write it, ``said`` as it is."""
        text = said if said is not None else shown(found) if found is not None else _("nothing there")
        self.problems.append(Problem(self.file, self.places.line(path), dotted(path), expected, text))

    def charter(self, text: str, now: datetime) -> Charter | Any:
        """The charter as far as it can be read; the problems say whether it may be used."""
        top = self.table(self.data, schema.TOP, (), Around())
        around = Around(top.get("currency"), top.get("languages") or ())
        for key in ("name", "purpose"):  # these depend on the languages, known only now
            if key in self.data:
                top[key] = self.value(self.data[key], next(one for one in schema.TOP if one.name == key), (key,), around)
        read = {section: self.rows(top.get(section) or [], section, around) for section in ("classes", "offices", "founders")}
        ways = self.ways(top.get("ways") or {}, around)
        platforms = settings.PLATFORMS if top.get("platforms") is None else top["platforms"]  # unreadable: that was said, no more about it
        given = self.rules(top.get("rules") or {}, around, platforms)
        if "classes" in self.data and not read["classes"] and isinstance(self.data["classes"], list):
            self.wrong(("classes",), _("at least one class"))
        found = Charter(
            name=top.get("name") or {}, slug=top.get("slug") or "", purpose=top.get("purpose") or {}, law=top.get("law") or "",
            currency=top.get("currency") or "", time_zone=top.get("time_zone") or "", languages=around.languages, voters=top.get("voters") or "people",
            platforms=tuple(top.get("platforms") or ()), demo=bool(top.get("demo")),
            classes=tuple(ClassSpec(**row) for row in read["classes"] if None not in row.values()),
            offices=tuple(OfficeSpec(**row) for row in read["offices"] if None not in row.values()),
            founders=tuple(_founder(row) for row in read["founders"] if None not in row.values()),
            ways=ways, rules=given, text=text, file=self.file,
        )  # fmt: skip
        soundness.look(self, found, now)
        return found

    def table(self, raw: Mapping[str, Any], keys: tuple[Key, ...], path: Path, around: Around) -> dict[str, Any]:
        """One table by its keys: unknown ones are refused, missing ones named; what cannot be read is None."""
        known = {key.name: key for key in keys}
        for name in raw:
            if name not in known:
                self.wrong((*path, name), _("only keys that are known here") + suggest(name, known), said=f'"{name}"')
        found: dict[str, Any] = {}
        for name, key in known.items():
            if name in raw:
                found[name] = None if path == () and key.kind == "texts" else self.value(raw[name], key, (*path, name), around)
            elif key.required:
                self.problems.append(Problem(self.file, self.places.line(path), dotted((*path, name)), _("this key: it has no default"), _("nothing there")))
                found[name] = None
            else:
                found[name] = tuple(key.default) if isinstance(key.default, list) else key.default
        return found

    def value(self, raw: Any, key: Key, path: Path, around: Around) -> Any:
        """One value, or None when it is not of its kind."""
        if key.kind == "choice":
            if isinstance(raw, str) and raw in key.choices:
                return raw
            hint = suggest(raw, key.choices) if isinstance(raw, str) else ""
            self.wrong(path, _("one of {names}").format(names=", ".join(f'"{one}"' for one in key.choices)) + hint, raw)
            return None
        try:
            return kinds.READERS[key.kind](raw, around)
        except Wrong as no:
            self.wrong((*path, *no.inside), no.expected, no.found if no.inside else raw)
            return None

    def rows(self, raw: Any, section: str, around: Around) -> list[dict[str, Any]]:
        """The tables of an array of tables."""
        return [self.table(row, schema.SECTIONS[section], (section, number), around) for number, row in enumerate(raw)]

    def ways(self, raw: Mapping[str, Any], around: Around) -> dict[str, Any]:
        """The ways of deciding: each is the rule ``ways.<name>``."""
        found = {}
        for name, value in raw.items():
            try:
                kinds.word(name, around)
            except Wrong as no:
                self.wrong(("ways", name), no.expected, name)
                continue
            if self.fits(f"ways.{name}", value, ("ways", name), around):
                found[name] = value
        return found

    def rules(self, raw: Mapping[str, Any], around: Around, platforms: Collection[str]) -> dict[str, Any]:
        """The first rules. ``[rules] "services.split" = …`` and ``[rules.services] split = …`` say the same."""
        known = {rule.key for rule in rules.registry.static_rules(platforms)}
        found: dict[str, Any] = {}

        def walk(name: str, value: Any, path: Path) -> None:
            if name in found:
                self.wrong(path, _("each rule only once"), said=f'"{name}"')
            elif name in known:
                if self.fits(name, value, path, around):
                    found[name] = value
            elif isinstance(value, dict) and value and any(rule.startswith(f"{name}.") for rule in known):
                for inner, deeper in value.items():
                    walk(f"{name}.{inner}", deeper, (*path, inner))
            else:
                hint = _("ways of deciding stand under [ways]") if name.startswith("ways") else ""
                self.wrong(path, _("a rule that this program declares") + (f" ({hint})" if hint else suggest(name, known)), said=f'"{name}"')

        for name, value in raw.items():
            walk(name, value, ("rules", name))
        return found

    def fits(self, key: str, raw: Any, path: Path, around: Around) -> bool:
        """Whether the rule's own type takes the value; what it expects is asked in the reader's language."""
        if around.currency is None:
            return True
        from django.utils.translation import get_language

        try:
            rules.get(key).canonical(raw, currency=around.currency, path="")
        except Unfit as no:
            inside = _inside(raw, no.path)
            self.wrong((*path, *inside), no.expects((get_language() or "en").split("-")[0]), no.got if no.got is not None else _at(raw, inside))
            return False
        except (ValueError, Missing) as no:
            self.wrong(path, str(no), raw)
            return False
        return True


def _founder(row: dict[str, Any]) -> FounderSpec:
    rest = {key: value for key, value in row.items() if key not in ("class", "offices")}
    return FounderSpec(class_key=row["class"], offices=tuple(row["offices"]), **rest)


def _inside(raw: Any, path: str) -> tuple[str | int, ...]:
    """A type's own path ("0.price", "per_class.worker.quorum") as steps into the raw value, as far as it goes."""
    steps: list[str | int] = []
    rest = path
    while rest:
        if isinstance(raw, Mapping):  # a key may have dots of its own: the longest that fits
            name = max((key for key in raw if rest == key or rest.startswith(f"{key}.")), key=len, default="")
            if not name:
                steps.append(rest)
                break
            steps.append(name)
            raw, rest = raw[name], rest[len(name) + 1 :]
            continue
        head, _dot, rest = rest.partition(".")
        if isinstance(raw, list):
            number = int(head) if head.isdigit() else next((n for n, row in enumerate(raw) if isinstance(row, Mapping) and row.get("key") == head), -1)
            if 0 <= number < len(raw):
                steps.append(number)
                raw = raw[number]
                continue
        break
    return tuple(steps)


def _at(raw: Any, steps: tuple[str | int, ...]) -> Any:
    for step in steps:
        try:
            raw = raw[step]
        except (KeyError, IndexError, TypeError):
            return None
    return raw
