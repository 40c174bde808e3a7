"""How times and shares are said."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from madang.web.words import in_language, percent_of, say_time, state_words

SEOUL = ZoneInfo("Asia/Seoul")
LATE = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)


def test_a_moment_is_said_in_the_readers_zone_and_language() -> None:
    assert say_time(LATE, "full", "ko", SEOUL) == "2026년 3월 2일 (월) 08:30"
    assert say_time(LATE, "full", "en", ZoneInfo("America/New_York")) == "Sun 1 Mar 2026, 18:30"
    assert say_time(LATE, "time", "en-us", SEOUL) == "08:30"


def test_a_day_has_no_zone_and_nothing_is_nothing() -> None:
    assert say_time(date(2026, 3, 2), "date", "en", SEOUL) == "Mon 2 Mar 2026"
    assert say_time(date(2026, 3, 2), "day", "ko", SEOUL) == "3월 2일 (월)"
    assert say_time(None, "full", "ko", SEOUL) == ""


@pytest.mark.parametrize(("share", "percent"), [("5%", "5"), ("97.25%", "97.25"), (Fraction(1, 3), "33.33"), (Decimal("0.05"), "5"), (5, "5"), (0, "0"),
                                                ("nonsense", "0"), (-4, "0"), (400, "100"), (None, "0")])
def test_shares_in_every_spelling_are_drawn_alike(share: object, percent: str) -> None:
    assert percent_of(share) == Decimal(percent)


def test_a_text_falls_back_to_a_language_there_is() -> None:
    assert in_language({"ko": "마당", "en": "yard"}, "ko-kr") == "마당"
    assert in_language({"ko": "마당", "en": ""}, "en") == "마당"
    assert in_language({"es": "patio"}, "ko") == "patio"
    assert in_language("plain", "ko") == "plain"
    assert in_language(None, "ko") == in_language({}, "ko") == ""


def test_an_unknown_state_is_shown_quietly() -> None:
    assert state_words("half_way") == ("half way", "quiet")
