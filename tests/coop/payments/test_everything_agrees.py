"""The reconciliation knows everything: a life at Stripe, and the bank's own account, agree with the books to the last unit, and lies are named."""

from __future__ import annotations

import random
import re
from datetime import UTC, timedelta

import pytest

from madang.coop import ledger
from madang.coop.ledger import queries
from madang.coop.ledger.moves import Move
from madang.coop.payments import actions, items, own, reconciling, resolving, statements
from madang.coop.payments.booking import clearing, refund_account
from madang.coop.payments.models import BankLine, Dispute, Reconciliation, Refund, Withdrawal
from madang.rails.payments import Movement
from tests.coop.payments.bank_hands import person, refusal, sound
from tests.coop.payments.test_stripe import bears, here, step, treasurer  # noqa: F401  (fixtures)
from tests.rails.bank.test_krcsv import bank_file

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


def at_stripe(moment) -> Reconciliation:
    made = reconciling.reconcile("stripe", now=moment)  # nothing where the sweep has done that day already
    assert resolving.unproved() == []
    return made[0] if made else Reconciliation.objects.filter(rail="stripe").latest("day", "pk")


def read(moved, moment, opening: int = 1_000_000) -> statements.Report:
    """A statement of these lines, two a day from the day of ``moment`` on."""
    text = re.sub(r"2026\.01\.(\d\d)", lambda found: f"{moment.date() + timedelta(days=int(found[1]) - 1):%Y.%m.%d}", bank_file(moved, opening, True))
    return statements.read(text.encode("cp949"), by=person(2), now=moment, is_ours=True)


def named(report: Reconciliation) -> list[tuple[str, int]]:
    return sorted((one.kind, one.net) for one in report.differences.all() if one.kind != "transit")


