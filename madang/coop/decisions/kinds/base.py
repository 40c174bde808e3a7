"""What a kind of decision is, and the list of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from madang.coop.people.models import Organisation
from madang.coop.rules import DryRun
from madang.kit.errors import Missing

if TYPE_CHECKING:
    from madang.coop.decisions.models import Proposal

Change = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One thing that would change, in words: what, from, to. ``url`` leads to it."""

    label: Any
    before: str
    after: str
    url: str = ""
    note: str = ""


@dataclass(frozen=True)
class Prepared:
    """A proposal's content, checked: canonical changes and details, and the way it is decided in."""

    changes: list[Change]
    details: dict[str, Any]
    way_name: str


@dataclass(frozen=True)
class Kind:
    """A kind of decision.

    ``prepare(changes, details, org, now) -> Prepared`` checks what was typed (raises ``Refused``). ``effect(proposal, now) -> ids``
    does what was decided in the caller's transaction (raises ``Refused`` when it cannot: the decision then *failed*).
    ``lines(proposal, lang)`` says it in words. ``dry_run(changes, now, org)``: last month under it. ``inverse(proposal)``: the changes that
    would undo it. ``ended(proposal, now)``: told when it was rejected, withdrawn or failed. ``form``: a Django form for its details,
    ``form(data, org=…, now=…)`` with ``details()``; None: not drafted by hand in this form. ``open_details``: the details stand in the record
    for everyone to read, with the question; otherwise (they name a person) as a private line of their own, which can be proved and forgotten.
    """

    key: str
    title: Any
    prepare: Callable[[Sequence[Change], dict[str, Any], Organisation | None, datetime], Prepared]
    effect: Callable[[Proposal, datetime], list[str]]
    lines: Callable[[Proposal, str], list[Line]]
    form: Any = None
    dry_run: Callable[[Sequence[Change], datetime, Organisation | None], DryRun | None] | None = None
    inverse: Callable[[Proposal], list[Change] | None] | None = None
    ended: Callable[[Proposal, datetime], None] | None = None
    by_house: bool = False
    open_details: bool = False
    help: Any = ""


@dataclass
class _Kinds:
    by_key: dict[str, Kind] = field(default_factory=dict)


_kinds = _Kinds()


def register(kind: Kind) -> Kind:
    """Add a kind of decision. Raises ``ValueError`` for a second one of the same name."""
    if kind.key in _kinds.by_key:
        raise ValueError(f"a kind twice: {kind.key}")
    _kinds.by_key[kind.key] = kind
    return kind


def get(key: str) -> Kind:
    """The kind with this key. Raises ``Missing``."""
    if key not in _kinds.by_key:
        raise Missing(f"no kind {key[:40]!r}")
    return _kinds.by_key[key]


def all_kinds() -> list[Kind]:
    """Every kind, in order of registration."""
    return list(_kinds.by_key.values())
