"""A year is closed by a vote: worked out from the books, held to the law, shown to each, and booked exactly as it was voted on."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction
from django.utils import translation

from madang.coop import ledger
from madang.coop.capital import kinds, yearend, years
from madang.coop.capital.measures import earned
from madang.coop.capital.models import Closing, ClosingLine
from madang.coop.decisions import actions as decisions
from madang.coop.decisions.models import Proposal
from madang.coop.law.models import Coop
from madang.coop.ledger import checks
from madang.coop.ledger import queries as books
from madang.coop.ledger.books.checks import statements_agree
from madang.coop.ledger.models import Transfer
from madang.kit.errors import Refused
from madang.kit.surplus import Wish
from tests.coop.capital import yearlife
from tests.coop.capital.yearlife import FEBRUARY, WISH, membership, passed, person, propose

pytestmark = pytest.mark.django_db


@pytest.fixture
def lived(coop, now):
    yearlife.lived(now)
    return coop


def stands(kind):
    return books.kind_balance(kind, "KRW")


def mine(number):
    return sum(amount for _account, amount in books.balances(ledger.owner_of(person(number)), "payable"))


def test_what_the_books_say(lived):
    found = years.figures(2026, "KRW")
    costs = -stands("card-costs")
    assert found.closes == {"upkeep": 90_000, "card-costs": -costs} and found.year.result == 90_000 - costs > 0
    assert found.year.paid_in == 50_000 and found.year.brought_forward == found.year.legal == 0
    assert years.figures(2025, "KRW").closes == {}


def test_it_is_booked_exactly_as_it_was_voted_on(lived):
    before = {number: mine(number) for number in range(1, 6)}
    one = propose(WISH)
    kept = {line.membership_id: line.amount for line in ClosingLine.objects.filter(closing=one.pk)}
    made = Closing.objects.get(pk=one.pk).use
    one = passed(one)
    assert one.state == "in_force"
    result = years.figures(2026, "KRW")
    assert result.closes == {}  # closed
    assert stands("upkeep") == stands("card-costs") == 0
    assert stands("legal-reserve") == made["legal"] > 0 and stands("voluntary-reserve") == made["voluntary"] > 0
    assert stands("surplus") == made["forward"]
    assert {number: mine(number) - before[number] for number in range(1, 6)} == {number: kept[membership(number).pk] for number in range(1, 6)}
    assert sum(kept.values()) == made["patronage"] + made["capital"]
    assert made["capital"] == 2_500  # 5 % of 50,000
    assert yearend.booked_as_decided() == checks.balances_equal_sums() == checks.units_sum_to_zero() == checks.transfers_are_as_recorded() == []


def test_by_class_and_by_each_members_own_use(lived):
    one = propose(WISH)
    lines = {line.membership.person.email[:2]: line for line in ClosingLine.objects.filter(closing=one.pk).select_related("membership__person")}
    assert (lines["f1"].counted, lines["f2"].counted, lines["f3"].counted) == (540_000, 270_000, 0)
    assert (lines["f4"].counted, lines["f5"].counted) == (800_000, 100_000)
    whole = sum(line.patronage for line in lines.values())
    assert abs(lines["f1"].patronage - whole * 3 // 4 * 2 // 3) <= 2 and lines["f3"].patronage == 0
    assert abs(lines["f4"].patronage - whole // 4 * 8 // 9) <= 2
    assert {line.capital for line in lines.values()} == {500}


def test_who_is_in_two_classes_that_follow_one_measure_counts_once(lived, now):
    """f1 earned 450,000 of 810,000 as a worker and votes as one; being a client too does not make it count in the other pool."""
    from madang.coop.members.models import Membership

    kind = membership(4).member_class
    other = Membership.objects.create(member_class=kind, person=person(1), state="active", applied_at=now, admitted_at=now, active_from=now, primary=False)
    one = propose({**WISH, "groups": {"worker": {"parts": 1, "measure": "earned"}, "client": {"parts": 1, "measure": "earned"}}})
    lines = {line.membership_id: line for line in ClosingLine.objects.filter(closing=one.pk)}
    assert lines[other.pk].counted == lines[other.pk].patronage == 0 and lines[membership(1).pk].counted == 540_000
    assert sum(line.patronage for line in lines.values()) == Closing.objects.get(pk=one.pk).use["patronage"]
    assert "counts once" in " ".join(str(line.after) for line in kinds.lines(one, "en"))
    assert "counts once" not in " ".join(str(line.after) for line in kinds.lines(propose(WISH), "en"))


def test_what_was_taken_back_was_not_earned(lived, now):
    since, until = years.span(2026)
    before = earned(since, until)
    giver, taker = ledger.accounts([("payable", ledger.owner_of(person(1))), ("payable", ledger.owner_of(person(3)))], "KRW")
    passed_on = ledger.post("pass-on", [ledger.Move(giver, taker, 70_000, "worker")], key="p", subject="work:1", now=now + timedelta(days=40))
    assert earned(since, until) == {**before, taker.owner: 70_000}
    ledger.reverse(passed_on, key="back", now=now + timedelta(days=41), reason="wrong person")
    assert earned(since, until) == before


def test_the_statements_agree_after_a_year_was_closed(lived):
    assert statements_agree() == []
    passed(propose(WISH))
    assert statements_agree() == []


def test_doing_it_again_books_nothing(lived):
    one = passed(propose(WISH))
    count = Transfer.objects.count()
    assert yearend.post(one, now=FEBRUARY + timedelta(days=60)) == 0 and Transfer.objects.count() == count


@pytest.mark.parametrize(
    ("wish", "article", "field"),
    [
        ({"capital": "11%", "patronage": "100%"}, "제51조 제3항", "capital"),
        ({"capital": "10%", "patronage": "1%"}, "제51조 제3항", "patronage"),
        ({"capital": "1%", "patronage": "0%"}, "제51조 제3항", "patronage"),
    ],
)
def test_what_the_law_forbids_cannot_be_tabled(lived, wish, article, field):
    with translation.override("ko"), pytest.raises(Refused) as no:
        propose({**WISH, "voluntary": "0%", **wish})
    assert no.value.code == "law" and article in str(no.value.message) and no.value.field == field
    assert "협동조합 기본법" in str(no.value.message) and "원" in str(no.value.message)
    assert not Closing.objects.exists()


def test_a_social_co_op_shares_out_nothing(lived):
    Coop.objects.update(law="kr-social")
    with pytest.raises(Refused) as no:
        propose(WISH)
    assert no.value.code == "law" and "98" in str(no.value.message)
    with pytest.raises(Refused) as no:
        propose({"year": 2026})
    assert no.value.code == "law"  # the rest goes to the voluntary reserve
    result = years.figures(2026, "KRW").year.result
    one = passed(propose({"year": 2026, "voluntary": "100%"}))
    assert one.state == "in_force" and stands("surplus") == 0 and 10 * stands("legal-reserve") >= 3 * result
    assert stands("voluntary-reserve") > stands("legal-reserve") and not ClosingLine.objects.filter(patronage__gt=0).exists()


def test_the_law_may_change_before_it_takes_effect(lived):
    one = propose(WISH)
    Coop.objects.update(law="kr-social")
    one = passed(one)
    assert one.state == "failed" and one.ended_because == "law"
    assert stands("legal-reserve") == 0 and stands("upkeep") == 90_000


def test_a_year_that_is_not_over_or_closed_already(lived, now):
    for year, moment in ((2027, FEBRUARY), (2026, datetime(2026, 12, 31, 14, 59, tzinfo=UTC))):
        with pytest.raises(Refused) as no:
            yearend.close_year(year, moment, Wish(), {})
        assert no.value.code == "year"
    yearend.close_year(2026, datetime(2026, 12, 31, 15, 0, tzinfo=UTC), Wish(), {})  # midnight in Seoul
    passed(propose(WISH))
    with pytest.raises(Refused) as no:
        propose(WISH, FEBRUARY + timedelta(days=90))
    assert no.value.code == "year"
    assert list(yearend.open_years(FEBRUARY + timedelta(days=90))) == []


def test_two_proposals_for_one_year_do_not_book_twice(lived):
    first, second = propose(WISH), propose({**WISH, "voluntary": "0%"})
    passed(first)
    count = Transfer.objects.count()
    assert passed(second).state == "failed" and Transfer.objects.count() == count


def test_a_year_closed_in_between_is_not_shared_out_a_second_time(lived):
    """All of 2026 goes to members, so surplus and reserves look as before; yet 2027 was worked out with 2026's result in it."""
    Coop.objects.update(law="plain")
    yearlife.work(9, 1, 4, 200_000, datetime(2027, 6, 1, tzinfo=UTC))
    later, all_of_it = datetime(2028, 2, 1, tzinfo=UTC), {**WISH, "legal": "0%", "voluntary": "0%", "patronage": "100%", "capital": "0%"}
    first, second = propose(all_of_it, later), propose({**all_of_it, "year": 2027}, later)
    assert passed(first).state == "in_force" and stands("surplus") == 0
    left = stands("upkeep")
    assert passed(second).state == "failed" and stands("upkeep") == left == 20_000
    assert passed(propose({**all_of_it, "year": 2027}, later + timedelta(days=60))).state == "in_force" and stands("upkeep") == 0


