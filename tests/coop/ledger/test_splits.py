"""A split inside splits: booked exactly, and each told how their part came about."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.coop import ledger
from madang.coop.ledger import explain
from madang.kit.splits import Branch

pytestmark = pytest.mark.django_db
RHYTHM = (Branch("drums", Fraction(1)), Branch("bass", Fraction(1)))
BAND = [
    Branch("artist", Fraction(70), (Branch("singer", Fraction(2, 5)), Branch("band", Fraction(3, 5), RHYTHM))),
    Branch("co-op", Fraction(30)),
]
PATHS = {("artist", "singer"): "singer", ("artist", "band", "drums"): "drums", ("artist", "band", "bass"): "bass", ("co-op",): "coop"}


def places() -> dict[tuple[str, ...], ledger.Account]:
    return dict(zip(PATHS, ledger.accounts([("payable", f"person:{name}") for name in PATHS.values()], "KRW"), strict=True))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 10**12), st.text("abc", max_size=3))
def test_it_adds_up_at_every_level(amount, salt) -> None:
    made = {part.credit.owner.removeprefix("person:"): part.amount for part in ledger.nested_parts(None, amount, BAND, places(), salt, kind="plays")}
    assert sum(made.values()) == amount and all(made.values())
    artist = sum(made.get(name, 0) for name in ("singer", "drums", "bass"))
    assert abs(artist - amount * Fraction(7, 10)) < 1 and abs(made.get("drums", 0) - made.get("bass", 0)) <= 1


def test_each_is_told_how_their_part_came_about(coop, now) -> None:
    source = ledger.account("clearing", "", "KRW")
    parts = ledger.nested_parts(None, 52_000, BAND, places(), "k", kind="plays")
    entry = ledger.post("plays", [part.out_of(source) for part in parts], key="k", subject="", now=now)
    told = {}
    for line in entry.transfers.select_related("credit"):
        name = line.credit.owner.removeprefix("person:")
        viewer = SimpleNamespace(pk=name, is_authenticated=True)
        told[name] = [explain.why(line.pk, viewer, lang, now=now).what for lang in ("en", "ko")]
    assert told["coop"][0] == "30 % of ₩52,000."
    assert told["singer"][0] == "40 % of ₩36,400. The ₩36,400 are 70 % of ₩52,000."
    assert told["bass"][0] == "50 % of ₩21,840. The ₩21,840 are 60 % of ₩36,400. The ₩36,400 are 70 % of ₩52,000."
    assert told["singer"][1] == "36,400원의 40%입니다. 그 36,400원은 52,000원의 70%입니다."


def test_a_path_without_an_account_is_refused() -> None:
    with pytest.raises(ValueError, match="artist / singer"):
        ledger.nested_parts(None, 100, BAND, {("co-op",): ledger.account("upkeep", "", "KRW")}, "k", kind="plays")
