"""Debian's hledger, ledger and beancount judge the books: they accept them, agree on every account, and refuse them one won off."""

from __future__ import annotations

import csv
import io
import random
import re
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import translation
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from madang.coop import ledger
from madang.coop.ledger.books import export
from madang.coop.ledger.books.chart import Chart, Names
from madang.coop.ledger.models import Account, Transfer
from madang.coop.ledger.moves import Move
from madang.coop.ledger.openbooks import reading as openbooks
from madang.site.simulate import accountants
from tests.coop.ledger.openbooks.conftest import month as month

SEOUL = ZoneInfo("Asia/Seoul")
PLACES = [
    ("clearing", "rail:sandbox"), ("clearing", "rail:stripe connect"), ("clearing", ""), ("card-costs", ""), ("upkeep", ""), ("goodwill", ""), ("vat-out", ""),
    ("fund", ""), ("fund", "organisation:2"), ("payable", "person:1"), ("payable", "person:2"), ("payable", "organisation:2"), ("new-kind", "person:1"),
    ("withheld", ""), ("withheld-local", ""),
]  # fmt: skip
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)  # each example asks three programs nine times: it is not made smaller
UNITS = ["KRW", "USD", "KWD", "EUR.6"]  # none, two and three decimals, and millionths

pytestmark = [
    pytest.mark.foreign,
    pytest.mark.skipif(bool(accountants.missing()), reason=f"not installed: {accountants.missing()} (bash tools/accountants.sh)"),
]


def written(folder: Path, fmt: str, **wish: Any) -> Path:
    path = folder / f"books.{fmt}"
    with path.open("w", encoding="utf-8", newline="") as into:
        export.write(into, fmt, **wish)
    return path


def ours(day: date, lang: str) -> accountants.Balances:
    """What each account comes to at the end of a day in Seoul, summed in Python from the rows; debits plus."""
    end = datetime.combine(day + timedelta(days=1), time.min, SEOUL)
    sums: dict[int, int] = {}
    for debit, credit, amount in Transfer.objects.filter(entry__effective_at__lt=end).values_list("debit", "credit", "amount"):
        sums[debit] = sums.get(debit, 0) + amount
        sums[credit] = sums.get(credit, 0) - amount
    with translation.override(lang):
        names = Names(Chart())
        shown = {one.pk: (names.of(one.kind, one.owner, str(one.pk)), one.unit) for one in Account.objects.all()}
    found: accountants.Balances = {}
    for pk, amount in sums.items():
        if amount:
            found[shown[pk]] = amount
    assert len(found) == sum(1 for amount in sums.values() if amount), "two accounts came to one name"
    return found


def judged(folder: Path, days: list[date], lang: str) -> None:
    codes = sorted(set(Account.objects.values_list("unit", flat=True)))
    for tool in accountants.TOOLS:
        path = written(folder, tool, lang=lang)
        assert accountants.accepts(tool, path) == ""
        for day in days:
            assert accountants.balances(tool, path, day, codes) == ours(day, lang), (tool, day)
        until = written(folder, tool, lang=lang, at=days[0])
        assert accountants.accepts(tool, until) == ""
        assert accountants.balances(tool, until, date(2090, 1, 1), codes) == ours(days[0], lang), tool


def refused_when_off(folder: Path, lang: str, pick: int) -> None:
    for tool in accountants.TOOLS:
        whole = written(folder, tool, lang=lang).read_text(encoding="utf-8")
        for both in (False, True):
            path = folder / f"off.{tool}"
            path.write_text(accountants.one_off(whole, pick, both=both), encoding="utf-8")
            said = accountants.accepts(tool, path)
            assert said, (tool, both)
            assert re.search(r"balance", said, re.IGNORECASE), said


MOVES = st.lists(
    st.tuples(st.sampled_from(PLACES), st.sampled_from(PLACES), st.sampled_from(UNITS), st.integers(1, 10**7)), min_size=1, max_size=4
)  # fmt: skip
EVENTS = st.lists(st.tuples(st.integers(-400, 400), MOVES, st.booleans()), min_size=1, max_size=12)


@pytest.mark.django_db
@settings(max_examples=6, deadline=None, phases=QUICK, suppress_health_check=list(HealthCheck))
@given(EVENTS, st.sampled_from(["ko", "en"]), st.integers(0, 100), st.lists(st.integers(-420, 420), min_size=3, max_size=3))
def test_any_books_are_accepted_agreed_on_and_refused_when_changed(coop, now, tmp_path_factory, events, lang, pick, offsets) -> None:
    folder = tmp_path_factory.mktemp("books")
    with transaction.atomic():
        booked = 0
        for number, (days, wanted, reverse) in enumerate(events):
            places = [(ledger.account(*one, code), ledger.account(*other, code), amount) for one, other, code, amount in wanted]
            moves = [Move(one, other, amount, "test-move", None, {"of": amount * 2, "share": "50 %"}) for one, other, amount in places if one.pk != other.pk]
            if not moves:
                continue
            booked += 1
            at = now + timedelta(days=days, hours=number)
            ledger.post('test; "event" | \\', moves, key=f"h{number}", subject="person:1", effective_at=at, now=now)
            if reverse:
                back = [Move(one.credit, one.debit, one.amount, "reversal") for one in moves]
                ledger.post("reversal", back, key=f"r{number}", subject="", effective_at=at + timedelta(days=1), now=now)
        if booked:
            judged(folder, [(now + timedelta(days=one)).date() for one in offsets], lang)
            refused_when_off(folder, lang, pick)
        transaction.set_rollback(True)


