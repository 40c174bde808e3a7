"""The open journal: what a member reads, what nobody can put together from it, and what an examiner reads."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madang.coop import ledger
from madang.coop.ledger import Move, owner_of
from madang.coop.ledger.books import export
from madang.coop.ledger.models import Account, Entry, Transfer
from madang.coop.ledger.openbooks import masks, reading
from madang.coop.people.models import Person
from madang.kit.errors import Missing

pytestmark = pytest.mark.django_db
PSEUDONYM = re.compile(r"\b[A-Z2-7]{10}\b")


def taken(person, month, now, fmt="csv", lang="en") -> str:
    into = io.StringIO()
    reading.write(into, fmt, reading.reader(person, now), month, lang)
    return into.getvalue()


def all_pages(who, month, **wish) -> list:
    found, cursor = [], ""
    while True:
        page = reading.read(who, month, cursor=cursor, **wish)
        found += page.events
        cursor = page.more
        if not cursor:
            return found


def test_a_member_reads_every_amount_and_nobody_elses_name(month) -> None:
    told = reading.read(reading.reader(month.member, month.now), month.first)
    assert told.shown and not told.named and told.withheld == 2
    wanted = Transfer.objects.exclude(entry__kind__in=["leaving", "paid-back"]).filter(entry__effective_at__gte=month.now - timedelta(days=20))
    assert sum(move.amount for one in told.events for move in one.moves) == sum(wanted.values_list("amount", flat=True)) > 1_000_000
    said = json.dumps([[str(part) for part in (one.number, one.title, *(m.debit for m in one.moves), *(m.credit for m in one.moves))] for one in told.events])
    for person in Person.objects.all():
        assert str(person) not in said and str(person.pk) not in said
    assert not [pk for pk in Entry.objects.values_list("pk", flat=True) if str(pk) in said]
    mine = [one for one in told.events if one.mine]
    assert len(mine) == 4 and all(any(place.whose == masks.me() for move in one.moves for place in (move.debit, move.credit)) for one in mine)
    assert all((move.why is not None) == (move.debit.mine or move.credit.mine) for one in told.events for move in one.moves)


def test_who_is_no_member_reads_nothing(month, client_for) -> None:
    stranger = month.workers[0]
    with pytest.raises(Missing):
        reading.reader(stranger, month.now)
    for url in ("/treasury/books/journal/", "/treasury/books/journal/file/?format=csv", "/api/ledger/books/journal"):
        assert client_for(stranger).get(url).status_code == 404
        assert client_for(None).get(url).status_code in (302, 401, 403)


def test_whom_the_reader_met_does_not_lead_to_what_else_they_earned(month) -> None:
    """The client knows who cleaned their home. That worker's other jobs stand under another name."""
    who = reading.reader(month.member, month.now)
    events = reading.read(who, month.first).events
    worker = ledger.account("payable", owner_of(month.workers[5]), month.unit)
    ledger.post("bonus", [Move(ledger.account("upkeep", "", month.unit), worker, 333, "bonus")], key="b", subject="", now=month.now)
    events = reading.read(who, month.first).events
    met = {move.credit.whose for one in events if one.mine for move in one.moves if move.credit.code == 220}
    others = {place.whose for one in events if not one.mine for move in one.moves for place in (move.debit, move.credit) if place.code == 220}
    assert len(met) == 2 and not met & others
    (bonus,) = [one for one in events if one.kind == "bonus"]
    assert bonus.moves[0].credit.whose in others
    assert [one.kind for one in all_pages(who, month.first, account=bonus.moves[0].credit.key)] == ["bonus"]  # nor does the filter
    once = next(move.credit for one in events if one.mine for move in one.moves if move.credit.code == 220)
    assert once.key == "220"
    assert all_pages(who, month.first, account=f"220:{once.whose}") == []


def test_two_readers_two_months_and_another_key_have_no_name_in_common(month, settings) -> None:
    other = Person.objects.get(email="f1@example.org")
    if reading.reader(other, month.now).named:
        other = next(one for one in Person.objects.filter(email__startswith="f") if not reading.reader(one, month.now).named and one != month.member)
    mine, theirs = (set(PSEUDONYM.findall(taken(one, month.first, month.now))) for one in (month.member, other))
    assert len(mine) > 20 and len(theirs) > 20 and not mine & theirs
    assert mine == set(PSEUDONYM.findall(taken(month.member, month.first, month.now)))  # the same for the same reader and month
    scopes = {masks.mask(f"{month.member.pk} {when}", "account:17") for when in ("2026-04", "2026-05")}
    assert len(scopes) == 2
    settings.SECRET_KEY = "another installation's key"
    assert not mine & set(PSEUDONYM.findall(taken(month.member, month.first, month.now)))


