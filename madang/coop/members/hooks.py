"""What members adds to the house."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from madang.coop import record
from madang.coop.members import asking, offices, queries, work
from madang.coop.members.models import LIVE, Membership, OfficeTerm, WorkInvitation
from madang.coop.people.models import Person, Work
from madang.kit.errors import Refused
from madang.kit.house import Check, DueWork, Message, NavItem, Personal

navigation = [
    NavItem(_("Members"), "members:home", order=60, audience="all"),
    NavItem(_("My membership"), "members:me", order=65, audience="person"),
]

messages = [
    Message("members.application", _("{name} wants to join: {class}"), _("Read the application and answer it: yes, or no with a reason."), urgent=True),
    Message("members.pay", _("You are admitted: now pay your shares"), _("Class: {class}. You are a member as soon as the shares are paid."), urgent=True),
    Message("members.active", _("Welcome: you are a member now"), _("Class: {class}. You can take part in decisions, and see what is open to members.")),
    Message("members.refused", _("Your application was not accepted"), _("Class: {class}. The reason given: {reason}"), urgent=True),
    Message("members.left", _("You have left"), _("Class: {class}. What happens with your shares stands on the page of your membership.")),
    Message("members.expelled", _("Your membership was ended by a decision"), _("Class: {class}. The reason given: {reason}"), urgent=True),
    Message("members.appointed", _("You hold an office: {office}"), _("Your term runs until {until}."), urgent=True),
    Message("members.term_ended", _("Your term has ended: {office}"), _("Your term was ended before its day."), urgent=True),
    Message("members.term_ends", _("Your term ends soon: {office}"), _("It runs until {until}. Settle now who carries on.")),
    Message("members.office_free", _("A seat becomes free: {office}"), _("A term ends on {until}. Choose in time who holds the office after it.")),
    Message("members.invitation_accepted", _("{name} said yes"), _("{name} works in {organisation} from now on.")),
]

due = [
    DueWork("members: terms that began", offices.to_begin, offices.begin),
    DueWork("members: terms that ran out", offices.to_expire, offices.expire),
    DueWork("members: terms that end soon", offices.to_warn, offices.warn),
    DueWork("members: invitations that ran out", work.run_out, work.forget_address),
]

seated = [asking.seated]
unseated = [asking.unseated]


def _export(person: Person) -> list[dict[str, Any]]:
    """Everything kept about a person's membership, offices and invitations, and what they did in them for others or for an organisation."""
    rows: list[dict[str, Any]] = [
        {
            "kind": "membership", "class": one.member_class.key, "state": one.state, "words": one.words, "applied_at": one.applied_at,
            "admitted_at": one.admitted_at, "active_from": one.active_from, "left_at": one.left_at, "refused_at": one.refused_at, "reason": one.reason,
        }
        for one in Membership.objects.filter(person=person).select_related("member_class")
    ]  # fmt: skip
    rows += [
        {"kind": "office", "office": term.office.key, "since": term.since, "until": term.until}
        for term in OfficeTerm.objects.filter(person=person).select_related("office")
    ]
    invited = WorkInvitation.objects.filter(Q(accepted_by=person) | Q(email=person.email or "")).exclude(email="", accepted_by=None)
    rows += [
        {"kind": "invitation", "organisation": one.organisation.name, "created_at": one.created_at, "accepted_at": one.accepted_at}
        for one in invited.select_related("organisation")
    ]
    return rows + _done_for_others(person)


def _done_for_others(person: Person) -> list[dict[str, Any]]:
    """What a person did as a representative or an officer; whom it was about is theirs to export."""
    applied = Membership.objects.filter(applied_by=person, organisation__isnull=False).select_related("organisation", "member_class")
    admitted = Membership.objects.filter(admitted_by=person).select_related("member_class")
    appointed = OfficeTerm.objects.filter(appointed_by=person).select_related("office")
    invited = WorkInvitation.objects.filter(invited_by=person).select_related("organisation")
    return [
        *(
            {"kind": "application for", "organisation": one.holder_name, "class": one.member_class.key, "words": one.words, "at": one.applied_at}
            for one in applied
        ),
        *({"kind": "someone you admitted", "class": one.member_class.key, "at": one.admitted_at} for one in admitted),
        *({"kind": "someone you appointed", "office": one.office.key, "since": one.since} for one in appointed),
        *({"kind": "someone you invited", "organisation": one.organisation.name, "at": one.created_at} for one in invited),
    ]


def _erase(person: Person, *, now: datetime) -> None:
    """A live membership is left first (the co-op cannot have a nameless member); the dates stay for the register, the words go.

    Nor can an organisation be left with nobody who speaks for it. Raises ``Refused``: "still_a_member", "last_representative".
    """
    if Membership.objects.filter(person=person, state__in=LIVE).exists():
        raise Refused("still_a_member", _("You are still a member or have applied. Leave first, then your data can be erased."))
    for organisation in queries.spoken_for(person, now).select_for_update():
        if queries.left_speechless(organisation, person, now):
            words = gettext("Nobody else speaks for {name}. Name another representative first, then your data can be erased.")
            raise Refused("last_representative", words.format(name=organisation.name))
    for one in Work.objects.filter(queries.working_at(now), person=person).select_related("organisation"):
        work.stop(one, now=now)
    offices.departed(person, told=False, now=now)
    mine = Membership.objects.filter(person=person)
    mine.update(words="", reason="")
    Membership.objects.filter(applied_by=person).exclude(state="applied").update(words="")
    terms = OfficeTerm.objects.filter(person=person).values_list("pk", flat=True)
    record.forget([*(f"membership:{pk}" for pk in mine.values_list("pk", flat=True)), *(f"term:{pk}" for pk in terms)])
    if person.email:
        WorkInvitation.objects.filter(email=person.email).update(email="")


personal = [
    Personal(
        _("membership and offices"), _export, _erase,
        _(
            "The dates of membership and offices, and whom you admitted, appointed or invited, stay in the register as the law asks, without your name "
            "once you have erased your data; what you wrote, and the words of the record about your membership and offices, go at once."
        ),
        ("members.Membership", "members.OfficeTerm", "members.WorkInvitation"),
    )
]  # fmt: skip


def _votes_at_least_once() -> Sequence[str]:
    """Everyone with live memberships has exactly one primary class."""
    rows = (
        Membership.objects.filter(state__in=LIVE, person__isnull=False)
        .values("person")
        .annotate(main=Count("pk", filter=Q(primary=True)))
        .exclude(main=1)
        .values_list("person", flat=True)[:20]
    )
    return [f"person {one} has live memberships and not exactly one primary class" for one in rows]


def _organisations_speak() -> Sequence[str]:
    """Every active member organisation has someone who speaks for it."""
    spoken = Work.objects.filter(role=Work.REPRESENTATIVE, until=None).values("organisation")
    rows = Membership.objects.filter(state="active", organisation__isnull=False).exclude(organisation__in=spoken).select_related("organisation")[:20]
    return [f"nobody speaks for the member organisation {one.organisation}" for one in rows]


checks = [Check("members: one primary class each", _votes_at_least_once), Check("members: organisations can speak", _organisations_speak)]
