"""The further parts of a way of deciding: read, written only where they are on, and held to the periods they lie in."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest

from madang.kit.ruletypes import Way
from madang.kit.ruletypes.base import Unfit
from madang.kit.ruletypes.way_course import Course


def test_what_is_off_is_not_written() -> None:
    plain = Way().parse({})
    assert plain.course == Course() and not {"late", "grace", "cooling_off", "review", "remind", "late_share"} & Way().dump(plain).keys()


def test_what_is_on_is_read_back_and_said() -> None:
    said = {"cooling_off": "30d", "late": "24h", "late_share": "5%", "late_most": 2, "remind": "2d", "grace": "14d", "back_notice": "24h", "review": "365d"}
    value = Way().parse(said)
    assert value.course == Course(timedelta(30), timedelta(1), Fraction(1, 20), 2, timedelta(2), timedelta(14), timedelta(1), timedelta(365))
    kept = Way().dump(value)
    assert Way().parse(kept) == value and said.items() <= kept.items()
    for lang, words in (("en", ("30 days", "24 hours", "5%", "14 days")), ("ko", ("30일", "24시간", "5%", "14일"))):
        assert all(word in Way().describe(value, lang) for word in words)


def test_the_form_brings_it_back() -> None:
    value = Way().parse({"late": "24h", "grace": "14d", "back_notice": "24h"})
    data = {field.name: field.text for field in Way().fields(value) if field.text}
    assert Way().parse(Way().from_form(data)) == value


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ({"voting": "2d", "late": "3d"}, "late"), ({"voting": "2d", "remind": "3d"}, "remind"),
        ({"notice": "1d", "grace": "9d", "back_notice": "2d"}, "back_notice"),
        ({"grace": "9d"}, "back_notice"), ({"grace": "9d", "back_notice": "0h"}, "back_notice"), ({"late_share": "0%"}, "late_share"),
        ({"late_most": 0}, "late_most"),
        ({"late_share": "101%"}, "late_share"), ({"cooling_off": "soon"}, "cooling_off"),
    ],
)  # fmt: skip
def test_no_path_without_notice_and_nothing_longer_than_the_vote(raw, path) -> None:
    with pytest.raises(Unfit) as no:
        Way().parse(raw)
    assert no.value.path == path