def test_earnings_and_shares_of_a_person_do_not_meet_under_one_name() -> None:
    assert masks.mask("reader 2026-04", "account:1") != masks.mask("reader 2026-04", "account:2")
    assert masks.mask("a b", "c") != masks.mask("a", "b c")


def test_a_group_under_five_is_left_out_of_the_page_and_of_every_file(month) -> None:
    for fmt in export.FORMATS:
        text = taken(month.member, month.first, month.now, fmt)
        assert "77700" not in text and "7700" not in text and "70000" not in text
        assert "77700" in taken(month.keeper, month.first, month.now, fmt)
    own = taken(month.leaver, month.first, month.now)
    assert "77700" in own  # who left reads their own
    with pytest.raises(Missing):
        reading.read(reading.reader(month.member, month.now), month.first, account="999")


def test_a_month_of_few_is_not_shown(month) -> None:
    later = month.now + timedelta(days=40)
    upkeep, worker = ledger.account("upkeep", "", month.unit), ledger.account("payable", owner_of(month.workers[0]), month.unit)
    ledger.post("bonus", [Move(upkeep, worker, 5_551, "bonus")], key="few", subject="", now=later)
    first = later.date().replace(day=1)
    told = reading.read(reading.reader(month.member, later), first)
    assert not told.shown and told.events == []
    with pytest.raises(Missing):
        taken(month.member, first, later)
    assert "5551" in taken(month.keeper, first, later)


def test_an_examiner_reads_names_and_numbers(month) -> None:
    told = reading.read(reading.reader(month.keeper, month.now), month.first)
    assert told.named and told.withheld == 0
    whose = {place.whose for one in told.events for move in one.moves for place in (move.debit, move.credit)}
    assert {"Worker 0", "Client 3", str(month.leaver)} <= whose
    assert {one.number for one in told.events} <= {str(pk) for pk in Entry.objects.values_list("pk", flat=True)}
    number = ledger.account("payable", owner_of(month.workers[0]), month.unit).pk
    assert f"{number}-Worker-0" in taken(month.keeper, month.first, month.now, "hledger")


def test_paging_shows_each_entry_once_with_a_constant_number_of_queries(month) -> None:
    who = reading.reader(month.member, month.now)
    with CaptureQueriesContext(connection, ) as few:
        reading.read(who, month.first)
    upkeep, fund = ledger.account("upkeep", "", month.unit), ledger.account("fund", "", month.unit)
    for number in range(60):
        ledger.post("set-aside", [Move(upkeep, fund, 1 + number, "fund")], key=f"s{number}", subject="", now=month.now - timedelta(minutes=number // 7))
    seen = all_pages(who, month.first)
    assert len(seen) == len({one.number for one in seen}) == 60 + 24
    assert [one.day for one in seen] == sorted((one.day for one in seen), reverse=True)
    with CaptureQueriesContext(connection) as many:
        reading.read(who, month.first, kind="set-aside", account="350")
    assert len(many) <= len(few) + 1 <= 12
    assert len(all_pages(who, month.first, kind="set-aside")) == 60
    assert sum(move.amount for one in all_pages(who, month.first, account="350") for move in one.moves) == 60 * 61 // 2
    with pytest.raises(Missing):
        reading.read(who, month.first, cursor="2026-04-01T00:00:00+00:00 0190")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_pages(month, client_for, lang, monkeypatch) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: month.now)
    client = client_for(month.member)
    client.cookies["django_language"] = lang
    page = client.get(f"/treasury/books/journal/?at={month.first:%Y-%m}", headers={"accept-language": lang})
    assert page.status_code == 200
    for fmt in export.FORMATS:
        found = client.get(f"/treasury/books/journal/file/?at={month.first:%Y-%m}&format={fmt}")
        assert found.status_code == 200 and "attachment" in found["Content-Disposition"] and len(b"".join(found)) > 500
    assert client.get("/treasury/books/journal/file/?format=xls").status_code == 404
    for bad in ("at=2026-13", "at=x", "at=%00", "account=22", "account=%00", "account=220:" + "A" * 99, "before=no", "at=9999-01", "kind=%27%00", "kind=%27"):
        assert client.get(f"/treasury/books/journal/?{bad}").status_code in (200, 400, 404), bad
    told = client.get(f"/api/ledger/books/journal?at={month.first:%Y-%m}").json()
    assert told["shown"] and len(told["events"]) == 24 and {m["debit"]["code"] for one in told["events"] for m in one["moves"]} == {110, 210}
    assert Account.objects.filter(kind="hold").count() == 12
