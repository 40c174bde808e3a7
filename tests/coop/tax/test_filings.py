"""What goes to the tax service: after the commit, once, again when it was silent, and cancelled when money goes back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from madang.coop.notices.due import run_due
from madang.coop.payments import sandbox
from madang.coop.payments.models import Charge
from madang.coop.tax import filings, status, wishes
from madang.coop.tax.models import Filing
from madang.coop.tax.sandbox import rail
from madang.kit.errors import Refused
from madang.platforms.services import actions
from tests.coop.tax.conftest import OURS

pytestmark = pytest.mark.django_db


def booked(world, to: str = "", use: str = "income"):
    job = actions.book(world.client, world.home.pk, {}, world.start, worker_id=world.workers[0].pk, now=world.now)
    if to:
        wishes.wish(job.charge_id, world.client, use, to, now=world.now)
    sandbox.pay(Charge.objects.get(pk=job.charge_id), now=world.now)
    job.refresh_from_db()
    return job


def test_nothing_unasked_below_the_amount_and_nothing_of_cards(world, registered, now) -> None:
    job = booked(world)
    assert not Filing.objects.exists()
    asked = {"subject": "job:x", "owner": "person:x", "unit": "KRW", "now": now}
    assert filings.on_paid(job.charge_id, "sandbox", amount=5_000_000, **asked) is None, "no kind of business that must"
    assert filings.on_paid(job.charge_id, "stripe", amount=5_000_000, **asked) is None


def test_unasked_from_100_000_won_where_the_law_says_so(world, treasurer, day, now) -> None:
    from dataclasses import replace
    from uuid import uuid4

    status.say("", replace(OURS, cash_receipts=True), since=day, by=treasurer, now=now)
    asked = {"subject": "job:x", "owner": "person:x", "unit": "KRW", "now": now}
    assert filings.on_paid(uuid4(), "sandbox", amount=99_999, **asked) is None
    assert filings.on_paid(uuid4(), "card", amount=100_000, **asked) is None
    made = filings.on_paid(uuid4(), "bank", amount=100_000, **asked)
    assert made is not None and (made.use, made.tail, made.net, made.tax) == ("self", "1234", 90_910, 9_090)


@pytest.mark.parametrize("parts", [(100_000,), (1, 99_999), (33_333, 33_333, 33_334), (7, 50_000, 49_990, 3), (60_000, 60_000, 60_000)])
def test_what_goes_back_in_parts_cancels_the_receipt_and_no_more(world, treasurer, day, now, parts) -> None:
    """Each part in the receipt's own proportion, all together exactly its net and its tax."""
    from dataclasses import replace
    from uuid import uuid4

    status.say("", replace(OURS, cash_receipts=True), since=day, by=treasurer, now=now)
    charge = uuid4()
    first = filings.on_paid(charge, "bank", amount=100_000, subject="job:x", owner="person:x", unit="KRW", now=now)
    cancels = [one for part in parts if (one := filings.on_refunded(charge, uuid4(), part, now=now)) is not None]
    assert (sum(one.net for one in cancels), sum(one.tax for one in cancels)) == (first.net, first.tax)
    assert all(one.net >= 0 and one.tax >= 0 for one in cancels)


def test_cancelled_when_the_money_goes_back(world, registered, now, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = booked(world, "01012345678")
    with django_capture_on_commit_callbacks(execute=True):
        actions.cancel_by_client(world.client, job.pk, now=now)
    first, cancel = Filing.objects.order_by("created_at", "kind")
    assert (first.kind, first.state, cancel.kind, cancel.state) == ("cash-receipt", "done", "cash-receipt-cancel", "done")
    assert cancel.of == first and cancel.gross == job.price
    assert rail().cancel("again", first.approval, 1, at=now).reason == "too-much"


@pytest.mark.django_db(transaction=True)
def test_a_silent_service_is_told_again(world, registered, now) -> None:
    booked(world, "01012340001")
    filing = Filing.objects.get()
    assert filing.state == "created"
    run_due(now + filings.wait(0))
    filing.refresh_from_db()
    assert (filing.state, filing.attempts) == ("created", 1) and filing.next_at == now + filings.wait(0) + filings.wait(1)


@pytest.mark.django_db(transaction=True)
def test_a_slow_answer_is_fetched(world, registered, now) -> None:
    booked(world, "01012340002")
    assert Filing.objects.get().state == "sent"
    run_due(now + timedelta(minutes=1))
    assert Filing.objects.get().state == "sent"
    run_due(now + timedelta(minutes=10))
    done = Filing.objects.get()
    assert done.state == "done" and done.approval and done.sealed is None


def test_a_refusal_is_kept_for_a_person_to_see(world, registered, now, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        booked(world, "01012340003")
    assert (Filing.objects.get().state, Filing.objects.get().reason) == ("refused", "number")


@pytest.mark.parametrize(
    ("use", "number", "field"), [("income", "12", "number"), ("business", "120-81-47522", "number"), ("x", "1", "use"), ("invoice", "1248100998", "name")]
)
def test_a_wish_that_cannot_be_met_is_refused(world, registered, now, use, number, field) -> None:
    job = actions.book(world.client, world.home.pk, {}, world.start, worker_id=world.workers[0].pk, now=now)
    with pytest.raises(Refused) as no:
        wishes.wish(job.charge_id, world.client, use, number, now=now)
    assert no.value.field == field
    wishes.wish(job.charge_id, world.client, "income", "01012345678", now=now)
    assert wishes.wish(job.charge_id, world.client, "", "", now=now) is None and wishes.seen(job.charge_id) is None
