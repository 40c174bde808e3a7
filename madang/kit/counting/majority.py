"""Majority with a quorum, over all and per class: exact, pure, and able to say why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from madang.kit.counting.weighing import Weighed, Weights, weigh

FOR, AGAINST, ABSTAIN = "for", "against", "abstain"
CHOICES = (FOR, AGAINST, ABSTAIN)


@dataclass(frozen=True)
class Needs:
    """What is needed: ``quorum`` of the voters take part (abstaining is taking part), ``majority`` of for + against is for.

    ``strict``: more than the majority, else at least. ``of_present``: the majority of all voters (at a meeting: of everyone present),
    so that abstaining and silence do not help it. Shares are exact fractions between 0 and 1.
    """

    quorum: Fraction = Fraction(0)
    majority: Fraction = Fraction(1, 2)
    strict: bool = True
    of_present: bool = False


@dataclass(frozen=True)
class Upgrade:
    """Where more of one of ``classes`` is against than for, the whole needs ``majority`` instead; ``every_class``: and more than half of each."""

    classes: tuple[str, ...] = ()
    majority: Fraction = Fraction(3, 4)
    strict: bool = False
    every_class: bool = True


@dataclass(frozen=True)
class Requirement:
    """What the whole electorate needs, and what single classes need besides; what classes carry; whose objection asks for more."""

    overall: Needs = field(default_factory=Needs)
    per_class: Mapping[str, Needs] = field(default_factory=dict)
    weights: Weights = field(default_factory=Weights)
    upgrade: Upgrade = field(default_factory=Upgrade)

    def upgraded(self, classes: Iterable[str]) -> Requirement:
        """What is needed once a class has asked for more; ``classes``: those that have voters."""
        majority, strict = max((self.overall.majority, self.overall.strict), (self.upgrade.majority, self.upgrade.strict))  # never less than before
        overall = replace(self.overall, majority=majority, strict=strict)
        per_class = dict(self.per_class)
        if self.upgrade.every_class:
            per_class = {key: per_class.get(key, Needs()) for key in classes} | per_class
        return Requirement(overall, per_class, self.weights, self.upgrade)


@dataclass(frozen=True)
class Totals:
    """Ballots counted."""

    for_: int = 0
    against: int = 0
    abstain: int = 0

    @property
    def cast(self) -> int:
        """How many took part."""
        return self.for_ + self.against + self.abstain

    def dump(self) -> dict[str, int]:
        """``{"for", "against", "abstain"}``."""
        return {FOR: self.for_, AGAINST: self.against, ABSTAIN: self.abstain}


@dataclass(frozen=True)
class ClassOutcome:
    """One class: its voters, its ballots, whether they meet ``needs``; ``decides`` when the way gives it a say of its own."""

    electorate: int
    totals: Totals
    needs: Needs
    passed: bool
    decides: bool


@dataclass(frozen=True)
class Outcome:
    """The result. ``reasons``: codes of what was not met ("quorum", "majority", "class:worker:quorum" …); ``log``: each test in words."""

    passed: bool
    reasons: tuple[str, ...]
    electorate: int
    totals: Totals
    per_class: Mapping[str, ClassOutcome]
    log: tuple[str, ...]
    weighed: Weighed | None = None
    upgraded_by: tuple[str, ...] = ()


def unmet(totals: Totals, electorate: int, needs: Needs, weighed: Weighed | None = None) -> list[str]:
    """Which of "quorum" and "majority" these totals do not meet; the majority of what was carried, where classes carry parts."""
    met_quorum = totals.cast >= needs.quorum * electorate
    decided = electorate if needs.of_present else totals.for_ + totals.against
    wanted = needs.majority * decided
    met_majority = totals.for_ + totals.against > 0 and (totals.for_ > wanted if needs.strict else totals.for_ >= wanted)
    if weighed is not None:
        met_majority = weighed.meets(needs.majority, needs.strict)
    return [name for name, met in (("quorum", met_quorum), ("majority", met_majority)) if not met]


def objecting(of: Mapping[str, Totals], upgrade: Upgrade) -> tuple[str, ...]:
    """The classes that ask for more: more against than for among them."""
    return tuple(key for key in upgrade.classes if key in of and of[key].against > of[key].for_)


def carried(of: Mapping[str, Totals], weights: Weights) -> Weighed | None:
    """What classes carried; None where every ballot counts the same."""
    return weigh({key: (one.for_, one.against) for key, one in of.items()}, weights) if weights else None


def count(ballots: Iterable[tuple[str, str]], electorate: Mapping[str, int], requirement: Requirement) -> Outcome:
    """Count ``ballots`` of (class, "for" | "against" | "abstain") against an ``electorate`` of {class: voters}.

    A class without voters that the requirement names is left out: nobody stands in it to be asked. With no ballot for or against
    nothing passes. Raises ``ValueError`` for an unknown choice, a ballot of an unknown class, or more ballots than voters.
    """
    counted: Counter[tuple[str, str]] = Counter(ballots)
    for class_key, choice in counted:
        if choice not in CHOICES:
            raise ValueError(f"not a choice: {choice!r}")
        if class_key not in electorate:
            raise ValueError(f"a ballot of a class that does not vote: {class_key!r}")
    if any(voters < 0 for voters in electorate.values()):
        raise ValueError("a class cannot have fewer than no voters")
    of = {key: Totals(*(counted[key, choice] for choice in CHOICES)) for key in electorate}
    for key, totals in of.items():
        if totals.cast > electorate[key]:
            raise ValueError(f"more ballots than voters in {key!r}")
    whole = Totals(*(sum(counted[key, choice] for key in electorate) for choice in CHOICES))
    voters = sum(electorate.values())
    weighed, upgraded_by = carried(of, requirement.weights), objecting(of, requirement.upgrade)
    if upgraded_by:
        requirement = requirement.upgraded(key for key, many in electorate.items() if many)
    reasons = unmet(whole, voters, requirement.overall, weighed)
    log = [_log("all", whole, voters, requirement.overall, reasons)]
    if weighed is not None:
        log.append("carried: " + ", ".join(f"{key} {part}" for key, part in sorted(weighed.of.items())) + f"; for {weighed.for_}, against {weighed.against}")
    log += [f"{key}: more against than for, so it needs {requirement.overall.majority}" for key in upgraded_by]
    per_class: dict[str, ClassOutcome] = {}
    for key in sorted(electorate):
        own = requirement.per_class.get(key)
        needs = own or requirement.overall
        lacking = unmet(of[key], electorate[key], needs)
        per_class[key] = ClassOutcome(electorate[key], of[key], needs, not lacking, own is not None)
        if own is None:
            continue
        if electorate[key] == 0:
            log.append(f"{key}: nobody in this class, left out")
            continue
        log.append(_log(key, of[key], electorate[key], own, lacking))
        reasons += [f"class:{key}:{name}" for name in lacking]
    for key in sorted(set(requirement.per_class) - set(electorate)):
        log.append(f"{key}: nobody in this class, left out")
    return Outcome(not reasons, tuple(reasons), voters, whole, per_class, tuple(log), weighed, upgraded_by)


def _log(who: str, totals: Totals, voters: int, needs: Needs, lacking: list[str]) -> str:
    sign = ">" if needs.strict else "≥"
    result = f"not met: {', '.join(lacking)}" if lacking else "met"
    return (
        f"{who}: {totals.for_} for, {totals.against} against, {totals.abstain} abstained, of {voters}; "
        f"needs turnout ≥ {needs.quorum} and for {sign} {needs.majority} of {'all present' if needs.of_present else 'for and against'}: {result}"
    )
