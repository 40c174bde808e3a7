"""The client's bank takes the payment of a visit back for good: nobody is sent out for nothing, and begun work is paid."""

from __future__ import annotations

import pytest

from madang.coop.ledger import checks as ledger_checks
from madang.coop.notices.models import Notice, Task
from madang.coop.payments import disputes
from madang.coop.payments.models import Charge, Dispute, Refund
from madang.platforms.services import actions, states
from madang.platforms.services.models import Offer
from madang.rails.payments import Dispute as Told
from tests.platforms.services.test_life import accepted, all_is_well, booked, done, money

pytestmark = pytest.mark.django_db


def lost(job, now, part: int = 0) -> Dispute:
    """The bank has decided."""
    charge = Charge.objects.get(pk=job.charge_id)
    Charge.objects.filter(pk=charge.pk).update(ref="sb_1")
    amount = part or charge.amount
    found = disputes.learn(charge.rail, Told("d1", "sb_1", "lost", amount, charge.unit, taken=amount), now=now)
    assert found is not None
    job.refresh_from_db()
    return found


def sound() -> None:
    all_is_well()
    assert ledger_checks.balances_equal_sums() == ledger_checks.units_sum_to_zero() == [] and money("dispute-losses") == 0


def test_a_visit_that_was_taken_on_is_stopped_and_both_are_told(world, pay):
    job = accepted(world, pay)
    lost(job, world.now)
    assert (job.state, job.refunded, money("hold", f"job:{job.pk}")) == (states.CANCELLED, job.price, 0)
    told = {(one.person_id, one.message) for one in Notice.objects.filter(message__startswith="services.payment_lost")}
    assert told == {(job.worker.person_id, "services.payment_lost"), (world.client.pk, "services.payment_lost.client")}
    assert money("disputed", f"charge:{job.charge_id}") == 0 and not Offer.objects.filter(state__in=[states.OPEN, states.TAKEN]).exists()
    sound()
    again = booked(world)
    assert again.starts_at == job.starts_at, "the time is free again"


def test_one_nobody_has_answered_yet_is_asked_no_more(world, pay):
    job = booked(world)
    pay(job, world.now)
    lost(job, world.now)
    assert job.state == states.CANCELLED and not Task.objects.filter(key=f"offer:{job.pk}", closed_at=None).exists()
    sound()


def test_only_a_part_was_taken_and_the_rest_goes_back(world, pay):
    job = accepted(world, pay)
    lost(job, world.now, part=10_000)
    assert job.state == states.CANCELLED and Refund.objects.get().amount == job.price - 10_000
    assert money("refunds", f"charge:{job.charge_id}") == job.price - 10_000
    sound()


def test_work_that_was_done_is_paid_and_the_co_op_bears_it(world, pay):
    job = done(world, pay)
    lost(job, job.ends_at)
    assert job.state == states.DONE and money("dispute-losses") == -job.price and money("hold", f"job:{job.pk}") == job.price
    actions.confirm(world.client, job.pk, now=job.ends_at)
    job.refresh_from_db()
    assert job.worker_part and money("payable", f"person:{job.worker.person_id}") == job.worker_part
    all_is_well()


