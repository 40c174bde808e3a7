"""Tax in a price, before the split; kept back of a payout; sent to the tax office. And nothing at all where nobody is registered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.coop import ledger
from madang.coop.ledger import checks as ledger_checks
from madang.coop.ledger import queries as books
from madang.coop.ledger.models import Transfer
from madang.coop.ledger.moves import Move
from madang.coop.payments import actions as payments
from madang.coop.payments import outgoing
from madang.coop.payments.booking import clearing, refund_account
from madang.coop.payments.models import Charge, Payout
from madang.coop.people.models import Work
from madang.coop.tax import checks, periods, remitting, status, supply
from madang.coop.tax.models import Paper, Remittance, Withholding
from madang.coop.tax.status import Facts
from madang.kit.errors import Refused
from madang.kit.house import collect
from madang.platforms.services import actions
from madang.platforms.services import checks as services
from madang.platforms.services.models import Job
from madang.rails.payments import Answer
from tests.coop.tax.conftest import visited

pytestmark = pytest.mark.django_db


def vat() -> int:
    return books.balance(supply.vat_account("KRW"))


def whole() -> list[str]:
    """Everything that must hold, of taxes, books and jobs."""
    mine = [checks.numbers_have_no_gap, checks.papers_are_booked, checks.withheld_is_booked]
    return [wrong for check in [*mine, ledger_checks.balances_equal_sums, ledger_checks.units_sum_to_zero, services.parts, services.held] for wrong in check()]


def test_who_is_not_registered_shares_the_whole_price(world) -> None:
    job = visited(world)
    assert job.tax_part == 0 and not Paper.objects.exists() and not Transfer.objects.filter(kind="vat").exists()
    assert job.worker_part + job.fund_part == job.price * 95 // 100 and whole() == []


def test_the_tax_is_out_before_the_split(world, registered) -> None:
    job = visited(world)
    tax = job.price * 10 // 110
    assert job.tax_part == tax == vat() and job.worker_part + job.fund_part + job.upkeep_part == job.price - tax
    provider = Transfer.objects.get(kind="provider", entry__subject=f"job:{job.pk}")
    assert provider.note["of"] == job.price - tax, "the base of the split is the price without the tax"
    line = Transfer.objects.get(kind="vat")
    assert line.note == {"of": job.price, "share": "10/110", "law": "부가가치세법 art. 30"}
    paper = Paper.objects.get()
    assert (paper.kind, paper.code, paper.net, paper.tax) == ("receipt", f"{paper.issued_on.year}-R-000001", job.price - tax, tax)
    assert paper.supplier["number"] == "120-81-47521" and paper.customer == {} and whole() == []


def test_why_names_the_article(world, registered, now) -> None:
    visited(world)
    told = books.why(Transfer.objects.get(kind="vat").pk, world.client, "ko", now=now)
    assert "10/110" in told.sentence and "부가가치세법 art. 30" in told.sentence


def test_registered_between_booking_and_work(world, treasurer, day, now) -> None:
    """The tax is of the day the work is done, whatever day it was booked."""
    from tests.coop.tax.conftest import OURS

    status.say("", OURS, since=status.day_of(world.start), by=treasurer, now=now)
    assert visited(world).tax_part > 0


def test_what_stays_of_a_cancelled_visit_bears_no_tax_in_korea(world, registered) -> None:
    from madang.coop.payments import sandbox

    job = actions.book(world.client, world.home.pk, {}, world.start, worker_id=world.workers[0].pk, now=world.now)
    sandbox.pay(Charge.objects.get(pk=job.charge_id), now=world.now)
    actions.accept(world.workers[0].person, job.pk, now=world.now)
    actions.cancel_by_client(world.client, job.pk, now=job.starts_at - timedelta(hours=1))
    job = Job.objects.get(pk=job.pk)
    assert job.tax_part == 0 and job.refunded < job.price and not Paper.objects.exists() and whole() == []


def test_a_partial_refund_before_the_release_bears_tax_on_the_rest_only(world, registered, coop) -> None:
    from madang.coop.payments import sandbox

    job = actions.book(world.client, world.home.pk, {}, world.start, worker_id=world.workers[0].pk, now=world.now)
    sandbox.pay(Charge.objects.get(pk=job.charge_id), now=world.now)
    worker = world.workers[0].person
    actions.accept(worker, job.pk, now=world.now)
    actions.check_in(worker, job.pk, now=job.starts_at)
    actions.report_problem(world.client, job.pk, "half", now=job.starts_at)
    done = actions.settle_problem(world.coordinator, job.pk, refund=10_000, answer="ok", now=job.ends_at)
    assert done.tax_part == (done.price - 10_000) * 10 // 110 == vat() and whole() == []


def test_given_back_later_by_a_correction(world, registered) -> None:
    job = visited(world)
    paper, charge = Paper.objects.get(), Charge.objects.get(pk=job.charge_id)
    into, upkeep, before = refund_account(charge), ledger.account("upkeep", "", "KRW"), vat()
    at = job.ends_at + timedelta(days=1)
    one = supply.correct(paper, 11_000, into=into, source=upkeep, reason="reduced", key="c1", now=at)
    assert supply.correct(paper, 11_000, into=into, source=upkeep, reason="reduced", key="c1", now=at).pk == one.pk
    left = job.price - 11_000
    assert books.balance(into) == 11_000 and vat() == left * 10 // 110 == before + one.tax
    assert one.code.endswith("-C-000001") and one.corrects == paper and (one.net + one.tax) == -11_000
    for back, reason in ((left + 1, "reduced"), (0, "reduced"), (1, "whim")):
        with pytest.raises(Refused):
            supply.correct(paper, back, into=into, source=upkeep, reason=reason, key="c2", now=at)
    supply.correct(paper, left, into=into, source=upkeep, reason="cancelled", key="c3", now=at)
    assert vat() == 0 and supply.standing(paper).gross == 0 and whole() == []


def test_a_paper_is_never_changed(world, registered) -> None:
    visited(world)
    for change in (lambda: Paper.objects.update(tax=1), lambda: Paper.objects.all().delete(), lambda: Paper.objects.update(number=7)):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert Paper.objects.update(customer={}) == 1


def test_numbers_have_no_gap_when_something_fails(world, registered) -> None:
    job = visited(world)
    with pytest.raises(RuntimeError), transaction.atomic():
        supply.correct(Paper.objects.get(), 100, into=refund_account(Charge.objects.get(pk=job.charge_id)), source=ledger.account("upkeep", "", "KRW"),
                       reason="reduced", key="lost", now=job.ends_at)  # fmt: skip
        raise RuntimeError
    visited(world, days=1)
    assert [one.number for one in Paper.objects.order_by("at")] == [1, 2] and whole() == []


def earned(owner: str, amount: int, now) -> ledger.Account:
    place = ledger.account("payable", owner, "KRW")
    ledger.post("gift", [Move(clearing("sandbox", "KRW"), place, amount, "provider")], key=f"gift:{owner}:{amount}", subject="", now=now)
    return place


@pytest.fixture
def worker(world) -> str:
    return f"person:{world.workers[0].person_id}"


def test_kept_back_of_a_payout(worker, registered, treasurer, now, django_capture_on_commit_callbacks) -> None:
    place = earned(worker, 1_000_000, now)
    with django_capture_on_commit_callbacks(execute=True):
        sent = payments.pay_out(worker, 1_000_000, "KRW", by=treasurer, key="p", now=now)
        assert payments.pay_out(worker, 1_000_000, "KRW", by=treasurer, key="p", now=now).pk == sent.pk
    assert sent.amount == 967_000 and books.balance(place) == 0
    assert (books.balance(ledger.account("withheld", "", "KRW")), books.balance(ledger.account("withheld-local", "", "KRW"))) == (30_000, 3_000)
    row = Withholding.objects.get()
    assert (row.gross, row.net, row.standing) == (1_000_000, 967_000, "freelancer") and whole() == []
    line = Transfer.objects.get(kind="withheld")
    assert line.note == {"of": 1_000_000, "share": "3 %", "law": "소득세법 arts. 127 (1) 3, 129 (1) 3"}
    with pytest.raises(Refused) as no:
        payments.pay_out(worker, 967_000, "KRW", by=treasurer, key="p", now=now)
    assert no.value.code == "key-used"


def test_a_payout_that_returns_gives_the_tax_back(worker, registered, treasurer, now) -> None:
    place = earned(worker, 49_400, now)
    sent = payments.pay_out(worker, 49_400, "KRW", by=treasurer, key="p", now=now)
    assert sent.amount == 49_400 - 1_480 - 140
    outgoing.payout_answered(sent, Answer("x", "declined", sent.amount, "KRW", reason="account"), now=now)
    outgoing.payout_answered(Payout.objects.get(), Answer("x", "returned", sent.amount, "KRW", reason="account"), now=now)
    assert books.balance(place) == 49_400 and books.balance(ledger.account("withheld", "", "KRW")) == 0
    assert Withholding.objects.get().back is not None and whole() == []
    month = periods.months_of("KRW", now)[0]
    assert (month.payouts, month.income, month.local, month.agrees) == (0, 0, 0, True)


@pytest.mark.parametrize("said", ["registered", "none", "nobody", "organisation", "client"])
def test_nothing_is_kept_back_of_others(said, world, worker, registered, treasurer, day, now) -> None:
    owner, person = worker, world.workers[0].person
    if said == "registered":
        facts = Facts("registered", "124-81-00998", "혼자 청소", "나", "서울")
        status.say(worker, facts, since=day, by=person, now=now)
    elif said == "none":
        status.say(worker, Facts("none"), since=day, by=person, now=now)
    elif said == "organisation":
        owner = f"organisation:{world.bright.pk}"
    elif said == "client":
        owner = f"person:{world.client.pk}"
    else:
        Work.objects.filter(person=person).delete()
    earned(owner, 100_000, now)
    assert payments.pay_out(owner, 100_000, "KRW", by=treasurer, key="p", now=now).amount == 100_000 and not Withholding.objects.exists()


def test_nothing_is_kept_back_where_the_coop_is_not_registered(worker, treasurer, now) -> None:
    earned(worker, 100_000, now)
    assert payments.pay_out(worker, 100_000, "KRW", by=treasurer, key="p", now=now).amount == 100_000


def test_somebody_abroad(world, worker, registered, treasurer, day, now) -> None:
    status.say(worker, Facts("foreign"), since=day, by=world.workers[0].person, now=now)
    earned(worker, 100_000, now)
    assert payments.pay_out(worker, 100_000, "KRW", by=treasurer, key="p", now=now).amount == 78_000
    assert "156" in Withholding.objects.get().citation


def test_sent_to_the_tax_office(world, registered, treasurer) -> None:
    job = visited(world)
    now, period = job.ends_at, periods.quarter_of(status.day_of(job.ends_at))
    asked = {"rail": "sandbox", "reference": "2026-1", "by": treasurer, "key": "r", "now": now}
    quarter = periods.quarters("KRW", now)[0]
    assert (quarter.begins, quarter.tax, quarter.papers, quarter.agrees, quarter.left) == (period, job.tax_part, 1, True, job.tax_part)
    for change, code in [
        ({"rail": "nowhere"}, "source"), ({"reference": " "}, "reference"), ({"by": world.client}, "office"), ({"rail": ""}, "source"),
    ]:  # fmt: skip
        with pytest.raises(Refused) as no:
            remitting.remit("vat-out", period, job.tax_part, "KRW", **{**asked, **change})
        assert no.value.code == code
    for tax, when, amount, code in [
        ("vat-out", period, job.tax_part + 1, "not-enough"), ("vat-out", period, 0, "not-enough"), ("upkeep", period, 1, "tax"),
        ("vat-out", period + timedelta(days=400), 1, "period"),
    ]:  # fmt: skip
        with pytest.raises(Refused) as no:
            remitting.remit(tax, when, amount, "KRW", **asked)
        assert no.value.code == code
    made = remitting.remit("vat-out", period, job.tax_part, "KRW", **asked)
    assert remitting.remit("vat-out", period, job.tax_part, "KRW", **asked).pk == made.pk
    quarter = periods.quarters("KRW", now)[0]
    assert (vat(), quarter.booked, quarter.paid, quarter.left) == (0, job.tax_part, job.tax_part, 0) and whole() == []
    with pytest.raises(Refused):
        remitting.remit("vat-out", period, 1, "KRW", **asked)
    with pytest.raises(IntegrityError), transaction.atomic():
        Remittance.objects.update(amount=1)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 3_000_000), st.booleans()), min_size=1, max_size=5))
def test_payouts_in_any_order_add_up(worker, registered, treasurer, now, steps) -> None:
    with transaction.atomic():
        place, gross = ledger.account("payable", worker, "KRW"), 0
        for number, (amount, comes_back) in enumerate(steps):
            ledger.post("gift", [Move(clearing("sandbox", "KRW"), place, amount, "provider")], key=f"g{number}", subject="", now=now)
            sent = payments.pay_out(worker, amount, "KRW", by=treasurer, key=f"p{number}", now=now)
            if comes_back:
                outgoing.payout_answered(sent, Answer("x", "returned", sent.amount, "KRW", reason="account"), now=now)
                gross += amount
        assert books.balance(place) == gross
        kept = Withholding.objects.filter(back=None)
        assert books.balance(ledger.account("withheld", "", "KRW")) == sum(one.income for one in kept)
        assert periods.months_of("KRW", now)[0].agrees and whole() == []
        transaction.set_rollback(True)


def test_the_house_knows_the_checks() -> None:
    assert {"tax: papers and the tax account say the same", "tax: papers are numbered without a gap"} <= {one.name for one in collect("checks")}

