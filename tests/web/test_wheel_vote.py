"""A newcomer alone could never reach a quorum: in a demo the made-up members vote too, through the same action a person uses."""

from datetime import timedelta
from typing import Any

import pytest

from madang.coop.decisions import actions
from madang.coop.decisions.models import Ballot
from tests.coop.decisions import yard as yards

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_the_others_vote_once_and_leave_the_visitors_ballot_alone(db: Any, now: Any, at: Any, monkeypatch: Any, client_for: Any) -> None:
    yards.declare(monkeypatch)
    yard = yards.make(now, {"worker": 20, "client": 20})
    one = actions.open_voting(yard.propose(title="Upkeep to 6 %"), now=now + 3 * DAY)
    at(one.opens_at + DAY)
    me = yard.people["worker"][3]
    client = client_for(me)
    answer = client.post("/demo/others/", {"next": "/wheel/"})
    assert answer.url == "/wheel/"
    cast = Ballot.objects.filter(elector__proposal=one)
    first = cast.count()
    assert 20 <= first < 40
    assert not cast.filter(elector__person=me).exists()
    assert cast.filter(choice="for").count() > first / 2
    client.post("/demo/others/")
    assert cast.count() == first
    at(one.closes_at + DAY)
    client.post("/demo/others/")
    assert cast.count() == first, "nobody votes after the close"
