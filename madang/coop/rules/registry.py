"""The declarations, and how a value is read: what was in force at a moment, and who set it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from madang.kit import house
from madang.kit.errors import Missing
from madang.kit.ruletypes import RuleType

if TYPE_CHECKING:
    from madang.coop.rules.models import RuleVersion

COOP, ORGANISATION = "coop", "organisation"
_KEY = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9_-]*)+")


@dataclass(frozen=True)
class DryRun:
    """What last month would have been: rows of (label, before, after).

    With ``unit`` (a currency code) the figures are ints in its smallest unit; else ints or texts. ``None`` is a figure that is not
    shown (a group under five). ``note`` says on what it is based, in a sentence.
    """

    rows: Sequence[tuple[Any, Any, Any]] = ()
    note: Any = ""
    unit: str = ""


@dataclass(frozen=True)
class Slider:
    """A slider anyone can move: which ``part`` of a split (empty for a percentage), from ``min`` to ``max`` by ``step``, in percent."""

    part: str = ""
    step: str = "0.5%"
    min: str = ""
    max: str = ""


@dataclass(frozen=True)
class Rule:
    """A declared rule. ``decided_by`` names a way of deciding (or several: the first that the co-op has).

    ``dry_run(values, now)``: last month under other values; ``own(values, person, now)``: the same for one person, for them alone; ``spread(values, now)``:
    how it is spread. The last two are rows of (label, before, after) in the currency's smallest unit.
    """

    key: str
    type: RuleType
    default: Any
    title: Any
    help: Any = ""
    decided_by: tuple[str, ...] = ("policy",)
    scope: str = COOP
    group: Any = ""
    dry_run: Callable[..., DryRun] | None = None
    law: str | None = None
    slider: Slider | None = None
    affects: Any = ""
    allowed: Callable[[Any, datetime], None] | None = None  # raises ``Refused("law")`` for a value the law does not allow, where no figure says it
    own: Callable[..., Sequence[tuple[Any, int, int]]] | None = None
    spread: Callable[..., Sequence[tuple[Any, int, int]]] | None = None

    def at(self, moment: datetime, org: Any = None) -> RuleVersion:
        """The version in force at ``moment``. One query.

        ``org`` (an Organisation, its id or None) matters for rules of scope "organisation": its own version, else the co-op's for all.
        A rule that came with a later programme and was never decided gives an unsaved version with ``id`` None and ``as_it_came``.
        """
        return several([self.key], moment, org)[self.key]

    def parse(self, raw: Any, *, currency: str | None = None, path: str | None = None) -> Any:
        """The typed value of ``raw`` (a function of the currency's code stands for what it gives). Raises ``Unfit`` (a ``ValueError``)."""
        if callable(raw):
            raw = raw(currency or "USD")
        return self.type.parse(raw, currency=currency, path=self.key if path is None else path)

    def canonical(self, raw: Any, *, currency: str | None = None, path: str | None = None) -> Any:
        """``raw`` as the canonical JSON that is stored, voted on and recorded. Raises ``Unfit``."""
        return self.type.dump(self.parse(raw, currency=currency, path=path))

    def as_it_came(self, currency: str | None, moment: datetime) -> RuleVersion:
        """The programme's own default as an unsaved version."""
        from madang.coop.rules.models import RuleVersion

        unsaved = RuleVersion(key=self.key, scope="", data=self.canonical(self.default, currency=currency), effective_from=moment)
        unsaved.id = None  # type: ignore[assignment]
        return unsaved


@dataclass(frozen=True)
class Family:
    """Rules whose names the charter chooses: everything under ``prefix`` (``"ways."``) has this shape. ``needed`` lists keys that must exist."""

    prefix: str
    make: Callable[[str], Rule]
    needed: Callable[[], Iterable[str]]


@dataclass
class _Registry:
    rules: dict[str, Rule] = field(default_factory=dict)
    families: dict[str, Family] = field(default_factory=dict)


_registry = _Registry()


def declare(
    key: str,
    type: RuleType,
    *,
    default: Any,
    title: Any,
    help: Any = "",
    decided_by: str | Sequence[str] = "policy",
    scope: str = COOP,
    group: Any = "",
    dry_run: Callable[..., DryRun] | None = None,
    law: str | None = None,
    slider: Slider | None = None,
    affects: Any = "",
    own: Callable[..., Sequence[tuple[Any, int, int]]] | None = None,
    spread: Callable[..., Sequence[tuple[Any, int, int]]] | None = None,
) -> Rule:
    """Declare a rule that the members hold.

    ``default`` in JSON notation (amounts in major units of whatever currency the co-op has), or a function of the currency's code;
    ``scope`` "coop" or "organisation";
    ``dry_run(changes: {key: typed value}, now) -> DryRun``, of scope "organisation" also with ``org=`` for its own change;
    ``own`` and ``spread``: as :class:`Rule` has them; ``law`` names a bound of the law profile ("….min" or "….max");
    ``affects`` says in words what depends on it. Raises ``ValueError`` for a bad key, a second declaration or an unknown scope.
    """
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a rule's key: {key!r}")
    if scope not in (COOP, ORGANISATION):
        raise ValueError(f"not a scope: {scope!r}")
    if key in _registry.rules or any(key.startswith(prefix) for prefix in _registry.families):
        raise ValueError(f"declared twice: {key}")
    ways = (decided_by,) if isinstance(decided_by, str) else tuple(decided_by)
    rule = Rule(key, type, default, title, help, ways, scope, group, dry_run, law, slider, affects, own=own, spread=spread)
    _registry.rules[key] = rule
    return rule


def declare_family(prefix: str, make: Callable[[str], Rule], needed: Callable[[], Iterable[str]] = tuple) -> None:
    """Declare all rules under ``prefix``: ``make(key)`` gives the rule of one key."""
    _registry.families[prefix] = Family(prefix, make, needed)


def get(key: str) -> Rule:
    """The rule with this key. Raises ``Missing``."""
    if rule := _registry.rules.get(key):
        return rule
    for prefix, family in _registry.families.items():
        if key.startswith(prefix) and _KEY.fullmatch(key) and len(key) <= 80:
            return family.make(key)
    raise Missing(f"no rule {key[:80]!r}")


def static_rules(platforms: Collection[str] | None = None) -> list[Rule]:
    """The rules declared in code by the kernel and the platforms this co-op runs (or by ``platforms``), in order of declaration."""
    names = {key.partition(".")[0] for key in _registry.rules}
    here = {name for name in names if house.lives(name, platforms)}
    return [rule for key, rule in _registry.rules.items() if key.partition(".")[0] in here]


def here(key: str) -> Rule:
    """The rule with this key, where it is one of this co-op's. Raises ``Missing``."""
    if not house.lives(key.partition(".")[0]):
        raise Missing(f"no rule {key[:80]!r} in this co-op")
    return get(key)


def needed_keys() -> list[str]:
    """Every key that must have a value: those declared, and those of families that others lean on."""
    return list(dict.fromkeys([*(rule.key for rule in static_rules()), *(key for family in _registry.families.values() for key in family.needed())]))


def all_rules() -> list[Rule]:
    """Every rule of this co-op: declared ones in order of declaration, then those of families that have a value. One query."""
    from madang.coop.rules.models import RuleVersion

    named: set[str] = set()
    for prefix in _registry.families:
        named |= set(RuleVersion.objects.filter(key__startswith=prefix).values_list("key", flat=True).distinct())
    return [*static_rules(), *(get(key) for key in sorted(named | {k for k in needed_keys() if k not in _registry.rules}))]


def scope_of(org: Any) -> str:
    """``""`` for the co-op, else the organisation's id as text."""
    if not org:
        return ""
    return str(UUID(str(getattr(org, "pk", org))))


def several(keys: Iterable[str], moment: datetime, org: Any = None) -> Mapping[str, RuleVersion]:
    """The versions of several rules in force at ``moment``, by key, in one query. Raises ``Missing`` for an unknown key."""
    from madang.coop import law
    from madang.coop.rules.models import RuleVersion

    rules = {key: get(key) for key in keys}
    scopes = [""]
    if org and any(rule.scope == ORGANISATION for rule in rules.values()):
        scopes.append(scope_of(org))
    rows = RuleVersion.objects.filter(key__in=rules, scope__in=scopes, effective_from__lte=moment)
    found: dict[str, RuleVersion] = {}
    # PostgreSQL's DISTINCT ON: the newest of each scope; an organisation's own (the longer scope) stands before the co-op's.
    for row in rows.order_by("key", "-scope", "-effective_from").distinct("key", "scope"):
        if row.scope == "" or rules[row.key].scope == ORGANISATION:
            found.setdefault(row.key, row)
    missing = [key for key in rules if key not in found]
    if missing:
        coop = law.coop_or_none()
        found |= {key: rules[key].as_it_came(coop.currency if coop else None, moment) for key in missing}
    return {key: found[key] for key in rules}


def version(id: UUID | str) -> RuleVersion:
    """The version with this id. Raises ``Missing``. One query."""
    from madang.coop.rules.models import RuleVersion

    found = RuleVersion.objects.filter(pk=id).first()
    if found is None:
        raise Missing("no such rule version")
    return found
