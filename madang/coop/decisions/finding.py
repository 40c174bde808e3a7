"""Search over decisions: by words, by how they ended, by kind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from madang.coop import rules
from madang.coop.decisions import kinds, states
from madang.coop.decisions.models import Comment, Proposal

LONGEST, MOST_WORDS = 100, 8
OUTCOMES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "open": (_("Still open"), states.OPEN),
    "taken": (_("Decided and in force"), (states.IN_FORCE,)),
    "not": (_("Did not pass, failed, taken back or gone back on"), (states.REJECTED, states.WITHDRAWN, states.FAILED, states.REVERTED)),
}
"""By key: what a reader can narrow the search to, and the states it means."""


@dataclass(frozen=True)
class Wanted:
    """What is looked for: words (all of them must be found), an outcome of :data:`OUTCOMES`, a kind; each may be empty."""

    words: tuple[str, ...] = ()
    outcome: str = ""
    kind: str = ""

    def __bool__(self) -> bool:
        return bool(self.words or self.outcome or self.kind)

    @property
    def text(self) -> str:
        """The words as they were typed, as far as they are used."""
        return " ".join(self.words)


def wanted(given: Any) -> Wanted:
    """From a form's values (``q``, ``outcome``, ``kind``). What is too long is cut, what is unknown is left out; a NUL cannot be looked for."""
    words = str(given.get("q", "")).replace("\0", " ")[:LONGEST].split()[:MOST_WORDS]
    outcome, kind = str(given.get("outcome", "")), str(given.get("kind", ""))
    known = {one.key for one in kinds.all_kinds()}
    return Wanted(tuple(words), outcome if outcome in OUTCOMES else "", kind if kind in known else "")


def find(what: Wanted, *, insider: bool) -> QuerySet[Proposal]:
    """What everyone may read and each word is found in, newest first: title, reason, options, and the names of the rules it changes.

    For an ``insider`` (a member) also in the co-op's own discussions; those inside an organisation are its people's alone. One query.
    """
    rows = Proposal.objects.filter(discussion_at__isnull=False).select_related("org").order_by("-discussion_at", "pk")
    if what.outcome:
        rows = rows.filter(state__in=OUTCOMES[what.outcome][1])
    if what.kind:
        rows = rows.filter(kind=what.kind)
    for word in what.words:
        rows = rows.filter(_holds(word, insider))
    return rows


def _holds(word: str, insider: bool) -> Q:
    said = Q(title__icontains=word) | Q(reason__icontains=word)
    said |= Q(kind__in=[one.key for one in kinds.all_kinds() if word.casefold() in str(one.title).casefold()])
    for open_kind in (one.key for one in kinds.all_kinds() if one.open_details):
        said |= Q(kind=open_kind, details__options__icontains=word) | Q(kind=open_kind, details__text__icontains=word)
    for key in _rules_called(word):
        said |= Q(changes__contains=[{"rule": key}])
    if insider:
        said |= Q(pk__in=Comment.objects.filter(text__icontains=word, proposal__org=None).values("proposal"))
    return said


def _rules_called(word: str) -> Iterable[str]:
    """The rules whose name, in the reader's language, or key holds the word; at most twenty."""
    found = [one.key for one in rules.all_rules() if word.casefold() in str(one.title).casefold() or word.casefold() in one.key]
    return found[:20]


def about_rule(key: str, scope: str) -> QuerySet[Proposal]:
    """Every decision there ever was about one rule in one scope that everyone may read, newest first. One query."""
    rows = Proposal.objects.filter(changes__contains=[{"rule": key}], discussion_at__isnull=False)
    rows = rows.filter(org=UUID(scope)) if scope else rows.filter(org=None)
    return rows.order_by("-discussion_at", "pk")
