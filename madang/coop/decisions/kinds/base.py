"""What a kind of decision is, and the list of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy

from madang.coop.decisions import ways
from madang.coop.members import queries as members
from madang.coop.members.queries import Voter
from madang.coop.people.models import Organisation
from madang.coop.rules import DryRun
from madang.kit.counting.papers import Question
from madang.kit.errors import Missing
from madang.kit.ruletypes import WayOfDeciding

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
class Picture:
    """Bars under what would change: rows of (label, amount, share of the whole), in ``unit``."""

    title: Any
    rows: Sequence[tuple[Any, int, Any]]
    unit: str = ""
    note: Any = ""


@dataclass(frozen=True)
class Options:
    """A vote among options: the question as it is counted, and by key what each option is called. ``advisory``: nothing follows from it."""

    question: Question
    titles: Mapping[str, str]
    texts: Mapping[str, str] = field(default_factory=dict)
    advisory: bool = False


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
    ``Form`` below with ``details()``; None: not drafted by hand in this form. ``heading``: the title, where an author's own words could
    tell strangers whom it is about; then the author writes neither title nor reason, and the details hold the grounds. ``hearing(now)``: how
    long it is discussed at least. ``opened(proposal, now)``: told when the discussion opens; ``opening(proposal, now)``: asked
    when voting does, may complete the details, and answers "" or why it cannot (a reason of ``showing``). ``own(proposal, person, lang)``: what it means for
    this person alone; ``picture(proposal, lang)``: for all, as bars. ``first``: offered at once where one
    proposes, the others behind "more". ``asks(proposal)``: what is voted on where it is not
    yes or no. ``open_details``: the details stand in the record for everyone to read, with the question; otherwise (they name a person) as a
    private line of their own, which can be forgotten. ``subject``: what the law calls it, of the words of ``meeting.general.decides`` and ``board.decides``.
    ``aside(proposal)``: whose own affair it is, as ids of memberships; these have no vote in it.
    ``by_event``: something that happened asks it (an emergency measure): nobody writes it, takes it back or lets it wait for a meeting.
    ``amends``: others can offer amendments while it is discussed.
    ``again(new, failed)``: whether new details ask for what failed ones asked, where that is not that they are alike: a day later, a won more.
    ``rules``: keys that only this kind changes. ``initial(proposal)``: a draft as its form takes it, where that is not its details.
    """

    key: str
    title: Any
    prepare: Callable[[Sequence[Change], dict[str, Any], Organisation | None, datetime], Prepared]
    effect: Callable[[Proposal, datetime], list[str]]
    lines: Callable[[Proposal, str], list[Line]]
    form: Any = None
    dry_run: Callable[[Sequence[Change], datetime, Organisation | None], DryRun | None] | None = None
    inverse: Callable[[Proposal], list[Change] | None] | None = None
    opened: Callable[[Proposal, datetime], None] | None = None
    opening: Callable[[Proposal, datetime], str] | None = None
    ended: Callable[[Proposal, datetime], None] | None = None
    heading: Callable[[], str] | None = None
    hearing: Callable[[datetime], timedelta] | None = None
    by_house: bool = False
    open_details: bool = False
    first: bool = False
    help: Any = ""
    subject: str = ""
    own: Callable[[Proposal, Any, str], list[Line]] | None = None
    picture: Callable[[Proposal, str], Picture | None] | None = None
    asks: Callable[[Proposal], Options | None] | None = None
    rules: Sequence[str] = ()
    aside: Callable[[Proposal], set[UUID]] | None = None
    amends: bool = False
    by_event: bool = False
    again: Callable[[dict[str, Any], dict[str, Any]], bool] | None = None
    initial: Callable[[Proposal], dict[str, Any]] | None = None


class Form(forms.Form):
    """The details of a proposal. Whom the co-op consists of is for members: a form names people only to a ``viewer`` who is one."""

    def __init__(self, *args: Any, viewer: Any, now: datetime, lang: str = "en", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer, self.now, self.lang = viewer, now, lang
        self.insider = members.is_member(viewer, now)
        self.prepare()

    def prepare(self) -> None:
        """What can be chosen."""

    def names(self, field: str, choices: Iterable[tuple[str, str]]) -> None:
        """Who can be chosen: nobody, unless a member asks."""
        chosen = self.fields[field]
        chosen.choices = [("", "—"), *(choices if self.insider else ())]  # type: ignore[attr-defined]
        if not self.insider:
            chosen.help_text = gettext_lazy("Names are shown to members.")

    def nothing(self) -> str:
        """Why nothing of this kind can be proposed at present, and what to do: a sentence. "" when something can."""
        return ""

    def said(self) -> Sequence[Line]:
        """What is proposed, where there is nothing to fill in."""
        return ()

    folds: Any = ""
    """What stands over the fields that few need; they are those whose names begin as ``folded_names`` says."""
    folded_names: tuple[str, ...] = ()

    def plain(self) -> list[Any]:
        """The fields everyone fills in."""
        return [bound for bound in self if not (self.folded_names and bound.name.startswith(self.folded_names))]

    def folded(self) -> list[Any]:
        """Those that few need."""
        return [bound for bound in self if self.folded_names and bound.name.startswith(self.folded_names)]

    def unfold(self) -> bool:
        """Whether something is filled in or wrong there, so that they stand open."""
        return any(bound.errors or bound.value() not in (None, "") for bound in self.folded())

    def details(self) -> dict[str, Any]:
        """As the kind's ``prepare`` takes it."""
        return dict(self.cleaned_data)


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


def voters(proposal: Proposal, way: WayOfDeciding, at: datetime) -> list[Voter]:
    """Who votes on this proposal at ``at``: whoever votes in its way, but those whose own affair it is."""
    found = ways.voters(way, at, proposal.org)
    aside = get(proposal.kind).aside
    if aside is None or not (apart := aside(proposal)):
        return found
    return [one for one in found if one.membership.pk not in apart]


def all_kinds() -> list[Kind]:
    """Every kind, in order of registration."""
    return list(_kinds.by_key.values())


def kind_of_rule(rule: str) -> str:
    """The kind that changes a rule: its own where one says so, else "change_rules"."""
    return next((kind.key for kind in _kinds.by_key.values() if rule in kind.rules), "change_rules")
