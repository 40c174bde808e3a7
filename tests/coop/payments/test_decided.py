"""Spending and budgets that the members decided: what passed may be drawn, never beyond its cap, never after its day; each draw leads to its decision."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.coop import ledger, record
from madang.coop.decisions import actions, checking, opendata, ways
from madang.coop.decisions.models import Proposal
from madang.coop.ledger import queries
from madang.coop.ledger.moves import Move
from madang.coop.payments import authorising, spending
from madang.coop.payments.booking import clearing
from madang.coop.payments.models import Authorised, Draw
from madang.coop.record.export import export
from madang.coop.record.models import LeafLine
from madang.kit.counting import command
from madang.kit.errors import Missing, Refused
from madang.kit.verify.folder import verify_folder
from madang.kit.verify.tally import recount
from tests.coop.payments.bank_hands import english, exported, person, read, refusal, sound

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def money(amount: int, now: Any, key: str = "money") -> None:
    """So much comes in that is the co-op's own."""
    move = Move(clearing("sandbox", "KRW"), ledger.account("other-income", "", "KRW"), amount, "own-income")
    ledger.post("own-income", [move], key=key, subject="", now=now)


def propose(kind: str, details: dict[str, Any], now: Any, title: str = "Soap for the year") -> Proposal:
    one = actions.draft(person(1), kind, title, "Because.", details=details, now=now)
    return actions.open_discussion(one, person(1), now=now)


def soap(now: Any, amount: Any = "500,000", **more: Any) -> Proposal:
    until = (now + 90 * DAY).date().isoformat()
    return propose("spend", {"amount": amount, "text": "Soap.", "to": "Soap Ltd", "sort": "purchases", "until": until, **more}, now)


def passed(one: Proposal, marks: dict[int, Any] | None = None) -> Proposal:
    one = actions.open_voting(one, now=one.opens_at)
    for elector in one.electors.select_related("person"):
        number = int(elector.person.email[1])
        if marks is None:
            actions.cast(one, elector.person, "for", now=one.opens_at)
        elif number in marks:
            actions.cast(one, elector.person, "marked", marks=marks[number], now=one.opens_at)
    one = actions.close(one, now=one.closes_at)
    return actions.take_effect(one, now=one.effect_at) if one.state == "passed" else one


def allowed(one: Proposal, key: str = "") -> Authorised:
    return Authorised.objects.get(decision=one, key=key)


def credit(one: Authorised, amount: int, now: Any, *, by: int = 2, to: int = 4, id: Any = None) -> Draw:
    return authorising.credit(one.pk, person(to), amount, by=person(by), id=id or uuid4(), now=now)


def test_what_passed_is_drawn_up_to_its_cap_and_no_further(coop, now) -> None:
    one = passed(soap(now))
    at = one.ended_at
    money(2_000_000, at)
    sum_, key = allowed(one), uuid4()
    first = credit(sum_, 300_000, at, id=key)
    assert credit(sum_, 300_000, at, id=key) == first, "asked twice is once"
    refusal("key-used", lambda: credit(sum_, 1, at, id=key))
    refusal("beyond", lambda: credit(sum_, 200_001, at))
    credit(sum_, 200_000, at)
    refusal("beyond", lambda: credit(sum_, 1, at))
    assert queries.balance(ledger.account("payable", ledger.owner_of(person(4)), "KRW")) == 500_000
    assert queries.balance(ledger.account("purchases", "", "KRW")) == -500_000
    assert authorising.open_sums(at) == [] and [row.drawn for row in authorising.over_sums(at)] == [500_000] and sound()
    assert first.entry.subject == f"spending:{one.pk}" and authorising.about({str(one.pk)})[str(one.pk)].url == f"/decisions/{one.pk}/"


@pytest.mark.parametrize(
    ("code", "how"),
    [("office", {"by": 5}), ("own-payout", {"to": 2}), ("beyond", {"amount": 0}), ("beyond", {"amount": -5}), ("not-enough", {"amount": 400_000})],
)
def test_who_may_not_and_what_cannot_be(coop, now, code, how) -> None:
    one = passed(soap(now))
    money(100_000, now)
    refusal(code, lambda: credit(allowed(one), how.pop("amount", 1_000), one.ended_at, **how))
    assert not Draw.objects.exists()
    with pytest.raises(Missing):
        authorising.credit(uuid4(), person(4), 1, by=person(2), id=uuid4(), now=one.ended_at)


