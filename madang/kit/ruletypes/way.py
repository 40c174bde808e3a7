"""A way of deciding: who votes, how many must, what share carries it, and how long each part takes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

from madang.kit.ruletypes import way_course, way_objection, way_veto, way_who
from madang.kit.ruletypes.base import Field, RuleType, Unfit, below, check_limits, mapping, only
from madang.kit.ruletypes.duration import duration_text, read_duration, say_duration
from madang.kit.ruletypes.flag import Flag
from madang.kit.ruletypes.percent import percent_text, read_share
from madang.kit.ruletypes.text import Text, in_language
from madang.kit.ruletypes.way_course import Course
from madang.kit.ruletypes.whole import Whole
from madang.kit.ruletypes.words import say

_DRAFT = re.compile(r"members|voters|office:[a-z][a-z0-9_-]{0,39}")
_CLASS = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_OWN = ("title", "electorate", "quorum", "majority", "strict", "per_class", "discussion", "voting", "notice", "draft", "support", "member_for")
_KEYS = (*_OWN, way_objection.KEY, *way_veto.KEYS, *way_course.KEYS)
_TIMES = ("discussion", "voting", "notice", "member_for")


@dataclass(frozen=True)
class ClassNeeds:
    """What a vote needs: turnout ``quorum`` of the voters and ``majority`` of for + against; ``strict``: more than, not at least.

    ``of_present`` is never part of a rule: it is how the same way counts at a meeting (:func:`at_meeting`).
    """

    quorum: Fraction = Fraction(0)
    majority: Fraction = Fraction(1, 2)
    strict: bool = True
    of_present: bool = False


@dataclass(frozen=True)
class WayOfDeciding:
    """The value of a way. ``electorate``: class keys that vote, empty for all. ``draft``: "members", "voters" or "office:<key>"."""

    title: Mapping[str, str] = field(default_factory=dict)
    electorate: tuple[str, ...] = ()
    needs: ClassNeeds = field(default_factory=ClassNeeds)
    per_class: Mapping[str, ClassNeeds] = field(default_factory=dict)
    discussion: timedelta = timedelta(days=3)
    voting: timedelta = timedelta(days=5)
    notice: timedelta = timedelta(days=3)
    draft: str = "members"
    support: int = 0
    member_for: timedelta = timedelta()
    course: Course = field(default_factory=Course)
    objections: bool = False
    who: way_who.Who = way_who.NOBODY_IN_PARTICULAR
    window: way_veto.Window = field(default_factory=way_veto.Window)

    @property
    def quorum(self) -> Fraction:
        """The share of all voters who must take part."""
        return self.needs.quorum

    @property
    def majority(self) -> Fraction:
        """The share of for + against that must be for."""
        return self.needs.majority

    @property
    def strict(self) -> bool:
        """Whether it must be more than the share."""
        return self.needs.strict


@dataclass(frozen=True)
class Way(RuleType):
    """A way of deciding; the value is :class:`WayOfDeciding`.

    In a charter: ``majority = "50%", strict = true`` is "more than half", ``majority = "2/3", strict = false`` is "two thirds or more".
    ``strict`` is true where it is not given and the share is one half, else false. Voting lasts at least a minute.
    """

    kind = "way"

    def parse(self, raw: Any, *, currency: str | None = None, path: str = "") -> WayOfDeciding:
        given = mapping(raw, path, "way")
        only(given, (*_KEYS, *way_who.KEYS), path)
        given = way_objection.full(given, path)
        times = {name: read_duration(given[name], below(path, name)) for name in _TIMES if name in given}
        if "voting" in times:
            check_limits(times["voting"], timedelta(minutes=1), timedelta(days=366), below(path, "voting"), given["voting"], duration_text)
        draft = given.get("draft", "members")
        if not isinstance(draft, str) or not _DRAFT.fullmatch(draft):
            raise Unfit(below(path, "draft"), "draft", draft)
        plain = WayOfDeciding()
        return WayOfDeciding(
            course=way_course.read(given, times.get("voting", plain.voting), times.get("notice", plain.notice), path),
            title=Text(languages=True, max_length=80, empty=True).parse(given.get("title", {}), path=below(path, "title")),
            electorate=_classes(given.get("electorate", []), below(path, "electorate")),
            needs=_needs({name: given[name] for name in ("quorum", "majority", "strict") if name in given}, path),
            per_class=_per_class(given.get("per_class", {}), below(path, "per_class")),
            draft=draft,
            support=Whole(max=10_000).parse(given.get("support", 0), path=below(path, "support")),
            objections=way_objection.KEY in given,
            who=way_who.read(given, path),
            window=way_veto.read(given, times.get("notice", plain.notice), path),
            **times,
        )

    def dump(self, value: WayOfDeciding) -> dict[str, Any]:
        return {
            "title": dict(value.title),
            "electorate": list(value.electorate),
            **_dump_needs(value.needs),
            "per_class": {name: _dump_needs(needs) for name, needs in sorted(value.per_class.items())},
            **{name: duration_text(getattr(value, name)) for name in _TIMES},
            "draft": value.draft,
            "support": value.support,
            **way_course.dump(value.course),
            **way_objection.dump(value.objections),
            **way_who.dump(value.who),
            **way_veto.dump(value.window),
        }

    def describe(self, value: WayOfDeciding, lang: str = "en") -> str:
        return " · ".join(text for _, text in self.lines(value, lang))

    def lines(self, value: Any, lang: str = "en") -> list[tuple[str, str]]:
        times = {name: say_duration(getattr(value, name), lang) for name in ("discussion", "voting", "notice")}
        names = self.names(value, lang)
        said = [_say_needs(value.needs, lang, value.objections)]
        said += [say("in class", lang, name=names.get(key, key), needs=_say_needs(needs, lang)) for key, needs in value.per_class.items()]
        said += way_who.lines(value.who, names, lang)
        said.append(say("periods", lang, **times))
        if value.electorate:
            said.insert(0, say("only classes", lang, names=", ".join(names.get(key, key) for key in value.electorate)))
        if value.support:
            said.append(say("support", lang, n=value.support))
        if value.member_for:
            said.append(say("member_for", lang, time=say_duration(value.member_for, lang)))
        said += way_course.lines(value.course, lang) + way_veto.lines(value.window, names, lang)
        if value.draft == "voters":
            said.append(say("drafted by voters", lang))
        elif value.draft != "members":
            said.append(say("drafted by office", lang, name=names.get(value.draft, value.draft.removeprefix("office:"))))
        return [("", text) for text in said]

    def names(self, value: WayOfDeciding, lang: str) -> Mapping[str, str]:
        """What people call the classes and offices ("office:<key>") a way names. The kit does not know; ``decisions`` does."""
        return {}

    def changes(self, before: Any, after: Any, lang: str = "en") -> list[tuple[str, str, str]]:
        if before == after:
            return []
        old, new = [text for _, text in self.lines(before, lang)], [text for _, text in self.lines(after, lang)]
        gone, come = [text for text in old if text not in new], [text for text in new if text not in old]
        return [("", " · ".join(gone) or title_of(before, lang, say("none", lang)), " · ".join(come) or title_of(after, lang, say("none", lang)))]

    def fields(self, value: Any, *, name: str = "value", currency: str | None = None, lang: str = "en") -> list[Field]:
        value = value or WayOfDeciding()
        made = Text(languages=True, max_length=80, label=say("l title", lang)).fields(value.title, name=f"{name}.title", lang=lang)
        made.append(Field(f"{name}.electorate", "text", say("l electorate", lang), ", ".join(value.electorate), required=False))
        made += _needs_fields(value.needs, name, lang)
        for key, needs in [*value.per_class.items(), ("", None)]:
            here = f"{name}.per_class.{len(made)}"
            group = f"{say('l per_class', lang)}: {key or say('new row', lang)}"
            made.append(Field(f"{here}.key", "text", say("l key", lang), key, group=group, required=False))
            made += _needs_fields(needs, here, lang, group)
        for time in _TIMES:
            made.append(Field(f"{name}.{time}", "duration", say(f"l {time}", lang), duration_text(getattr(value, time))))
        made += way_course.fields(value.course, name, lang) + way_veto.fields(value.window, name, lang)
        made.append(Field(f"{name}.draft", "text", say("l draft", lang), value.draft, max="60"))
        made.append(Field(f"{name}.support", "whole", say("l support", lang), str(value.support), min="0"))
        made += way_objection.fields(value.objections, name, lang)
        return made + way_who.fields(value.who, name, lang)

    def from_form(self, data: Mapping[str, str], *, name: str = "value") -> Any:
        plain = ("quorum", "majority", "draft", "support", *_TIMES, *way_veto.KEYS, *way_course.TYPED)
        raw: dict[str, Any] = {key: data.get(f"{name}.{key}", "").strip() for key in plain}
        raw["title"] = Text(languages=True).from_form(data, name=f"{name}.title")
        raw["electorate"] = [one for one in re.split(r"[,\s]+", data.get(f"{name}.electorate", "")) if one]
        raw["strict"] = Flag().from_form(data, name=f"{name}.strict")
        raw["per_class"] = {}
        ends = f"{name}.per_class.", ".key"
        for key in data:
            if key.startswith(ends[0]) and key.endswith(ends[1]) and data[key].strip():
                here = key.removesuffix(".key")
                needs = {part: data.get(f"{here}.{part}", "").strip() for part in ("quorum", "majority")}
                strict = Flag().from_form(data, name=f"{here}.strict")
                raw["per_class"][data[key].strip()] = {**{part: text for part, text in needs.items() if text}, "strict": strict}
        raw |= way_objection.from_form(data, name) | way_who.from_form(data, name) | way_course.from_form(data, name)
        return {key: one for key, one in raw.items() if one != ""}


def _classes(raw: Any, path: str) -> tuple[str, ...]:
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        raise Unfit(path, "slug", raw)
    for one in raw:
        if not isinstance(one, str) or not _CLASS.fullmatch(one):
            raise Unfit(path, "slug", one)
    return tuple(dict.fromkeys(raw))


def _needs(given: Mapping[str, Any], path: str) -> ClassNeeds:
    quorum = read_share(given.get("quorum", "0%"), below(path, "quorum"), fractions=True)
    majority = read_share(given.get("majority", "50%"), below(path, "majority"), fractions=True)
    check_limits(quorum, Fraction(0), Fraction(1), below(path, "quorum"), given.get("quorum"), percent_text)
    check_limits(majority, Fraction(0), Fraction(1), below(path, "majority"), given.get("majority"), percent_text)
    strict = given.get("strict", majority == Fraction(1, 2))
    if not isinstance(strict, bool):
        raise Unfit(below(path, "strict"), "flag", strict)
    if majority == 1 and strict:
        raise Unfit(below(path, "strict"), "at most", "> 100%", max="100%")
    if majority == 0 and not strict:
        raise Unfit(below(path, "majority"), "at least", given.get("majority"), min="> 0%")
    return ClassNeeds(quorum, majority, strict)


def _per_class(raw: Any, path: str) -> dict[str, ClassNeeds]:
    found: dict[str, ClassNeeds] = {}
    for name, one in sorted(mapping(raw, path, "way").items()):
        if not _CLASS.fullmatch(name):
            raise Unfit(below(path, name), "slug", name)
        given = mapping(one, below(path, name), "way")
        only(given, ("quorum", "majority", "strict"), below(path, name))
        found[name] = _needs(given, below(path, name))
    return found


def _dump_needs(needs: ClassNeeds) -> dict[str, Any]:
    return {"quorum": percent_text(needs.quorum), "majority": percent_text(needs.majority), "strict": needs.strict}


def _say_needs(needs: ClassNeeds, lang: str, objections: bool = False) -> str:
    share = say("objections", lang) if objections else say("majority over" if needs.strict else "majority from", lang, share=percent_text(needs.majority))
    turnout = say("quorum", lang, share=percent_text(needs.quorum)) if needs.quorum else say("no quorum", lang)
    return f"{share}, {turnout}"


def _needs_fields(needs: ClassNeeds | None, name: str, lang: str, group: str = "") -> list[Field]:
    quorum, majority = ("", "") if needs is None else (percent_text(needs.quorum), percent_text(needs.majority))
    strict = "on" if needs is None or needs.strict else ""
    return [
        Field(f"{name}.quorum", "fraction", say("l quorum", lang), quorum, group=group, required=needs is not None),
        Field(f"{name}.majority", "fraction", say("l majority", lang), majority, group=group, required=needs is not None),
        Field(f"{name}.strict", "flag", say("l strict", lang), strict, group=group, required=False),
    ]


def at_meeting(way: WayOfDeciding, *, of_present: bool) -> WayOfDeciding:
    """The same way, counted at a meeting: who is present is the quorum, and was asked for when the motion was put; ``of_present``: the
    majorities are of everyone present (Korea, Framework Act on Cooperatives, art. 29 (2)), not of those for and against."""

    def here(needs: ClassNeeds) -> ClassNeeds:
        return replace(needs, quorum=Fraction(0), of_present=of_present)

    return replace(way, needs=here(way.needs), per_class={key: here(needs) for key, needs in way.per_class.items()})


def title_of(value: WayOfDeciding, lang: str, name: str) -> str:
    """What people call this way."""
    return in_language(value.title, lang) or name
