"""Votes among options: proposed in words, marked, counted exactly, told with its lot, verified again; and what is refused on the way."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from madang.coop.decisions import actions, checking, counted, kept, options
from madang.coop.decisions.models import Ballot
from madang.coop.record.models import LeafLine, PendingLeaf
from madang.kit.counting import lots
from madang.kit.errors import Refused
from madang.kit.verify import tally as again

pytestmark = pytest.mark.django_db


def propose(yard: Any, method: str = "schulze", kind: str = "choose", seats: int = 1, choices: str = "Red\nGreen\nBlue") -> Any:
    author = yard.people["worker"][0]
    one = actions.draft(author, kind, "Which colour?", details={"options": choices, "method": method, "seats": seats}, now=yard.now)
    return actions.open_discussion(one, author, now=yard.now)


def everybody(yard: Any) -> list[Any]:
    return [person for people in yard.people.values() for person in people]


def voted(yard: Any, one: Any, *papers: Any) -> Any:
    """Voting opens, the first people cast these papers (None: abstain), and it is counted."""
    one = actions.open_voting(one, now=one.opens_at)
    for person, marks in zip(everybody(yard), papers, strict=False):
        actions.cast(one, person, "abstain" if marks is None else "marked", marks=marks, now=one.opens_at)
    return actions.close(one, now=one.closes_at)


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"options": "Only one"}, "options"), ({"options": ""}, "options"), ({"options": "Red\n red "}, "options"), ({"options": "x" * 141 + "\ny"}, "options"),
        ({"options": "\n".join(str(n) for n in range(201))}, "options"), ({"method": "votes"}, "method"), ({"method": "budget-greedy"}, "method"),
        ({"seats": 3}, "seats"), ({"seats": 0}, "seats"), ({"seats": "two"}, "seats"), ({"seats": 2}, "seats"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(yard, details, field) -> None:
    with pytest.raises(Refused) as no:
        actions.draft(
            yard.people["worker"][0], "choose", "Which?", details={"options": "Red\nGreen\nBlue", "method": "irv", "seats": 1, **details}, now=yard.now
        )
    assert no.value.field == field


def test_two_hundred_options_are_counted(yard) -> None:
    one = propose(yard, "irv", choices="\n".join(f"Option {number}" for number in range(1, 201)))
    done = voted(yard, one, *[[[f"o{number}"], ["o200"]] for number in range(1, 7)])
    assert done.tally["passed"] and len(done.tally["winners"]) == 1


def test_chosen_counted_told_and_verified_again(yard) -> None:
    papers = [[["o1"], ["o2"]], [["o1"], ["o2"]], [["o2"], ["o3"]], [["o3"], ["o2"]], [["o3"], ["o2"]], None]
    done = voted(yard, propose(yard), *papers)
    assert done.state == "passed" and done.tally["winners"] == ["o2"], "green beats each other one, though fewest put it first"
    assert done.tally["totals"] == {"marked": 5, "abstain": 1}
    asked = options.of(done)
    told = counted.told(done, asked)
    assert told.winners == ["Green"] and told.differs and not told.hidden, "an instant run-off would have taken it off"
    assert {other.title: other.same for other in told.others}
    assert checking.wrong_tallies() == []
    assert "papers" not in done.tally and sum(many for many, _marks in kept.of(done).papers) == 5, "many, so they stand beside"
    written = dict(PendingLeaf.objects.filter(subject=f"decision:{done.pk}").values_list("kind", "pk"))
    opened, counting = (LeafLine.objects.get(written=written[kind]).body for kind in ("decision.opened", "decision.tally"))
    assert done.lot not in str(opened) and done.lot in str(counting)
    assert lots.commitment(done.lot) == options.leaf(done, asked)["lot"]
    done = actions.take_effect(done, now=done.effect_at)
    assert done.state == "in_force"


def bodies(done: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    from madang.coop.decisions import tally

    shown = tally.electorate(done.electorate)
    opened = {"electorate": shown, "asked": options.leaf(done, options.of(done))}
    there = kept.of(done)
    return opened, {**done.tally, **({"papers": there.papers} if there else {}), "electorate": (shown or {})["total"]}


def test_whoever_changes_what_was_published_is_found(yard) -> None:
    from madang.coop.decisions import ways

    done = voted(yard, propose(yard, "irv"), *[[["o1"]]] * 4, *[[["o2"]]] * 3)
    opened, told = bodies(done)
    way = ways.parse(done.way)
    assert list(again.recount(opened, told, way)) == []
    first = told["papers"][0]
    for wrong in (
        {"winners": ["o2"]}, {"papers": told["papers"][1:]}, {"papers": [[first[0] + 1, first[1]], *told["papers"][1:]]}, {"secret": "00" * 32},
        {"passed": False}, {"method": "schulze"}, {"papers": [[7, [["o9"]]]]}, {"totals": {"marked": 7, "abstain": 90}},
    ):  # fmt: skip
        assert list(again.recount(opened, {**told, **wrong}, way)), wrong


def test_the_last_ballot_counts_and_a_repeat_changes_nothing(yard) -> None:
    one = actions.open_voting(propose(yard, "approval"), now=yard.now + timedelta(days=3))
    person = everybody(yard)[0]
    first = actions.cast(one, person, "marked", marks=["o2", "o1"], now=one.opens_at)
    same = actions.cast(one, person, "marked", marks=["o1", "o2"], now=one.opens_at + timedelta(hours=1))
    assert (first.marks, same.cast_at) == (["o1", "o2"], one.opens_at)
    actions.cast(one, person, "abstain", now=one.opens_at + timedelta(hours=2))
    assert Ballot.objects.get(elector__person=person).marks is None


@pytest.mark.parametrize(
    ("choice", "marks", "code"),
    [
        ("for", None, "choice"), ("marked", None, "marks"), ("marked", [["o9"]], "marks"), ("marked", [["o1"], ["o1"]], "marks"), ("marked", [], "marks"),
        ("marked", {"o1": 1}, "marks"),
    ],
)  # fmt: skip
def test_a_paper_that_is_not_clear_is_refused_with_a_reason(yard, choice, marks, code) -> None:
    one = actions.open_voting(propose(yard, "irv"), now=yard.now + timedelta(days=3))
    with pytest.raises(Refused) as no:
        actions.cast(one, everybody(yard)[0], choice, marks=marks, now=one.opens_at)
    assert no.value.code == code and str(no.value.message) and not Ballot.objects.exists()


def test_marks_are_no_answer_to_yes_or_no(yard) -> None:
    one = actions.open_voting(yard.propose(), now=yard.now + timedelta(days=3))
    for choice, marks in (("marked", ["o1"]), ("for", ["o1"])):
        with pytest.raises(Refused):
            actions.cast(one, everybody(yard)[0], choice, marks=marks, now=one.opens_at)


def test_few_papers_show_only_what_came_of_it(yard) -> None:
    done = voted(yard, propose(yard, "irv"), [["o1"]], [["o1"]], [["o2"]])
    assert done.tally["totals"] is None and not {"papers", "count", "secret"} & set(done.tally)
    assert counted.told(done, options.of(done)).hidden


def test_nobody_votes_all_abstain_all_tie(yard) -> None:
    nothing = voted(yard, propose(yard, "irv"))
    assert nothing.state == "rejected" and "quorum" in nothing.tally["reasons"]
    silent = voted(yard, propose(yard, "irv"), *[None] * 7)
    assert silent.state == "rejected" and silent.tally["reasons"] == ["nobody"]
    even = voted(yard, propose(yard, "irv"), *[[["o1"]], [["o2"]], [["o3"]]] * 2)
    assert even.state == "passed" and len(even.tally["winners"]) == 1 and even.tally["count"]["ties"]
    assert counted.told(even, options.of(even)).ties


def test_asking_decides_nothing(yard) -> None:
    done = voted(yard, propose(yard, "approval", kind="ask"), *[["o1"]] * 6)
    assert counted.told(done, options.of(done)).advisory
    with translation.override("en"):
        assert counted.summary(done, options.of(done)) == "Most named: Red."


@pytest.mark.parametrize("method", ["approval", "schulze", "irv", "ranked-pairs", "minimax", "score", "star", "dots", "quadratic", "stv-scottish", "stv-meek"])
def test_every_method_by_its_form_on_the_page(yard, client_for, monkeypatch, method) -> None:
    """From the page's own form to the result in both languages."""
    from madang.kit.counting.papers import SHAPES

    one = actions.open_voting(propose(yard, method), now=yard.now + timedelta(days=3))
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: one.opens_at)
    url = f"/decisions/{one.pk}/"
    for number, person in enumerate(everybody(yard)[:6]):
        client = client_for(person)
        page = client.get(url).content.decode()
        assert 'name="mark-o1"' in page
        best = "o1" if number < 4 else "o2"
        sent = {f"mark-{best}": {"rank": "1", "approve": "1", "score": "5", "dots": "3"}[SHAPES[method]], "choice": "marked"}
        assert client.post(f"{url}vote/", sent).status_code == 302, page
        kept = client.get(url).content.decode()
        assert "checked" in kept if SHAPES[method] == "approve" else "selected" in kept
    bad = client_for(everybody(yard)[0]).post(f"{url}vote/", {"choice": "marked", "mark-o1": ""})
    assert bad.status_code == 422 and 'role="alert"' in bad.content.decode()
    done = actions.close(one, now=one.closes_at)
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: done.closed_at)
    assert done.tally["winners"] == ["o1"]
    for language in ("ko", "en"):
        page = client_for(None).get(url, headers={"accept-language": language}).content.decode()
        assert "Red" in page and "4" in page


