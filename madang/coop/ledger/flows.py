"""What other apps say about the money they move: the house room ``money_flows`` holds :class:`Flow` and :class:`Subject`.

::

    # platforms/services/hooks.py
    money_flows = [
        Flow("provider", _("to those who do the work"), order=10),
        Flow("upkeep", _("upkeep of the platform"), order=20),
        Flow("tip", _("tip"), order=30, why=_("The client gave this on top of the price.")),
        Subject("job", describe_jobs),     # describe_jobs({"<id>", …}) -> {"<id>": About("Cleaning on 5 March, Mapo", "/jobs/<id>/")}
    ]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from madang.coop.ledger.owners import split
from madang.kit import house

BACK = "back-"
"""Kinds of what takes something back begin so: sums by kind keep the two apart."""


@dataclass(frozen=True)
class Flow:
    """A kind of transfer. ``title`` names it on statements and the treasury page, ``why`` says in a sentence why it
    happens when no rule set the amount; lower ``order`` comes first (and takes the first colour of a picture). ``by`` is the
    function that books it: the page shows its line of code."""

    kind: str
    title: Any
    order: int = 50
    why: Any = ""
    by: Callable[..., Any] | None = None


@dataclass(frozen=True)
class About:
    """What a line is about, in the reader's language, and a page for it ("" when there is none)."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class Subject:
    """How subjects ``"<prefix>:<id>"`` are told: ``describe(ids)`` answers a set of ids in one query or two."""

    prefix: str
    describe: Callable[[set[str]], Mapping[str, About]]


def flows() -> dict[str, Flow]:
    """All kinds of transfer the house knows, by kind."""
    return {item.kind: item for item in house.collect("money_flows") if isinstance(item, Flow)}


def flow(kind: str) -> Flow:
    """The declaration of one kind; one that takes another back is told by it, an undeclared one is shown by its own word."""
    known = flows().get(kind)
    if known is None and kind.startswith(BACK):
        taken = flow(kind.removeprefix(BACK))
        return Flow(kind, _("taken back: %(title)s") % {"title": taken.title}, taken.order, _("What was booked before was wrong and was taken back, whole."))
    return known or Flow(kind, kind.replace("-", " "))


def about(subjects: Iterable[str]) -> dict[str, About]:
    """What each subject is, for people. One call of ``describe`` for each prefix."""
    tellers = {item.prefix: item for item in house.collect("money_flows") if isinstance(item, Subject)}
    by_prefix: dict[str, set[str]] = {}
    for subject in subjects:
        prefix, key = split(subject)
        if prefix in tellers:
            by_prefix.setdefault(prefix, set()).add(key)
    return {f"{prefix}:{key}": told for prefix, keys in by_prefix.items() for key, told in tellers[prefix].describe(keys).items()}
