"""Who counts, in a way of deciding: what classes carry, who is barred, whose objection asks for more, and whether votes can be delegated."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from typing import Any

from madang.kit.ruletypes.base import Field, Unfit, below, check_limits, mapping, only
from madang.kit.ruletypes.duration import duration_text, read_duration, say_duration
from madang.kit.ruletypes.percent import percent_text, read_share

_CLASS = re.compile(r"[a-z][a-z0-9_-]{0,39}")
KEYS = ("weights", "caps", "barred", "veto", "delegation")
AT_ONCE, AFTER = "at-once", "after"


@dataclass(frozen=True)
class Veto:
    """When more of a class of ``classes`` is against than for, the whole needs ``majority`` instead of what the way asks.

    ``every_class``: and more than half of each class that has voters (FairShares: a class can make an ordinary resolution a special one).
    """

    classes: tuple[str, ...] = ()
    majority: Fraction = Fraction(3, 4)
    strict: bool = False
    every_class: bool = True


@dataclass(frozen=True)
class Delegation:
    """One person carries at most ``most`` others' votes (0: nobody does), for at most ``lasts``; whoever delegated sees the ballot ``shown``."""

    most: int = 0
    lasts: timedelta = timedelta(days=365)
    shown: str = AFTER


@dataclass(frozen=True)
class Who:
    """``weights``: parts of the vote that classes carry; ``caps``: the most they carry; ``barred``: classes without a vote in this way."""

    weights: Mapping[str, Fraction] = field(default_factory=dict)
    caps: Mapping[str, Fraction] = field(default_factory=dict)
    barred: tuple[str, ...] = ()
    veto: Veto = field(default_factory=Veto)
    delegation: Delegation = field(default_factory=Delegation)

    @property
    def weighed(self) -> bool:
        """Whether anybody's ballot counts for more or less than another's."""
        return bool(self.weights or self.caps)

    @property
    def classes(self) -> list[str]:
        """Every class it names, once."""
        return list(dict.fromkeys([*self.weights, *self.caps, *self.barred, *self.veto.classes]))


NOBODY_IN_PARTICULAR = Who()


def read(given: Mapping[str, Any], path: str) -> Who:
    """From the keys a way has of these. Raises ``Unfit``."""
    weights, caps = _shares(given.get("weights", {}), below(path, "weights")), _shares(given.get("caps", {}), below(path, "caps"))
    if sum(weights.values()) > 1:
        raise Unfit(below(path, "weights"), "at most", percent_text(sum(weights.values(), Fraction(0))), max="100%")
    return Who(
        weights, caps, _classes(given.get("barred", []), below(path, "barred")), _veto(given.get("veto", {}), below(path, "veto")),
        _delegation(given.get("delegation", {}), below(path, "delegation")),
    )  # fmt: skip


def dump(value: Who) -> dict[str, Any]:
    """The keys that are not as they would be anyway, so that a way without any keeps its bytes."""
    said: dict[str, Any] = {}
    for name, shares in (("weights", value.weights), ("caps", value.caps)):
        if shares:
            said[name] = {key: percent_text(share) for key, share in sorted(shares.items())}
    if value.barred:
        said["barred"] = list(value.barred)
    if value.veto.classes:
        veto = value.veto
        said["veto"] = {
            "classes": list(veto.classes), "majority": percent_text(veto.majority), "strict": veto.strict, "every_class": veto.every_class,
        }  # fmt: skip
    if value.delegation.most:
        given = value.delegation
        said["delegation"] = {"most": given.most, "lasts": duration_text(given.lasts), "shown": given.shown}
    return said


def lines(value: Who, names: Mapping[str, str], lang: str) -> list[str]:
    """Each setting as a sentence."""
    said = []
    if value.weights:
        said.append(_say("weights", lang, parts=", ".join(f"{names.get(key, key)} {percent_text(part)}" for key, part in value.weights.items())))
    said += [_say("cap", lang, name=names.get(key, key), share=percent_text(cap)) for key, cap in value.caps.items()]
    if value.barred:
        said.append(_say("barred", lang, names=_list(value.barred, names)))
    if value.veto.classes:
        veto = "veto all" if value.veto.every_class else "veto"
        share = _say("over" if value.veto.strict else "from", lang, share=percent_text(value.veto.majority))
        said.append(_say(veto, lang, names=_list(value.veto.classes, names), share=share))
    if value.delegation.most:
        given = value.delegation
        said.append(_say(f"delegation {given.shown}", lang, n=given.most, time=say_duration(given.lasts, lang)))
    return said


