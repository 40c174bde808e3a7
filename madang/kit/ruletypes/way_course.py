"""What a way of deciding says about the course beyond its three periods: cooling-off, a late rush, results shown, a reminder, going back, a review.

Each part is off until members (or the charter) give it a value; what is off is not written, so that older ways keep their bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

from madang.kit.ruletypes.base import Field, Unfit, below, check_limits
from madang.kit.ruletypes.duration import duration_text, read_duration, say_duration
from madang.kit.ruletypes.percent import percent_text, read_share
from madang.kit.ruletypes.whole import Whole
from madang.kit.ruletypes.words import say

TIMES = ("cooling_off", "late", "remind", "grace", "back_notice", "review")
TYPED = (*TIMES, "late_share", "late_most")
KEYS = (*TYPED, "running")


@dataclass(frozen=True)
class Course:
    """``cooling_off``: how long a motion that failed may not return. ``late``: where ballots of ``late_share`` of the voters come in during
    this last part of a vote, it is open for as long again, at most ``late_most`` times. ``remind``: how long before the close those who have
    not voted hear of it again. ``running``: results are shown while voting is open; what lengthens is then an outcome that turns late, not how many
    came late. ``grace``: for how long after it took effect going back needs only ``back_notice``, which then must be given: no
    path is without notice. ``review``: when it is asked whether to keep it.
    """

    cooling_off: timedelta = timedelta()
    late: timedelta = timedelta()
    late_share: Fraction = Fraction(1, 10)
    late_most: int = 3
    remind: timedelta = timedelta()
    grace: timedelta = timedelta()
    back_notice: timedelta = timedelta()
    review: timedelta = timedelta()
    running: bool = False


def read(given: Mapping[str, Any], voting: timedelta, notice: timedelta, path: str) -> Course:
    """From a way's own table. Raises ``Unfit``: the late part and the reminder lie within the vote, the notice of going back within the notice."""
    times = {name: read_duration(given[name], below(path, name)) for name in TIMES if name in given}
    for name, limit in (("late", voting), ("remind", voting), ("back_notice", notice)):
        if name in times:
            check_limits(times[name], timedelta(), limit, below(path, name), given[name], duration_text)
    if times.get("grace") and not times.get("back_notice"):
        raise Unfit(below(path, "back_notice"), "at least", given.get("back_notice"), min="> 0h")
    share = read_share(given.get("late_share", "10%"), below(path, "late_share"), fractions=True)
    check_limits(share, Fraction(0), Fraction(1), below(path, "late_share"), given.get("late_share"), percent_text)
    if not share:
        raise Unfit(below(path, "late_share"), "at least", given.get("late_share"), min="> 0%")
    most = Whole(min=1, max=20).parse(given.get("late_most", 3), path=below(path, "late_most"))
    running = given.get("running", False)
    if not isinstance(running, bool):
        raise Unfit(below(path, "running"), "flag", running)
    return Course(**times, late_share=share, late_most=most, running=running)


def dump(value: Course) -> dict[str, Any]:
    """What is not as it is without a word."""
    plain = Course()
    said: dict[str, Any] = {name: duration_text(getattr(value, name)) for name in TIMES if getattr(value, name) != getattr(plain, name)}
    if value.late_share != plain.late_share:
        said["late_share"] = percent_text(value.late_share)
    if value.late_most != plain.late_most:
        said["late_most"] = value.late_most
    if value.running:
        said["running"] = True
    return said


def lines(value: Course, lang: str) -> list[str]:
    """In words, what is on."""
    said = [say("running", lang)] if value.running else []
    if value.remind:
        said.append(say("remind", lang, time=say_duration(value.remind, lang)))
    if value.late:
        word = "late swing" if value.running else "late"
        said.append(say(word, lang, time=say_duration(value.late, lang), share=percent_text(value.late_share), n=value.late_most))
    if value.cooling_off:
        said.append(say("cooling_off", lang, time=say_duration(value.cooling_off, lang)))
    if value.grace:
        said.append(say("grace", lang, time=say_duration(value.grace, lang), notice=say_duration(value.back_notice, lang)))
    if value.review:
        said.append(say("review", lang, time=say_duration(value.review, lang)))
    return said


def from_form(data: Mapping[str, str], name: str) -> dict[str, Any]:
    """What was ticked."""
    return {"running": True} if data.get(f"{name}.running") else {}


def fields(value: Course, name: str, lang: str) -> list[Field]:
    """For a form."""
    made = [Field(f"{name}.{time}", "duration", say(f"l {time}", lang), duration_text(getattr(value, time))) for time in TIMES]
    made.append(Field(f"{name}.late_share", "fraction", say("l late_share", lang), percent_text(value.late_share)))
    made.append(Field(f"{name}.late_most", "whole", say("l late_most", lang), str(value.late_most), min="1", max="20"))
    made.append(Field(f"{name}.running", "flag", say("l running", lang), "on" if value.running else "", required=False))
    return made
