"""RFC 8785: one value, one sequence of bytes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kit import canonical

text = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-canonical.INTEGER_MAX, canonical.INTEGER_MAX) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=20,
)


def test_the_sorting_example_of_the_rfc() -> None:
    value = {"\u20ac": "Euro", "\r": "CR", "\ufb33": "Dalet", "1": "One", "\U0001f600": "Smiley", "\u0080": "Control", "\u00f6": "o"}
    assert list(json.loads(canonical.dumps(value))) == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


def test_escapes_are_the_short_ones_in_lower_case() -> None:
    assert canonical.dumps("€$\u000f\nA'B\"\\\\\"/\b\t\f\r\u007f") == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\\b\\t\\f\\r\u007f"'.encode()


def test_literals_and_nothing_between() -> None:
    assert canonical.dumps({"b": [None, True, False, -1, 0, {}, []], "a": ()}) == b'{"a":[],"b":[null,true,false,-1,0,{},[]]}'


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"a": [1, 2.5]}, r"\$\.a\[1\].*float"),
        (float("nan"), "float"),
        ({"a": 2**53}, r"\$\.a.*2\*\*53"),
        ({1: "x"}, "not a string"),
        ("\ud800", "surrogate"),
        ({"\ud800": 1}, "surrogate"),
        ({"x": b"bytes"}, "bytes is not JSON"),
    ],
)
def test_what_has_no_canonical_form_is_refused_with_its_place(value: object, place: str) -> None:
    with pytest.raises(canonical.CanonicalError, match=place):
        canonical.dumps(value)


def test_endless_nesting_is_refused() -> None:
    value: list[object] = []
    for _ in range(100):
        value = [value]
    with pytest.raises(canonical.CanonicalError, match="nested"):
        canonical.dumps(value)
    with pytest.raises(canonical.CanonicalError):
        canonical.loads(b"[" * 200_000)


@given(values)
def test_it_is_json_and_comes_back(value: object) -> None:
    data = canonical.dumps(value)
    assert json.loads(data) == value
    assert canonical.loads(data) == value
    assert canonical.dumps(canonical.loads(data)) == data


@given(st.dictionaries(text, st.integers(0, 9), min_size=2, max_size=6))
def test_order_of_insertion_does_not_matter(value: dict[str, int]) -> None:
    assert canonical.dumps(value) == canonical.dumps(dict(reversed(value.items())))


@pytest.mark.parametrize(
    "data",
    [b'{"a": 1}', b'{"b":1,"a":2}', b'{"a":1,"a":1}', b"1.0", b"1e3", b"-0", b"NaN", b'"\\u0041"', b"\xff", b"", b"1\n", b'"\\ud800"'],
)
def test_another_spelling_is_not_read(data: bytes) -> None:
    with pytest.raises(canonical.CanonicalError):
        canonical.loads(data)