def test_what_is_owed_to_others_is_not_ours_to_spend(coop, now) -> None:
    free = authorising.free("KRW")
    move = Move(clearing("sandbox", "KRW"), ledger.account("payable", ledger.owner_of(person(3)), "KRW"), 900_000, "provider")
    ledger.post("gift", [move], key="earned", subject="", now=now)
    assert authorising.free("KRW") == free
    money(70, now)
    assert authorising.free("KRW") == free + 70


def test_after_its_day_nothing_is_drawn(coop, now) -> None:
    one = passed(soap(now))
    sum_ = allowed(one)
    money(1_000_000, now)
    assert sum_.until.astimezone().isoformat() and sum_.until > now + 90 * DAY
    refusal("over", lambda: credit(sum_, 1_000, sum_.until))
    credit(sum_, 1_000, sum_.until - timedelta(seconds=1))


def test_a_day_that_is_over_before_it_takes_effect(coop, now) -> None:
    one = soap(now, until=(now + DAY).date().isoformat())
    one = passed(one)
    assert one.state == "failed" and not Authorised.objects.exists()


def test_the_members_take_back_what_was_not_spent(coop, now) -> None:
    one = passed(soap(now))
    money(1_000_000, one.ended_at)
    credit(allowed(one), 1_000, one.ended_at)
    end = passed(propose("end_spending", {"decision": str(one.pk)}, one.ended_at, "No more soap"))
    assert end.state == "in_force"
    refusal("over", lambda: credit(allowed(one), 1_000, end.ended_at))
    with pytest.raises(Refused):
        propose("end_spending", {"decision": str(one.pk)}, end.ended_at, "Again")


def test_a_line_of_the_bank_is_booked_on_the_decision(coop, ours, now) -> None:
    one = passed(soap(now, amount=10_000))
    at = one.ended_at + DAY
    read([(-9_000, "SOAP LTD"), (-2_000, "SOAP AGAIN"), (500, "BACK")], at)
    from madang.coop.payments.models import BankLine

    first, second, back = BankLine.objects.filter(state="doubtful").order_by("pk")
    BankLine.objects.update(booked=(now - DAY).date())
    refusal("before", lambda: spending.book(first.pk, "", "soap", by=person(2), authorised=str(allowed(one).pk), now=at))
    BankLine.objects.update(booked=at.date())
    for line in (first, second, back):
        line.refresh_from_db()
    sum_ = str(allowed(one).pk)
    entry = spending.book(first.pk, "", "soap", by=person(2), authorised=sum_, now=at)
    assert entry.subject == f"spending:{one.pk}" and queries.balance(ledger.account("purchases", "", "KRW")) == -9_000
    assert spending.book(first.pk, "", "soap", by=person(2), authorised=sum_, now=at) == entry and Draw.objects.get().line == first
    refusal("beyond", lambda: spending.book(second.pk, "", "soap", by=person(2), authorised=sum_, now=at))
    refusal("came", lambda: spending.book(back.pk, "", "soap", by=person(2), authorised=sum_, now=at))
    assert Draw.objects.count() == 1
    spending.book(second.pk, "purchases", "soap", by=person(2), now=at)
    assert Draw.objects.count() == 1


def test_the_database_holds_the_cap_and_the_decision(coop, now) -> None:
    one = passed(soap(now))
    money(1_000_000, now)
    draw = credit(allowed(one), 400_000, one.ended_at)
    with pytest.raises(DatabaseError, match="More than was authorised"), transaction.atomic():
        Draw.objects.create(id=uuid4(), authorised=allowed(one), amount=100_001, entry=draw.entry, owner="x", by=person(2), at=now)
    for wrong in ("cap = 9999999", "until = until + interval '1 day'", "title = 'x'"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as sql:
            sql.execute(f"UPDATE payments_authorised SET {wrong}")
    with pytest.raises(DatabaseError), transaction.atomic():
        Draw.objects.filter(pk=draw.pk).update(amount=1)
    other = soap(now)
    with pytest.raises(DatabaseError, match="Only a decision in force"), transaction.atomic():
        authorising.authorise(other, [("", "x", "", 5)], sort="rent", until=now + DAY, now=now)
        with connection.cursor() as sql:
            sql.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db(transaction=True)
def test_two_treasurers_at_once_do_not_pass_the_cap(coop, now) -> None:
    one = passed(soap(now))
    money(5_000_000, now)
    sum_, told = allowed(one), []

    def draw() -> None:
        try:
            credit(sum_, 300_000, one.ended_at)
            told.append("booked")
        except Refused as no:
            told.append(no.code)
        finally:
            connection.close()

    both = [threading.Thread(target=draw) for _n in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(30)
    assert sorted(told) == ["beyond", "booked"] and Draw.objects.count() == 1


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(-3, 60), max_size=12))
def test_whatever_is_asked_never_beyond_the_cap(coop, now, amounts) -> None:
    with transaction.atomic():
        one = passed(soap(now, amount=100))
        money(10_000, one.ended_at, key=str(uuid4()))
        taken = 0
        for amount in amounts:
            try:
                credit(allowed(one), amount, one.ended_at)
                taken += amount
            except Refused:
                assert amount <= 0 or taken + amount > 100
        (row,) = authorising.of(one)
        assert row.drawn == taken <= 100 and row.left == 100 - taken
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("field", "details"),
    [
        ("amount", {"amount": "0"}), ("amount", {"amount": "-5"}), ("amount", {"amount": "many"}), ("amount", {"amount": 10**15 + 1}),
        ("amount", {"amount": None}),
        ("sort", {"sort": "payable"}), ("sort", {"sort": "other-income"}), ("until", {"until": "2020-01-01"}), ("until", {"until": "x"}),
        ("until", {"until": "2999-01-01"}), ("text", {"text": " "}), ("text", {"text": "x" * 4001}),
    ],
)  # fmt: skip
def test_a_proposal_that_cannot_be_is_refused_where_it_is_wrong(coop, now, field, details) -> None:
    with pytest.raises(Refused) as no:
        soap(now, **details)
    assert no.value.field == field


