"""What each app adds to the house, as plain data.

An app's ``hooks.py`` defines any of the lists named in :data:`ROOMS`; whoever needs one asks :func:`collect`.
What is below never imports what is above: it reads these lists.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import ModuleType
from typing import Any

ROOMS = (
    "navigation", "due", "purposes", "applied", "joined", "left", "paying", "returned", "messages", "personal", "append_only", "kept_sums",
    "commands", "founded", "checks", "demo", "personas", "money_flows", "tiles", "panels", "register_columns", "duties",
    "seated", "unseated", "staffed", "measures", "account_kinds", "stops",
)
MET = frozenset({"navigation", "due", "tiles", "panels", "personas", "demo", "checks", "measures"})


@dataclass(frozen=True)
class NavItem:
    """One place in the navigation. ``audience``: all, person, member, ``duty:<key>`` (who has that duty by an office), operator. Lower ``order`` first."""

    label: Any
    url_name: str
    order: int = 50
    audience: str = "all"


@dataclass(frozen=True)
class DueWork:
    """Work that falls due. ``find(now, limit)`` returns keys; ``act(key, now=now)`` does one, in a transaction of its own."""

    name: str
    find: Callable[[datetime, int], Sequence[str]]
    act: Callable[..., Any]


@dataclass(frozen=True)
class Line:
    """One line of what is paid for: words, an amount in the smallest unit, and where "why?" leads ("" when nowhere)."""

    text: str
    amount: int
    why_url: str = ""


@dataclass(frozen=True)
class Purpose:
    """What a charge is for. ``payments`` calls these inside its own transaction.

    ``settled(charge, now=now)`` answers where the money goes (ledger ``Part``s that add up to the charge); ``failed(charge, now=now)``
    when nothing came; ``refunded(refund, now=now)`` when money went back. ``url(charge)`` is where the person goes on from there,
    ``lines(charge)`` what the receipt lists, ``to(charge)`` whom it is for ("" is the co-op). ``bank_days``: how many days it can wait for a bank
    transfer; 0 when it cannot (a slot that is held), and then none is offered. ``lost(charge, amount, into, now=now) -> int``: the payer's bank took
    ``amount`` back for good; pays what is still held of it into the account ``into``, at most that much, and answers how much that was.
    """

    key: str
    title: Any
    settled: Callable[..., Any]
    failed: Callable[..., Any]
    refunded: Callable[..., Any] | None = None
    url: Callable[[Any], str] | None = None
    lines: Callable[[Any], Sequence[Line]] | None = None
    to: Callable[[Any], str] | None = None
    bank_days: int = 0
    lost: Callable[..., int] | None = None
    taxed: bool = False


@dataclass(frozen=True)
class Message:
    """A text of a task, a notice or a mail. Title and body hold ``{name}`` placeholders and are translated when shown."""

    key: str
    title: Any
    body: Any = ""
    urgent: bool = False


@dataclass(frozen=True)
class Personal:
    """Personal data an app keeps: how it is exported, erased, and how long (``keep``, in words) the law has it kept.

    ``models`` names the tables ("members.Membership") whose rows about a person it answers for; tests/site/test_personal.py holds every table to it.
    """

    name: Any
    export: Callable[..., list[dict[str, Any]]]
    erase: Callable[..., Any]
    keep: Any
    models: tuple[str, ...] = ()


@dataclass(frozen=True)
class Command:
    """One more ``madang <name>``. ``add_arguments(parser)``, ``run(args) -> exit code``; the database is ready when it runs."""

    name: str
    help: str
    add_arguments: Callable[[Any], None]
    run: Callable[[Any], int]


@dataclass(frozen=True)
class Check:
    """An invariant. ``find()`` returns one sentence for each violation; none means it holds."""

    name: str
    find: Callable[[], Sequence[str]]


@dataclass(frozen=True)
class Duty:
    """What an office may be there for: the charter gives each office its duties (``does``), code asks for a duty and never for an office.

    ``title`` finishes the sentence "Whoever holds it …". Without an office for a ``needed`` one a charter is refused.
    """

    key: str
    title: Any
    needed: bool = True


@dataclass(frozen=True)
class Stop:
    """What an emergency measure may pause (``title``: "New bookings"), or with ``type`` the value of a limit it may only lower.

    ``now(at)``: the limit in force without a measure; ``type`` reads and says it (a ``RuleType`` whose values can be compared).
    """

    key: str
    title: Any
    type: Any = None
    now: Callable[[datetime], Any] | None = None


@dataclass(frozen=True)
class Persona:
    """Someone a visitor of a demo may be: the client, the worker … ``find()`` returns the Person, or None; ``url`` where one lands."""

    key: str
    label: Any
    find: Callable[[], Any]
    url: str = "/"
    order: int = 50


@dataclass(frozen=True)
class Tile:
    """One number on the home page. ``tiles`` lists ``callable(request) -> Tile | None``: None for what a group under five would show."""

    label: Any
    value: Any
    note: Any = ""
    url: str = ""


@dataclass(frozen=True)
class RegisterColumn:
    """A column of the members' register: ``values(memberships, at)`` gives {membership id: text} as at that moment, in few queries."""

    title: Any
    values: Callable[..., dict[Any, Any]]


