"""The statements: they agree with every transfer, are read by members only, and say how each line came about."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.coop import ledger
from madang.coop.ledger.books import checks, reading
from madang.coop.ledger.books.statements import made_of, statements
from madang.coop.ledger.models import Transfer
from madang.coop.ledger.moves import Move
from madang.coop.people.models import Person
from madang.kit.errors import Missing

pytestmark = pytest.mark.django_db
EVER, LATER = date(1990, 1, 1), date(2090, 1, 1)


def shown(part) -> dict[int, int]:
    return {row.code: row.amount for row in part.rows}


def test_one_job_in_the_three_statements(done, now) -> None:
    day = now.date()
    told = statements(day, day, "KRW")
    assert shown(told.assets) == {110: 52_000}
    assert shown(told.liabilities) == {220: 49_400}
    assert shown(told.equity) == {} and shown(told.income) == {410: 2_600} and shown(told.expenses) == {}
    assert (told.surplus, told.surplus_before, told.equity_total, told.off) == (2_600, 0, 2_600, 0)
    after = statements(day + timedelta(days=1), day + timedelta(days=9), "KRW")
    assert (after.surplus, after.surplus_before, after.equity_total, after.off) == (0, 2_600, 2_600, 0)
    assert statements(EVER, day - timedelta(days=1), "KRW").assets.rows == []
    assert checks.statements_agree() == []


def test_a_fund_is_owed_or_ours(done, now) -> None:
    payable = ledger.account("payable", ledger.owner_of(done.place), "KRW")
    theirs, ours = ledger.account("fund", ledger.owner_of(done.place), "KRW"), ledger.account("fund", "", "KRW")
    ledger.post("set-aside", [Move(payable, theirs, 700, "fund"), Move(payable, ours, 50, "fund")], key="f", subject="", now=now)
    told = statements(now.date(), now.date(), "KRW")
    assert shown(told.liabilities) == {220: 48_650, 250: 700} and shown(told.equity) == {350: 50} and told.off == 0
    (change,) = told.equity_changes
    assert (change.before, [amount for _title, amount in change.changes], change.after) == (0, [50], 50)
    assert made_of(350, now.date(), now.date(), "KRW").after == 50 and made_of(999, EVER, LATER, "KRW") is None
    assert made_of(110, now.date(), now.date(), "KRW").changes[0][1] == 52_000


def test_what_nobody_declared_is_shown_and_named(done, now) -> None:
    strange, upkeep = ledger.account("strange", "person:1", "KRW"), ledger.account("upkeep", "", "KRW")
    ledger.post("odd", [Move(upkeep, strange, 10, "odd")], key="o", subject="", now=now)
    told = statements(now.date(), now.date(), "KRW")
    assert shown(told.equity) == {399: 10} and told.off == 0
    (wrong,) = checks.statements_agree()
    assert "'strange'" in wrong


def test_an_upkeep_that_is_somebodys_is_not_the_coops_income(done, now) -> None:
    other, upkeep = ledger.account("upkeep", "organisation:1", "KRW"), ledger.account("upkeep", "", "KRW")
    ledger.post("odd", [Move(upkeep, other, 100, "odd")], key="o", subject="", now=now)
    told = statements(now.date(), now.date(), "KRW")
    assert shown(told.income) == {410: 2_500} and shown(told.equity) == {399: 100}
    assert [one for one in checks.statements_agree() if "says" in one] == []


PLACES = [("clearing", "rail:a"), ("card-costs", ""), ("upkeep", ""), ("upkeep", "organisation:2"), ("fund", ""), ("fund", "organisation:2"),
          ("payable", "person:1"), ("odd", "")]  # fmt: skip


MOVES = st.lists(
    st.tuples(st.sampled_from(PLACES), st.sampled_from(PLACES), st.sampled_from(["KRW", "USD"]), st.integers(1, 999), st.integers(-60, 60)), max_size=14
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(MOVES, st.integers(-70, 70), st.integers(0, 70))
def test_random_books_agree(coop, now, moves, start, length) -> None:
    from django.db import transaction

    with transaction.atomic():
        for number, (one, other, unit, amount, days) in enumerate(moves):
            if one != other:
                move = Move(ledger.account(*one, unit), ledger.account(*other, unit), amount, "test")
                ledger.post("test", [move], key=f"s{number}", subject="", effective_at=now + timedelta(days=days), now=now)
        assert [wrong for wrong in checks.statements_agree() if "no app" not in wrong] == []
        first = now.date() + timedelta(days=start)
        told = statements(first, first + timedelta(days=length), "KRW")
        assert told.off == 0
        income = 0
        for row in Transfer.objects.select_related("debit", "credit", "entry").filter(unit="KRW"):
            day = (row.entry.effective_at + timedelta(hours=9)).date()
            if told.first <= day <= told.last:
                for account, sign in ((row.debit, -1), (row.credit, 1)):
                    if (account.kind, account.owner) == ("upkeep", ""):
                        income += sign * row.amount
        assert told.income.total == income
        transaction.set_rollback(True)


def test_what_may_be_asked(coop, now) -> None:
    assert reading.chosen("", now) == (date(2026, 1, 1), date(2026, 3, 2))
    assert reading.chosen("2025", now) == (date(2025, 1, 1), date(2025, 12, 31))
    assert reading.chosen("2026-02", now) == (date(2026, 2, 1), date(2026, 2, 28))
    assert reading.chosen("2025-07-09", now) == (date(2025, 1, 1), date(2025, 7, 9))
    for asked in ("2027", "2026-04", "2026-13", "1999", "99999", "x", "2026-2", "２０２６", "\0", "2026-02-30", "0000-01", "2026-03-02-01", "-", "9999-12"):
        with pytest.raises(Missing):
            reading.chosen(asked, now)


def _five_jobs(done, now) -> None:
    source = ledger.account("clearing", "rail:sandbox", "KRW")
    for number in range(5):
        mine = ledger.account("payable", f"person:{number:08d}-0000-0000-0000-000000000000", "KRW")
        ledger.post("job", [Move(source, mine, 1_000, "worker")], key=f"j{number}", subject="", now=now)


def test_who_reads_the_books(done, now, client_for, monkeypatch) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    member, treasurer = Person.objects.get(email="f5@example.org"), Person.objects.get(email="f2@example.org")
    assert client_for(None).get("/treasury/books/").status_code == 302
    assert client_for(done.stranger).get("/treasury/books/").status_code == 302
    assert client_for(done.stranger).get("/api/ledger/books").status_code == 404
    few = client_for(member).get("/treasury/books/?at=2026-03").content.decode()
    assert "49,400" not in few and "52,000" not in few
    assert client_for(member).get("/api/ledger/books").json()["shown"] is False
    assert client_for(member).get("/treasury/books/110/").status_code == 404
    assert "52,000" in client_for(treasurer).get("/treasury/books/").content.decode()
    _five_jobs(done, now)
    page = client_for(member).get("/treasury/books/?at=2026-03").content.decode()
    assert "57,000" in page and "/treasury/books/110/?at=2026-03" in page
    assert client_for(member).get("/treasury/books/?at=2026-03-02").status_code == 404
    assert client_for(treasurer).get("/treasury/books/?at=2026-03-02").status_code == 200
    line = client_for(member).get("/treasury/books/220/?at=2026-03&unit=KRW").content.decode()
    assert "54,400" in line and "bright" not in line.lower()
    for bad in ("?at=2026-13", "?at=%00", "?unit=XXX", "?at=2026-03&unit=%00"):
        assert client_for(treasurer).get(f"/treasury/books/{bad}").status_code == 404, bad
    assert client_for(treasurer).get("/treasury/books/399/").status_code == 404


def test_programs_read_the_same(done, now, client_for, monkeypatch) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    told = json.loads(client_for(Person.objects.get(email="f2@example.org")).get("/api/ledger/books?at=2026").content)
    assert told["assets"]["total"] == told["liabilities"]["total"] + told["equity_total"] == 52_000
    assert told["income"]["rows"][0]["amount"] == 2_600
    line = client_for(Person.objects.get(email="f2@example.org")).get("/api/ledger/books/line/220").json()
    assert line["after"] == 49_400 and line["side"] == "liabilities"


def test_my_year(done, now, client_for, monkeypatch) -> None:
    later = datetime(2027, 2, 1, tzinfo=UTC)
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: later)
    client = client_for(done.worker)
    (told,) = client.get("/api/ledger/statement/year/2026").json()
    assert (told["earned"], told["paid_out"]) == (39_520, 0) and [one["earned"] for one in told["months"]] == [39_520]
    assert [(row["before"], row["after"]) for row in told["stood"]] == [(0, 39_520)]
    (next_year,) = client.get("/api/ledger/statement/year/2027").json()
    assert next_year["earned"] == 0 and [(row["before"], row["after"]) for row in next_year["stood"]] == [(39_520, 39_520)]
    page = client.get("/statement/year/2026/").content.decode()
    assert "39,520" in page and "/statement/2026-03/" in page
    assert "39,520" not in client_for(done.stranger).get("/statement/year/2026/").content.decode()
    assert client_for(None).get("/statement/year/2026/").status_code == 302
    for year in (1999, 2028, 99999):
        assert client.get(f"/statement/year/{year}/").status_code == 404