# -- a budget among projects -----------------------------------------------------------------------------------------------------

THREE = "Bicycles | 600 | Hanbit\nParty | 500\nTools | 400 | Werk"


def budget(now: Any, projects: Any = THREE, amount: Any = 1_000, **more: Any) -> Proposal:
    until = (now + 90 * DAY).date().isoformat()
    details = {"amount": amount, "projects": projects, "sort": "purchases", "until": until, "method": "budget-equal-shares", **more}
    return propose("budget", details, now, "What we buy")


def test_a_budget_is_shared_out_and_each_project_has_its_sum(coop, now, tmp_path, capsys) -> None:
    one = passed(budget(now), {1: ["o1"], 2: ["o1"], 3: ["o1", "o2"], 4: ["o3"], 5: ["o3"]})
    assert one.state == "in_force" and sorted(one.tally["winners"]) == ["o1", "o3"], one.ended_because
    assert [(row.one.title, row.one.cap, row.one.to) for row in authorising.of(one)] == [("Bicycles", 600, "Hanbit"), ("Tools", 400, "Werk")]
    money(1_000, one.ended_at)
    credit(allowed(one, "o3"), 400, one.ended_at)
    assert checking.wrong_tallies() == []
    ending, text = opendata.ballots(one)
    file = tmp_path / "ballots.pb"
    file.write_text(text)
    assert ending == "pb"
    told = counted(file, capsys)
    assert sorted(told["winners"]) == ["o1", "o3"]
    record.seal(one.ended_at)
    export(tmp_path / "out")
    assert [said for said in verify_folder(tmp_path / "out").problems if "founding" not in said] == []


