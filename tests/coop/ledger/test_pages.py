"""Statement, why?, treasury: who sees what, and what it says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from madang.coop import ledger, record
from madang.coop.ledger import periods, queries
from madang.coop.ledger.moves import Move
from madang.coop.people.models import Person, Work
from madang.kit.errors import Missing, Refused

pytestmark = pytest.mark.django_db


def test_a_statement_says_what_and_why(done, now) -> None:
    since, until = periods.month(periods.month_of(now))
    mine = queries.statement(ledger.owner_of(done.worker), since, until)
    assert (mine.earned, mine.paid_out, mine.balance) == (39_520, 0, 39_520)
    (group,) = mine.groups
    assert [(line.kind, line.amount, line.other) for line in group.lines] == [("worker", 39_520, "Bright Homes")]
    theirs = queries.statement(ledger.owner_of(done.place), since, until)
    assert theirs.earned == theirs.balance == 49_400 - 39_520
    assert [(line.kind, line.amount) for line in theirs.groups[0].lines] == [("provider", 49_400), ("worker", -39_520)]
    assert queries.statement(ledger.owner_of(done.worker), until, until + timedelta(days=5)).groups == []


def test_a_long_statement_comes_in_pages_without_tearing_an_entry(done, now) -> None:
    source, mine = ledger.account("goodwill", "", done.unit), ledger.account("payable", ledger.owner_of(done.worker), done.unit)
    for number in range(25):
        moves = [Move(source, mine, 10, "bonus"), Move(source, mine, 5, "bonus"), Move(mine, source, 1, "oops")]
        ledger.post("bonus", moves, key=f"b{number}", subject="", now=now + timedelta(minutes=number // 2))
    since, until = periods.month(periods.month_of(now))
    seen, cursor = [], ""
    while True:
        page = queries.statement(ledger.owner_of(done.worker), since, until, cursor=cursor, limit=10)
        assert page.earned == 39_520 + 25 * 14
        assert all(len(group.lines) == 3 for group in page.groups if group.lines[0].kind != "worker")
        seen += [line.transfer for group in page.groups for line in group.lines]
        if not (cursor := page.more):
            break
    assert len(seen) == len(set(seen)) == 76


def test_why_is_a_sentence_first(done, now) -> None:
    told = queries.why(done.parts["provider"].pk, done.worker, "en", now=now)
    assert told.sentence.startswith("95 % of ") and "52,000" in told.sentence and "founding" in told.sentence
    assert queries.why(done.parts["provider"].pk, done.worker, "ko", now=now).sentence != told.sentence
    assert [one.amount for one in told.siblings] == [49_400, 2_600]
    assert told.leaf is None
    record.seal(now)
    assert queries.why(done.parts["provider"].pk, done.worker, "en", now=now).leaf is not None


def test_only_whom_it_concerns_may_ask(done, now) -> None:
    line = done.parts["worker"].pk
    treasurer = Person.objects.get(email="f2@example.org")
    for person in (done.worker, done.client, treasurer):
        assert queries.why(line, person, "en", now=now)
    for person in (done.stranger, None, Person.objects.get(email="f5@example.org")):
        with pytest.raises(Missing):
            queries.why(line, person, "en", now=now)
    with pytest.raises(Missing):
        queries.why(10**12, treasurer, "en", now=now)


def test_a_colleague_sees_the_organisations_books_but_not_whose_line_it_is(done, now, client_for, monkeypatch) -> None:
    """Their co-op's sums are theirs; what each colleague earned is each colleague's, and for whoever speaks for the co-op."""
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    colleague = Person.objects.create_user("colleague@example.org", "colleague", language="en")
    speaker = Person.objects.create_user("speaker@example.org", "speaker", language="en")
    Person.objects.filter(pk=done.worker.pk).update(name="Wilhelmina")
    Work.objects.create(organisation=done.place, person=colleague, role="worker", since=now)
    Work.objects.create(organisation=done.place, person=speaker, role="representative", since=now)
    mine, whole = done.parts["worker"].pk, done.parts["provider"].pk
    assert queries.why(whole, colleague, "en", now=now) and queries.why(mine, speaker, "en", now=now)
    with pytest.raises(Missing):
        queries.why(mine, colleague, "en", now=now)
    page = client_for(colleague).get("/statement/of/bright/").content.decode()
    assert "49,400" in page and "Wilhelmina" not in page and "a colleague" in page and f"/why/{mine}/" not in page
    assert "Wilhelmina" in client_for(speaker).get("/statement/of/bright/").content.decode()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_pages_open_for_those_and_only_those(done, now, client_for, language, django_assert_max_num_queries, monkeypatch) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    Person.objects.update(language=language)
    worker, stranger, nobody = client_for(Person.objects.get(pk=done.worker.pk)), client_for(Person.objects.get(pk=done.stranger.pk)), client_for(None)
    line = done.parts["worker"].pk
    with django_assert_max_num_queries(15):
        page = worker.get("/statement/").content.decode()
    assert "39,520" in page and f"/why/{line}/" in page
    with django_assert_max_num_queries(19):
        page = worker.get("/statement/of/bright/").content.decode()
    assert "49,400" in page
    with django_assert_max_num_queries(17):
        page = worker.get(f"/why/{line}/").content.decode()
    assert {"en": "80 %", "ko": "80%"}[language] in page
    assert (
        stranger.get(f"/why/{line}/").status_code == stranger.get("/statement/of/bright/").status_code == stranger.get("/statement/of/none/").status_code == 404
    )
    assert stranger.get(f"/statement/receipt/{line}.txt").status_code == 404
    assert "39,520" not in stranger.get("/statement/").content.decode()
    assert nobody.get(f"/why/{line}/").status_code == nobody.get("/statement/").status_code == 302
    record.seal(now)
    receipt = worker.get(f"/statement/receipt/{line}.txt")
    assert receipt.status_code == 200 and receipt["Content-Type"].startswith("text/plain") and b"c2sp.org/tlog-proof" in receipt.content
    for wrong in (
        "/statement/2026-13/",
        "/statement/1999-01/",
        "/statement/9999-01/",
        "/statement/2026-01/?before=x",
        "/statement/?before=" + "9" * 300,
        "/treasury/?month=2026-99",
    ):
        assert worker.get(wrong).status_code == 404, wrong
    assert worker.get("/statement/2026-01/").status_code == 200


def test_the_treasury_hides_a_group_under_five(done, now, client_for, monkeypatch) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    told = queries.treasury(*periods.month(periods.month_of(now)))
    assert told.hidden and told.distributed is None and told.slices == [] and told.months[0].distributed is None
    assert "49,400" not in client_for(None).get("/treasury/").content.decode()


def test_the_treasury_shares_out_ten_thousand(done, now, client_for, monkeypatch, django_assert_max_num_queries) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    clearing, upkeep = ledger.account("clearing", "rail:sandbox", done.unit), ledger.account("upkeep", "", done.unit)
    for number in range(6):
        person = Person.objects.create_user(f"w{number}@example.org", f"w{number}")
        held = ledger.hold(f"job:{number}", 1_000, done.unit, payer=ledger.owner_of(person), key=f"t{number}", now=now, source=clearing)
        mine = ledger.account("payable", ledger.owner_of(person), done.unit)
        ledger.release(held, [ledger.Part(mine, 950, "provider"), ledger.Part(upkeep, 50, "upkeep")], key=f"tr{number}", now=now)
    told = queries.treasury(*periods.month(periods.month_of(now)))
    assert told.distributed == 58_000 and not told.hidden
    assert [(one.kind, one.amount, one.of_whole) for one in told.slices] == [("provider", 55_100, 9_500), ("upkeep", 2_900, 500)]
    with django_assert_max_num_queries(15):
        page = client_for(None).get("/treasury/").content.decode()
    assert "9,500" in page and "58,000" in page
    assert client_for(None).get("/treasury/?month=2026-02").status_code == 200


def test_the_treasury_tells_members_the_running_costs_by_heading(done, now, client_for, monkeypatch) -> None:
    """What came back lessens a cost, other income stands apart, a year's closing is neither; strangers see only the sum: a wage may be one person's."""
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    bank = ledger.account("clearing", "rail:bank", done.unit)
    wages, rent, income, surplus = (ledger.account(kind, "", done.unit) for kind in ("wages", "rent", "other-income", "surplus"))
    moves = [
        ("c1", wages, bank, 2_400_001, "spend"), ("c2", rent, bank, 700_000, "spend"), ("c3", bank, rent, 50_000, "spend"),
        ("c4", bank, income, 1_500, "own-income"), ("c5", surplus, wages, 2_400_001, "year-result"),
    ]  # fmt: skip
    for key, debit, credit, amount, kind in moves:
        ledger.post(kind, [ledger.Move(debit, credit, amount, kind)], key=key, subject="", now=now)
    told = queries.treasury(*periods.month(periods.month_of(now)))
    assert [(one.code, one.amount, one.income) for one in told.running] == [(440, 1_500, True), (540, 2_400_001, False), (541, 650_000, False)]
    assert told.spent == 2_400_001 + 650_000 - 1_500 == told.months[0].running
    page = client_for(None).get("/treasury/").content.decode()
    assert "3,048,501" in page and "2,400,001" not in page and "650,000" not in page
    member = client_for(Person.objects.get(email="f3@example.org"))
    page = member.get("/treasury/").content.decode()
    assert "2,400,001" in page and "650,000" in page and "+1,500원" in page and "account=541" in page
    assert member.get("/treasury/books/journal/?account=541").status_code == 200


def test_nobody_is_erased_before_they_are_paid(done, now) -> None:
    """Afterwards the money would belong to a number."""
    from madang.coop.people import actions as people

    with pytest.raises(Refused) as no:
        people.erase(done.worker, now=now)
    assert no.value.code == "money-left" and "39,520" in str(no.value.message)
    assert Person.objects.get(pk=done.worker.pk).email
    theirs, ours = ledger.account("payable", ledger.owner_of(done.worker), "KRW"), ledger.account("upkeep", "", "KRW")
    ledger.post("x", [Move(theirs, ours, 39_520, "x")], key="x", subject="", now=now)
    people.erase(done.worker, now=now)
    assert Person.objects.get(pk=done.worker.pk).email is None


def test_an_organisations_statement_for_programs(done, now, client_for, monkeypatch) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    worker, stranger = (client_for(Person.objects.get(pk=who.pk)) for who in (done.worker, done.stranger))
    told = worker.get("/api/ledger/statement/of/bright").json()
    assert told["groups"] and told["unit"] == "KRW"
    assert stranger.get("/api/ledger/statement/of/bright").status_code == worker.get("/api/ledger/statement/of/none").status_code == 404
