"""A veto window, where a way gives one: an office may stop what passed before it takes effect, and only then."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from madang.coop.decisions import actions, showing
from madang.coop.rules.models import RuleVersion
from madang.kit.errors import Missing, Refused
from madang.kit.ruletypes import Way
from madang.kit.ruletypes.base import Unfit
from tests.coop.decisions import yard as yards
from tests.coop.decisions.yard import POLICY, SPLIT, Yard

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def guarded(db, now, rules_of_the_yard) -> Yard:
    yard = yards.make(now, {"worker": 7, "client": 6}, {"ways.policy": POLICY | {"veto_office": "guardian", "veto_window": "1d"}})
    yards.office(yard, "guardian", yard.people["client"][0])
    return yard


def test_what_is_vetoed_takes_no_effect(guarded: Yard):
    one, guardian = guarded.run(guarded.propose(), worker="fffffff"), guarded.people["client"][0]
    with pytest.raises(Missing):
        actions.veto(one, guarded.people["worker"][0], "I do not like it.", now=one.closed_at)
    with pytest.raises(Refused) as no:
        actions.veto(one, guardian, " ", now=one.closed_at)
    assert no.value.code == "reason"
    for _again in range(2):
        done = actions.veto(one, guardian, "It breaks our purpose.", now=one.closed_at + 23 * HOUR)
    assert done.state == "failed"
    with translation.override("en"):
        assert showing.reasons(done, "en", insider=False) == ["It was vetoed, and takes no effect. It breaks our purpose."]
    assert actions.take_effect(done, now=one.effect_at).state == "failed" and RuleVersion.objects.filter(key=SPLIT).count() == 1


def test_the_window_closes(guarded: Yard):
    one, guardian = guarded.run(guarded.propose(), worker="fffffff"), guarded.people["client"][0]
    with pytest.raises(Refused) as no:
        actions.veto(one, guardian, "Too late.", now=one.closed_at + 24 * HOUR)
    assert no.value.code == "no-veto"
    assert actions.take_effect(one, now=one.effect_at).state == "in_force"


def test_a_way_without_one_gives_none(yard: Yard):
    one = yard.run(yard.propose(), worker="fffffff")
    with pytest.raises(Missing):
        actions.veto(one, one.author, "No.", now=one.closed_at)


@pytest.mark.parametrize("raw", [{"veto_office": "guardian"}, {"veto_window": "1d"}, {"veto_office": "guardian", "veto_window": "9d"}, {"veto_office": "No!"}])
def test_office_and_window_go_together_within_the_notice(raw):
    with pytest.raises(Unfit):
        Way().parse(POLICY | raw)


def test_it_is_said_and_kept():
    raw = POLICY | {"veto_office": "guardian", "veto_window": "1d"}
    value = Way().parse(raw)
    assert Way().parse(Way().dump(value)) == value and "veto" in " ".join(text for _label, text in Way().lines(value, "en"))
    assert "veto_office" not in Way().dump(Way().parse(POLICY))
