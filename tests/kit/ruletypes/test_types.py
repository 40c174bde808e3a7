"""Every type: what it reads it writes back, exactly; what it cannot mean it refuses, with a path and what was expected."""

import json
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kit.ruletypes import (
    Amount,
    Choice,
    Duration,
    Flag,
    Items,
    Ladder,
    Money,
    Percent,
    Record,
    Split,
    Text,
    Unfit,
    Way,
    Whole,
)
from madang.kit.ruletypes.duration import duration_text, read_duration
from madang.kit.ruletypes.percent import percent_text, read_share
from madang.kit.ruletypes.words import _WORDS

SPLIT = Split(parts={"provider": "Provider", "upkeep": "Upkeep"}, bounds_of={"upkeep": ("0%", "30%")})
ROW = {"title": Text(languages=True, max_length=80, label="name"), "price": Amount(label="price"), "each": Flag(label="each")}
PRICES = Items(row=Record(parts=ROW, optional={"each": False}))
TYPES = [
    (Percent(), "5%", None),
    (Percent(), "2.5%", None),
    (Amount(), "9.00", "USD"),
    (Amount(), 12000, "KRW"),
    (Amount(), {"amount": 900, "unit": "USD"}, None),
    (Whole(max=10), 7, None),
    (Duration(), "24h", None),
    (Flag(), True, None),
    (Choice(options={"a": "A", "b": "B"}), "b", None),
    (Text(), "안녕", None),
    (Text(languages=True), {"ko": "가", "en": "a"}, None),
    (SPLIT, {"provider": "95%", "upkeep": "5%"}, None),
    (Ladder(), [{"at_least": "24h", "percent": "50%"}, {"at_least": "48h", "percent": "100%"}], None),
    (PRICES, {"oven": {"title": {"ko": "오븐", "en": "Oven"}, "price": "16.00"}, "fridge": {"title": {"en": "Fridge"}, "price": "20.00", "each": True}}, "USD"),
    (Way(), {"quorum": "20%", "majority": "2/3", "per_class": {"worker": {"majority": "50%"}}, "electorate": ["worker"], "discussion": "1h"}, None),
    (Record(parts={"a": Whole(), "b": Record(parts={"c": Percent()})}), {"a": 1, "b": {"c": "5%"}}, None),
]


@pytest.mark.parametrize(("type_", "raw", "currency"), TYPES)
def test_there_and_back(type_, raw, currency):
    value = type_.parse(raw, currency=currency)
    stored = json.loads(json.dumps(type_.dump(value)))
    assert type_.parse(stored) == value and type_.dump(type_.parse(stored)) == stored
    assert not _floats(stored)
    for lang in ("ko", "en"):
        assert type_.describe(value, lang) and type_.lines(value, lang)
        assert isinstance(type_.bounds(lang), str)


@pytest.mark.parametrize(("type_", "raw", "currency"), TYPES)
def test_a_form_sends_back_what_it_shows(type_, raw, currency):
    value = type_.parse(raw, currency=currency)
    shown = type_.fields(value, name="c0", currency=currency or "USD")
    assert len({field.name for field in shown}) == len(shown)
    sent = {field.name: field.text for field in shown}
    assert type_.parse(type_.from_form(sent, name="c0"), currency=currency or "USD") == value
    assert type_.fields(None, name="c0", currency="KRW")


def _floats(value) -> bool:
    if isinstance(value, dict):
        return any(_floats(one) for one in value.values())
    return any(_floats(one) for one in value) if isinstance(value, list) else isinstance(value, float)


@pytest.mark.parametrize(
    ("type_", "raw", "path"),
    [
        (Percent(), 0.05, "x"),
        (Percent(), "101%", "x"),
        (Percent(), "5,5%", "x"),
        (Percent(), "1/3", "x"),
        (Percent(), True, "x"),
        (Amount(), 9.0, "x"),
        (Amount(), "9.001", "x"),
        (Amount(), {"amount": 900, "unit": "EUR"}, "x"),
        (Amount(), {"amount": 9.5, "unit": "USD"}, "x"),
        (Amount(), -1, "x"),
        (Amount(max=100), "2.00", "x"),
        (Whole(), "1.5", "x"),
        (Whole(), True, "x"),
        (Whole(max=3), 4, "x"),
        (Duration(), "1 month", "x"),
        (Duration(), 24, "x"),
        (Duration(max="2d"), "3d", "x"),
        (Flag(), "perhaps", "x"),
        (Choice(options={"a": "A"}), "c", "x"),
        (Text(max_length=3), "long", "x"),
        (Text(), " ", "x"),
        (Text(languages=True), {"en": 3}, "x.en"),
        (Text(languages=True), "plain", "x"),
        (SPLIT, {"provider": "95%", "upkeep": "6%"}, "x"),
        (SPLIT, {"provider": "60%", "upkeep": "40%"}, "x.upkeep"),
        (SPLIT, {"provider": "100%"}, "x.upkeep"),
        (SPLIT, {"provider": "95%", "upkeep": "5%", "me": "0%"}, "x.me"),
        (SPLIT, {"provider": 0.95, "upkeep": 0.05}, "x.provider"),
        (Ladder(), [{"at_least": "24h", "percent": "50%"}, {"at_least": "1d", "percent": "60%"}], "x"),
        (Ladder(), [{"at_least": "24h"}], "x.0"),
        (Ladder(), [], "x"),
        (PRICES, {"Oven!": {}}, "x"),
        (PRICES, {"oven": {"title": {"en": "Oven"}}}, "x.oven.price"),
        (PRICES, [{"key": "a", "title": {"en": "A"}, "price": 1}, {"key": "a", "title": {"en": "A"}, "price": 1}], "x.a"),
        (PRICES, {"oven": {"title": {"en": "Oven"}, "price": 1, "free": True}}, "x.oven.free"),
        (Way(), {"quorum": "120%"}, "x.quorum"),
        (Way(), {"majority": "100%", "strict": True}, "x.strict"),
        (Way(), {"majority": "0%"}, "x.majority"),
        (Way(), {"majority": 0.5}, "x.majority"),
        (Way(), {"voting": "0h"}, "x.voting"),
        (Way(), {"draft": "everyone"}, "x.draft"),
        (Way(), {"colour": "red"}, "x.colour"),
        (Way(), {"per_class": {"worker": {"notice": "1d"}}}, "x.worker.notice"),
    ],
)
def test_what_is_refused(type_, raw, path):
    with pytest.raises(ValueError) as no:
        type_.parse(raw, currency="USD", path="x")
    assert isinstance(no.value, Unfit)
    assert no.value.path.replace("per_class.", "") == path
    assert no.value.expected and no.value.say("ko") != no.value.say("en")


