"""Shares: bought through a charge, bounded by the law, a claim after leaving."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from madang.coop import ledger
from madang.coop.capital import actions, limits, queries
from madang.coop.capital.models import Claim
from madang.coop.ledger import checks
from madang.coop.ledger import queries as books
from madang.coop.members import actions as members
from madang.coop.members.models import Membership
from madang.coop.payments import outgoing, sandbox
from madang.coop.people import actions as people
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.rails.payments import Answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def founders(coop, now):
    return [Membership.objects.select_related("member_class", "person").get(person__email=f"f{n}@example.org") for n in range(1, 6)]


def buy(membership, count, now):
    charge = actions.buy_shares(membership, count, membership.person, now=now)
    return sandbox.pay(charge, now=now)


def test_paid_shares_are_held(founders, now) -> None:
    paid = buy(founders[0], 1, now)
    assert paid.state == "settled"
    assert queries.holding(founders[0]) == queries.Holding(1, 10_000, "KRW")
    assert queries.capital("KRW") == 10_000
    assert checks.balances_equal_sums() == checks.units_sum_to_zero() == []


def test_the_first_shares_make_a_member(coop, now, founders) -> None:
    person = Person.objects.create_user("new@example.org", "New")
    coordinator = Person.objects.get(email="f1@example.org")
    membership = Membership.objects.create(
        member_class=founders[0].member_class, person=person, state="admitted", applied_at=now, admitted_at=now, admitted_by=coordinator
    )
    buy(membership, 1, now)
    membership.refresh_from_db()
    assert membership.state == "active" and membership.active_from == now


def test_the_same_wish_twice_is_one_charge(founders, now) -> None:
    one = actions.buy_shares(founders[0], 1, founders[0].person, now=now)
    assert actions.buy_shares(founders[0], 1, founders[0].person, now=now).pk == one.pk
    assert actions.buy_shares(founders[0], 1, founders[0].person, now=now + timedelta(hours=1)).pk != one.pk


def test_nobody_holds_more_than_the_law_allows(founders, now) -> None:
    for one in founders:
        buy(one, 1, now)
    # four others hold 4 shares: 30 % of 4 / 70 % = 1.7, so one may hold 1
    assert limits.limit(founders[0], now).count == 1
    with pytest.raises(Refused) as no:
        actions.buy_shares(founders[0], 1, founders[0].person, now=now)
    assert no.value.code == "limit" and "22" in str(no.value.message)


def test_two_payments_do_not_pass_the_limit_together(founders, now) -> None:
    """Each was within the law when it was asked for; the second one to arrive goes back by itself."""
    kind = founders[3].member_class
    kind.min_shares = 20
    kind.save()
    buy(founders[3], 20, now)
    for one in founders[1:3]:
        buy(one, 1, now)
    assert limits.limit(founders[0], now).count == 9
    charges = [actions.buy_shares(founders[0], count, founders[0].person, now=now) for count in (8, 5)]
    first, second = (sandbox.pay(charge, now=now) for charge in charges)
    assert (first.state, second.state, second.reason) == ("settled", "failed", "limit")
    assert queries.holding(founders[0]).count == 8
    assert second.refunds.get().amount == 50_000
    assert checks.balances_equal_sums() == checks.units_sum_to_zero() == []


def test_wrong_wishes(founders, now) -> None:
    stranger = Person.objects.create_user("s@example.org")
    with pytest.raises(Missing):
        actions.buy_shares(founders[0], 1, stranger, now=now)
    for count in (0, -1, 10**9):
        with pytest.raises(Refused):
            actions.buy_shares(founders[0], count, founders[0].person, now=now)


def test_leaving_turns_shares_into_a_claim_that_waits_for_its_day(founders, now) -> None:
    one, treasurer = founders[4], Person.objects.get(email="f2@example.org")
    buy(one, 1, now)
    members.leave(one, by=one.person, now=now)
    claim = Claim.objects.get()
    assert (claim.amount, claim.due_on.isoformat(), claim.lapses_on.isoformat()) == (10_000, "2027-01-01", "2029-01-01")
    assert "26" in claim.citation
    assert books.balance(claim.account) == 10_000 and queries.capital("KRW") == 0
    for by, at, code in [
        (treasurer, now, "too-early"),
        (treasurer, datetime(2029, 2, 1, tzinfo=UTC), "lapsed"),
        (one.person, datetime(2027, 1, 1, tzinfo=UTC), "office"),
    ]:
        with pytest.raises(Refused) as no, transaction.atomic():
            actions.pay_claim(claim, by=by, now=at)
        assert no.value.code == code
    with pytest.raises(Refused) as no:
        people.erase(one.person, now=now)
    assert no.value.code == "claim-left" and "2027-01-01" in str(no.value.message)
    day = datetime(2026, 12, 31, 15, tzinfo=UTC)  # 2027-01-01 in Seoul
    with pytest.raises(Refused) as no, transaction.atomic():
        actions.pay_claim(claim, by=treasurer, now=day)
    assert no.value.code == "resolution"
    Claim.objects.update(resolution_id=uuid4())  # tests/coop/capital/test_refunds.py decides it as the members do
    payout = actions.pay_claim(claim, by=treasurer, now=day)
    assert actions.pay_claim(claim, by=treasurer, now=day).pk == payout.pk
    assert books.balance(claim.account) == 0
    with pytest.raises(Refused) as no, transaction.atomic():
        people.erase(one.person, now=day)
    assert no.value.code == "payout-open"
    outgoing.payout_answered(payout, Answer("x", "declined", reason="account"), now=day)
    claim.refresh_from_db()
    assert claim.paid_at is None and books.balance(claim.account) == 10_000 and queries.unpaid_claims() == [claim]
    again = actions.pay_claim(claim, by=treasurer, now=day)
    assert again.pk != payout.pk
    outgoing.payout_answered(again, Answer("r", "paid"), now=day)
    people.erase(one.person, now=day)
    assert checks.balances_equal_sums() == checks.units_sum_to_zero() == []


def test_money_for_a_membership_that_is_over_goes_back(founders, now) -> None:
    one = founders[4]
    charge = actions.buy_shares(one, 1, one.person, now=now)
    members.leave(one, by=one.person, now=now)
    over = sandbox.pay(charge, now=now)
    assert over.state == "failed" and over.refunds.get().amount == 10_000
    assert books.balance(ledger.account("shares", ledger.owner_of(one), "KRW")) == 0


def test_the_pages(founders, now, client_for, monkeypatch) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    one = founders[3]
    person = Person.objects.get(pk=one.person_id)
    me, other, treasurer = client_for(person), client_for(founders[4].person), client_for(Person.objects.get(email="f2@example.org"))
    assert me.get("/shares/").status_code == me.get(f"/shares/buy/{one.pk}/").status_code == 200
    assert other.get(f"/shares/buy/{one.pk}/").status_code == 404
    wrong = me.post(f"/shares/buy/{one.pk}/", {"count": "2000000"})
    assert wrong.status_code == 422 and b'value="2000000"' in wrong.content
    gone = me.post(f"/shares/buy/{one.pk}/", {"count": "1"})
    assert gone.status_code == 302 and gone["Location"].startswith("/pay/")
    page = me.get(gone["Location"]).content.decode()
    assert "10,000" in page
    assert other.get(gone["Location"]).status_code == 404
    bank = me.post(gone["Location"])
    assert bank["Location"].startswith("/pay/sandbox/")
    assert me.get(bank["Location"]).status_code == 200
    back = me.post(bank["Location"], {"choice": "lost"})
    assert me.get(back["Location"])["Location"] == "/shares/"
    assert queries.holding(one).count == 1
    assert me.get(gone["Location"] + "receipt/").status_code == 200
    assert other.get(gone["Location"] + "receipt/").status_code == 404
    assert me.get("/shares/claims/").status_code == me.get("/pay/out/").status_code == 404
    assert treasurer.get("/shares/claims/").status_code == treasurer.get("/pay/out/").status_code == 200
    assert me.get("/api/capital/shares").json()[0]["count"] == 1
    assert me.get("/api/ledger/statement").status_code == me.get("/api/payments/charges").status_code == 200
    assert client_for(None).get("/api/ledger/treasury").status_code == 200
    assert client_for(None).get("/api/ledger/statement").status_code == 401
    assert me.get("/api/ledger/statement?before=x").status_code == 404


def test_claims_for_programs(founders, now, client_for, monkeypatch, django_capture_on_commit_callbacks) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    one, treasurer = founders[4], Person.objects.get(email="f2@example.org")
    buy(one, 1, now)
    members.leave(one, by=one.person, now=now)
    claim = Claim.objects.get()
    mine, office, other = client_for(Person.objects.get(pk=one.person_id)), client_for(treasurer), client_for(founders[0].person)
    assert [row["id"] for row in mine.get("/api/capital/claims").json()] == [row["id"] for row in office.get("/api/capital/claims").json()] == [str(claim.pk)]
    assert other.get("/api/capital/claims").json() == []
    wish = {"data": {"claim": str(claim.pk)}, "content_type": "application/json"}
    assert mine.post("/api/capital/claims/paid", **wish).status_code == other.post("/api/capital/claims/paid", **wish).status_code == 404
    assert office.post("/api/capital/claims/paid", **wish).json()["code"] == "too-early"
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: datetime(2027, 1, 2, tzinfo=UTC))
    assert client_for(treasurer).post("/api/capital/claims/paid", **wish).json()["code"] == "resolution"
    Claim.objects.update(resolution_id=uuid4())
    with django_capture_on_commit_callbacks(execute=True):
        paid = client_for(treasurer).post("/api/capital/claims/paid", **wish)
    assert paid.status_code == 200 and paid.json()["paid_at"], paid.content
    claim.refresh_from_db()
    assert claim.payout.state == "done"