def living(now: datetime, days: int) -> Any:
    from madang.coop.members.models import MemberClass
    from madang.platforms.services import demo, demo_story
    from tests.coop import founded

    founded.forming_coop(now)
    MemberClass.objects.filter(key="provider").update(admission="office:board")
    life = demo.Life(now + timedelta(days=days), clients=6, workers=5)
    demo_story.begin(life)
    life.run()
    return life


@pytest.mark.django_db(transaction=True)
def test_the_books_of_a_living_coop(now, tmp_path) -> None:
    living(now, 21)
    assert Transfer.objects.count() > 20 and Transfer.objects.filter(version__decision_id=None, version__isnull=False).exists()
    undeclared = {one.kind for one in Account.objects.all() if Chart().of(one.kind, one.owner == "") is None}
    assert undeclared == set()
    judged(tmp_path, [now.date() + timedelta(days=days) for days in (8, 14, 22)], "ko")
    refused_when_off(tmp_path, "ko", random.Random(7).randrange(10_000))
    _the_table(tmp_path)
    _no_names(tmp_path)


def _the_table(folder: Path) -> None:
    text = written(folder, "csv", lang="ko").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == Transfer.objects.count()
    assert sum(int(row["금액"]) for row in rows) == sum(Transfer.objects.values_list("amount", flat=True))
    sums: accountants.Balances = {}
    for row in rows:
        for side, sign in (("차변 계정", 1), ("대변 계정", -1)):
            key = (row[side], row["통화"])
            sums[key] = sums.get(key, 0) + sign * int(row["금액"])
    assert {key: amount for key, amount in sums.items() if amount} == ours(date(2090, 1, 1), "ko")
    assert not [cell for row in rows for cell in row.values() if cell[:1] in "=+-@" and cell]
    rules = folder / "books.csv.rules"
    fields = "date,recorded,entry,event,kind,account1,account2,amount,currency,share,rule,version,decision"
    rules.write_text(f"skip 1\nfields {fields}\ndate-format %Y-%m-%d\ndescription %event\n", encoding="utf-8")
    read = accountants.balances("hledger", folder / "books.csv", date(2090, 1, 1), ["KRW"])
    assert read == ours(date(2090, 1, 1), "ko")


def _no_names(folder: Path) -> None:
    from madang.coop.people.models import Organisation, Person

    said = [str(one) for one in Person.objects.all()] + [str(one.pk) for one in Person.objects.all()] + [one.name for one in Organisation.objects.all()]
    said += list(Person.objects.values_list("email", flat=True))
    for fmt in export.FORMATS:
        text = written(folder, fmt, lang="ko").read_text(encoding="utf-8")
        assert [one for one in said if one and one in text] == []


def test_a_members_copy_of_a_month_is_accepted_and_agreed_on(month, tmp_path) -> None:
    """By pseudonym, with what a reader met under names for once: still books that balance, and that no program takes one won off."""
    who = openbooks.reader(month.member, month.now)
    end = date(2090, 1, 1)
    for tool in accountants.TOOLS:
        path = tmp_path / f"mine.{tool}"
        with path.open("w", encoding="utf-8", newline="") as into:
            openbooks.write(into, tool, who, month.first, "ko")
        assert accountants.accepts(tool, path) == ""
        read = accountants.balances(tool, path, end, [month.unit])
        assert sum(read.values()) == 0 and len(read) == 9  # the rail, upkeep, five workers, and twice the one the reader met
        (paid,) = [amount for (name, _unit), amount in read.items() if ":110-" in name]
        since = month.now - timedelta(days=20)
        assert paid == sum(Transfer.objects.filter(kind="hold", entry__effective_at__gte=since).values_list("amount", flat=True))
        off = tmp_path / f"off.{tool}"
        for both in (False, True):
            off.write_text(accountants.one_off(path.read_text(encoding="utf-8"), 11, both=both), encoding="utf-8")
            assert re.search(r"balance", accountants.accepts(tool, off), re.IGNORECASE)


def test_the_judges_can_refuse(tmp_path) -> None:
    for tool in accountants.TOOLS:
        path = tmp_path / tool
        path.write_text('2026-01-01 * "x"\n  Assets:A  1 KRW\n  Equity:B  -2 KRW\n')
        assert accountants.accepts(tool, path)


def test_books_of_nothing(db, tmp_path) -> None:
    for fmt in export.FORMATS:
        path = written(tmp_path, fmt, lang="ko")
        if fmt in accountants.TOOLS:
            assert accountants.accepts(fmt, path) == ""
