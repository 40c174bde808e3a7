"""The pages and routes of the way out: who sees what, what a button does, that nothing typed is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from madang.coop.capital import queries
from madang.coop.capital.models import Claim, Handover, Suspension, Withdrawal
from madang.coop.members import actions as members
from tests.coop.capital.outlife import ask, british, give, membership, person

pytestmark = pytest.mark.django_db
NEXT = datetime(2027, 7, 1, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch):
    def at(moment):
        monkeypatch.setattr("madang.coop.law.clock.now", lambda: moment)

    return at


@pytest.fixture
def society(db, now, clock):
    british(now, transferable=True)
    clock(now)
    for number in range(1, 6):
        give(number, 100, now)


def test_asking_paying_and_keeping_in_the_browser(society, now, client_for, clock) -> None:
    me, treasurer, other = (client_for(person(number)) for number in (1, 2, 5))
    mine, key = membership(1), str(uuid4())
    wrong = me.post("/shares/out/", {"do": "ask", "membership": str(mine.pk), "count": "100", "key": key})
    assert wrong.status_code == 422 and b'value="100"' in wrong.content
    assert me.post("/shares/out/", {"do": "ask", "membership": str(membership(5).pk), "count": "1", "key": key}).status_code == 422
    for _twice in range(2):
        assert me.post("/shares/out/", {"do": "ask", "membership": str(mine.pk), "count": "20", "key": key}).status_code == 302
    wish = Withdrawal.objects.get()
    assert other.post("/shares/out/", {"do": "back", "withdrawal": str(wish.pk)}).status_code == 404
    assert other.get("/shares/claims/").status_code == 404
    clock(NEXT)
    assert "£20.00" in client_for(person(1)).get("/shares/out/").content.decode()
    page = treasurer.get("/shares/claims/").content.decode()
    assert str(wish.pk) in page and "강하나" in page
    assert treasurer.post("/shares/claims/", {"withdrawal": str(wish.pk)}).status_code == 302
    assert queries.holding(mine).count == 80 and Claim.objects.get().amount == 2000
    again = ask(1, 5, NEXT)
    assert me.post("/shares/out/", {"do": "back", "withdrawal": str(again.pk)}).status_code == 302
    again.refresh_from_db()
    assert again.state == "undone"
    assert me.post("/shares/out/", {"do": "claim", "claim": "x"}).status_code == me.post("/shares/out/", {"do": "?"}).status_code == 404


def test_the_board_holds_it_and_lets_it_go_on(society, now, client_for) -> None:
    ask(5, 10, now)
    board = client_for(person(4))
    assert board.post("/shares/claims/", {"do": "suspend", "reason": ""}).status_code == 422
    assert board.post("/shares/claims/", {"do": "suspend", "reason": "The roof."}).status_code == 302
    assert "The roof." in client_for(person(5)).get("/shares/out/").content.decode()
    assert board.post("/shares/claims/", {"withdrawal": str(Withdrawal.objects.get().pk)}).status_code == 404
    assert board.post("/shares/claims/", {"do": "resume"}).status_code == 302 and not Suspension.objects.get().running


def test_passing_on_in_the_browser(society, now, client_for) -> None:
    me, other, third = (client_for(person(number)) for number in (1, 2, 3))
    form = {"do": "offer", "source": str(membership(1).pk), "target": str(membership(2).pk), "key": str(uuid4())}
    wrong = me.post("/shares/pass/", {**form, "count": "100000"})
    assert wrong.status_code == 422 and b'value="100000"' in wrong.content
    assert me.post("/shares/pass/", {**form, "count": "7"}).status_code == 302
    one = Handover.objects.get()
    assert third.post("/shares/pass/", {"do": "accept", "handover": str(one.pk)}).status_code == 404
    assert "강하나" in other.get("/shares/pass/").content.decode()
    assert other.post("/shares/pass/", {"do": "accept", "handover": str(one.pk)}).status_code == 302
    assert queries.holding(membership(2)).count == 107
    assert me.get("/shares/convert/").status_code == 200


def test_for_programs(society, now, client_for, clock) -> None:
    me, treasurer, other = (client_for(person(number)) for number in (1, 2, 5))

    def post(client, path, **body):
        return client.post(f"/api/capital/{path}", data=body, content_type="application/json")

    key = str(uuid4())
    asked = post(me, "withdrawals", membership=str(membership(1).pk), count=20, key=key)
    assert asked.json() == {"id": key, "count": 20, "state": "waiting"}
    assert post(other, "withdrawals", membership=str(membership(1).pk), count=20, key=str(uuid4())).status_code == 404
    assert post(other, "withdrawals/back", id=key).status_code == 404
    clock(NEXT)
    (place,) = treasurer.get("/api/capital/queue").json()
    assert (place["key"], place["now"], place["why"]) == (f"withdrawal:{key}", 2000, "") and other.get("/api/capital/queue").json() == []
    assert post(me, "withdrawals/paid", id=key).status_code == 404
    assert post(treasurer, "withdrawals/paid", id=key).json()["state"] == "paid"
    assert post(client_for(person(4)), "suspension", reason="The roof.").status_code == 204
    assert client_for(person(4)).delete("/api/capital/suspension").status_code == 204
    assert post(me, "suspension", reason="x").status_code == 204 and post(other, "suspension", reason="x").json()["code"] == "office"
    offered = post(me, "handovers", membership=str(membership(1).pk), to=str(membership(2).pk), count=3, key=str(uuid4())).json()
    assert post(other, "handovers/accepted", id=offered["id"]).status_code == 404
    assert post(treasurer, "handovers/accepted", id=offered["id"]).json()["state"] == "done"
    lines = treasurer.get("/api/capital/register?at=2027-07-01").json()
    assert {line["name"]: line["shares"] for line in lines}["강하나"] == 77 and other.get("/api/capital/register").status_code == 404


def test_a_leaver_asks_for_it_in_time(coop, now, client_for, clock) -> None:
    give(5, 3, now)
    one = membership(5)
    members.leave(one, by=one.person, now=now)
    clock(datetime(2027, 2, 1, tzinfo=UTC) + timedelta(hours=1))
    me, claim = client_for(person(5)), Claim.objects.get()
    page = me.get("/shares/out/").content.decode()
    assert str(claim.pk) in page
    assert client_for(person(1)).post("/shares/out/", {"do": "claim", "claim": str(claim.pk)}).status_code == 404
    assert me.post("/shares/out/", {"do": "claim", "claim": str(claim.pk)}).status_code == 302
    claim.refresh_from_db()
    assert claim.claimed_at is not None
    for path in ("/shares/", "/shares/money/"):
        assert me.get(path).status_code == 200
