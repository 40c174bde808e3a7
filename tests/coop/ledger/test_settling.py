"""Settlements repeated: nobody drifts, nothing is lost, and each can be told why."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.coop import ledger
from madang.coop.ledger import checks, explain, queries, settling
from madang.coop.ledger.models import Carried, Entry
from madang.kit.errors import Refused
from tests.coop.ledger.test_balances import at_once

pytestmark = pytest.mark.django_db
NAMES = ("anna", "ben", "cho")


def shares(weights: list[int], unit: str = "KRW") -> dict[str, ledger.Share]:
    places = ledger.accounts([("payable", f"person:{name}") for name in NAMES], unit)
    return {name: ledger.Share(place, Fraction(weight)) for name, place, weight in zip(NAMES, places, weights, strict=True) if weight}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 9), st.lists(st.integers(0, 7), min_size=3, max_size=3).filter(any)), min_size=1, max_size=10))
def test_the_books_say_what_the_shares_came_to(now, runs) -> None:
    from django.db import transaction

    with transaction.atomic():
        source, exact = ledger.account("clearing", "", "KRW"), dict.fromkeys(NAMES, Fraction(0))
        for number, (amount, weights) in enumerate(runs):
            ledger.settle("plays", source, amount, shares(weights), key=f"s{number}", now=now, kind="plays")
            for name, weight in zip(NAMES, weights, strict=True):
                exact[name] += Fraction(amount * weight, sum(weights))
        got = {name: queries.balance(ledger.account("payable", f"person:{name}", "KRW")) for name in NAMES}
        assert all(-Fraction(1, 10**9) < exact[name] - got[name] < 1 + Fraction(1, 10**9) for name in NAMES)
        pot = queries.balance(ledger.account("carried", "plays", "KRW", floored=True))
        assert sum(got.values()) + pot == sum(amount for amount, _weights in runs) == -queries.balance(source)
        assert pot * 10**12 == sum(settling.latest("plays").values())
        assert checks.balances_equal_sums() == checks.units_sum_to_zero() == []
        transaction.set_rollback(True)


def test_a_repeat_is_the_first_settlement_even_when_more_came_since(now) -> None:
    source = ledger.account("clearing", "", "KRW")
    first = ledger.settle("plays", source, 10, shares([1, 1, 1]), key="a", now=now, kind="plays")
    ledger.settle("plays", source, 10, shares([1, 1, 1]), key="b", now=now, kind="plays")
    assert ledger.settle("plays", source, 10, shares([1, 1, 1]), key="a", now=now, kind="plays").pk == first.pk
    with pytest.raises(Refused) as no:
        ledger.settle("plays", source, 11, shares([1, 1, 1]), key="a", now=now, kind="plays")
    assert no.value.code == "key-used" and Entry.objects.count() == 2 and Carried.objects.count() == 6
    for amount, wanted in ((0, [1, 1, 1]), (10**18, [1, 1, 1]), (True, [1, 1, 1]), (5, [0, 0, 0])):
        with pytest.raises(Refused):
            ledger.settle("plays", source, amount, shares(wanted), key="c", now=now, kind="plays")
    with pytest.raises(Refused) as no:
        ledger.settle("plays", source, 5, shares([1, 1, 1], "USD"), key="c", now=now, kind="plays")
    assert no.value.code == "unit"


def test_each_is_told_what_was_carried(now) -> None:
    source = ledger.account("clearing", "", "KRW")
    first = ledger.settle("plays", source, 100, shares([1, 1, 1]), key="a", now=now, kind="plays")
    second = ledger.settle("plays", source, 100, shares([1, 1, 1]), key="b", now=now, kind="plays")
    assert settling.explain(first, "anna", "en").startswith("₩33. 0.33 of the smallest unit waits")
    assert "0.33" in settling.explain(second, "anna", "en") and "0.66" in settling.explain(second, "anna", "en")
    assert settling.explain(second, "anna", "ko").startswith("33원") and "0.66" in settling.explain(second, "anna", "ko")
    assert settling.explain(second, "nobody", "en") == ""
    mine = next(move for move in second.transfers.all() if move.note.get("recipient") == "anna")
    told = explain.why(mine.pk, treasurer_of(mine), "en", now=now).what
    assert told.startswith("1/3 of ₩100. 0.33 of the smallest unit was left from before") and "0.66" in told


def treasurer_of(move):
    """Whoever the line is of may ask why."""
    from types import SimpleNamespace

    return SimpleNamespace(pk=move.credit.owner.removeprefix("person:"), is_authenticated=True)


@pytest.mark.django_db(transaction=True)
def test_settlements_of_one_scope_go_on_from_each_other(now) -> None:
    source, wanted = ledger.account("clearing", "", "KRW"), shares([1, 1, 1])
    assert at_once(12, lambda n: ledger.settle("plays", source, 10, wanted, key=f"s{n}", now=now, kind="plays")) == []
    assert [queries.balance(share.account) for share in wanted.values()] in ([40, 40, 40], [39, 40, 40], [40, 39, 40], [40, 40, 39], [39, 39, 40],
                                                                            [39, 40, 39], [40, 39, 39], [39, 39, 39])  # fmt: skip
    assert queries.balance(source) == -120 and checks.balances_equal_sums() == []
