"""Two small co-ops live with taxes, in Britain and in Korea: afterwards hledger takes the books, and its accounts are what the tax summary says."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import mockeinvoice
import pytest
from django.utils import translation

from madang.coop import law, ledger
from madang.coop.charter import actions as charter
from madang.coop.charter import reader
from madang.coop.ledger.books.chart import Chart, Names
from madang.coop.ledger.models import Account
from madang.coop.ledger.queries import balance
from madang.coop.members.actions import activate
from madang.coop.payments import actions as payments
from madang.coop.payments import later, sandbox
from madang.coop.payments.models import Charge
from madang.coop.people.models import Person
from madang.coop.tax import einvoices, filings, periods, remitting, statements, status, supply, wishes
from madang.coop.tax.models import Filing, Paper, Withholding
from madang.coop.tax.status import Facts
from madang.platforms.services import actions
from madang.platforms.services.models import Job
from madang.site.simulate import accountants
from tests.coop.founded import TINY
from tests.coop.tax.conftest import OURS, RESIDENT, visited
from tests.coop.tax.test_money import whole
from tests.foreign.test_books import written
from tests.platforms.services.conftest import make_world

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.foreign,
    pytest.mark.skipif(bool(accountants.missing()), reason=f"not installed: {accountants.missing()} (bash tools/accountants.sh)"),
]
BRITISH = Facts("registered", "GB980780684", "Little Yard Co-operative Ltd", "", "1 Mill Lane, Leeds")


def hledger(folder: Path, unit: str, *kinds: str) -> dict[str, int]:
    """What hledger reads on each of the co-op's own accounts, from its side: what it owes is above zero here. It must take the whole journal."""
    path = written(folder, "hledger", lang="en")
    assert accountants.accepts("hledger", path) == ""
    read = accountants.balances("hledger", path, None, [unit])
    with translation.override("en"):
        names = Names(Chart())
        named = {one.kind: names.of(one.kind, "", str(one.pk)) for one in Account.objects.filter(kind__in=kinds, owner="", unit=unit)}
    assert set(named) == set(kinds)
    return {kind: -read.get((name, unit), 0) for kind, name in named.items()}


@pytest.fixture
def britain(db: Any, now: datetime) -> Any:
    """The small co-op, founded under British law in pounds."""
    text = TINY.read_text(encoding="utf-8")
    for before, after in [("kr-general", "uk-coop"), ('"KRW"', '"GBP"'), ("Asia/Seoul", "Europe/London"), ("share_price = 10000", "share_price = 100")]:
        assert before in text
        text = text.replace(before, after)
    _coop, links = charter.found(reader.read(text, "tiny.toml", now=now), now=now)
    for link in links:
        activate(charter.accept(link.path.split("/")[2], now=now), now=now)
    return law.coop()


def give_back(paper: Paper, amount: int, reason: str, key: str, by: Person, now: datetime) -> Paper:
    later.give_back(paper.pk, amount, reason=reason, by=by, key=key, now=now)
    return Paper.objects.filter(corrects=paper).latest("at", "number")


def summed(world: Any, now: datetime, unit: str) -> periods.Quarter:
    """The quarter's papers, added up by hand here: net, tax and count are what the summary says, and the books'."""
    quarter = periods.quarters(unit, now)[0]
    papers = periods.papers(quarter.begins, 3, unit)
    assert (quarter.papers, quarter.net, quarter.tax) == (len(papers), sum(one.net for one in papers), sum(one.tax for one in papers))
    assert quarter.agrees and quarter.booked == quarter.tax == balance(supply.vat_account(unit)) + quarter.paid
    return quarter