def fields(value: Who, name: str, lang: str) -> list[Field]:
    """As a form asks for them."""
    veto, given = value.veto, value.delegation
    group = _say("l group", lang)
    rows = [
        ("weights", "text", _share_text(value.weights)), ("caps", "text", _share_text(value.caps)), ("barred", "text", ", ".join(value.barred)),
        ("veto.classes", "text", ", ".join(veto.classes)), ("veto.majority", "fraction", percent_text(veto.majority)),
        ("veto.every_class", "flag", "on" if veto.every_class else ""), ("delegation.most", "whole", str(given.most)),
        ("delegation.lasts", "duration", duration_text(given.lasts)), ("delegation.at_once", "flag", "on" if given.shown == AT_ONCE else ""),
    ]  # fmt: skip
    return [Field(f"{name}.{key}", kind, _say(f"l {key}", lang), text, group=group, required=False) for key, kind, text in rows]


def from_form(data: Mapping[str, str], name: str) -> dict[str, Any]:
    """What was typed, as :func:`read` takes it; nothing where the form did not ask."""
    typed = {key: data.get(f"{name}.{key}", "").strip() for key in ("weights", "caps", "barred", "veto.classes", "veto.majority")}
    raw: dict[str, Any] = {key: _typed_shares(typed[key]) for key in ("weights", "caps") if typed[key]}
    if typed["barred"]:
        raw["barred"] = _words(typed["barred"])
    if typed["veto.classes"]:
        veto = {"classes": _words(typed["veto.classes"]), "every_class": bool(data.get(f"{name}.veto.every_class"))}
        raw["veto"] = veto | ({"majority": typed["veto.majority"]} if typed["veto.majority"] else {})
    most, lasts = data.get(f"{name}.delegation.most", "").strip(), data.get(f"{name}.delegation.lasts", "").strip()
    if most and most != "0":
        shown = AT_ONCE if data.get(f"{name}.delegation.at_once") else AFTER
        raw["delegation"] = {"most": int(most) if most.isdigit() else most, "shown": shown, **({"lasts": lasts} if lasts else {})}
    return raw


def _shares(raw: Any, path: str) -> dict[str, Fraction]:
    found: dict[str, Fraction] = {}
    for key, one in sorted(mapping(raw, path, "way").items()):
        if not _CLASS.fullmatch(key):
            raise Unfit(below(path, key), "slug", key)
        found[key] = read_share(one, below(path, key), fractions=True)
        check_limits(found[key], Fraction(1, 1000), Fraction(1), below(path, key), one, percent_text)
    return found


def _classes(raw: Any, path: str) -> tuple[str, ...]:
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        raise Unfit(path, "slug", raw)
    for one in raw:
        if not isinstance(one, str) or not _CLASS.fullmatch(one):
            raise Unfit(path, "slug", one)
    return tuple(sorted(set(raw)))


def _veto(raw: Any, path: str) -> Veto:
    given = mapping(raw, path, "way")
    only(given, ("classes", "majority", "strict", "every_class"), path)
    majority = read_share(given.get("majority", "75%"), below(path, "majority"), fractions=True)
    check_limits(majority, Fraction(1, 2), Fraction(1), below(path, "majority"), given.get("majority"), percent_text)
    flags = {name: given.get(name, default) for name, default in (("strict", majority == Fraction(1, 2)), ("every_class", True))}
    for name, flag in flags.items():
        if not isinstance(flag, bool):
            raise Unfit(below(path, name), "flag", flag)
    if majority == 1 and flags["strict"]:
        raise Unfit(below(path, "strict"), "at most", "> 100%", max="100%")
    return Veto(_classes(given.get("classes", []), below(path, "classes")), majority, **flags)