@pytest.mark.django_db(transaction=True)
def test_two_decisions_on_one_year_at_the_same_moment_book_it_once(coop, now):
    yearlife.lived(now)
    due = []
    for one in (propose(WISH), propose({**WISH, "voluntary": "0%"})):
        one = decisions.open_voting(one, now=one.opens_at)
        for number in range(1, 6):
            decisions.cast(one, person(number), "for", now=one.opens_at)
        due.append(decisions.close(one, now=one.closes_at))
    moment = max(one.effect_at for one in due)
    ledger.accounts([(kind, "") for kind in ("surplus", "legal-reserve", "voluntary-reserve")], "KRW")  # not the first year: nobody waits to open them

    def second() -> None:
        try:
            decisions.take_effect(due[1].pk, now=moment)
        finally:
            connections.close_all()

    other = threading.Thread(target=second)
    with transaction.atomic():
        decisions.take_effect(due[0].pk, now=moment)
        other.start()
        while other.is_alive() and not waits_for_a_lock():
            other.join(0.02)
    other.join()
    assert [Proposal.objects.get(pk=one.pk).state for one in due] == ["in_force", "failed"]
    assert stands("upkeep") == 0 and Transfer.objects.filter(kind="legal-reserve").count() == 1


def waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')")
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize("year", [0, -5, 10_000, 10**18])
def test_no_books_have_such_a_year(lived, year):
    with pytest.raises(Refused) as no:
        propose({**WISH, "year": year})
    assert no.value.code == "year"


