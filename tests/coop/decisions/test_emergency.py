"""An emergency measure can only narrow, names its reason, ends by itself, and is put to the members."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from madang.coop.capital import rules as capital
from madang.coop.decisions import actions, emergency, meeting
from madang.coop.decisions.emergency import Measure
from madang.coop.decisions.models import Proposal
from madang.coop.law import clock
from madang.coop.members.models import Office
from madang.coop.notices.due import run_due
from madang.coop.notices.models import Notice
from madang.coop.record.models import LeafLine, PendingLeaf
from madang.coop.rules.models import RuleVersion
from madang.kit.errors import Missing, Refused
from tests.coop.decisions import yard as yards
from tests.coop.decisions.test_failures_of_others import verified
from tests.coop.decisions.yard import Yard

pytestmark = pytest.mark.django_db
DAY, WHY = timedelta(days=1), "Somebody takes money out with stolen keys."
PAYOUTS, CAP = "payments.payouts", "capital.withdrawal_cap"


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def board(yard: Yard) -> Any:
    person = yard.people["worker"][0]
    made = yards.office(yard, "board", person)
    Office.objects.filter(pk=made.pk).update(role="director")
    return person


def refusal(do: Any) -> str:
    with pytest.raises(Refused) as no:
        do()
    return str(no.value.code)


def test_it_stops_something_at_once_and_changes_no_rule(yard: Yard, board):
    before = RuleVersion.objects.count()
    one = emergency.take(board, PAYOUTS, WHY, now=yard.now)
    assert emergency.take(board, PAYOUTS, WHY, id=one.pk, now=yard.now) == one and Measure.objects.count() == 1
    assert refusal(lambda: emergency.require(PAYOUTS, yard.now)) == "stopped"
    emergency.require("services.bookings", yard.now)
    assert RuleVersion.objects.count() == before and one.until == yard.now + 14 * DAY
    assert Notice.objects.filter(message="decisions.emergency").count() == 13
    told = json.loads(LeafLine.objects.get(written=PendingLeaf.objects.get(kind="emergency.taken").pk).body)
    assert told["reason"] == WHY and told["stops"] == PAYOUTS


def test_an_emergency_measure_that_widens_is_refused(yard: Yard, board):
    """Raising a limit, or leaving it as it is, is no emergency; what nobody declared cannot be touched at all."""
    assert capital.yearly_cap.at(yard.now).value == 1
    for raw, code in (("100%", "wider"), ("120%", "unfit"), ("", "unfit"), (None, "unfit")):
        assert refusal(lambda raw=raw: emergency.take(board, CAP, WHY, at_most=raw, now=yard.now)) == code
    assert refusal(lambda: emergency.take(board, PAYOUTS, WHY, at_most="200%", now=yard.now)) == "unfit"
    for key in ("services.split", yards.SPLIT, "ways.policy", "deciding.emergency", "nothing"):
        assert refusal(lambda key=key: emergency.take(board, key, WHY, now=yard.now)) == "key"
    emergency.take(board, CAP, WHY, at_most="10%", now=yard.now)
    cap = capital.yearly_cap.at(yard.now).value
    assert cap == 1 and emergency.lowered(CAP, cap, yard.now) * 10 == 1 and emergency.lowered(CAP, cap / 20, yard.now) * 20 == 1


def test_who_takes_none_and_what_it_has_to_say(yard: Yard, board):
    with pytest.raises(Missing):
        emergency.take(yard.people["client"][0], PAYOUTS, WHY, now=yard.now)
    assert refusal(lambda: emergency.take(board, PAYOUTS, "  ", now=yard.now)) == "reason"
    for lasts in (timedelta(), 14 * DAY + timedelta(seconds=1), -DAY):
        assert refusal(lambda lasts=lasts: emergency.take(board, PAYOUTS, WHY, lasts=lasts, now=yard.now)) == "too-long"
    emergency.take(board, PAYOUTS, WHY, now=yard.now)
    assert refusal(lambda: emergency.take(board, PAYOUTS, WHY, now=yard.now)) == "standing"


def test_members_who_want_none(db, now, rules_of_the_yard):
    yard = yards.make(now, {"worker": 7}, {"deciding.emergency": "0h"})
    person = yard.people["worker"][0]
    Office.objects.filter(pk=yards.office(yard, "board", person).pk).update(role="director")
    assert refusal(lambda: emergency.take(person, PAYOUTS, WHY, now=now)) == "none"


def test_an_emergency_measure_ends_by_itself_and_is_not_taken_again(yard: Yard, board):
    """Nobody votes: it is over on its day, and the same is not stopped again so soon."""
    one = emergency.take(board, PAYOUTS, WHY, lasts=5 * DAY, now=yard.now)
    end = one.until
    emergency.require(PAYOUTS, end)
    run_due(end)
    assert PendingLeaf.objects.filter(kind="emergency.ended").count() == 1
    emergency.tell_end(str(one.pk), now=end)
    assert PendingLeaf.objects.filter(kind="emergency.ended").count() == 1 and emergency.due(end, 9) == []
    assert refusal(lambda: emergency.take(board, PAYOUTS, WHY, now=end + 29 * DAY)) == "again"
    emergency.take(board, "services.bookings", WHY, now=end)
    emergency.take(board, PAYOUTS, WHY, now=end + 30 * DAY)


def test_an_emergency_measure_is_put_to_the_members_who_end_it(yard: Yard, board):
    one = emergency.take(board, PAYOUTS, WHY, now=yard.now)
    asked = Proposal.objects.get(pk=one.proposal_id)
    assert asked.kind == "keep_measure" and asked.state == "discussion" and asked.reason == WHY
    done = yard.run(asked, worker="aaaaaaa")
    assert done.state == "rejected"
    emergency.require(PAYOUTS, done.closed_at)
    one.refresh_from_db()
    assert one.ended_at == done.closed_at


def test_an_emergency_measure_the_members_keep(yard: Yard, board, settings, tmp_path: Path):
    one = emergency.take(board, PAYOUTS, WHY, now=yard.now)
    done = yard.run(Proposal.objects.get(pk=one.proposal_id), worker="fffffff")
    done = actions.take_effect(done, now=done.effect_at)
    one.refresh_from_db()
    assert one.kept and one.until == done.effect_at + 90 * DAY
    assert refusal(lambda: emergency.require(PAYOUTS, one.until - DAY)) == "stopped"
    emergency.end(one, board, now=one.until - DAY)
    assert verified(settings, tmp_path, one.until) == []


def test_its_page(yard: Yard, board, client, client_for, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: yard.now)
    page, en = "/decisions/emergency/", {"HTTP_ACCEPT_LANGUAGE": "en"}
    assert "Nothing is stopped" in client.get(page, **en).content.decode() and "Stop it now" not in client.get(page, **en).content.decode()
    assert client_for(yard.people["client"][0]).post(page, {"do": "take"}).status_code == 404
    mine = client_for(board)
    form = {"do": "take", "key": CAP, "at_most": "100%", "reason": WHY, "days": "7", "id": "6f0c9e0e-2f5f-4b52-8f3b-3d2b6b1a4a11"}
    answer = mine.post(page, form, **en)
    assert answer.status_code == 422 and "only lower" in answer.content.decode() and WHY in answer.content.decode()
    for _twice in range(2):
        assert mine.post(page, form | {"at_most": "10%"}, **en).status_code == 302
    seen = client.get(page, **en).content.decode()
    assert "at most 10%" in seen and WHY in seen and "The members' vote on it" in seen
    one = Measure.objects.get()
    mine.post(page, {"do": "end", "measure": str(one.pk)})
    assert "Measures that ended" in client.get(page, **en).content.decode()


def test_what_the_members_are_asked_is_not_taken_back(yard: Yard, board, client_for):
    made = emergency.take(board, "payments.payouts", "Stolen keys.", now=yard.now)
    asked = made.proposal
    with pytest.raises(Refused) as no:
        actions.withdraw(asked, board, "Never mind.", now=yard.now)
    assert no.value.code == "by-event"
    with pytest.raises(Refused):
        meeting.wait(asked, board, now=yard.now)
    assert client_for(board).get("/decisions/new/?kind=keep_measure").status_code == 404
