"""What meetings adds to the house."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madang.coop.meetings import calling, states
from madang.coop.meetings import kinds as kinds
from madang.coop.meetings import rules as rules
from madang.coop.meetings.models import Attendance, Meeting, Signer
from madang.coop.members import queries as members
from madang.coop.people.models import Person
from madang.kit.dates import say_time
from madang.kit.house import Duty, Message, NavItem, Panel, Personal

navigation = [NavItem(pgettext_lazy("navigation", "Meetings"), "meetings:list", order=62, audience="member")]

duties = [Duty(calling.DUTY, _("calls the general meetings"), needed=False)]

messages = [
    Message("meetings.called", _("General meeting: {title}"), _("On {at}, {place}. Read the agenda; if you cannot come, give a proxy."), urgent=True),
    Message("meetings.cancelled", _("Called off: {title}"), _("{why}")),
    Message("meetings.closed", _("What the meeting decided: {title}"), _("The minutes say who was there, what was put and how it was counted.")),
    Message("meetings.sign", _("Sign the minutes: {title}"), _("The meeting chose you. Read them, then sign."), urgent=True),
]


def _panel(request: Any) -> Panel | None:
    """On the home page of a member: the meetings ahead."""
    if not members.is_member(request.user, request.now):
        return None
    ahead = list(Meeting.objects.filter(state__in=[states.CALLED, states.OPEN]).order_by("starts_at")[:3])
    if not ahead:
        return None
    zone = timezone.get_current_timezone()
    when = {one.pk: say_time(one.starts_at, "full", request.LANGUAGE_CODE, zone) for one in ahead}
    lines = [(one.title, pgettext_lazy("agenda", "now") if one.state == states.OPEN else when[one.pk], calling.url(one)) for one in ahead]
    return Panel(_("General meetings"), lines, reverse("meetings:list"), _("All meetings"))


panels = [_panel]


def _export(person: Person) -> list[dict[str, Any]]:
    """Where they were, whom they acted for, what they called, chaired and signed."""
    there = Attendance.objects.filter(Q(person=person) | Q(membership__person=person)).select_related("meeting")
    signs = Signer.objects.filter(person=person).select_related("meeting")
    return [
        *({"kind": "meeting called", "meeting": one.title, "at": one.created_at, "words": one.words} for one in Meeting.objects.filter(called_by=person)),
        *({"kind": "meeting chaired", "meeting": one.title, "at": one.opened_at} for one in Meeting.objects.filter(chair=person)),
        *({"kind": "there", "meeting": one.meeting.title, "how": one.how, "at": one.came_at, "left_at": one.left_at} for one in there),
        *({"kind": "signs minutes", "meeting": one.meeting.title, "at": one.signed_at} for one in signs),
    ]


def _erase(person: Person, *, now: datetime) -> None:
    """Minutes are kept; the names in them are drawn from the people, and go with them."""


personal = [
    Personal(
        "meetings", _export, _erase, _("That a member was there stays in the minutes, which the law has kept; the name goes."),
        ("meetings.Meeting", "meetings.Item", "meetings.Attendance", "meetings.Moment", "meetings.Signer"),
    ),
]  # fmt: skip