def _delegation(raw: Any, path: str) -> Delegation:
    given = mapping(raw, path, "way")
    only(given, ("most", "lasts", "shown"), path)
    most, shown = given.get("most", 0), given.get("shown", AFTER)
    if isinstance(most, bool) or not isinstance(most, int):
        raise Unfit(below(path, "most"), "whole", most)
    check_limits(most, 0, 1000, below(path, "most"), most, str)
    if shown not in (AT_ONCE, AFTER):
        raise Unfit(below(path, "shown"), "choice", shown, options=f"{AT_ONCE}, {AFTER}")
    lasts = read_duration(given.get("lasts", "365d"), below(path, "lasts"))
    check_limits(lasts, timedelta(days=1), timedelta(days=1096), below(path, "lasts"), given.get("lasts"), duration_text)
    return Delegation(most, lasts, shown)


def _share_text(shares: Mapping[str, Fraction]) -> str:
    return ", ".join(f"{key} {percent_text(share)}" for key, share in shares.items())


def _typed_shares(text: str) -> dict[str, str]:
    """ "labour 40%, users 40%"; a colon or an equals sign between them will do."""
    rows = [re.split(r"[\s:=]+", row.strip(), maxsplit=1) for row in re.split(r"[,;\n]", text) if row.strip()]
    return {row[0]: row[1] if len(row) > 1 else "" for row in rows}


def _words(text: str) -> list[str]:
    return [one for one in re.split(r"[,\s]+", text) if one]


def _list(keys: Sequence[str], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(key, key) for key in keys)


_SAID: dict[str, tuple[str, str]] = {
    "weights": ("classes carry fixed parts of the vote: {parts}", "유형마다 정해진 비율로 표를 셉니다: {parts}"),
    "cap": ("{name} carries at most {share} of the vote", "{name}의 표는 전체의 {share}를 넘지 않습니다"),
    "barred": ("no vote here for: {names}", "이 결정에 투표하지 않는 유형: {names}"),
    "veto": ("where more of {names} is against than for, it needs {share}", "{names}에서 반대가 찬성보다 많으면 {share}이 필요합니다"),
    "veto all": (
        "where more of {names} is against than for, it needs {share} and more than half of every class",
        "{names}에서 반대가 찬성보다 많으면 {share}과 모든 유형의 과반 찬성이 필요합니다",
    ),
    "over": ("more than {share}", "{share} 초과 찬성"),
    "from": ("at least {share}", "{share} 이상 찬성"),
    "delegation after": (
        "a vote can be delegated, to one who carries at most {n}, for at most {time}; how it was cast is shown after the close",
        "표를 위임할 수 있습니다. 한 사람이 {n}명까지, 길어도 {time} 동안이며, 어떻게 투표했는지는 마감 뒤에 보입니다",
    ),
    "delegation at-once": (
        "a vote can be delegated, to one who carries at most {n}, for at most {time}; how it was cast is shown at once",
        "표를 위임할 수 있습니다. 한 사람이 {n}명까지, 길어도 {time} 동안이며, 어떻게 투표했는지는 바로 보입니다",
    ),
    "l group": ("who counts", "누구의 표를 세는가"),
    "l weights": ("fixed parts of the vote (labour 40%, users 40%; empty: heads)", "유형마다 정해진 비율(예: labour 40%, users 40%, 비우면 사람 수)"),
    "l caps": ("the most a class carries (supporters 10%)", "한 유형이 차지할 수 있는 최대 비율(예: supporters 10%)"),
    "l barred": ("classes without a vote here", "여기서 투표하지 않는 유형"),
    "l veto.classes": ("classes that can ask for more by voting against", "반대로 더 큰 찬성을 요구할 수 있는 유형"),
    "l veto.majority": ("what is then needed", "그때 필요한 찬성"),
    "l veto.every_class": ("and more than half of every class", "그리고 모든 유형의 과반 찬성"),
    "l delegation.most": ("how many others' votes one person may carry (0: nobody delegates)", "한 사람이 위임받을 수 있는 표(0: 위임 없음)"),
    "l delegation.lasts": ("a delegation lasts at most", "위임의 최대 기간"),
    "l delegation.at_once": ("whoever delegated sees the ballot at once", "맡긴 사람이 표를 바로 봅니다"),
}


def _say(key: str, lang: str, **words: Any) -> str:
    return _SAID[key][1 if lang.startswith("ko") else 0].format(**words)
