"""Classes that carry parts of a vote, are held down, barred, or ask for more: on the page, in the tally, checked again, and within the law."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import translation

from madang.coop.decisions import actions, checking, showing
from madang.coop.decisions.models import Elector
from madang.coop.decisions.tally import electorate
from madang.coop.law.models import Coop
from madang.coop.record.models import LeafLine, PendingLeaf
from madang.kit.errors import Refused
from madang.kit.ruletypes import Way
from madang.kit.verify.tally import recount
from tests.coop.decisions.yard import POLICY, Yard, make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PARTS = {"weights": {"worker": "40%", "client": "40%", "maker": "20%"}}


def yard_with(now, **way) -> Yard:
    yard = make(now, {"worker": 7, "client": 9, "maker": 6}, {"ways.policy": POLICY | way})
    Coop.objects.update(law="plain")
    return yard


def leaves(one) -> tuple[dict, dict]:
    """The opening and the tally, as everyone can read them."""
    found = [PendingLeaf.objects.get(kind=kind, subject=f"decision:{one.pk}") for kind in ("decision.opened", "decision.tally")]
    return tuple(json.loads(LeafLine.objects.get(written=leaf.pk).body) for leaf in found)


def verified(one) -> list[str]:
    opened, tally = leaves(one)
    return [*recount(opened, tally, Way().parse(opened["way"])), *checking.wrong_tallies()]


def test_classes_carry_their_parts(db, now, rules_of_the_yard, client_for):
    yard = yard_with(now, **PARTS)
    one = yard.run(yard.propose(), worker="fffffff", client="aaaaaaaaa", maker="ffffaa")
    assert one.tally["weighed"] == {"of": {"client": "2/5", "maker": "1/5", "worker": "2/5"}, "for": "8/15", "against": "7/15"}
    assert one.state == "passed" and one.tally["totals"] == {"for": 11, "against": 11, "abstain": 0}, "by heads it would have been equal"
    assert verified(one) == []
    with translation.override("en"):
        page = client_for(None).get(f"/decisions/{one.pk}/", headers={"accept-language": "en"}).content.decode()
    assert "classes carry fixed parts of the vote" in page and "53.33%" in page and "40%" in page


def test_a_forged_weight_is_found(db, now, rules_of_the_yard):
    yard = yard_with(now, **PARTS)
    opened, tally = leaves(yard.run(yard.propose(), worker="fffffff", client="aaaaaaaaa", maker="ffffaa"))
    way = Way().parse(opened["way"])
    assert list(recount(opened, tally | {"weighed": tally["weighed"] | {"for": "9/15"}}, way))
    assert list(recount(opened, {key: one for key, one in tally.items() if key != "weighed"}, way))
    assert list(recount(opened, tally | {"passed": False, "reasons": ["majority"]}, way))
    assert list(recount(opened, tally, Way().parse(opened["way"] | {"weights": {"worker": "20%", "client": "60%", "maker": "20%"}})))


def test_what_a_small_class_carried_is_not_told(db, now, rules_of_the_yard):
    yard = yard_with(now, **PARTS)
    one = yard.run(yard.propose(), worker="fffffff", client="aaaaaaaaa", maker="ff----")
    assert one.tally["weighed"] is None and one.tally["passed"] and verified(one) == []
    assert "maker" not in one.tally["classes"]


def test_a_class_is_held_down(db, now, rules_of_the_yard):
    yard = yard_with(now, caps={"client": "10%"})
    one = yard.run(yard.propose(), worker="fffffff", client="aaaaaaaaa", maker="ffffff")
    assert one.tally["weighed"]["of"]["client"] == "1/10" and one.tally["weighed"]["for"] == "9/10" and verified(one) == []


def test_a_barred_class_has_no_vote_here(db, now, rules_of_the_yard, client_for):
    yard = yard_with(now, barred=["client"])
    one = actions.open_voting(yard.propose(), now=now + 3 * DAY)
    assert one.electorate == {"total": 13, "classes": {"maker": 6, "worker": 7}}
    assert not Elector.objects.filter(proposal=one, class_key="client").exists()
    assert electorate(one.electorate)["classes"] == {"maker": 6, "worker": 7}


@pytest.mark.parametrize(("worker", "state", "by"), [("ffffaaa", "passed", []), ("fffaaaa", "rejected", ["worker"])])
def test_a_class_asks_for_more(db, now, rules_of_the_yard, worker, state, by):
    yard = yard_with(now, veto={"classes": ["worker"], "majority": "75%"})
    one = yard.run(yard.propose(), worker=worker, client="fffffffff", maker="ffffff")
    assert (one.state, one.tally["upgraded_by"]) == (state, by) and verified(one) == []
    if by:
        with translation.override("en"):
            said = showing.reasons(one, "en", insider=True)
        assert any("Worker" in text for text in said)
        opened, tally = leaves(one)
        way = Way().parse(opened["way"])
        assert list(recount(opened, tally | {"upgraded_by": []}, way)), "hidden away"
        assert list(recount(opened, tally | {"passed": True, "reasons": []}, way))


@pytest.mark.parametrize("setting", [PARTS, {"caps": {"client": "10%"}}])
def test_the_law_of_korea_does_not_weigh_classes(db, now, rules_of_the_yard, setting):
    """Framework Act on Cooperatives, arts. 23 and 75: one vote each in a primary co-op."""
    yard = make(now, {"worker": 7})
    author = yard.people["worker"][0]
    new = {"rule": "ways.policy", "value": POLICY | setting}
    with pytest.raises(Refused) as no:
        actions.draft(author, "change_rules", "Parts", changes=[new], now=now)
    assert no.value.code == "law" and "23" in str(no.value.message)
    Coop.objects.update(law="plain")
    one = actions.open_discussion(actions.draft(author, "change_rules", "Parts", changes=[new], now=now), author, now=now)
    one = yard.run(one, worker="fffffff")
    Coop.objects.update(law="kr-general")
    one = actions.take_effect(one, now=one.effect_at)
    assert (one.state, one.ended_because) == ("failed", "law"), "the law changed in the meantime"


def test_a_way_without_any_of_it_keeps_its_bytes():
    assert not {"weights", "caps", "barred", "veto", "delegation"} & Way().dump(Way().parse(POLICY)).keys()
    full = POLICY | PARTS | {"caps": {"client": "10%"}, "barred": ["guest"], "veto": {"classes": ["worker"]}, "delegation": {"most": 3}}
    again = Way().dump(Way().parse(full))
    assert Way().dump(Way().parse(again)) == again and Way().parse(again) == Way().parse(full)
    form = {field.name: field.text for field in Way().fields(Way().parse(full))}
    assert Way().dump(Way().parse(Way().from_form(form))) == again, "what a form shows is what it takes"


def test_options_are_not_counted_by_heads_where_classes_carry_parts(db, now, rules_of_the_yard):
    yard = yard_with(now, **PARTS)
    author = yard.people["worker"][0]
    with pytest.raises(Refused) as no:
        actions.draft(author, "choose", "Colour", details={"method": "approval", "seats": 1, "options": "Red\nBlue"}, now=now)
    assert no.value.code == "weighed-options"
