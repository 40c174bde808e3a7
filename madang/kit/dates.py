"""How days and times are said to people, with the weekday: pure functions over babel."""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from babel.dates import format_date, format_datetime

PATTERNS = {
    "ko": {"full": "y년 M월 d일 (EEE) HH:mm", "date": "y년 M월 d일 (EEE)", "time": "HH:mm", "day": "M월 d일 (EEE)", "short": "y. M. d.",
           "spoken": "M월 d일", "spoken-year": "y년 M월 d일"},
    "en": {"full": "EEE d MMM y, HH:mm", "date": "EEE d MMM y", "time": "HH:mm", "day": "EEE d MMM", "short": "d MMM y",
           "spoken": "d MMMM", "spoken-year": "d MMMM y"},
}


def say_time(moment: datetime | date | None, how: str, language: str, zone: tzinfo) -> str:
    """``how``: full, date, time, day (a date without its year), short (for a narrow column), or for the middle of a sentence spoken and spoken-year.

    Aware datetimes are shown in ``zone``; None is an empty string.
    """
    if moment is None or moment == "":
        return ""
    language = language.split("-")[0]
    language = language if language in PATTERNS else "en"
    pattern = PATTERNS[language][how]
    if isinstance(moment, datetime):
        return str(format_datetime(moment.astimezone(zone) if moment.tzinfo else moment, pattern, locale=language))
    return str(format_date(moment, pattern, locale=language))
