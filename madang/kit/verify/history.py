"""The history of the rules: every value was set by the founding or by a decision that passed, and by nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from madang.kit import canonical
from madang.kit.ruletypes.duration import read_duration
from madang.kit.ruletypes.percent import read_share
from madang.kit.ruletypes.way import Way, WayOfDeciding, at_meeting
from madang.kit.verify import panels, tally
from madang.kit.verify.opened import OpenLeaf
from madang.kit.verify.report import Report

# Leaves of these types may not be kept closed: without their words nobody could check the rules.
ALWAYS_OPEN = frozenset({"founding", "rule"}) | frozenset(
    f"decision.{step}" for step in ("opened", "extended", "tally", "effect", "withdrawn", "failed", "panel", "amended", "papers")
) | frozenset({"emergency.taken", "emergency.kept", "emergency.ended"})
# Rules that only one kind of decision changes: what is asked of it is asked of nothing else.
OWN_KIND = {"articles.text": "articles"}
# A way counts as it was when the discussion began; how much longer than planned a discussion may have lasted.
_SLACK = timedelta(days=31)
_SECOND = timedelta(seconds=1)
# For how long after its end the same emergency measure is not taken again unless the members kept it.
_AGAIN = timedelta(days=30)


def moment(text: Any) -> datetime:
    """``2026-03-12T00:00:00Z`` as a datetime. Raises ``ValueError``."""
    if not isinstance(text, str):
        raise ValueError("a moment is a text like 2026-03-12T00:00:00Z")
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


@dataclass(frozen=True)
class _Version:
    id: str
    value: Any
    since: datetime


@dataclass
class _Decision:
    opened: OpenLeaf | None = None
    closes: datetime | None = None
    extended: int = 0
    tally: OpenLeaf | None = None
    ended: OpenLeaf | None = None
    effect: OpenLeaf | None = None
    panel: OpenLeaf | None = None
    content: str = ""
    papers: list[Any] = field(default_factory=list)
    parts: int = 0
    used: set[tuple[str, str]] = field(default_factory=set)
    versions: list[str] = field(default_factory=list)


@dataclass
class _Measure:
    until: datetime
    ended: datetime | None = None
    kept: bool = False


@dataclass
class History:
    """Reads public leaves in the order of the log and tells the report what does not follow."""

    report: Report
    founding: OpenLeaf | None = None
    versions: dict[tuple[str, str], list[_Version]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    decisions: dict[str, _Decision] = field(default_factory=dict)
    measures: dict[str, _Measure] = field(default_factory=dict)
    stopped: dict[str, _Measure] = field(default_factory=dict)
    waited: dict[str, timedelta] = field(default_factory=dict)

    def read(self, leaves: Iterable[OpenLeaf]) -> None:
        """All public leaves, in order. Types it does not know are passed over: the tree covers them."""
        for leaf in leaves:
            read = _READERS.get(leaf.entry.kind)
            if read is None:
                continue
            if len(leaf.bodies) != 1 and leaf.entry.kind != "decision.papers":
                self._wrong(leaf, "has not exactly one line")
                continue
            try:
                read(self, leaf, leaf.body)
            except KeyError as missing:
                self._wrong(leaf, f"is not as it should be: it does not say {missing}")
            except (TypeError, ValueError) as wrong:
                self._wrong(leaf, f"is not as it should be: {wrong}")
        self._end()
        self.report.rules = sum(len(versions) for versions in self.versions.values())
        self.report.decisions = len(self.decisions)

    def _wrong(self, leaf: OpenLeaf, what: str) -> None:
        self.report.problem(f"Leaf {leaf.index} ({leaf.entry.subject}) {what}.")

    def _named(self, leaf: OpenLeaf, kind: str, id_: Any) -> str:
        if not isinstance(id_, str) or leaf.entry.subject != f"{kind}:{id_}":
            raise ValueError("its words name another id than its entry")
        return id_

    def _founding(self, leaf: OpenLeaf, body: Mapping[str, Any]) -> None:
        self._named(leaf, "founding", body["founding_id"])
        if self.founding is not None:
            self._wrong(leaf, "is a second founding")
        elif self.versions or self.decisions:
            self._wrong(leaf, "is a founding after rules or decisions")
        self.founding = self.founding or leaf

    def _rule(self, leaf: OpenLeaf, body: Mapping[str, Any]) -> None:
        version = self._named(leaf, "rule", body["version"])
        place, since = (str(body["rule"]), str(body["scope"])), moment(body["effective_from"])
        where = f"rule {place[0]}" + (f" of {place[1]}" if place[1] else "")
        before = self.versions.get(place, [])
        if version in self.known:
            self._wrong(leaf, f"({where}) uses a version twice")
        if body["from"] != (before[-1].id if before else None):
            self._wrong(leaf, f"({where}) does not follow the version before it")
        if before and since <= before[-1].since:
            self._wrong(leaf, f"({where}) takes effect before the version it replaces")
        if body["founding"] is not None and body["decision"] is None:
            self._by_founding(leaf, body, where, first=not before)
        elif body["decision"] is not None and body["founding"] is None:
            self._by_decision(leaf, body, place, where, since)
        else:
            self._wrong(leaf, f"sets the {where}, and no decision or founding set it")
        self.known.add(version)
        self.versions.setdefault(place, []).append(_Version(version, body["value"], since))

    def _by_founding(self, leaf: OpenLeaf, body: Mapping[str, Any], where: str, *, first: bool) -> None:
        founding = self.founding
        if founding is None or founding.body.get("founding_id") != body["founding"]:
            self._wrong(leaf, f"sets the {where} by a founding that the log does not have")
        elif not first or leaf.entry.at != founding.entry.at:
            self._wrong(leaf, f"sets the {where} by the founding, but after it: no decision set it")

    def _by_decision(self, leaf: OpenLeaf, body: Mapping[str, Any], place: tuple[str, str], where: str, since: datetime) -> None:
        decision = self.decisions.get(body["decision"])
        if decision is None or decision.tally is None or decision.opened is None:
            self._wrong(leaf, f"sets the {where} by a decision that was not counted before")
            return
        if place[0] in OWN_KIND and decision.opened.body["kind"] != OWN_KIND[place[0]]:
            self._wrong(leaf, f"sets the {where} by a decision of another kind than the one that may")
        result = decision.tally.body
        if result.get("passed") is not True:
            self._wrong(leaf, f"sets the {where} by a decision that did not pass")
        fitting = [change for change in result["changes"] if (change["rule"], change["scope"]) == place and _same(change["value"], body["value"])]
        if not fitting:
            self._wrong(leaf, f"sets the {where} to a value that its decision does not contain")
        elif place in decision.used:
            self._wrong(leaf, f"sets the {where} a second time by one decision")
        if result.get("effect_at") is None or since < moment(result["effect_at"]):
            self._wrong(leaf, f"sets the {where} before its decision takes effect")
        decision.used.add(place)
        decision.versions.append(body["version"])

    def _opened(self, leaf: OpenLeaf, body: Mapping[str, Any]) -> None:
        decision = self.decisions.setdefault(self._named(leaf, "decision", body["decision"]), _Decision())
        if decision.opened or decision.tally:
            self._wrong(leaf, "opens a decision that was open already")
            return
        decision.opened = leaf
        details = body.get("details")
        if body["kind"] == "resolve" and not (isinstance(details, dict) and details.get("text")):
            self._wrong(leaf, "decides something in words, but does not hold the words")
        if decision.content and decision.content != _content(body["changes"], body.get("details") or {}):
            self._wrong(leaf, "puts something else to the vote than the amendment that was taken in last")
        if body["kind"] == "amendment" and isinstance(details, dict):  # the vote on its proposal waits for it
            child = _way(body)
            self.waited[str(details.get("decision"))] = self.waited.get(str(details.get("decision")), timedelta()) + (
                child.discussion + child.voting + child.notice + child.course.late * child.course.late_most + _SLACK
            )
        opens, closes = moment(body["opens_at"]), moment(body["closes_at"])
        if not opens < closes:
            self._wrong(leaf, "closes before it opens")
        decision.closes = closes
        way = _way(body)
        name = str(body["way_name"])
        named = self.versions.get((name if name.startswith("ways.") else f"ways.{name}", ""), [])
        slack = _SLACK + self.waited.get(body["decision"], timedelta())
        held = [
            version
            for number, version in enumerate(named)
            if version.since <= opens and (number + 1 == len(named) or named[number + 1].since > opens - way.discussion - slack)
        ]
        if not any(_same(version.value, body["way"]) for version in held):
            self._wrong(leaf, f"is decided in a way that the rule of “{name}” did not say then")

    def _amended(self, leaf: OpenLeaf, body: Mapping[str, Any]) -> None:
        """An amendment was taken in while it was discussed: by its proposer, or by a vote that passed and has taken effect. What is voted on is the last."""
        decision = self.decisions.setdefault(self._named(leaf, "decision", body["decision"]), _Decision())
        if decision.opened is not None or decision.tally is not None:
            self._wrong(leaf, "changes what was being voted on")
            return
        decision.content = str(body["content"])
        if body["by"] == "vote":
            vote = self.decisions.get(str(body["vote"]))
            if vote is None or vote.tally is None or vote.tally.body.get("passed") is not True or vote.opened is None:
                self._wrong(leaf, "takes an amendment in by a vote that did not pass")
            elif (vote.opened.body.get("details") or {}).get("amendment") != body["amendment"]:
                self._wrong(leaf, "takes an amendment in by a vote on another one")
            elif vote.tally.body.get("effect_at") is None or moment(leaf.entry.at) < moment(vote.tally.body["effect_at"]):
                self._wrong(leaf, "takes an amendment in before its vote takes effect")
        elif body["by"] != "proposer":
            self._wrong(leaf, "takes an amendment in, and neither its proposer nor a vote did")

    def _extended(self, leaf: OpenLeaf, body: Mapping[str, Any]) -> None:
        """A late rush has lengthened the vote: only as often and by as much as the way says."""
        decision = self.decisions.setdefault(self._named(leaf, "decision", body["decision"]), _Decision())
        if decision.opened is None or decision.closes is None or decision.tally is not None:
            self._wrong(leaf, "lengthens a vote that is not open")
            return
        course, closes = _way(decision.opened.body).course, moment(body["closes_at"])
        decision.extended += 1
        late = max(moment(leaf.entry.at), decision.closes) + course.late
        if not course.late or decision.extended > course.late_most or closes > late + _SECOND or closes <= decision.closes:
            self._wrong(leaf, "lengthens a vote in a way that its way of deciding does not know")
        decision.closes = max(decision.closes, closes)

    def _back(self, opened: Mapping[str, Any], way: WayOfDeciding) -> bool:
        """Whether a decision says that it goes back on another one, and that is exactly what it does, in time."""
        first = self.decisions.get(str(opened.get("back", "")))
        if first is None or first.effect is None or first.tally is None:
            return False
        begun = moment(opened["opens_at"]) - way.discussion
        if begun - _SLACK > moment(first.effect.body["at"]) + way.course.grace:
            return False
        changes = {(change["rule"], change["scope"]): change["value"] for change in opened["changes"]}
        if changes.keys() != {(change["rule"], change["scope"]) for change in first.tally.body["changes"]}:
            return False
        for place, value in changes.items():
            values = [version for version in self.versions.get(place, []) if version.since <= moment(first.effect.body["at"])]
            if len(values) < 2 or values[-1].id not in first.versions or not _same(values[-2].value, value):
                return False
        return True

    def _papers(self, leaf: OpenLeaf, body: Mapping[str, Any]) -> None:
        """The papers of a vote that are too many for the leaf of its tally: its lines are parts, in order."""
        decision = self.decisions.setdefault(self._named(leaf, "decision", body["decision"]), _Decision())
        if decision.papers or decision.tally is not None:
            self._wrong(leaf, "shows papers a second time, or after they were counted")
            return
        for number, part in enumerate(leaf.bodies, 1):
            if part["decision"] != body["decision"] or part["part"] != number:
                raise ValueError("its parts are not in order")
            decision.papers += part["papers"]
        decision.parts = len(leaf.bodies)

    def _tally(self, leaf: OpenLeaf, body: Mapping[str, Any]) -> None:
        decision = self.decisions.setdefault(self._named(leaf, "decision", body["decision"]), _Decision())
        if decision.tally is not None:
            self._wrong(leaf, "is a second tally of one decision")
            return
        decision.tally = leaf
        if decision.opened is None:
            self._wrong(leaf, "counts a decision that was never opened")
            return
        opened = decision.opened.body
        closes, way = decision.closes or moment(opened["closes_at"]), _way(opened)
        if sitting := opened.get("meeting"):
            closes, way = self._at_meeting(leaf, opened, body, sitting), at_meeting(way, of_present=sitting["counted_of"] == "present")
        if moment(leaf.entry.at) < closes:
            self._wrong(leaf, "counts before voting closed")
        if not _same(opened["changes"], body["changes"]):
            self._wrong(leaf, "has other changes than the ones that were voted on")
        notice = way.course.back_notice if opened.get("back") and self._back(opened, way) else way.notice
        if body["passed"] is True and moment(body["effect_at"]) < closes + notice:
            self._wrong(leaf, "takes effect before its notice is over")
        if isinstance(body.get("papers"), dict):
            if body["papers"] != {"parts": decision.parts}:
                self._wrong(leaf, "counts papers that are not there")
                return
            body = {**body, "papers": decision.papers}
        for sentence in tally.recount(opened, body, way):
            self._wrong(leaf, sentence)

    def _at_meeting(self, leaf: OpenLeaf, opened: Mapping[str, Any], body: Mapping[str, Any], sitting: Mapping[str, Any]) -> datetime:
        """When the vote on a motion was closed by whoever chaired the meeting; that it was put to a quorum."""
        closed, way = moment(body["closed_at"]), _way(opened)
        if closed < moment(opened["opens_at"]):
            self._wrong(leaf, "was closed before it was put")
        present, members = sitting["present"], sitting["members"]
        voters = (opened.get("electorate") or {}).get("total")
        if not (type(present) is int and type(members) is int and 0 < present <= members) or voters not in (None, present):
            self._wrong(leaf, "does not say who was present")
        elif present < way.quorum * members:
            self._wrong(leaf, f"was put to {present} of {members}, which its way of deciding calls too few")
        elif (asked := self._meeting_quorum(moment(opened["opens_at"]))) is not None and asked and present <= asked * members:
            self._wrong(leaf, f"was put to {present} of {members}, which the rule of meetings calls too few")
        return closed

    def _meeting_quorum(self, at: datetime) -> Fraction | None:
        """More than which share of the members had to be there, as the rule said then; None where the log has no such rule."""
        held = [version for version in self.versions.get(("meetings.quorum", ""), []) if version.since <= at]
        return read_share(held[-1].value, "", fractions=True) if held else None

    def _effect(self, leaf: OpenLeaf, body: Mapping[str, Any]) -> None:
        decision = self.decisions.setdefault(self._named(leaf, "decision", body["decision"]), _Decision())
        if decision.tally is None or decision.tally.body.get("passed") is not True:
            self._wrong(leaf, "takes effect, but no tally before it says that it passed")
        elif moment(body["at"]) < moment(decision.tally.body["effect_at"]):
            self._wrong(leaf, "takes effect before its day")
        if decision.effect is not None:
            self._wrong(leaf, "takes effect twice")
        decision.effect = leaf

    def _emergency(self, leaf: OpenLeaf, body: Mapping[str, Any]) -> None:
        """A measure only stops or lowers, says why, ends within the time the rule gives, and the same does not follow itself unless it was kept."""
        since, until, key = moment(body["since"]), moment(body["until"]), str(body["stops"])
        self._named(leaf, "measure", body["measure"])
        if not str(body["reason"]).strip():
            self._wrong(leaf, "stops something and does not say why")
        held = [version for version in self.versions.get(("deciding.emergency", ""), []) if version.since <= since]
        if held and until - since > read_duration(held[-1].value, "") + _SECOND:
            self._wrong(leaf, "stops something for longer than the rule allows")
        last = self.measures.get(key)
        if last is not None and not last.kept and since < min(last.until, last.ended or last.until) + _AGAIN:
            self._wrong(leaf, "stops the same again, though the members had not kept it")
        self.measures[key] = self.stopped[body["measure"]] = _Measure(until)

    def _measure_kept(self, leaf: OpenLeaf, body: Mapping[str, Any]) -> None:
        self._named(leaf, "measure", body["measure"])
        decision = self.decisions.get(str(body["decision"]))
        if decision is None or decision.tally is None or decision.tally.body.get("passed") is not True or body["measure"] not in self.stopped:
            self._wrong(leaf, "goes on with a measure, and no decision of the members says so")
            return
        one = self.stopped[body["measure"]]
        one.kept, one.until, one.ended = True, moment(body["until"]), None

    def _measure_ended(self, leaf: OpenLeaf, body: Mapping[str, Any]) -> None:
        if (one := self.stopped.get(self._named(leaf, "measure", body["measure"]))) is not None:
            one.ended = moment(body["at"])
    def _panel(self, leaf: OpenLeaf, body: Mapping[str, Any]) -> None:
        """A panel was drawn: once, by a decision that was counted, and as its leaves say it had to be."""
        decision = self.decisions.setdefault(self._named(leaf, "decision", body["decision"]), _Decision())
        if decision.opened is None or decision.tally is None or decision.opened.body["kind"] != "panel":
            self._wrong(leaf, "draws a panel that no decision asked for")
        elif decision.panel is not None:
            self._wrong(leaf, "draws a second panel")
        else:
            for sentence in panels.redraw(decision.opened.body, decision.tally.body, body):
                self._wrong(leaf, sentence)
        decision.panel = leaf

    def _ended(self, leaf: OpenLeaf, body: Mapping[str, Any]) -> None:
        decision = self.decisions.setdefault(self._named(leaf, "decision", body["decision"]), _Decision())
        if decision.effect is not None:
            self._wrong(leaf, "ends a decision that is in force")
        decision.ended = leaf

    def _end(self) -> None:
        """What can be said only when all was read."""
        for id_, decision in self.decisions.items():
            if decision.versions and decision.ended is not None:
                self._wrong(decision.ended, "ended without effect, but rules were set by it")
            if decision.effect is None:
                if decision.versions:
                    self.report.problem(f"Rules were set by the decision {id_}, but no leaf says that it took effect.")
                continue
            listed = decision.effect.body.get("versions")
            if not isinstance(listed, list) or sorted(map(str, listed)) != sorted(decision.versions):
                self._wrong(decision.effect, "names other rule versions than the ones that were set")
            changes = decision.tally.body.get("changes") if decision.tally else None
            if isinstance(changes, list) and len(changes) != len(decision.versions):
                self._wrong(decision.effect, "did not set all that was decided")
            if decision.opened is not None and decision.opened.body["kind"] == "panel" and decision.panel is None:
                self._wrong(decision.effect, "takes effect, but no panel was drawn")


def _way(opened: Mapping[str, Any]) -> WayOfDeciding:
    try:
        return Way().parse(opened["way"])
    except (ValueError, TypeError) as wrong:
        raise ValueError(f"its way of deciding cannot be read: {wrong}") from None


def _content(changes: Any, details: Any) -> str:
    """What a proposal says, as ``decisions/amending.py:digest`` has it."""
    plain = [{name: value for name, value in change.items() if name != "from"} for change in changes]
    return hashlib.sha256(canonical.dumps({"changes": plain, "details": details})).hexdigest()


def _same(one: Any, other: Any) -> bool:
    return canonical.dumps(one) == canonical.dumps(other)


_READERS = {
    "founding": History._founding,
    "rule": History._rule,
    "decision.opened": History._opened,
    "decision.extended": History._extended,
    "decision.tally": History._tally,
    "decision.effect": History._effect,
    "emergency.taken": History._emergency,
    "emergency.kept": History._measure_kept,
    "emergency.ended": History._measure_ended,
    "decision.withdrawn": History._ended,
    "decision.failed": History._ended,
    "decision.panel": History._panel,
    "decision.amended": History._amended,
    "decision.papers": History._papers,
}