def test_a_british_life(britain, now, tmp_path, django_capture_on_commit_callbacks) -> None:
    treasurer = Person.objects.get(email="f2@example.org")
    world, day = make_world(britain, now), status.day_of(now)
    status.say("", BRITISH, since=day, by=treasurer, now=now)

    def ask(job: Job) -> None:
        wishes.wish(job.charge_id, world.client, "invoice", "GB 434 0314 94", name="Northern Books Ltd", address="2 High Street, York", now=now)

    with django_capture_on_commit_callbacks(execute=True):
        held = visited(world)  # the price holds the tax
        asked = visited(world, days=1, before=ask)
    receipt, invoice = Paper.objects.order_by("at", "kind")[0], Paper.objects.get(kind="invoice")
    assert held.tax_part == receipt.tax == held.price * 20 // 120 and receipt.net + receipt.tax == held.price
    assert not Filing.objects.exists(), "nobody in Britain asks for each invoice"

    at = asked.ends_at + timedelta(hours=1)
    before = actions.get_quote(bedrooms=2, bathrooms=1, now=at)
    status.say("", replace(BRITISH, added=True), since=status.day_of(at), by=treasurer, now=at)
    quote = actions.get_quote(bedrooms=2, bathrooms=1, now=at)
    assert quote.total == before.total + before.total * 20 // 100, "the tax comes on top"
    world.now, world.start = at, at + timedelta(days=2)
    with django_capture_on_commit_callbacks(execute=True):
        on_top = visited(world)
    paper = Paper.objects.get(subject=f"job:{on_top.pk}")
    assert (paper.net, paper.tax, on_top.price) == (before.total, before.total * 20 // 100, quote.total)

    at = on_top.ends_at + timedelta(hours=1)
    with django_capture_on_commit_callbacks(execute=True):
        lowered = give_back(receipt, 601, "reduced", "00000000-0000-4000-8000-000000000001", treasurer, at)
        credit = give_back(invoice, 120, "reduced", "00000000-0000-4000-8000-000000000002", treasurer, at)
    assert (lowered.net + lowered.tax, credit.net + credit.tax) == (-601, -120)
    for one in (invoice, credit):
        made = einvoices.file(one)
        document, report = mockeinvoice.validate(made.body)
        assert report.verdict == "valid" and not report.findings and document.text("BT-1") == one.code

    with django_capture_on_commit_callbacks(execute=True):
        job = actions.book(world.client, world.home.pk, {}, at + timedelta(days=3), worker_id=world.workers[0].pk, now=at)
        sandbox.pay(Charge.objects.get(pk=job.charge_id), now=at)
        actions.accept(world.workers[0].person, job.pk, now=at)
        actions.cancel_by_client(world.client, job.pk, now=job.starts_at - timedelta(hours=1))
    job.refresh_from_db()
    kept = job.price - job.refunded
    assert kept and job.tax_part == kept * 20 // 120, "what stays of a visit that was not taken up bears tax here"

    at = job.starts_at
    quarter = summed(world, at, "GBP")
    assert quarter.papers == 6 and whole() == [] and not Withholding.objects.exists()
    assert hledger(tmp_path, "GBP", "vat-out") == {"vat-out": quarter.tax}
    remitting.remit("vat-out", quarter.begins, quarter.tax, "GBP", rail="sandbox", reference="HMRC 1", by=treasurer, key="r", now=at)
    assert summed(world, at, "GBP").left == 0 and hledger(tmp_path, "GBP", "vat-out") == {"vat-out": 0}


def test_a_korean_life(coop, now, tmp_path, django_capture_on_commit_callbacks) -> None:
    treasurer = Person.objects.get(email="f2@example.org")
    world, day = make_world(coop, now), status.day_of(now)
    status.say("", replace(OURS, cash_receipts=True), since=day, by=treasurer, now=now)
    worker = world.workers[0].person
    mine = ledger.owner_of(worker)
    status.say(mine, Facts("freelancer", resident=RESIDENT), since=day, by=worker, now=now)

    def receipt_to_me(job: Job) -> None:
        wishes.wish(job.charge_id, world.client, "income", "010-1234-5678", now=now)

    def invoice_to_a_firm(job: Job) -> None:
        wishes.wish(job.charge_id, world.client, "invoice", "124-81-00998", name="큰회사", address="수원", now=now)

    with django_capture_on_commit_callbacks(execute=True):
        done = visited(world, before=receipt_to_me)
        firm = visited(world, days=1, before=invoice_to_a_firm)
        job = actions.book(world.client, world.home.pk, {}, world.start + timedelta(days=2), worker_id=world.workers[0].pk, now=now)
        receipt_to_me(job)
        sandbox.pay(Charge.objects.get(pk=job.charge_id), now=now)
    assert done.tax_part == done.price * 10 // 110
    with django_capture_on_commit_callbacks(execute=True):
        actions.cancel_by_client(world.client, job.pk, now=now)  # nobody has accepted: all goes back, and the receipt with it
    cancel = Filing.objects.get(kind="cash-receipt-cancel")
    assert (cancel.state, cancel.gross, cancel.of.gross) == ("done", job.price, job.price)
    assert Filing.objects.filter(kind="cash-receipt", state="done").count() == 2

    at = firm.ends_at + timedelta(hours=1)
    with django_capture_on_commit_callbacks(execute=True):
        for key in filings.find_open(at, 9):
            filings.tell_again(key, now=at)
    assert Filing.objects.get(kind="e-invoice").state == "done"
    with django_capture_on_commit_callbacks(execute=True):
        credit = give_back(Paper.objects.get(kind="invoice"), 1_100, "reduced", "00000000-0000-4000-8000-000000000003", treasurer, at)
    assert (credit.net, credit.tax) == (-1_000, -100) and einvoices.file(credit).name.endswith("-kec.xml")

    earned = balance(ledger.account("payable", mine, "KRW"))
    assert earned > 0
    with django_capture_on_commit_callbacks(execute=True):
        sent = payments.pay_out(mine, earned, "KRW", by=treasurer, key="p", now=at)
    income = earned * 3 // 100 // 10 * 10
    local = income // 10 // 10 * 10
    assert sent.amount == earned - income - local and balance(ledger.account("payable", mine, "KRW")) == 0

    quarter, month = summed(world, at, "KRW"), periods.months_of("KRW", at)[0]
    assert (month.gross, month.income, month.local, month.agrees) == (earned, income, local, True) and whole() == []
    (payee,) = statements.payees(status.day_of(at).year, "KRW")
    assert (payee.gross, payee.income, payee.local, payee.net) == (earned, income, local, sent.amount)
    shown = {"vat-out": quarter.tax, "withheld": income, "withheld-local": local}
    assert hledger(tmp_path, "KRW", *shown) == shown
    for tax, period, amount in [("vat-out", quarter.begins, quarter.tax), ("withheld", month.begins, income), ("withheld-local", month.begins, local)]:
        remitting.remit(tax, period, amount, "KRW", rail="sandbox", reference="1", by=treasurer, key=tax, now=at)
    assert hledger(tmp_path, "KRW", *shown) == dict.fromkeys(shown, 0) and summed(world, at, "KRW").left == 0
