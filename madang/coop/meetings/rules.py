"""What members hold about their meetings."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from madang.coop import law
from madang.coop.rules import declare
from madang.kit.ruletypes import Percent, Whole

quorum = declare(
    "meetings.quorum",
    Percent(fractions=True),
    default="50%",
    title=_("Quorum of a general meeting"),
    help=_("More than this share of all who can vote has to be present, in person or by proxy. 0 %: whoever comes decides."),
    decided_by=("constitution", "policy"),
    group=_("How we decide"),
)
notice_days = declare(
    "meetings.notice",
    Whole(min=0, max=90),
    default=7,
    title=_("Notice of a general meeting, in days"),
    help=_("The law may ask for more."),
    decided_by=("constitution", "policy"),
    group=_("How we decide"),
)


def more_than(at: datetime) -> Fraction:
    """More than which share of the members has to be present: what they decided, and no less than the law asks."""
    own, bound = Fraction(quorum.at(at).value), law.profile().bound("resolution.quorum", at)
    return max(own, Fraction(str(bound.value))) if bound.citation and not bound.guidance else own


def notice(at: datetime) -> int:
    """How many days before it a meeting is called: what members decided, and no less than the law asks."""
    own, bound = int(notice_days.at(at).value), law.profile().bound("notice.meeting.days", at)
    return max(own, bound.number()) if bound.citation and not bound.guidance else own
