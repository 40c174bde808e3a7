"""The pages of taxes: whose they are, what they say, and nothing in the clear that is sealed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from madang.coop.payments.models import Charge
from madang.coop.tax import status, wishes
from madang.coop.tax.models import Filing, Paper, Reading, Remittance, TaxStatus, Wish
from madang.coop.tax.status import Facts
from madang.platforms.services import actions
from tests.coop.tax.conftest import OURS, RESIDENT, visited
from tests.coop.tax.test_money import earned

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch, now):
    from madang.coop.law import clock as edge

    told = {"now": now}
    monkeypatch.setattr(edge, "now", lambda: told["now"])
    return told


def test_the_office_is_for_who_deals_with_taxes(client_for, treasurer, world, clock) -> None:
    assert client_for(world.client).get("/tax/").status_code == 404
    assert client_for(None).get("/tax/").status_code == 302
    page = client_for(treasurer).get("/tax/")
    assert page.status_code == 200 and "부가가치세법 art. 30" in page.content.decode()


def test_register_on_the_page(client_for, treasurer, day, clock) -> None:
    who = client_for(treasurer)
    said = {"owner": "coop", "since": day.isoformat(), "standing": "registered", "number": "120-81-47522", "name": "작은마당", "address": "서울"}
    answer = who.post("/tax/standing/", said)
    assert answer.status_code == 200 and not TaxStatus.objects.exists() and "120-81-47522" in answer.content.decode(), "what was typed is still there"
    assert who.post("/tax/standing/", {**said, "number": "1208147521"}).status_code == 302
    found = status.ours(day)
    assert found is not None and found.number == "120-81-47521" and not found.added


def test_a_resident_number_is_never_shown_again(client_for, treasurer, day, clock) -> None:
    who = client_for(treasurer)
    said = {"owner": f"person:{treasurer.pk}", "since": day.isoformat(), "standing": "freelancer", "resident": RESIDENT}
    assert who.post("/tax/standing/", said).status_code == 302
    for url in ("/tax/standing/", "/tax/mine/", "/tax/", "/settings/"):
        assert "1234567" not in who.get(url).content.decode()
    bad = who.post("/tax/standing/", {**said, "resident": "900101-123456"})
    assert bad.status_code == 200 and "900101-123456" not in bad.content.decode(), "not even a wrong one comes back"
    assert client_for(treasurer).get(f"/tax/standing/?owner=person:{day}").status_code == 404


def test_pay_receipt_and_paper_say_the_tax(client_for, world, registered, clock) -> None:
    job = actions.book(world.client, world.home.pk, {}, world.start, worker_id=world.workers[0].pk, now=world.now)
    who = client_for(world.client)
    page = who.get(f"/pay/{job.charge_id}/").content.decode()
    tax = f"{job.price * 10 // 110:,}"
    assert tax in page and "부가가치세법 art. 30" in page
    job = visited(world, days=1)
    clock["now"] = job.ends_at
    found = Paper.objects.get()
    receipt = who.get(f"/pay/{job.charge_id}/receipt/").content.decode()
    assert found.code in receipt and tax in receipt
    told = who.get(found.get_absolute_url()).content.decode()
    assert "120-81-47521" in told and tax in told and found.code in told and f"{found.net:,}" in told
    assert client_for(world.workers[0].person).get(found.get_absolute_url()).status_code == 404
    assert found.code in who.get("/tax/mine/").content.decode()


def test_an_unregistered_coop_says_nothing_of_tax(client_for, world, clock) -> None:
    job = actions.book(world.client, world.home.pk, {}, world.start, worker_id=world.workers[0].pk, now=world.now)
    page = client_for(world.client).get(f"/pay/{job.charge_id}/").content.decode()
    assert "부가가치세" not in page and f"/pay/{job.charge_id}/wish/" not in page
    assert client_for(world.client).post(f"/pay/{job.charge_id}/wish/", {"use": "income", "number": "01012345678"}).status_code == 404


def test_a_cash_receipt_is_asked_for_and_issued(client_for, world, registered, clock, django_capture_on_commit_callbacks) -> None:
    asked = {}

    def ask(job) -> None:
        who = client_for(world.client)
        assert who.post(f"/pay/{job.charge_id}/wish/", {"use": "income", "number": "12"}).status_code == 200
        assert client_for(world.coordinator).post(f"/pay/{job.charge_id}/wish/", {"use": "income", "number": "01012345678"}).status_code == 404
        assert who.post(f"/pay/{job.charge_id}/wish/", {"use": "income", "number": "010-1234-5678"}).status_code == 302
        asked["sealed"] = bytes(Wish.objects.get().sealed)

    with django_capture_on_commit_callbacks(execute=True):
        job = visited(world, before=ask)
    assert b"12345678" not in asked["sealed"]
    filing = Filing.objects.get()
    assert (filing.kind, filing.state, filing.use, filing.gross, filing.tail) == ("cash-receipt", "done", "income", job.price, "5678")
    assert len(filing.approval) == 9 and filing.sealed is None and not Wish.objects.exists(), "the number is forgotten once it is issued"
    clock["now"] = job.ends_at
    assert filing.approval in client_for(world.client).get(Paper.objects.get().get_absolute_url()).content.decode()


def test_an_invoice_is_asked_for(client_for, world, registered, clock, django_capture_on_commit_callbacks) -> None:
    def ask(job) -> None:
        wishes.wish(job.charge_id, world.client, "invoice", "124-81-00998", name="큰회사", address="수원", now=world.now)

    with django_capture_on_commit_callbacks(execute=True):
        job = visited(world, before=ask)
    paper, filing = Paper.objects.get(), Filing.objects.get()
    assert (paper.kind, paper.customer["number"], filing.kind, filing.state) == ("invoice", "124-81-00998", "e-invoice", "sent")
    clock["now"] = job.ends_at
    page = client_for(world.client).get(paper.get_absolute_url()).content.decode()
    assert "124-81-00998" in page and "큰회사" in page
    must = status.tax_law().bound("invoice.must_say", paper.issued_on)
    for field in str(must.value).split():
        side, _dot, name = field.partition(".")
        said = (paper.supplier if side == "supplier" else paper.customer)[name] if name else getattr(paper, side)
        shown = f"{said:,}" if isinstance(said, int) else said.isoformat() if hasattr(said, "isoformat") else str(said)
        assert shown in page, f"{must.citation} asks for {field}"


def test_send_tax_on_the_page(client_for, world, registered, treasurer, clock) -> None:
    job = visited(world)
    clock["now"] = job.ends_at
    who = client_for(treasurer)
    page = who.get("/tax/")
    begins = status.day_of(job.ends_at).replace(day=1)
    said = {"tax": "vat-out", "period": begins.isoformat(), "amount": str(job.tax_part), "rail": "sandbox", "reference": "1", "key": page.context["key"]}
    assert who.post("/tax/", {**said, "amount": "abc"}).status_code == 200
    assert who.post("/tax/", said).status_code == 302 and who.post("/tax/", said).status_code == 302
    assert Remittance.objects.get().amount == job.tax_part
    table = who.get(f"/tax/papers.csv?since={begins.isoformat()}")
    assert table.status_code == 200 and Paper.objects.get().code in table.content.decode("utf-8-sig")
    assert who.get("/tax/papers.csv?since=x").status_code == 404 and client_for(world.client).get("/tax/papers.csv").status_code == 404


def test_the_statement_of_payments(client_for, world, registered, treasurer, day, clock, now) -> None:
    from madang.coop.payments import actions as payments

    person = world.workers[0].person
    owner = f"person:{person.pk}"
    status.say(owner, Facts("freelancer", resident=RESIDENT), since=day, by=person, now=now)
    earned(owner, 1_000_000, now)
    payments.pay_out(owner, 1_000_000, "KRW", by=treasurer, key="p", now=now)
    assert client_for(world.client).post("/tax/statement.csv", {"year": "2026"}).status_code == 404
    assert client_for(person).post("/tax/statement.csv", {"year": "2026"}).status_code == 404 and not Reading.objects.exists()
    answer = client_for(treasurer).post("/tax/statement.csv", {"year": "2026"})
    row = answer.content.decode("utf-8-sig").splitlines()[1]
    assert RESIDENT in row and "1000000,3,30000,3000,967000" in row and "no-store" in answer.headers["Cache-Control"]
    assert Reading.objects.get().by == treasurer and client_for(treasurer).get("/tax/statement.csv").status_code == 405
    mine = client_for(person).get("/tax/kept/2026/").content.decode()
    assert "30,000" in mine and "967,000" in mine and "120-81-47521" in mine and "1234567" not in mine
    assert "30,000" not in client_for(world.workers[1].person).get("/tax/kept/2026/").content.decode()


def test_a_person_who_is_erased_leaves_no_number(client_for, world, registered, day, clock, now) -> None:
    from madang.coop.tax import keeping

    person = world.workers[0].person
    status.say(f"person:{person.pk}", Facts("freelancer", name="나", resident=RESIDENT), since=day, by=person, now=now)
    keeping.erase(person, now=now)
    row = TaxStatus.objects.get(owner=f"person:{person.pk}")
    assert (row.name, row.sealed, row.tail, row.standing) == ("", None, "", "freelancer")


def test_a_number_the_statement_still_needs_goes_when_it_is_over(world, registered, treasurer, day, now, django_capture_on_commit_callbacks) -> None:
    from madang.coop.payments import actions as payments
    from madang.coop.people import actions as people
    from madang.coop.tax import keeping

    person = world.workers[0].person
    owner = f"person:{person.pk}"
    status.say(owner, Facts("freelancer", resident=RESIDENT), since=day, by=person, now=now)
    earned(owner, 100_000, now)
    with django_capture_on_commit_callbacks(execute=True):
        payments.pay_out(owner, 100_000, "KRW", by=treasurer, key="p", now=now)
    people.erase(person, now=now)
    assert TaxStatus.objects.get(owner=owner).sealed and keeping.find_old(now + timedelta(days=400), 10) == []
    (key,) = keeping.find_old(now + timedelta(days=800), 10)
    keeping.forget(key, now=now)
    assert TaxStatus.objects.get(owner=owner).sealed is None


def test_prices_said_without_the_tax(client_for, treasurer, day, now, world, clock) -> None:
    """A net price with the tax on top is what is charged, and the tax that comes out again is the tax that was put on."""
    from dataclasses import replace

    before = actions.get_quote(bedrooms=2, bathrooms=1, now=now)
    status.say("", replace(OURS, added=True), since=day, by=treasurer, now=now)
    quote = actions.get_quote(bedrooms=2, bathrooms=1, now=now)
    assert quote.total == before.total + before.total // 10 and quote.lines[-1].code == "vat"
    job = visited(world)
    assert job.price == quote.total and job.tax_part == before.total // 10
    assert job.worker_part + job.fund_part + job.upkeep_part == before.total
    page = client_for(world.client).get(reverse("services:job", args=[job.pk]))
    assert page.status_code == 200 and Charge.objects.get(pk=job.charge_id).amount == quote.total


def test_give_back_on_the_paper(client_for, world, registered, treasurer, clock, django_capture_on_commit_callbacks) -> None:
    from uuid import uuid4

    from madang.coop.ledger.models import Account
    from madang.coop.ledger.queries import balance
    from madang.coop.payments.models import Refund
    from madang.coop.tax import checks

    job = visited(world)
    clock["now"] = job.ends_at
    paper, url = Paper.objects.get(), ""
    url = reverse("payments:give_back", args=[paper.pk])
    said = {"amount": "1,100", "reason": "reduced", "key": str(uuid4())}
    assert client_for(world.client).post(url, said).status_code == 404 and not Refund.objects.exists()
    upkeep = balance(Account.objects.get(kind="upkeep"))
    who = client_for(treasurer)
    for wrong in ({"amount": "x"}, {"amount": str(upkeep + 1)}, {"reason": "whim"}, {"key": "1"}):
        assert who.post(url, {**said, **wrong}).status_code == 302 and not Refund.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        assert who.post(url, said).status_code == 302 and who.post(url, said).status_code == 302
    refund, less = Refund.objects.get(), Paper.objects.get(kind="correction")
    assert (refund.state, refund.amount, less.gross) == ("done", 1_100, -1_100)
    assert balance(Account.objects.get(kind="upkeep")) == upkeep - 1_100 - less.tax and balance(Account.objects.get(kind="vat-out")) == paper.tax + less.tax
    assert checks.papers_are_booked() == checks.numbers_have_no_gap() == []
    assert less.code in client_for(world.client).get(paper.get_absolute_url()).content.decode()


def test_the_electronic_invoice_is_for_whom_it_was_made(client_for, world, registered, treasurer, clock, django_capture_on_commit_callbacks) -> None:
    """Also for who deals with taxes, and its correction too; nobody else's, none of a receipt, none once the customer is forgotten."""
    from xml.etree import ElementTree

    from madang.coop.payments.booking import refund_account
    from madang.coop.tax import filings, supply
    from madang.rails.fiscal import kec

    def ask(job) -> None:
        wishes.wish(job.charge_id, world.client, "invoice", "124-81-00998", name="큰회사 <가>", address="수원", now=world.now)

    with django_capture_on_commit_callbacks(execute=True):
        job = visited(world, before=ask)
    clock["now"] = job.ends_at
    paper = Paper.objects.get()
    url = reverse("tax:einvoice", args=[paper.pk])
    assert client_for(world.workers[0].person).get(url).status_code == 404 and client_for(None).get(url).status_code == 302
    who = client_for(world.client)
    assert url in who.get(paper.get_absolute_url()).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        filings.tell_again(str(Filing.objects.get().pk), now=job.ends_at + timedelta(hours=1))
    answer = who.get(url)
    assert answer["Content-Type"] == "application/xml" and f"{paper.code}-kec.xml" in answer["Content-Disposition"] and "no-store" in answer["Cache-Control"]
    assert client_for(treasurer).get(url).content == answer.content

    def told(data: bytes, path: str) -> str | None:
        return ElementTree.fromstring(data).findtext("/".join(f"{{{kec.SPACE}}}{part}" for part in path.split("/")))

    approval = Filing.objects.get().approval
    assert told(answer.content, "TaxInvoiceDocument/IssueID") == approval and len(approval) == 24
    assert told(answer.content, "TaxInvoiceTradeSettlement/InvoiceeParty/NameText") == "큰회사 <가>"
    assert told(answer.content, "TaxInvoiceTradeSettlement/SpecifiedMonetarySummation/GrandTotalAmount") == str(job.price)
    into, upkeep = refund_account(Charge.objects.get(pk=job.charge_id)), _upkeep()
    less = supply.correct(paper, 1_100, into=into, source=upkeep, reason="reduced", key="c", now=job.ends_at)
    data = who.get(reverse("tax:einvoice", args=[less.pk])).content
    assert told(data, "TaxInvoiceDocument/OriginalIssueID") == approval and told(data, "TaxInvoiceDocument/TypeCode") == "0201"
    Paper.objects.filter(pk=paper.pk).update(customer={})
    assert who.get(url).status_code == 404 and url not in who.get(paper.get_absolute_url()).content.decode()


def test_a_receipt_has_no_electronic_invoice(client_for, world, registered, clock) -> None:
    job = visited(world)
    clock["now"] = job.ends_at
    who, paper = client_for(world.client), Paper.objects.get()
    assert who.get(reverse("tax:einvoice", args=[paper.pk])).status_code == 404
    assert "invoice.xml" not in who.get(paper.get_absolute_url()).content.decode()


def _upkeep():
    from madang.coop import ledger

    return ledger.account("upkeep", "", "KRW")