def test_a_float_is_told_about_quotes():
    with pytest.raises(Unfit, match=r'quotes, such as "9\.00"'):
        Amount().parse(9.0, currency="USD", path="price")


@given(st.fractions(0, 1, max_denominator=10_000))
def test_shares_are_exact(share):
    assert read_share(percent_text(share), "", fractions=True) == share


@given(st.integers(0, 3660 * 86400))
def test_durations_are_exact(seconds):
    assert read_duration(duration_text(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


@given(st.integers(0, 10**12))
def test_money_is_exact(amount):
    for unit in ("KRW", "USD"):
        value = Money(amount, unit)
        assert Amount().parse(Amount().text(value), currency=unit) == value


@given(st.lists(st.integers(1, 400), min_size=1, max_size=6, unique=True), st.integers(0, 500))
def test_the_ladder_takes_the_first_step_it_reaches(hours, ahead):
    rungs = Ladder().parse([{"at_least": f"{h}h", "percent": f"{n}%"} for n, h in enumerate(hours)])
    reached = [(h, n) for n, h in enumerate(hours) if h <= ahead]
    assert rungs.percent_at(timedelta(hours=ahead)) == (Fraction(max(reached)[1], 100) if reached else 0)


@given(st.integers(0, 60))
def test_a_moved_part_keeps_the_whole(halves):
    value = SPLIT.parse({"provider": "95%", "upkeep": "5%"})
    moved = SPLIT.moved(value, "upkeep", Fraction(halves, 200))
    assert sum(moved.values()) == 1 and SPLIT.parse(moved) == moved


def test_changes_say_only_what_changes():
    old = PRICES.parse({"oven": {"title": {"en": "Oven"}, "price": 16}, "fan": {"title": {"en": "Fan"}, "price": 11}}, currency="USD")
    new = PRICES.parse({"oven": {"title": {"en": "Oven"}, "price": 18}, "rug": {"title": {"en": "Rug"}, "price": 5, "each": True}}, currency="USD")
    assert PRICES.changes(old, old) == []
    assert PRICES.changes(old, new) == [
        ("Oven · price", "$16.00", "$18.00"), ("Fan", "price $11.00", "taken out"), ("Rug", "not there yet", "price $5.00 · each yes"),
    ]  # fmt: skip
    turned = dict(reversed(old.items()))
    assert PRICES.changes(old, turned) == [("order", "oven, fan", "fan, oven")]
    way = Way()
    assert way.changes(way.parse({}), way.parse({"voting": "7d"}))[0][2].endswith("voting 7 days, notice 3 days")
    for type_, raw, currency in TYPES:
        value = type_.parse(raw, currency=currency)
        assert type_.changes(value, value, "ko") == []


def test_ways_say_more_than_half_and_two_thirds():
    half, thirds = Way().parse({"majority": "50%"}), Way().parse({"majority": "2/3"})
    assert half.strict and not thirds.strict
    assert "more than 50%" in Way().describe(half) and "at least 2/3" in Way().describe(thirds)
    assert "2/3 이상" in Way().describe(thirds, "ko")


def test_rows_can_be_added_and_removed_in_a_form():
    value = PRICES.parse({"oven": {"title": {"en": "Oven"}, "price": "16.00"}}, currency="USD")
    sent = {field.name: field.text for field in PRICES.fields(value, name="v", currency="USD")}
    sent |= {"v.1.key": "fan", "v.1.row.title.en": "Fan", "v.1.row.price": "11"}
    assert list(PRICES.parse(PRICES.from_form(sent, name="v"), currency="USD")) == ["oven", "fan"]
    sent["v.0.remove"] = "on"
    assert list(PRICES.parse(PRICES.from_form(sent, name="v"), currency="USD")) == ["fan"]


def test_every_word_has_both_languages():
    for key, (english, korean) in _WORDS.items():
        assert english and korean and english.count("{") == korean.count("{"), key
