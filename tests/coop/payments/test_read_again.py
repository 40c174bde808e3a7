"""Lines without a name of their own, in files that overlap, are read again, or go on within a day: nothing is lost, nothing counts twice."""

from __future__ import annotations

from itertools import accumulate

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.coop.payments import actions, choosing, statements
from madang.coop.payments import codes as ours_codes
from madang.coop.payments.models import BankLine, BankStatement, Batch, Charge, Payout
from madang.rails.bank import codes
from madang.rails.bank.codes import code_for
from tests.coop.payments.bank_hands import make, person, refusal

pytestmark = pytest.mark.django_db


def page(lines: list[tuple[int, str]], opening: int, *, number: int = 1, day: str = "260302") -> bytes:
    """MT940 of our account: lines as (amount, words), with no reference of the bank's."""
    closing = opening + sum(amount for amount, _words in lines)
    rows = "".join(f":61:{day}{day[2:]}{'C' if amount > 0 else 'D'}{abs(amount)},00NTRFNONREF\n:86:{words}\n" for amount, words in lines)
    balance = [f"{'C' if one >= 0 else 'D'}{day}KRW{abs(one)}," for one in (opening, closing)]
    return f":20:X{number}\n:25:12345604123456\n:28C:{number}/1\n:60F:{balance[0]}\n{rows}:62F:{balance[1]}\n".encode()


def read(data: bytes, now) -> statements.Report:
    return statements.read(data, by=person(2), now=now)


def total() -> int:
    return BankLine.objects.aggregate(total=Sum("amount"))["total"] or 0


def test_the_second_of_two_equal_lines_in_the_second_file_of_a_day(ours, now) -> None:
    """Review 28: the morning's file has one, the evening's goes on from there with another just like it."""
    read(page([(500, "Kim")], 1_000), now)
    report = read(page([(500, "Kim")], 1_500, number=2), now)
    assert (report.known, report.doubtful, total()) == (0, 1, 1_000)
    whole = read(page([(500, "Kim"), (500, "Kim")], 1_000, number=3), now)
    assert (whole.known, whole.doubtful, total()) == (2, 0, 1_000), "the whole day afterwards brings nothing new"
    assert statements.standing().unexplained == 0


def test_overlapping_downloads_double_nothing(ours, now) -> None:
    read(page([(500, "Kim"), (500, "Kim")], 1_000), now)
    report = read(page([(500, "Kim"), (500, "Kim"), (500, "Kim"), (-7, "fee")], 1_000, number=2), now)
    assert (report.known, report.doubtful, total()) == (2, 2, 1_493) and statements.standing().unexplained == 0


def test_where_the_balances_say_nothing_the_larger_count_holds(ours, now) -> None:
    """A page cut out of the middle: neither reading meets its balance, so nothing is guessed; what is missing is shown as a difference."""
    read(page([(500, "Kim"), (500, "Kim"), (3, "x")], 1_000), now)
    report = read(page([(500, "Kim"), (3, "x"), (500, "Kim")], 1_500, number=2), now)
    assert (report.known, report.doubtful) == (3, 0) and total() == 1_003 and statements.standing().unexplained == 500


LINES = st.lists(st.tuples(st.sampled_from([500, 500, 700, -500, -200]), st.sampled_from(["Kim", "Lee"])), min_size=1, max_size=8)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LINES, min_size=1, max_size=4), st.sampled_from(["one after the other", "each from the morning on"]), st.integers(-1_000, 1_000))
def test_however_a_day_is_downloaded(ours, now, parts, how, opening) -> None:
    """As deltas or as growing files, with any equal lines: afterwards every line stands there once, and the balance is the bank's."""
    with transaction.atomic():
        every = [line for part in parts for line in part]
        ends = list(accumulate(len(part) for part in parts))
        for number, (part, end) in enumerate(zip(parts, ends, strict=True), 1):
            begins = end - len(part) if how == "one after the other" else 0
            before = opening + sum(amount for amount, _words in every[:begins])
            read(page(every[begins:end], before, number=number), now)
        closing = opening + sum(amount for amount, _words in every)
        assert opening + total() == closing
        if how == "each from the morning on":
            assert BankLine.objects.count() == len(every)
        transaction.set_rollback(True)


