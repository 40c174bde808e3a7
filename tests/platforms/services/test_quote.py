import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kit.errors import Refused
from madang.platforms.services import quote
from madang.platforms.services.quote import Extra, Size

SIZE = Size(24_000, 9_000, 10_000, 60, 30, 45)
LIST = {
    extra.code: extra
    for extra in [
        Extra("fresh-start", {"en": "Fresh Start"}, 28_000, 60),
        Extra("pet-hair", {"en": "Pet hair"}, 7_000, 15, free_with=frozenset({"fresh-start"})),
        Extra("window", {"en": "Window"}, 9_000, 10, per="window", most=30, needs="ladder"),
        Extra("laundry", {"en": "Laundry"}, 9_000, 20, per="load", most=5, needs="machine"),
    ]
}
TITLES = {"refresh": {"en": "Refresh"}}


def make(bedrooms=2, bathrooms=1, has=frozenset({"machine"}), **wanted):
    return quote.make(
        SIZE, LIST, bedrooms=bedrooms, bathrooms=bathrooms, has=has, unit="KRW", titles=TITLES,
        wanted={code.replace('_', '-'): n for code, n in wanted.items()},
        versions={"services.refresh": "v1", "services.extras": "v2"},
    )


def test_the_visit_of_the_design_page():
    found = make()
    assert (found.total, found.minutes) == (52_000, 165)
    assert found.lines[0].version == "v1"


def test_pet_hair_is_free_with_a_fresh_start_and_still_takes_time():
    paid, free = make(pet_hair=1), make(pet_hair=1, fresh_start=1)
    assert [line.amount for line in free.lines] == [52_000, 28_000, 0]
    assert free.lines[2].free_with == "fresh-start"
    assert paid.total == 59_000 and free.minutes == 165 + 60 + 15


@given(
    st.integers(0, 10), st.integers(1, 10),
    st.fixed_dictionaries({}, optional={
        "fresh-start": st.integers(0, 1), "pet-hair": st.integers(0, 1), "window": st.integers(0, 30),
        "laundry": st.integers(0, 5),
    }),
)  # fmt: skip
def test_the_total_is_its_lines_and_more_never_costs_less(bedrooms, bathrooms, wanted):
    try:
        found = make(bedrooms, bathrooms, **wanted)
    except Refused as no:
        assert no.code == "too-long"
        return
    assert found.total == sum(line.amount for line in found.lines) > 0
    assert found.minutes % 15 == 0 and found.minutes - 15 < sum(line.minutes for line in found.lines) <= found.minutes
    assert all(line.amount >= 0 and line.quantity >= 1 for line in found.lines)
    assert {line.code for line in found.lines} == {"refresh"} | {code for code, n in wanted.items() if n}
    assert found.total >= make(bedrooms, bathrooms).total


@pytest.mark.parametrize(
    "inputs, code, field",
    [
        ({"bedrooms": -1}, "size", "bedrooms"),
        ({"bedrooms": 10**9}, "size", "bedrooms"),
        ({"bathrooms": 0}, "size", "bathrooms"),
        ({"window": 31}, "quantity", "window"),
        ({"window": -1}, "quantity", "window"),
        ({"window": True}, "quantity", "window"),
        ({"window": "3"}, "quantity", "window"),
        ({"piano": 1}, "unknown", "piano"),
        ({"laundry": 1, "has": frozenset()}, "needs", "laundry"),
    ],
)
def test_what_is_absurd_is_refused_at_its_field(inputs, code, field):
    with pytest.raises(Refused) as no:
        make(**inputs)
    assert (no.value.code, no.value.field) == (code, field)
    assert str(no.value.message)


def test_windows_without_a_ladder_can_be_booked_and_say_so():
    assert make(window=2, has=frozenset()).needs == ["ladder"]