def counted(file: Any, capsys: Any) -> Any:
    capsys.readouterr()
    assert command.main([str(file), "--method", "budget-equal-shares", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_winner_that_was_changed_is_noticed(coop, now, tmp_path) -> None:
    one = passed(budget(now), {1: ["o1"], 2: ["o1"], 3: ["o1", "o2"], 4: ["o3"], 5: ["o3"]})
    record.seal(one.ended_at)
    export(tmp_path / "out")
    opened = next(json.loads(row.body) for row in LeafLine.objects.all() if '"asked"' in row.body)
    told = next(json.loads(row.body) for row in LeafLine.objects.all() if '"winners"' in row.body)
    way = ways.parse(one.way)
    assert opened["asked"]["costs"] == [600, 500, 400] and list(recount(opened, told, way)) == []
    assert list(recount(opened, {**told, "winners": ["o2", "o3"]}, way)) != []
    cheaper = {**opened, "asked": {**opened["asked"], "costs": [600, 100, 400]}}
    assert list(recount(cheaper, told, way)) != []


def test_nobody_votes_and_nothing_is_funded(coop, now) -> None:
    one = passed(budget(now), {})
    assert one.state == "rejected" and not Authorised.objects.exists()


def test_all_alike_a_tie_goes_to_the_cheaper_or_the_lot(coop, now) -> None:
    one = passed(budget(now, "A | 600\nB | 600"), {number: ["o1", "o2"] for number in range(1, 6)})
    assert len(one.tally["winners"]) == 1 and one.tally["count"]["ties"], "both cost the same and have the same support: the lot says"


def test_a_hundred_projects(coop, now) -> None:
    lines = "\n".join(f"Project {number} | {number}" for number in range(1, 101))
    one = passed(budget(now, lines, 100), {number: [f"o{n}" for n in range(1, 101)] for number in range(1, 6)})
    assert one.state == "in_force" and sum(row.one.cap for row in authorising.of(one)) <= 100


@pytest.mark.parametrize(
    "projects",
    ["", "Only one | 5", "A | 5\nA | 6", "A\nB | 5", "A | 5 | x | y\nB | 5", "A | 1001\nB | 5", "A | nothing\nB | 5", " | 5\nB | 5", "A | 0\nB | 5",
     "\n".join(f"P{n} | 1" for n in range(101)), [{"title": "A", "cost": 5}, "B"], [{"cost": 5}, {"title": "B", "cost": 5}]],
)  # fmt: skip
def test_projects_that_cannot_be(coop, now, projects) -> None:
    with pytest.raises(Refused) as no:
        budget(now, projects)
    assert no.value.field == "projects"


# -- pages and programs ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def at(monkeypatch) -> Any:
    return lambda moment: monkeypatch.setattr("madang.coop.law.clock.now", lambda: moment)


def asked(number: int | None) -> Client:
    client = Client(headers={"accept-language": "en"})
    if number:
        english(number)
        client.force_login(person(number))
    return client


def test_who_pays_out_sees_it_and_credits_a_member(coop, now, at) -> None:
    one = passed(soap(now))
    at(one.ended_at)
    money(1_000_000, one.ended_at)
    url = reverse("payments:decided")
    page = asked(2).get(url).content.decode()
    assert "Soap for the year" in page and "₩500,000" in page
    assert asked(5).get(url).status_code == 404 and asked(None).get(url).status_code == 302
    sent = {"sum": allowed(one).pk, "to": person(4).pk, "amount": "600,000", "id": uuid4()}
    wrong = asked(2).post(url, sent)
    assert wrong.status_code == 422 and "more than is left" in wrong.content.decode()
    assert asked(2).post(url, {**sent, "amount": "120,000"}).status_code == 302
    page = asked(2).get(url).content.decode()
    assert "₩380,000" in page and "₩120,000" in page
    told = asked(4).get(f"/decisions/{one.pk}/").content.decode()
    assert "₩120,000 of ₩500,000" in told
    assert {"decided spending put to your credit"} <= {row["kind"] for row in exported(person(4))}


def test_programs_do_the_same(coop, now, at) -> None:
    one = passed(soap(now))
    at(one.ended_at)
    money(1_000_000, one.ended_at)
    assert asked(5).get("/api/payments/decided").status_code == 404
    (row,) = asked(2).get("/api/payments/decided").json()
    assert (row["cap"], row["drawn"], row["sort"]) == (500_000, 0, "purchases")
    body = {"id": str(uuid4()), "person": str(person(4).pk), "amount": 1_000}
    address = f"/api/payments/decided/{row['id']}/credits"
    assert asked(2).post(address, body, content_type="application/json").json()["amount"] == 1_000
    assert asked(5).post(address, body, content_type="application/json").status_code == 404
    assert asked(2).post(address, {**body, "person": str(uuid4())}, content_type="application/json").status_code == 404
    assert asked(2).post(address, {**body, "amount": 0}, content_type="application/json").status_code == 422


def test_proposed_on_the_page_and_seen_again_as_it_was_typed(coop, now, at) -> None:
    at(now)
    client = asked(1)
    page = client.get("/decisions/new/?kind=budget").content.decode()
    assert "what | what it costs | to whom" in page
    sent = {"kind": "budget", "title": "What we buy", "reason": "", "amount": "1,000", "projects": THREE, "sort": "rent", "method": "budget-greedy",
            "until": (now + 30 * DAY).date().isoformat(), "do": "propose"}  # fmt: skip
    answer = client.post("/decisions/new/", {**sent, "projects": "A | 5"})
    assert answer.status_code == 422 and "at least two projects" in answer.content.decode()
    assert client.post("/decisions/new/", {**sent, "do": "draft"}).status_code == 302
    one = Proposal.objects.get()
    again = client.get(f"/decisions/{one.pk}/edit/").content.decode()
    assert "Bicycles | ₩600 | Hanbit" in again and "₩1,000" in again
    assert client.get("/decisions/new/?kind=spend").status_code == 200
    assert "no decided spending" in client.get("/decisions/new/?kind=end_spending").content.decode()