def test_a_page_that_sums_to_nothing_stands_in_a_file_once(ours, now) -> None:
    """Review 16: +500 and -500, then the same page again: no balance shows it. Two such pages that the bank numbers apart are two."""
    one, other = page([(500, "Kim"), (-500, "Lee")], 1_000), page([(500, "Kim"), (-500, "Lee")], 1_000, number=2)
    refusal("file-twice", lambda: read(one + one, now))
    assert not BankLine.objects.exists() and not BankStatement.objects.exists()
    assert read(one + other, now).doubtful == 4


# Review 26: codes that meet


def meeting(key: str) -> str:
    """As if chance had given every key the same code; what follows a meeting is spread as ever."""
    return code_for(key) if "#" in key else "2222222"


def test_two_transfers_whose_codes_meet_get_two(ours, world, now, monkeypatch) -> None:
    monkeypatch.setattr(codes, "code_for", meeting)
    first, second, third = (choosing.by_bank(actions.charge("test", f"job:{n}", person(n), 1_000 * n, "KRW", key=f"c{n}", now=now), now=now) for n in (3, 4, 5))
    assert first.ref == "2222222" and len({first.ref, second.ref, third.ref}) == 3 and all(codes.is_code(one.ref) for one in (second, third))
    assert choosing.by_bank(second, now=now).ref == second.ref, "asked again it stays"
    report = read(page([(4_000, second.ref), (3_000, first.ref), (5_000, third.ref)], 0), now)
    assert report.matched == 3 and set(Charge.objects.values_list("state", flat=True)) == {"settled"}


def test_a_code_taken_at_the_same_moment(ours, world, now, monkeypatch) -> None:
    """Both saw it free: the database holds the one, the other gets the next code and nobody sees an error."""
    monkeypatch.setattr(codes, "code_for", meeting)
    first = choosing.by_bank(actions.charge("test", "job:1", person(4), 1_000, "KRW", key="c1", now=now), now=now)
    asked: list[str] = []

    def blind(code: str, **more: str) -> bool:
        asked.append(code)
        return len(asked) > 1 and real(code, **more)

    real = ours_codes.taken
    monkeypatch.setattr(ours_codes, "taken", blind)
    second = choosing.by_bank(actions.charge("test", "job:2", person(5), 1_000, "KRW", key="c2", now=now), now=now)
    assert second.ref and second.ref != first.ref and asked[0] == first.ref


def test_payouts_and_batches_meet_nobody(ours, world, earned, now, monkeypatch) -> None:
    monkeypatch.setattr(codes, "code_for", meeting)
    charge = choosing.by_bank(actions.charge("test", "job:1", person(4), 1_000, "KRW", key="c1", now=now), now=now)
    batch = make(earned, now)
    every = [charge.ref, batch.code, *Payout.objects.values_list("code", flat=True)]
    assert len(set(every)) == 4 and Batch.objects.get().code == batch.code


def test_a_line_that_could_not_be_booked_points_at_nothing(ours, earned, now, monkeypatch) -> None:
    """And is still nobody's to call a fee who would be paid by it."""
    from madang.coop.payments import batches

    batch = make(earned, now)
    batches.approve(batch.pk, by=person(1), now=now)
    payout = Payout.objects.filter(owner=earned[0]).get()

    def broken(*_args, **_more):
        raise RuntimeError("a bug")

    monkeypatch.setattr(statements, "payout_answered", broken)
    read(page([(-payout.amount, payout.code)], 100_000), now)
    line = BankLine.objects.get()
    assert (line.why, line.payout, line.charge, line.batch) == ("not-booked", None, None, None)
    monkeypatch.setattr(statements.accounts, "owners_of", lambda *_args: [payout.owner])
    refusal("own-payout", lambda: statements.leave(line.pk, "bank fee", by=person(2), now=now))