@dataclass(frozen=True)
class Measure:
    """What a patronage refund may follow: ``count(since, until) -> {"person:<id>" | "organisation:<id>": whole number ≥ 0}`` of a year, in few queries.

    ``title`` says what is counted ("hours worked"), ``said(count)`` says one count in the reader's language.
    """

    key: str
    title: Any
    count: Callable[[datetime, datetime], dict[str, int]]
    said: Callable[[int], Any]


@dataclass(frozen=True)
class Panel:
    """A short list on the home page of someone signed in. ``panels`` lists ``callable(request) -> Panel | None``; ``lines`` are (label, note, url)."""

    title: Any
    lines: Sequence[tuple[Any, Any, str]]
    url: str = ""
    more: Any = ""


@dataclass
class _House:
    rooms: list[ModuleType] = field(default_factory=list)
    platforms: dict[str, str] = field(default_factory=dict)  # the name of a hooks module: the platform it belongs to
    listed: Callable[[], Collection[str] | None] = lambda: None  # the platforms this co-op runs; None: not founded yet, so any


_house = _House()


def move_in(hooks: ModuleType, platform: str = "") -> None:
    """Register an app's ``hooks`` module (``site`` does it once, in installed order); ``platform`` names the one it belongs to, if any."""
    if hooks not in _house.rooms:
        _house.rooms.append(hooks)
    _house.platforms[hooks.__name__] = platform


def collect(room: str, platforms: Collection[str] | None = None) -> list[Any]:
    """All declarations of one kind over all apps, in installed order. Raises ``KeyError`` for an unknown kind.

    ``platforms``: only of these platforms, and of the kernel; what people meet (:data:`MET`) is always of those that the co-op runs.
    """
    if room not in ROOMS:
        raise KeyError(room)
    if platforms is None and room in MET:
        platforms = _house.listed()
    return [item for hooks in _house.rooms if _among(hooks, platforms) for item in getattr(hooks, room, ())]


def _among(hooks: ModuleType, platforms: Collection[str] | None) -> bool:
    platform = _house.platforms.get(getattr(hooks, "__name__", ""), "")
    return not platform or platforms is None or platform in platforms


def listed_by(platforms: Callable[[], Collection[str] | None]) -> None:
    """Say how to find out which platforms the co-op runs (``site`` does it once)."""
    _house.listed = platforms


def lives(name: str, platforms: Collection[str] | None = None) -> bool:
    """Whether the platform of this name runs in this co-op (or is one of ``platforms``). True for what is no platform."""
    if name not in _house.platforms.values():
        return True
    running = _house.listed() if platforms is None else platforms
    return running is None or name in running