def test_papers_too_many_for_one_line_stand_in_a_leaf_of_their_own(yard, settings, tmp_path, monkeypatch) -> None:
    from tests.coop.decisions.test_failures_of_others import verified

    monkeypatch.setattr(kept, "LINE_MOST", 40)
    orders = [[["o1"], ["o2"], ["o3"]], [["o2"], ["o1"]], [["o3"]], [["o1"]], [["o3"], ["o1"], ["o2"]], [["o2"]], [["o1"], ["o3"]]]
    done = voted(yard, propose(yard, "irv"), *orders)
    (leaf,) = (row for row in LeafLine.objects.all() if '"winners"' in row.body)
    told = json.loads(leaf.body)
    parts = [json.loads(row.body) for row in LeafLine.objects.order_by("pk") if '"part":' in row.body.replace(" ", "")]
    assert told["papers"] == {"parts": len(parts)} and len(parts) > 2
    assert sum(sum(many for many, _marks in part["papers"]) for part in parts) == 7
    assert checking.wrong_tallies() == [] and verified(settings, tmp_path, done.closed_at) == []


def test_two_hundred_options_in_many_stages_fit_their_leaf(yard) -> None:
    choices = "\n".join(f"Option {number}" for number in range(200))
    ranks = [[[f"o{(start * 29 + step * 7) % 200 + 1}"] for step in range(150)] for start in range(len(everybody(yard)))]
    done = voted(yard, propose(yard, "stv-scottish", seats=20, choices=choices), *ranks)
    assert done.state == "passed" and len(done.tally["winners"]) == 20
    assert len(json.dumps(done.tally)) < 3_000_000
