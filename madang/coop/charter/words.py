"""The charter in words: what a founder reads before accepting."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.coop import law, rules
from madang.coop.law.models import Coop
from madang.coop.law.texts import in_language
from madang.coop.members import queries as members
from madang.coop.members.views import way_in


@dataclass(frozen=True)
class Said:
    """One rule in words: its title, and its value as rows of (label, text)."""

    title: Any
    lines: list[tuple[str, str]]


@dataclass(frozen=True)
class InWords:
    """Everything a founder reads, from what was founded (not from the file, so that it is what will hold)."""

    profile: Any
    voters: str
    classes: list[tuple[Any, str]]
    offices: list[tuple[Any, list[Any]]]
    ways: list[Said]
    groups: list[tuple[Any, list[Said]]] = field(default_factory=list)


VOTERS = {
    "people": lambda: _("Each member who is a person has one vote."),
    "organisations": lambda: _("Each member organisation has one vote, cast by who speaks for it."),
    "both": lambda: _("Each member has one vote, people and organisations alike; an organisation's is cast by who speaks for it."),
}


def in_words(coop: Coop, now: datetime) -> InWords:
    """The founded co-op in words, in the reader's language. A handful of queries, whatever the number of rules."""
    lang = (get_language() or "en").split("-")[0]
    known = rules.all_rules()
    values = rules.several([rule.key for rule in known], now)
    ways: list[Said] = []
    groups: dict[str, list[Said]] = {}
    for rule in known:
        version = values[rule.key]
        said = Said(rule.title, rule.type.lines(version.value, lang))
        if rule.key.startswith("ways."):
            ways.append(Said(in_language(version.data.get("title") or {}) or rule.title, said.lines))
        else:
            groups.setdefault(str(rule.group or ""), []).append(said)
    offices = members.offices(now)
    return InWords(
        law.profile(coop.law),
        VOTERS[coop.voters](),
        [(kind, way_in(kind, [office for office, _terms in offices])) for kind in members.classes()],
        offices,
        ways,
        list(groups.items()),
    )
