"""Payouts: by the treasurer, once, never more than there is; and everything as the serving role."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import Error, connection, transaction

from madang.coop import ledger
from madang.coop.ledger import checks, queries
from madang.coop.ledger.moves import Move
from madang.coop.members import actions as members
from madang.coop.members.models import OfficeTerm
from madang.coop.notices.models import Notice, Task
from madang.coop.payments import actions, outgoing, sandbox
from madang.coop.payments.booking import clearing, refund_account
from madang.coop.payments.models import Charge, Payout, Refund
from madang.coop.people.models import Person
from madang.kit.errors import Refused
from madang.rails.payments import Answer, RailError
from tests.coop.ledger.test_balances import at_once

OWNER = "person:11111111-1111-1111-1111-111111111111"


@pytest.fixture
def treasurer(coop):
    return Person.objects.get(email="f2@example.org")


@pytest.fixture
def earned(coop, now):
    mine = ledger.account("payable", OWNER, "KRW")
    ledger.post("gift", [Move(clearing("sandbox", "KRW"), mine, 10_000, "provider")], key="e", subject="", now=now)
    return mine


@pytest.mark.django_db
def test_paid_out_once_and_never_too_much(treasurer, earned, now, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        first = actions.pay_out(OWNER, 6_000, "KRW", by=treasurer, key="a", now=now)
        assert actions.pay_out(OWNER, 6_000, "KRW", by=treasurer, key="a", now=now).pk == first.pk
    first.refresh_from_db()
    assert first.state == "done" and queries.balance(earned) == 4_000
    for amount, by, key, code in [
        (4_001, treasurer, "b", "not-enough"), (0, treasurer, "b", "not-enough"), (1, None, "b", "office"), (5, treasurer, "a", "key-used"),
        (1, Person.objects.get(email="f5@example.org"), "b", "office"),
    ]:  # fmt: skip
        with pytest.raises(Refused) as no:
            actions.pay_out(OWNER, amount, "KRW", by=by, key=key, now=now)
        assert no.value.code == code
    assert checks.balances_equal_sums() == checks.units_sum_to_zero() == []


@pytest.mark.django_db
def test_what_the_bank_does_not_take_stands_there_again(treasurer, earned, now) -> None:
    sent = actions.pay_out(OWNER, 6_000, "KRW", by=treasurer, key="a", now=now)
    no = Answer("po_x", "declined", 6_000, "KRW", reason="account")
    assert outgoing.payout_answered(sent, no, now=now).state == "failed"
    assert outgoing.payout_answered(sent, no, now=now).state == "failed"
    assert queries.balance(earned) == 10_000


@pytest.mark.django_db(transaction=True)
def test_a_silent_bank_is_told_again(treasurer, earned, now, monkeypatch) -> None:
    from madang.coop.notices.due import run_due
    from madang.rails.payments.sandbox import Sandbox

    def silent(*_args, **_kwargs):
        raise RailError("no answer")

    with monkeypatch.context() as patched:
        patched.setattr(Sandbox, "send", silent)
        actions.pay_out(OWNER, 6_000, "KRW", by=treasurer, key="a", now=now)
        assert Payout.objects.get().state == "created"
        run_due(now + outgoing.wait(0))
        assert (Payout.objects.get().state, Payout.objects.get().attempts) == ("created", 1)
    run_due(now + outgoing.wait(0) + outgoing.wait(1))
    assert Payout.objects.get().state == "done"


@pytest.mark.django_db(transaction=True)
def test_ten_treasurers_at_once(treasurer, earned, now) -> None:
    raised = at_once(10, lambda n: actions.pay_out(OWNER, 6_000, "KRW", by=treasurer, key=f"k{n}", now=now))
    assert len(raised) == 9 and {no.code for no in raised} == {"not-enough"}
    assert queries.balance(earned) == 4_000


@pytest.mark.django_db(transaction=True)
def test_the_whole_walk_as_the_serving_role_which_may_not_rewrite(world, payer, treasurer, now) -> None:
    from madang.site import roles

    assert roles.grant(connection)
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE madang_app")
    try:
        charge = actions.charge("test", "job:1", payer, 52_000, "KRW", key="c1", now=now)
        assert sandbox.pay(charge, now=now).state == "settled"
        held = ledger.hold("job:1", 52_000, "KRW", payer=charge.owner, key=f"hold:{charge.pk}", now=now)
        mine = ledger.account("payable", OWNER, "KRW")
        parts = [ledger.Part(mine, 40_000, "provider"), ledger.Part(actions.refund_account(charge), 12_000, "refund")]
        ledger.release(held, parts, key="r", now=now)
        assert actions.refund(charge, 12_000, key="back", now=now)
        actions.pay_out(OWNER, 40_000, "KRW", by=treasurer, key="a", now=now)
        assert Payout.objects.get().state == "done" and charge.refunds.get().state == "done"
        assert checks.balances_equal_sums() == checks.units_sum_to_zero() == checks.holds_match() == checks.days_equal_sums() == []
        for table in ("ledger_account", "ledger_entry", "ledger_transfer", "ledger_balance", "ledger_dayflow", "ledger_party"):
            for what in ("DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET unit = 'USD'"):
                with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(what.format(table))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


@pytest.mark.django_db
def test_the_treasurer_pays_out_by_programs_too(treasurer, coop, now, client_for, monkeypatch, django_capture_on_commit_callbacks) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    earner = Person.objects.create_user("earner@example.org", "Earner")
    owner = ledger.owner_of(earner)
    mine = ledger.account("payable", owner, "KRW")
    ledger.post("gift", [Move(clearing("sandbox", "KRW"), mine, 10_000, "provider")], key="e", subject="", now=now)
    office, other = client_for(treasurer), client_for(earner)
    assert office.get("/api/payments/owed").json() == [{"owner": owner, "name": "Earner", "amount": 10_000, "unit": "KRW"}]
    wish = {"owner": owner, "amount": 6_000, "key": "11111111-2222-3333-4444-555555555555"}
    for path in ("owed", "payouts"):
        assert other.get(f"/api/payments/{path}").status_code == 404
    assert other.post("/api/payments/payouts", wish, content_type="application/json").status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        first = office.post("/api/payments/payouts", wish, content_type="application/json")
        again = office.post("/api/payments/payouts", wish, content_type="application/json")
    assert first.status_code == 200 and first.json()["id"] == again.json()["id"]
    assert [(row["amount"], row["state"]) for row in office.get("/api/payments/payouts").json()] == [(6_000, "done")]
    assert queries.balance(mine) == 4_000
    taken = office.post("/api/payments/payouts", {**wish, "key": "claim:1"}, content_type="application/json")
    assert taken.status_code == 422


@pytest.mark.django_db
def test_a_form_cannot_take_another_kinds_key(treasurer, coop, now, client_for, monkeypatch, earned) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    client_for(treasurer).post("/pay/out/", {"owner": OWNER, "amount": "1000", "key": "claim:1"})
    assert not Payout.objects.exists() and queries.balance(earned) == 10_000


@pytest.mark.django_db
def test_a_refund_that_could_not_be_sent_waits_for_whoever_pays_out_now(treasurer, now) -> None:
    charge = actions.charge("shares", "job:1", treasurer, 9_000, "KRW", key="c1", now=now)
    failed = Refund.objects.create(charge=charge, amount=9_000, unit="KRW", key="r1", created_at=now)
    outgoing.refund_answered(failed, Answer("re_x", "declined", 9_000, "KRW", reason="closed"), now=now)

    def asked() -> set[Person]:
        return {task.person for task in Task.objects.filter(key=f"refund:{failed.pk}", closed_at=None)}

    assert asked() == {treasurer}
    members.end_term(OfficeTerm.objects.get(office__key="treasurer"), by=treasurer, now=now)
    assert asked() == set()
    new, board = (Person.objects.get(email=f"{name}@example.org") for name in ("f5", "f1"))
    members.appoint("treasurer", new, since=now, until=now + timedelta(days=9), by=board, now=now)
    assert asked() == {new}


@pytest.fixture
def not_sent(world, payer, treasurer, now):
    """A refund of 12 000 that was put aside and that the payment service would not send."""
    charge = actions.charge("test", "job:1", payer, 52_000, "KRW", key="c1", now=now)
    ledger.post("gift", [Move(clearing(charge.rail, "KRW"), refund_account(charge), 12_000, "refund")], key="aside", subject="", now=now)
    made = actions.refund(charge, 12_000, key="back", now=now)
    return outgoing.refund_answered(made, Answer("re_x", "declined", 12_000, "KRW", reason="closed"), now=now)


@pytest.mark.django_db
def test_a_refund_sent_by_hand_is_booked_and_asked_of_nobody_any_more(not_sent, payer, treasurer, now, client_for, monkeypatch) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    office, aside = client_for(treasurer), refund_account(not_sent.charge)
    open_tasks = Task.objects.filter(key=f"refund:{not_sent.pk}", closed_at=None)
    assert str(not_sent.pk) in office.get("/pay/out/").content.decode() and open_tasks.count() == 1
    for _twice in range(2):
        assert office.post("/pay/out/", {"refund": str(not_sent.pk)}).headers["Location"] == "/pay/out/"
    not_sent.refresh_from_db()
    assert not_sent.state == "done" and not_sent.by == treasurer and queries.balance(aside) == 0
    assert queries.balance(clearing("bank", "KRW")) == 12_000, "it left the bank account, not the service that would not send it"
    assert not open_tasks.exists() and str(not_sent.pk) not in office.get("/pay/out/").content.decode()
    assert Notice.objects.filter(person=payer, message="payments.refunded").count() == 1
    members.end_term(OfficeTerm.objects.get(office__key="treasurer"), by=treasurer, now=now)
    new, board = (Person.objects.get(email=f"{name}@example.org") for name in ("f5", "f1"))
    members.appoint("treasurer", new, since=now, until=now + timedelta(days=9), by=board, now=now)
    assert not open_tasks.exists(), "a new treasurer is not asked for what is settled"
    assert checks.balances_equal_sums() == checks.units_sum_to_zero() == []


@pytest.mark.django_db
def test_programs_of_who_pays_out_say_so_too_and_others_do_not(not_sent, payer, treasurer, now, client_for, monkeypatch) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    body = {"refund": str(not_sent.pk)}
    other, office = client_for(payer), client_for(treasurer)
    assert other.get("/api/payments/refunds").status_code == other.post("/api/payments/refunds", body, content_type="application/json").status_code == 404
    assert other.post("/pay/out/", body).status_code == 404
    assert [(one["id"], one["amount"]) for one in office.get("/api/payments/refunds").json()] == [(str(not_sent.pk), 12_000)]
    assert office.post("/api/payments/refunds", body, content_type="application/json").json()["state"] == "done"
    assert office.get("/api/payments/refunds").json() == []
    for wrong in ("x", "11111111-1111-1111-1111-111111111111"):
        assert office.post("/pay/out/", {"refund": wrong}).status_code == 404
    charge = Charge.objects.get(pk=not_sent.charge_id)
    waiting = Refund.objects.create(charge=charge, amount=1, unit="KRW", key="later", created_at=now)
    with pytest.raises(Refused) as no:
        actions.sent_by_hand(waiting.pk, by=treasurer, now=now)
    assert no.value.code == "on-its-way"
