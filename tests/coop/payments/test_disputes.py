"""Disputes on any rail: booked as they stand, answered once, borne as the members decided."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from madang.coop import ledger
from madang.coop.ledger import checks, queries
from madang.coop.ledger.models import Transfer
from madang.coop.members import actions as members
from madang.coop.members.models import OfficeTerm
from madang.coop.notices.due import run_due
from madang.coop.notices.models import Notice, Task
from madang.coop.payments import actions, debts, disputes, sandbox
from madang.coop.payments.booking import clearing, disputed, refund_account
from madang.coop.payments.models import Dispute, Payout, Refund, WebhookEvent
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.rails.payments import Dispute as Told
from madang.rails.payments import RailError
from madang.rails.payments.sandbox import SLOW, TO_ANSWER, Sandbox

WORKER = "person:11111111-1111-1111-1111-111111111111"
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
WORDS = "She rang at nine, the key log and two photographs show it."
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def treasurer(coop):
    return Person.objects.get(email="f2@example.org")


@pytest.fixture
def charge(world, payer, coop, now):
    """A paid charge of 52 000, held."""
    return sandbox.pay(actions.charge("test", "thing:1", payer, 52_000, "KRW", key="c1", now=now), now=now)


def released(charge, now) -> None:
    """The work is done: 49,400 to the worker, the rest to upkeep."""
    held = ledger.hold("thing:1", 52_000, "KRW", payer=charge.owner, key=f"hold:{charge.pk}", now=now)
    worker, upkeep = ledger.accounts([("payable", WORKER), ("upkeep", "")], "KRW")
    ledger.release(held, [ledger.Part(worker, 49_400, "provider"), ledger.Part(upkeep, 2_600, "upkeep")], key="r", now=now)


def taken_back(charge, now, times=1) -> Dispute:
    sandbox.rail().charge_back(charge.ref, at=now, times=times)
    sandbox.deliver(now)
    return Dispute.objects.get()


def stands(kind: str, owner: str = "") -> int:
    return queries.balance(ledger.account(kind, owner, "KRW"))


def sound() -> bool:
    """The books add up, and the pretend bank holds what they say."""
    bank = sum(one.amount - one.fee for one in sandbox.rail().reconcile(BEGINNING, BEGINNING + timedelta(days=9_000)))
    return checks.balances_equal_sums() == checks.units_sum_to_zero() == [] and bank == -stands("clearing", "rail:sandbox")


def test_taken_is_booked_once_and_asked_of_whoever_pays_out(charge, treasurer, payer, now) -> None:
    found = taken_back(charge, now, times=2)
    assert (found.state, found.taken, found.fee, found.due_at) == ("open", 52_000, 1_508, now + TO_ANSWER)
    assert stands("disputed", f"charge:{charge.pk}") == -52_000 and stands("card-costs") == -2 * 1_508 and sound()
    task = Task.objects.get(key=f"dispute:{found.pk}", closed_at=None)
    assert task.person == treasurer and task.due_at == found.due_at
    assert Notice.objects.filter(person=payer, message="payments.dispute_payer").count() == 1
    assert WebhookEvent.objects.filter(kind="dispute.open").count() == 1
    run_due(now)
    assert Transfer.objects.filter(kind="dispute-taken").count() == 1


def test_answered_and_won_the_money_is_ours_again(charge, treasurer, now) -> None:
    found = taken_back(charge, now)
    for _twice in range(2):
        disputes.contest(found.pk, WORDS, by=treasurer, now=now, file=b"%PDF-1.7 the key log")
    found.refresh_from_db()
    assert found.state == "answered" and not found.wish and b"key log" not in bytes(found.sealed)
    assert not Task.objects.filter(closed_at=None, message="payments.dispute").exists()
    run_due(now + SLOW)
    found.refresh_from_db()
    assert (found.state, found.taken) == ("won", 0) and stands("disputed", f"charge:{charge.pk}") == 0 and sound()
    run_due(now + SLOW + disputes.WORDS_KEPT)
    found.refresh_from_db()
    assert found.words == "" and found.sealed is None


def test_nobody_answers_and_the_co_op_bears_it_not_the_worker(charge, treasurer, now) -> None:
    released(charge, now)
    found = taken_back(charge, now)
    late = now + TO_ANSWER
    run_due(late)
    found.refresh_from_db()
    assert (found.state, found.taken, found.ended_at) == ("lost", 52_000, late)
    assert stands("payable", WORKER) == 49_400 and stands("dispute-losses") == -52_000 and stands("disputed", f"charge:{charge.pk}") == 0 and sound()
    assert not Task.objects.filter(closed_at=None, message="payments.dispute").exists()
    with pytest.raises(Refused) as no:
        disputes.contest(found.pk, WORDS, by=treasurer, now=late)
    assert no.value.code == "dispute-answered"


def test_what_was_to_go_back_anyway_is_taken_first(charge, treasurer, now) -> None:
    released(charge, now)
    ledger.post("gift", [ledger.Move(ledger.account("upkeep", "", "KRW"), refund_account(charge), 12_000, "refund")], key="aside", subject="", now=now)
    found = taken_back(charge, now)
    actions.refund(charge, 12_000, key="back", now=now)
    assert Refund.objects.get().state == "failed"
    disputes.concede(found.pk, by=treasurer, now=now)
    refund = Refund.objects.get()
    assert refund.state == "done" and queries.balance(refund_account(charge)) == 0 and stands("dispute-losses") == -40_000 and sound()
    assert not Task.objects.filter(key=f"refund:{refund.pk}", closed_at=None).exists()


def decided(monkeypatch, percent: int) -> None:
    """The members decided that those who were paid bear this much."""
    from fractions import Fraction
    from types import SimpleNamespace

    from madang.coop.payments import rules

    monkeypatch.setattr(rules.dispute_payees.__class__, "at", lambda self, moment, org=None: SimpleNamespace(value=Fraction(percent, 100), pk=None))


def test_who_was_paid_bears_the_decided_share_and_owes_what_is_gone(charge, treasurer, now, monkeypatch) -> None:
    released(charge, now)
    actions.pay_out(WORKER, 40_000, "KRW", by=treasurer, key="p", now=now)
    decided(monkeypatch, 50)
    disputes.concede(taken_back(charge, now).pk, by=treasurer, now=now)
    assert stands("payable", WORKER) == 0 and debts.debt(WORKER, "KRW") == 26_000 - 9_400
    assert stands("dispute-losses") == -26_000 and sound()
    earned = ledger.account("payable", WORKER, "KRW")
    ledger.post("gift", [ledger.Move(clearing("sandbox", "KRW"), earned, 10_000, "provider")], key="e", subject="", now=now)
    run_due(now)
    assert stands("payable", WORKER) == 0 and debts.debt(WORKER, "KRW") == 6_600
    ledger.post("gift", [ledger.Move(clearing("sandbox", "KRW"), earned, 10_000, "provider")], key="e2", subject="", now=now)
    actions.pay_out(WORKER, 3_400, "KRW", by=treasurer, key="p2", now=now + timedelta(seconds=1))
    assert debts.debt(WORKER, "KRW") == stands("payable", WORKER) == 0
    with pytest.raises(Refused) as no:
        actions.pay_out(WORKER, 1, "KRW", by=treasurer, key="p3", now=now)
    assert no.value.code == "not-enough" and Payout.objects.count() == 2


def test_a_debt_is_given_up_by_somebody_else_once(charge, treasurer, now, monkeypatch) -> None:
    released(charge, now)
    actions.pay_out(WORKER, 49_400, "KRW", by=treasurer, key="p", now=now)
    decided(monkeypatch, 100)
    disputes.concede(taken_back(charge, now).pk, by=treasurer, now=now)
    assert debts.debt(WORKER, "KRW") == 49_400 and debts.debtors("KRW") == [(WORKER, 49_400)]
    for by, code in [(Person.objects.get(email="f5@example.org"), "office"), (None, "office")]:
        with pytest.raises(Refused) as no:
            debts.forgive(WORKER, "KRW", by=by, key="f", now=now)
        assert no.value.code == code
    for _twice in range(2):
        debts.forgive(WORKER, "KRW", by=treasurer, key="f", now=now)
    assert debts.debt(WORKER, "KRW") == 0 and stands("dispute-losses") == -52_000
    with pytest.raises(Refused) as no:
        debts.forgive(WORKER, "KRW", by=treasurer, key="g", now=now)
    assert no.value.code == "no-debt"


def test_messages_out_of_order_change_nothing_and_decided_stays_decided(charge, now) -> None:
    found = taken_back(charge, now)
    told = Told(found.ref, charge.ref, "open", 52_000, "KRW", 52_000, 1_508)
    for state, taken, after in [
        ("open", 0, 52_000),
        ("answered", 52_000, 52_000),
        ("open", 0, 52_000),
        ("won", 0, 0),
        ("lost", 52_000, 0),
        ("open", 52_000, 0),
    ]:
        disputes.learn("sandbox", Told(**{**vars(told), "state": state, "taken": taken}), now=now)
        found.refresh_from_db()
        assert found.taken == after
    assert found.state == "won" and stands("disputed", f"charge:{charge.pk}") == 0


def test_a_question_without_money_and_one_that_is_paid_back_later(charge, now) -> None:
    told = {"ref": "dp_q", "payment": charge.ref, "amount": 52_000, "unit": "KRW"}
    found = disputes.learn("sandbox", Told(state="open", **told), now=now)
    assert found.taken == 0 and not Transfer.objects.filter(kind="dispute-taken").exists()
    disputes.learn("sandbox", Told(state="open", taken=52_000, fee=1_500, **told), now=now)
    disputes.learn("sandbox", Told(state="won", taken=52_000, fee=1_500, **told), now=now)
    found.refresh_from_db()
    assert found.state == "open" and found.next_at
    disputes.learn("sandbox", Told(state="won", taken=0, fee=0, **told), now=now)
    found.refresh_from_db()
    assert (found.state, found.taken, found.fee) == ("won", 0, 0) and stands("card-costs") == -1_508


def test_about_a_payment_nobody_knows_it_is_asked_again(coop, world, payer, now) -> None:
    from madang.coop.payments.models import Question

    charge = actions.charge("test", "thing:1", payer, 52_000, "KRW", key="c1", now=now)
    started = actions.go_and_pay(charge, now=now)
    sandbox.rail().choose(started.ref, "lost", at=now)
    sandbox.rail().charge_back(started.ref, at=now)
    sandbox.deliver(now)
    assert not Dispute.objects.exists() and Question.objects.get().ask_at == now
    for minutes in (3, 10, 60):
        run_due(now + timedelta(minutes=minutes))
    charge.refresh_from_db()
    assert charge.state in ("created", "settled")
    assert Dispute.objects.exists() == (charge.state == "settled")


def test_a_silent_service_is_told_again(charge, treasurer, now, monkeypatch) -> None:
    found = taken_back(charge, now)

    def silent(*_args, **_kwargs):
        raise RailError("no answer")

    with monkeypatch.context() as patched:
        patched.setattr(Sandbox, "contest", silent)
        disputes.contest(found.pk, WORDS, by=treasurer, now=now)
        run_due(now + timedelta(minutes=1))
    found.refresh_from_db()
    assert found.wish == "contest" and found.attempts == 1 and found.state == "answered"
    run_due(now + timedelta(minutes=6))
    run_due(now + timedelta(minutes=9))
    found.refresh_from_db()
    assert found.wish == "" and found.state == "won"


def test_dying_between_the_services_answer_and_the_booking_forgets_nothing(charge, treasurer, now, monkeypatch) -> None:
    """The wish goes only together with what came of it: meanwhile nobody may answer otherwise, and it is told again."""
    found, plain = taken_back(charge, now), disputes.learn
    monkeypatch.setattr(disputes, "learn", lambda *_what, **_more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        disputes.concede(found.pk, by=treasurer, now=now)
    monkeypatch.setattr(disputes, "learn", plain)
    found.refresh_from_db()
    assert (found.state, found.wish) == ("open", "concede")
    with pytest.raises(Refused, match="dispute-answered"):
        disputes.contest(found.pk, WORDS, by=treasurer, now=now)
    run_due(now + timedelta(minutes=5))
    found.refresh_from_db()
    assert (found.state, found.wish) == ("lost", "") and stands("dispute-losses") == -52_000 and sound()


def test_only_whoever_pays_out_answers_and_not_about_their_own(charge, treasurer, payer, world, now) -> None:
    found = taken_back(charge, now)
    for stranger in (payer, Person.objects.get(email="f5@example.org")):
        with pytest.raises(Missing):
            disputes.contest(found.pk, WORDS, by=stranger, now=now)
    for words, file, code in [("too short", b"", "words"), (WORDS, b"MZ program", "file"), (WORDS, b"%PDF-" + b"x" * disputes.FILE_MAX, "file")]:
        with pytest.raises(Refused) as no:
            disputes.contest(found.pk, words, by=treasurer, now=now, file=file)
        assert no.value.code == code
    mine = sandbox.pay(actions.charge("test", "thing:2", treasurer, 9_000, "KRW", key="c2", now=now), now=now)
    sandbox.rail().charge_back(mine.ref, at=now)
    sandbox.deliver(now)
    with pytest.raises(Refused) as no:
        disputes.concede(Dispute.objects.get(charge=mine).pk, by=treasurer, now=now)
    assert no.value.code == "own-dispute"


def test_a_new_treasurer_finds_what_waits(charge, treasurer, now) -> None:
    found = taken_back(charge, now)
    members.end_term(OfficeTerm.objects.get(office__key="treasurer"), by=treasurer, now=now)
    assert not Task.objects.filter(key=f"dispute:{found.pk}", closed_at=None).exists()
    new, board = (Person.objects.get(email=f"{name}@example.org") for name in ("f5", "f1"))
    members.appoint("treasurer", new, since=now, until=now + timedelta(days=9), by=board, now=now)
    assert Task.objects.get(key=f"dispute:{found.pk}", closed_at=None).person == new


def test_it_says_why(charge, payer, now) -> None:
    taken_back(charge, now)
    line = Transfer.objects.get(kind="dispute-taken")
    with translation.override("en"):
        told = ledger.queries.why(line.pk, payer, "en", now=now)
    assert "bank" in str(told).lower() and queries.balance(disputed(charge)) == -52_000


def test_a_payment_disputed_before_we_heard_that_it_was_paid(world, payer, coop, now) -> None:
    charge = actions.charge("test", "job:7", payer, 9_000, "KRW", key="late", now=now)
    sandbox.pay(charge, now=now, answer="lost")
    charge.refresh_from_db()
    sandbox.rail().charge_back(charge.ref, at=now)
    actions.ask(charge, now=now)
    run_due(now + timedelta(minutes=10))
    charge.refresh_from_db()
    assert charge.state == "settled" and [one.state for one in Dispute.objects.filter(charge=charge)] == ["open"]
