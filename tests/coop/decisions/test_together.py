"""Several people, one moment: real connections, real commits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from madang.coop import rules
from madang.coop.decisions import actions, checking
from madang.coop.decisions.models import Ballot
from madang.coop.rules.models import RuleVersion
from madang.kit.errors import Refused
from tests.coop.decisions import yard as yards
from tests.coop.decisions.yard import SPLIT, split

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture
def yard(transactional_db: Any, now, rules_of_the_yard) -> yards.Yard:
    return yards.make(now, {"worker": 7, "client": 6})


def at_once(*works: Any) -> list[Any]:
    """Run all at the same time, each on a connection of its own; refusals come back as results."""

    def run(work: Any) -> Any:
        try:
            return work()
        except Refused as no:
            return no
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_two_casts_of_one_voter_are_one_ballot(yard):
    one = actions.open_voting(yard.propose(), now=yard.now + 3 * DAY)
    voter = yard.people["worker"][0]
    for _ in range(5):
        results = at_once(*[lambda choice=choice: actions.cast(one, voter, choice, now=one.opens_at) for choice in ("for", "against", "for", "abstain")])
        assert all(isinstance(result, Ballot) for result in results)
        assert Ballot.objects.filter(elector__person=voter).count() == 1


def test_ballots_and_the_count_at_one_moment(yard):
    """Each ballot is either counted or refused: none falls between."""
    one = actions.open_voting(yard.propose(), now=yard.now + 3 * DAY)
    last = one.closes_at - timedelta(seconds=1)
    works = [lambda p=p: actions.cast(one, p, "for", now=last) for p in [*yard.people["worker"], *yard.people["client"]]]
    works.insert(6, lambda: actions.close(one, now=one.closes_at))
    results = at_once(*works)
    cast = sum(isinstance(result, Ballot) for result in results)
    one.refresh_from_db()
    assert Ballot.objects.count() == cast
    totals = one.tally["totals"]
    assert (sum(totals.values()) if totals else cast) == cast and (totals is not None or cast < 5)
    assert checking.wrong_tallies() == []


def test_two_sweepers_apply_it_once(yard):
    one = yard.run(yard.propose(), worker="fffffff")
    at_once(*[lambda: actions.take_effect(one, now=one.effect_at)] * 4)
    assert RuleVersion.objects.filter(key=SPLIT).count() == 2 and checking.rules_without_source() == []


def test_two_decisions_on_one_rule_at_one_moment(yard):
    first = yard.run(yard.propose(split("94%", "6%")), worker="fffffff")
    second = yard.run(yard.propose(split("93%", "7%")), worker="fffffff")
    at_once(lambda: actions.take_effect(first, now=first.effect_at), lambda: actions.take_effect(second, now=second.effect_at))
    first.refresh_from_db()
    second.refresh_from_db()
    if {first.state, second.state} != {"in_force", "failed"}:  # the loser may have been turned back by the database: the sweep tries again
        for one in (first, second):
            actions.take_effect(one, now=one.effect_at + DAY)
            one.refresh_from_db()
    assert {first.state, second.state} == {"in_force", "failed"}
    assert RuleVersion.objects.filter(key=SPLIT).count() == 2
    assert rules.get(SPLIT).at(yard.now + 30 * DAY).decision_id in (first.pk, second.pk)
    assert checking.rules_without_source() == []
