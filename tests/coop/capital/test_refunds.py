"""What those who left get back in Korea (협동조합 기본법 arts. 26, 29, 89): when, at what worth, by whose decision, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from madang.coop import ledger
from madang.coop.capital import actions, queries, queue, refunds, withdrawals
from madang.coop.capital.models import Claim, Valuation
from madang.coop.law.models import Coop
from madang.coop.ledger import queries as books
from madang.coop.members import actions as members
from madang.coop.notices import due
from madang.coop.notices.models import Notice
from madang.kit.errors import Missing, Refused
from tests.coop.capital import outlife
from tests.coop.capital.outlife import NEW_YEAR, give, membership, passed, person, propose, sound

pytestmark = pytest.mark.django_db
MARCH = datetime(2027, 3, 2, tzinfo=UTC)


@pytest.fixture
def five(coop, now):
    """Each of the five holds ten shares; f5 leaves in April after a bad month: 200,000 won of card costs, no income."""
    for number in range(1, 6):
        give(number, 10, now)
    costs, bank = ledger.accounts([("card-costs", ""), ("clearing", "rail:sandbox")], "KRW")
    ledger.post("card-cost", [ledger.Move(costs, bank, 200_000, "card-cost")], key="bad", subject="bad", now=now + timedelta(days=5))
    one = membership(5)
    members.leave(one, by=one.person, now=now + timedelta(days=40))
    return one


def test_worth_by_the_balance_sheet_of_their_year_and_only_after_the_members_said_so(five) -> None:
    """Art. 26 (1): from the next fiscal year; (2): by the assets and debts at the end of their year; art. 29: by special resolution."""
    claim = Claim.objects.get()
    assert (claim.amount, claim.due_on.isoformat()) == (100_000, "2027-01-01")
    with pytest.raises(Refused) as no, transaction.atomic():
        propose("refund_to_leavers", datetime(2026, 12, 1, tzinfo=UTC))
    assert no.value.code == "nobody"
    told = refunds.sheet(2026, "KRW")
    assert (told.assets, told.debts, told.paid_in) == (300_000, 0, 500_000)
    proposal = propose("refund_to_leavers", MARCH)
    line = Valuation.objects.get().lines.get()
    assert (line.before, line.after) == (100_000, 60_000)
    assert "100,000" in str(refunds.lines(proposal, "en")[0].before) and "60,000" in str(refunds.lines(proposal, "en")[0].after)
    with pytest.raises(Refused) as no, transaction.atomic():
        actions.pay_claim(claim, by=person(2), now=MARCH)
    assert no.value.code == "resolution"
    done = passed(proposal)
    claim.refresh_from_db()
    assert (done.state, claim.amount, claim.par, claim.resolution_id) == ("in_force", 60_000, 100_000, done.pk)
    assert books.kind_balance("forfeited", "KRW") == 40_000 and books.balance(claim.account) == 60_000
    assert Notice.objects.filter(person=five.person, message="capital.refund_decided").count() == 1
    sound()
    actions.pay_claim(claim, by=person(2), now=done.effect_at + timedelta(days=1))
    assert books.balance(claim.account) == 0
    sound()


def test_a_gain_stays_with_the_co_op(coop, now) -> None:
    """At most what was paid in, as most articles have it."""
    for number in range(1, 6):
        give(number, 1, now)
    bank, upkeep = ledger.accounts([("clearing", "rail:sandbox"), ("upkeep", "")], "KRW")
    ledger.post("gain", [ledger.Move(bank, upkeep, 500_000, "upkeep")], key="gain", subject="gain", now=now)
    one = membership(5)
    members.leave(one, by=one.person, now=now)
    (row,), _sheets = refunds.valued(MARCH)
    assert row.after == 10_000


def test_a_social_co_op_gives_back_what_was_paid_in(five) -> None:
    """Art. 89 (1) speaks of paid-in capital, not of a part valued by the balance sheet."""
    Coop.objects.update(law="kr-social")
    (row,), _sheets = refunds.valued(MARCH)
    assert row.after == 100_000


def test_nothing_left_is_nothing_owed(coop, now) -> None:
    """All capital lost: the claim is worth nothing, and nobody is asked to pay it."""
    for number in range(1, 6):
        give(number, 1, now)
    costs, bank = ledger.accounts([("card-costs", ""), ("clearing", "rail:sandbox")], "KRW")
    ledger.post("card-cost", [ledger.Move(costs, bank, 80_000, "card-cost")], key="bad", subject="bad", now=now)
    one = membership(5)
    members.leave(one, by=one.person, now=now)
    passed(propose("refund_to_leavers", MARCH))
    assert Claim.objects.get().amount == 0 and queue.queue(MARCH).places == []
    sound()


def test_a_claim_nobody_asks_for_lapses_with_a_warning_before(five) -> None:
    """Art. 26 (3): not exercised for two years, it lapses. It is income of the year; nothing is lost in the books."""
    claim = Claim.objects.get()
    assert claim.lapses_on.isoformat() == "2029-01-01"
    due.run_due(datetime(2028, 10, 1, tzinfo=UTC), limit=50)
    assert not Notice.objects.filter(message="capital.lapses").exists()
    for day in (3, 4):
        due.run_due(datetime(2028, 11, day, tzinfo=UTC), limit=50)
    assert Notice.objects.filter(person=five.person, message="capital.lapses").count() == 1
    due.run_due(datetime(2028, 12, 31, 14, 59, tzinfo=UTC), limit=50)
    claim.refresh_from_db()
    assert claim.lapsed_at is None
    for day in (1, 2):
        due.run_due(datetime(2029, 1, day, tzinfo=UTC), limit=50)
    claim.refresh_from_db()
    assert claim.lapsed_at is not None and books.balance(claim.account) == 0 and books.kind_balance("forfeited", "KRW") == 100_000
    sound()


def test_who_asked_in_time_keeps_the_claim(five) -> None:
    claim = Claim.objects.get()
    with pytest.raises(Refused) as no, transaction.atomic():
        withdrawals.claim_it(claim, by=five.person, now=datetime(2026, 6, 1, tzinfo=UTC))
    assert no.value.code == "too-early"
    with pytest.raises(Missing), transaction.atomic():
        withdrawals.claim_it(claim, by=person(1), now=NEW_YEAR)
    withdrawals.claim_it(claim, by=five.person, now=NEW_YEAR)
    withdrawals.claim_it(claim, by=five.person, now=NEW_YEAR + timedelta(days=1))
    due.run_due(datetime(2029, 6, 1, tzinfo=UTC), limit=50)
    claim.refresh_from_db()
    assert claim.lapsed_at is None and claim.claimed_at == NEW_YEAR
    assert [one.why for one in queue.queue(datetime(2029, 6, 1, tzinfo=UTC)).places] == ["resolution"]


def test_who_owes_the_co_op_waits_until_it_is_paid(five) -> None:
    """Art. 26 (4)."""
    passed(propose("refund_to_leavers", MARCH))
    owed, bank = ledger.accounts([("payable", ledger.owner_of(five.person)), ("clearing", "rail:sandbox")], "KRW")
    ledger.post("debt", [ledger.Move(owed, bank, 5_000, "debt")], key="debt", subject="debt", now=MARCH)
    later, claim = MARCH + timedelta(days=60), Claim.objects.get()
    with pytest.raises(Refused) as no, transaction.atomic():
        actions.pay_claim(claim, by=person(2), now=later)
    assert no.value.code == "debts"
    ledger.post("debt", [ledger.Move(bank, owed, 5_000, "debt")], key="debt-paid", subject="debt", now=later)
    actions.pay_claim(claim, by=person(2), now=later)


def test_while_one_is_a_member_shares_stay(coop, now) -> None:
    give(1, 10, now)
    with pytest.raises(Refused) as no:
        outlife.ask(1, 1, now)
    assert no.value.code == "law" and "26" in str(no.value.message)
    assert queries.holding(membership(1)).count == 10


def test_the_board_cannot_suspend_where_the_law_gives_a_claim(coop, now) -> None:
    with pytest.raises(Refused) as no:
        withdrawals.suspend("Hard times.", by=person(1), now=now)
    assert no.value.code == "law" and "26" in str(no.value.message)


def test_a_vote_over_figures_that_moved_books_nothing_it_did_not_show(five) -> None:
    """A claim that lapsed, or was decided by another vote, between discussion and effect is left as it is."""
    first, second = propose("refund_to_leavers", MARCH), propose("refund_to_leavers", MARCH)
    passed(first)
    claim = Claim.objects.get()
    assert claim.resolution_id == first.pk
    passed(second)
    claim.refresh_from_db()
    assert claim.resolution_id == first.pk and books.kind_balance("forfeited", "KRW") == 40_000
    sound()
