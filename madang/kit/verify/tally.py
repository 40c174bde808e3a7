"""Counting again what a decision's public tally shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from madang.kit.counting import lots
from madang.kit.counting.asked import requirement_of
from madang.kit.counting.majority import Requirement, Totals, unmet
from madang.kit.counting.papers import Question
from madang.kit.counting.papers import tally as count_papers
from madang.kit.counting.result import dump
from madang.kit.ruletypes.way import WayOfDeciding
from madang.kit.verify import weighed


class Unreadable(ValueError):
    """A tally or a way that is not as ours are."""


def totals_of(value: Mapping[str, Any]) -> Totals:
    """The figures of a shown tally. Raises :class:`Unreadable`."""
    figures = [value.get(name) for name in ("for", "against", "abstain")]
    if not all(type(figure) is int and figure >= 0 for figure in figures):
        raise Unreadable("it shows no whole numbers for, against and abstain")
    return Totals(*(int(figure) for figure in figures if figure is not None))


def voters_of(electorate: Any) -> tuple[int | None, dict[str, int | None]]:
    """Total and classes of a frozen electorate; None where a figure would show fewer than five people. Raises :class:`Unreadable`."""
    if not isinstance(electorate, dict) or "total" not in electorate or not isinstance(electorate.get("classes"), dict):
        raise Unreadable("its electorate is not total and classes")
    total, classes = electorate["total"], electorate["classes"]
    if not all(voters is None or (type(voters) is int and voters >= 0) for voters in (total, *classes.values())):
        raise Unreadable("its electorate is not in whole numbers")
    return total, classes


def recount(opened: Mapping[str, Any], tally: Mapping[str, Any], way: WayOfDeciding) -> Iterator[str]:
    """Everything in the tally that does not follow from what it shows, as sentences without a subject (“says …”).

    Figures of small classes are hidden; of those, what is shown (passed or not) is taken and must fit the rest.
    Raises :class:`Unreadable` when opening or tally are not as ours are.
    """
    if "asked" in opened:
        yield from _options(opened, tally, way)
        return
    voters, classes = voters_of(opened.get("electorate"))
    known = [number for number in classes.values() if number is not None]
    if voters is not None and (sum(known) > voters or (len(known) == len(classes) and sum(known) != voters)):
        yield f"was opened for {voters} voters, but its classes have {sum(known)}"
    if tally.get("electorate") != voters:
        yield f"says {tally.get('electorate')} voters, but it was opened for {voters}"
    shown = tally.get("classes")
    passed = tally.get("passed")
    if not isinstance(shown, dict) or type(passed) is not bool or not isinstance(tally.get("reasons"), list):
        raise Unreadable("its tally has no outcome, reasons or classes")
    if passed and tally["reasons"]:
        yield "says it passed, and also why it did not"
    need = requirement_of(way)
    if weighed.asked_for_more(tally):
        need = need.upgraded(key for key, number in classes.items() if number != 0)
    figures: dict[str, Totals] = {}
    outcomes: dict[str, bool] = {}
    for key, row in sorted(shown.items()):
        if not isinstance(row, dict) or type(row.get("passed")) is not bool or key not in classes:
            raise Unreadable(f"its tally of the class {key!r} is not one")
        outcomes[key] = row["passed"]
        if row.get("hidden") is not True:
            figures[key] = totals_of(row)
            yield from _class(key, figures[key], classes[key], row["passed"], need)
    yield from weighed.wrong_upgrade(tally, figures, classes, need)
    deciding = [key for key in need.per_class if classes.get(key, 0) != 0]
    for key in deciding:
        if key not in outcomes:
            yield f"does not say how the class “{key}” decided, though its way asks for it"
    agreed = all(outcomes.get(key, False) for key in deciding)
    if tally.get("totals") is None:
        if passed and not agreed:
            yield "says it passed, but a class whose agreement it needs did not agree"
        return
    yield from _whole(tally, figures, set(classes) - set(figures), voters, agreed, need)


def _class(key: str, totals: Totals, voters: int | None, passed: bool, need: Requirement) -> Iterator[str]:
    if voters is None:
        yield f"shows the ballots of the class “{key}”, whose number of voters it hides"
        return
    if totals.cast > voters:
        yield f"counts {totals.cast} ballots in the class “{key}” of {voters}"
    if passed == bool(unmet(totals, voters, need.per_class.get(key, need.overall))):
        yield f"says the class “{key}” {'agreed' if passed else 'did not agree'}, but its {totals.for_} for and {totals.against} against say otherwise"


def _whole(
    tally: Mapping[str, Any], figures: Mapping[str, Totals], hidden: set[str], voters: int | None, agreed: bool, need: Requirement
) -> Iterator[str]:
    totals, passed = totals_of(tally["totals"]), tally["passed"]
    if voters is None:
        yield "shows its ballots, but hides how many could vote"
        return
    if totals.cast > voters:
        yield f"counts {totals.cast} ballots of {voters} voters"
    for name in ("for_", "against", "abstain"):
        parts, whole = sum(getattr(one, name) for one in figures.values()), getattr(totals, name)
        if parts > whole or (not hidden and parts != whole):
            yield f"counts {whole} {name.strip('_')} in all, but its classes give {parts}"
    parts_of_all, wrong = weighed.carried_by(tally, figures, not hidden, need)
    yield from wrong
    lacking = unmet(totals, voters, need.overall, parts_of_all)
    if need.weights and parts_of_all is None:  # what hidden classes carried is nobody's to see: turnout and agreement can still be told
        if passed and (not agreed or "quorum" in lacking):
            yield "says it passed, but too few took part or a class whose agreement it needs did not agree"
        return
    if passed != (agreed and not lacking):
        yield (
            f"says it {'passed' if passed else 'did not pass'}, but {totals.for_} for, {totals.against} against and {totals.abstain} abstentions "
            f"of {voters} voters say otherwise"
        )


def _options(opened: Mapping[str, Any], tally: Mapping[str, Any], way: WayOfDeciding) -> Iterator[str]:
    """A vote among options: the published papers are counted again by the method that was asked, and the lot is drawn again from its secret."""
    voters, _classes = voters_of(opened.get("electorate"))
    asked, passed, winners = opened["asked"], tally.get("passed"), tally.get("winners")
    if not isinstance(asked, dict) or type(passed) is not bool or not isinstance(winners, list) or not isinstance(tally.get("reasons"), list):
        raise Unreadable("its question or its tally is not as ours are")
    if tally.get("electorate") != voters:
        yield f"says {tally.get('electorate')} voters, but it was opened for {voters}"
    if tally.get("method") != asked.get("method"):
        yield f"was counted by {tally.get('method')!r}, but {asked.get('method')!r} stood on the ballot"
    if passed and tally["reasons"]:
        yield "says it passed, and also why it did not"
    if passed != bool(winners):
        yield f"says it {'passed' if passed else 'did not pass'} with the winners {winners}"
    if tally.get("totals") is None:
        return
    totals, secret = tally["totals"], tally.get("secret")
    if not isinstance(secret, str) or lots.commitment(secret) != asked.get("lot"):
        yield "shows another secret of the lot than the one whose hash was published when voting opened"
        return
    papers = [(many, marks) for many, marks in tally["papers"]]
    try:
        question = Question(
            asked["method"], tuple(asked["options"]), asked["seats"], asked.get("limit", 10), tuple(asked.get("costs", ())), asked.get("budget")
        )  # fmt: skip
        counted = dump(count_papers(question, papers, lots.seed(secret, papers)))
    except (ValueError, KeyError, TypeError) as wrong:
        yield f"holds papers that cannot be counted ({wrong})"
        return
    marked, abstained = totals.get("marked"), totals.get("abstain")
    if sum(many for many, _marks in papers) != marked:
        yield f"says {marked} marked their ballot, and shows {sum(many for many, _marks in papers)} papers"
    if voters is not None and marked + abstained > voters:
        yield f"counts {marked + abstained} ballots of {voters} voters"
    if counted != tally.get("count"):
        yield "does not follow from its papers: counted again they say otherwise"
    if passed and winners != counted["winners"]:
        yield f"says {winners} won, and its papers say {counted['winners']}"
    if voters is not None and passed and marked + abstained < way.needs.quorum * voters:
        yield f"says it passed, but only {marked + abstained} of {voters} took part"