def test_what_moves_between_working_it_out_and_fixing_it_is_seen(lived):
    one = propose(WISH)
    assert Closing.objects.get(pk=one.pk).digest == one.details["digest"]  # as the page and the public record show it
    plan = yearend.close_year(2026, FEBRUARY, Wish(), {})
    other = Proposal(pk=uuid4(), details=one.details)
    with pytest.raises(Refused) as no:
        yearend.fix(other, plan, now=FEBRUARY)
    assert no.value.code == "moved" and not Closing.objects.filter(pk=other.pk).exists()


def test_what_was_voted_on_is_what_was_shown_though_the_books_move(lived, now):
    one = propose(WISH)
    shown = Closing.objects.get(pk=one.pk).use
    yearlife.work(9, 3, 4, 1_000_000, datetime(2026, 12, 30, tzinfo=UTC))  # booked late into the year
    passed(one)
    assert stands("legal-reserve") == shown["legal"]
    late = years.figures(2027, "KRW").closes
    assert late["upkeep"] == 100_000  # nothing is lost: it falls into the next year


def test_a_draft_is_looked_at_again_when_the_books_moved(lived):
    one = decisions.draft(person(1), "use_of_surplus", "Use", "", details=WISH, now=FEBRUARY)
    yearlife.work(9, 3, 4, 1_000_000, datetime(2026, 12, 30, tzinfo=UTC))
    with pytest.raises(Refused) as no:
        decisions.open_discussion(one, person(1), now=FEBRUARY)
    assert no.value.code == "moved"