@pytest.mark.parametrize("seed", [1, 2])
def test_a_life_at_stripe_agrees_whatever_happened(here, monkeypatch, seed) -> None:  # noqa: F811
    """Payments, part refunds and their ways back, disputes with their costs, payouts, recalls, payments to the bank: over three weeks, no difference."""
    bears(monkeypatch, 60)
    here.enrol()
    dice = random.Random(seed)
    events = ["pay", "pay", "refund", "dispute", "payout", "empty", "win", "lose", "contest", "refund fails"]
    for day in range(21):
        here.now += DAY
        here.world.clock = lambda: int(here.now.timestamp())
        for what in dice.sample(events, 3) if day > 2 else ["pay", "pay", "pay"]:
            step(here, what, dice.randrange(10**6))
            here.deliver(times=1 + day % 2, shuffled=dice)
        if day % 5 == 4 and here.world.available("krw") > 5_000:
            here.world.withdraw(here.world.available("krw") // 3, "krw")
        if day % 3 == 2:
            here.later()
            at_stripe(here.now)
    for _round in range(3):
        here.later(24 * 60)
        here.deliver()
    report = at_stripe(here.now + DAY)
    assert (report.state, named(report), report.theirs) == ("agreed", [], report.ours)
    assert Withdrawal.objects.exists() and Dispute.objects.exists() and here.agrees()
    assert items.Told("stripe", "KRW").total(report.until) == report.theirs, "added up day by day, and all at once"


def test_each_lie_of_stripe_is_found_by_its_name(here) -> None:  # noqa: F811
    charge = here.pay()
    here.release(charge, 12_000)
    refund = actions.refund(charge, 12_000, key="back", now=here.now)
    here.world.dispute(here.pay().payment_ref)
    here.deliver()
    refund.refresh_from_db()
    assert at_stripe(here.now + DAY).state == "agreed"
    here.world.lines = [line for line in here.world.lines if line["type"] != "refund"]
    next(line for line in here.world.lines if line["type"] == "adjustment")["fee"] += 7
    here.world.book("stripe_fee", -300, "krw", "fee_1", wait=False)
    report = at_stripe(here.now + 2 * DAY)
    things = {(one.kind, one.thing.partition(":")[0], one.net) for one in report.differences.all()}
    assert things == {("missing-there", "refund", 12_000), ("fee", "payment", -7), ("missing-here", "fee", -300)}
    assert {one.refund for one in report.differences.all()} >= {refund}


def test_what_is_told_long_after_is_not_taken_for_the_first(here) -> None:  # noqa: F811
    """A dispute is won weeks later: Stripe's second booking has the name of the first, and does not take its place."""
    charge = here.pay()
    found = here.world.dispute(charge.payment_ref)
    here.deliver()
    assert at_stripe(here.now + DAY).state == "agreed"
    here.now += 20 * DAY
    here.world.clock = lambda: int(here.now.timestamp())
    here.world.decide(found["id"], won=True)
    here.deliver()
    report = at_stripe(here.now + DAY)
    assert (report.state, named(report)) == ("agreed", []) and report.theirs == here.world.total("krw")


def test_what_stripe_sends_to_our_bank_is_booked_and_the_statement_proves_it(here, ours) -> None:  # noqa: F811
    charge = here.pay()
    here.world.withdraw(40_000, "krw")
    assert at_stripe(here.now + DAY).state == "agreed"
    sent = Withdrawal.objects.get()
    assert queries.balance(clearing("bank", "KRW")) == -40_000 and queries.balance(clearing("stripe", "KRW")) == -(charge.amount - charge.fee - 40_000)
    read([(40_000, "STRIPE PAYMENTS"), (40_000, "somebody")], here.now)
    proved, other = BankLine.objects.order_by("pk")
    assert (proved.state, proved.entry, other.state) == ("matched", sent.entry, "doubtful")
    assert statements.standing().unexplained == 0 and own.waiting("KRW") == [] and sound()
    at_stripe(here.now + 2 * DAY)
    assert Withdrawal.objects.count() == 1


def test_one_that_came_back_to_stripe_is_there_again(here) -> None:  # noqa: F811
    here.pay()
    gone = here.world.withdraw(30_000, "krw")
    at_stripe(here.now + DAY)
    here.world.book("payout_failure", 30_000, "krw", gone["id"], wait=False)
    report = at_stripe(here.now + 2 * DAY)
    assert named(report) == [] and queries.balance(clearing("bank", "KRW")) == 0 and own.waiting("KRW") == []
    assert Withdrawal.objects.get().returned_at


def test_a_line_that_came_before_the_service_told(here, ours) -> None:  # noqa: F811
    here.pay()
    read([(40_000, "Stripe")], here.now)
    assert BankLine.objects.get().state == "doubtful"
    here.world.withdraw(40_000, "krw")
    at_stripe(here.now + DAY)
    assert BankLine.objects.get().state == "matched" and statements.standing().unexplained == 0


# The bank


def at_bank(moment) -> Reconciliation:
    (report,) = reconciling.reconcile("bank", now=moment)
    assert resolving.unproved() == []
    return report


def test_the_bank_agrees_with_payments_parts_batches_and_what_was_sent_by_hand(charge, earned, now, django_capture_on_commit_callbacks) -> None:
    """A transfer in two parts and too much, a batch, a refund sent by hand with its code, a fee nobody booked."""
    from madang.coop.payments import batches
    from tests.coop.payments.bank_hands import make

    batch = make(earned, now)
    batches.approve(batch.pk, by=person(1), now=now)
    batches.take(batch.pk, by=person(2), now=now)
    codes = list(batch.payouts.values_list("code", "amount"))
    read([(20_000, charge.ref), *[(-amount, code) for code, amount in codes], (40_000, charge.ref), (-500, "수수료")], now)
    charge.refresh_from_db()
    assert charge.state == "created"
    with django_capture_on_commit_callbacks(execute=True):
        statements.take_for(BankLine.objects.get(amount=40_000).pk, charge.ref, by=person(2), now=now)
    charge.refresh_from_db()
    back = Refund.objects.get()
    assert (charge.state, back.amount, back.state) == ("settled", 8_000, "failed")
    refusal("own-refund", lambda: mine(back, now))
    actions.sent_by_hand(back.pk, by=person(2), now=now)
    assert queries.balance(refund_account(charge)) == 0
    read([(-8_000, f"REFUND {own.refund_code(back)}")], now + 3 * DAY, opening=1_000_000 + 60_000 - 50_000 - 500)
    assert BankLine.objects.get(amount=-8_000).entry == Refund.objects.get().entry
    report = at_bank(now + 9 * DAY)
    assert named(report) == [("missing-here", -500)], "the fee is the only thing nobody has said anything of"
    statements.leave(BankLine.objects.get(amount=-500).pk, "bank fee", by=person(2), now=now)
    report = reconciling.reconcile("bank", now=now + 9 * DAY, day=report.day)[0]
    assert (report.state, [one.explained for one in report.differences.all()]) == ("agreed", ["bank fee"])
    assert statements.standing().unexplained == 0 and sound()


def mine(back: Refund, now) -> None:
    """Who pays out is the payer."""
    payer = back.charge.payer
    Refund.objects.filter(pk=back.pk).update(state="failed")
    back.charge.__class__.objects.filter(pk=back.charge_id).update(payer=person(2))
    try:
        actions.sent_by_hand(back.pk, by=person(2), now=now)
    finally:
        back.charge.__class__.objects.filter(pk=back.charge_id).update(payer=payer)


def test_parts_are_added_up_by_themselves(charge, now) -> None:
    read([(20_000, charge.ref), (30_000, charge.ref)], now)
    assert BankLine.objects.filter(state="doubtful", why="too-little").count() == 2
    assert read([(2_000, f"rest {charge.ref}")], now, opening=1_050_000).matched == 1
    charge.refresh_from_db()
    assert charge.state == "settled" and set(BankLine.objects.values_list("state", flat=True)) == {"matched"}
    assert queries.balance(clearing("bank", "KRW")) == -52_000 and statements.standing().unexplained == 0


def test_a_tax_that_was_paid_is_found_at_the_bank_by_a_person(ours, now) -> None:
    place = ledger.account("vat-out", "", "KRW")
    made = ledger.post("tax-paid", [Move(place, clearing("bank", "KRW"), 700, "tax-paid")], key="tax-paid:x", subject="tax:vat-out", now=now)
    read([(-700, "국세청"), (-700, "something else")], now)
    first, other = BankLine.objects.order_by("pk")
    assert first.state == "doubtful" and [one.entry for one in {row.pk: owns for row, _codes, owns in statements.doubtful()}[first.pk]] == [made]
    refusal("office", lambda: statements.is_own(first.pk, made.pk, by=person(5), now=now))
    for _twice in range(2):
        statements.is_own(first.pk, made.pk, by=person(2), now=now)
    refusal("other", lambda: statements.is_own(other.pk, made.pk, by=person(2), now=now))
    refusal("decided", lambda: statements.leave(first.pk, "x", by=person(2), now=now))
    assert statements.standing().unexplained == 0


def test_a_days_figure_follows_from_the_last_one(django_assert_max_num_queries, coop, now) -> None:
    """The last figure and what was told since give what all twenty thousand items give, also where one was told otherwise."""
    from django.db import connection

    from madang.coop.payments.models import RailItem

    same = {"rail": "stripe", "kind": "payment", "amount": 1_000, "fee": 29, "unit": "KRW", "told_at": now}
    rows = [RailItem(ref=f"pi_{n}", at=now - timedelta(minutes=n), **same) for n in range(20_000)]
    RailItem.objects.bulk_create(rows, batch_size=5_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE payments_railitem")
    told, until = items.Told("stripe", "KRW"), now.astimezone(UTC) + DAY
    last = Reconciliation(rail="stripe", unit="KRW", until=until, theirs=told.total(until), seen=items.newest())
    assert last.theirs == 20_000 * 971
    items.keep("stripe", [Movement("pi_0", "payment", 900, "KRW", now, 29), Movement("pi_new", "payment", 50, "KRW", now, 0)], now, until, now=now)
    with django_assert_max_num_queries(6):
        assert told.total(until + DAY, last) == told.total(until + DAY) == last.theirs - 100 + 50