def test_a_loss_is_covered_in_the_order_of_the_law(coop, now):
    yearlife.shares(now)
    yearlife.work(1, 1, 4, 500_000, now + timedelta(days=9))
    passed(propose({**WISH, "capital": "0%", "patronage": "0%", "voluntary": "40%"}))
    upkeep, bank = ledger.accounts([("upkeep", ""), ("clearing", "rail:sandbox")], "KRW")
    before = {kind: stands(kind) for kind in ("surplus", "voluntary-reserve", "legal-reserve")}
    lost = before["surplus"] + before["voluntary-reserve"] + 1_000
    ledger.post("rent", [ledger.Move(upkeep, bank, lost, "rent")], key="rent", subject="", now=datetime(2027, 6, 1, tzinfo=UTC))
    later = datetime(2028, 2, 1, tzinfo=UTC)
    passed(propose({**WISH, "year": 2027}, later))  # whatever is wished: a loss is not shared out
    assert not ClosingLine.objects.filter(closing__year=2027).exclude(patronage=0, capital=0).exists()
    assert stands("surplus") == 0 and stands("voluntary-reserve") == 0 and stands("legal-reserve") == before["legal-reserve"] - 1_000


@pytest.mark.parametrize(
    ("details", "code"),
    [
        ({**WISH, "legal": "ten"}, "unfit"), ({**WISH, "year": "2026"}, "unfit"),
        ({**WISH, "groups": {"nobody": {"parts": 1, "measure": "earned"}}}, "parts"),
        ({**WISH, "groups": {"worker": {"parts": 0, "measure": "earned"}}}, "parts"),
        ({**WISH, "groups": {"worker": {"parts": 1, "measure": "luck"}}}, "measure"),
        ({**WISH, "groups": {}}, "no-use"), ({**WISH, "groups": {"worker": 3}}, "unfit"), ({**WISH, "groups": [1]}, "parts"),
        ({**WISH, "patronage": "100%", "capital": "9%"}, "not-enough"), ({}, "unfit"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_and_nothing_kept(lived, details, code):
    with pytest.raises(Refused) as no:
        propose(details)
    assert no.value.code == code and not Proposal.objects.filter(kind="use_of_surplus").exists()


def test_the_page_shows_the_steps_the_spread_and_ones_own_amount(lived, client_for):
    one = propose(WISH)
    line = ClosingLine.objects.get(closing=one.pk, membership=membership(1))
    for number in (1, 4):
        html = client_for(person(number)).get(f"/decisions/{one.pk}/", headers={"accept-language": "en"}).content.decode()
        assert kinds.own(one, person(number), "ko")[0].after in html or kinds.own(one, person(number), "en")[0].after in html
        assert "법정적립금" in html or "legal reserve" in html
    assert f"{line.amount:,}" in kinds.own(one, person(1), "en")[0].after
    stranger = client_for(None).get(f"/decisions/{one.pk}/").content.decode()
    assert "나에게 어떤 의미입니까" not in stranger and "What it means for you" not in stranger
    assert kinds.picture(one, "en").rows[0][1] == sum(one.amount for one in ClosingLine.objects.filter(closing=one.pk))  # five members are one group
    said = [text.after for text in kinds.lines(one, "ko")]
    assert any("제50조 제1항" in text for text in said) and any("총회" in text for text in said)


def test_a_proposal_written_in_the_browser(lived, client_for, monkeypatch):
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: FEBRUARY)
    browser = client_for(person(1))
    page = browser.get("/decisions/new/?kind=use_of_surplus")
    assert page.status_code == 200 and b"parts_worker" in page.content
    sheet = {
        "kind": "use_of_surplus", "title": "Use 2026", "reason": "Because.", "do": "propose", "year": "2026", "legal": "10%", "voluntary": "20%",
        "patronage": "50%", "capital": "5%", "parts_worker": "3", "measure_worker": "earned", "parts_client": "1", "measure_client": "spent",
        "parts_provider": "1", "measure_provider": "",
    }  # fmt: skip
    refused = browser.post("/decisions/new/", {**sheet, "capital": "40%"})
    assert refused.status_code == 422 and ("제51조" in refused.content.decode() or "art. 51" in refused.content.decode())
    assert browser.post("/decisions/new/", sheet).status_code == 302
    one = Proposal.objects.get(kind="use_of_surplus")
    assert one.state == "discussion" and Closing.objects.get(pk=one.pk).digest == one.details["digest"]


def test_why_leads_to_the_decision(lived, client_for):
    one = passed(propose(WISH))
    line = Transfer.objects.get(kind="patronage", credit__owner=ledger.owner_of(person(1)))
    html = client_for(person(1)).get(f"/why/{line.pk}/").content.decode()
    assert f"/decisions/{one.pk}/" in html and line.note["decision"] == str(one.pk) and line.note["year"] == 2026
    assert client_for(person(2)).get(f"/why/{line.pk}/").status_code in (200, 404)
    assert client_for(person(4)).get(f"/why/{line.pk}/").status_code == 404


def test_my_money(lived, client_for, now, monkeypatch):
    from madang.coop.capital import money

    passed(propose(WISH))
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: FEBRUARY + timedelta(days=30))
    told = {one.key: one for one in money.money(person(1), [membership(1)], now=FEBRUARY + timedelta(days=30)).figures}
    assert told["put-in"].amount == 10_000 and told["put-in"].lines[0].why
    assert told["earned"].amount == told["owed"].amount == told["take-out"].amount == mine(1) > 540_000
    with translation.override("ko"):
        sentence = money.money(person(1), [membership(1)], now=FEBRUARY).figures[3].sentence
    assert "제26조" in sentence and "2028" in sentence
    html = client_for(person(1)).get("/shares/money/").content.decode()
    assert 'class="bars' in html and "style=" not in html and f"{mine(1):,}" in html
    assert "1.85%" not in html  # bars against the largest: a percentage of what would it be?
    assert client_for(None).get("/shares/money/").status_code == 302
    answer = client_for(person(1)).get("/api/capital/money").json()
    assert [(one["key"], one["amount"]) for one in answer][:2] == [("put-in", 10_000), ("earned", mine(1))]
    assert client_for(None).get("/api/capital/money").status_code == 401


def test_a_british_society_holds_people_to_a_hundred_thousand_pounds(coop, now):
    from madang.coop.capital import limits

    Coop.objects.update(law="uk-coop", currency="GBP")
    kind = membership(1).member_class
    kind.share_price = 100  # one pound
    kind.save()
    limit = limits.limit(membership(1), now)
    assert limit.count == 100_000 and "s. 24" in limit.citation


def test_what_was_fixed_is_not_changed_by_the_serving_role(lived):
    from madang.kit import house

    assert {"capital_closing", "capital_closingline"} <= set(house.collect("append_only"))
    one = propose(WISH)
    with transaction.atomic():
        assert yearend.fix(one, None, now=FEBRUARY).pk == one.pk  # twice is once
