"""What leaving means, told before it is done."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from madang.coop import law
from madang.coop.law.profiles import Profile
from madang.coop.law.texts import in_language
from madang.coop.members import queries
from madang.coop.members.models import Membership, OfficeTerm
from madang.coop.people.models import Work


def consequences(membership: Membership, now: datetime) -> list[str]:
    """What follows if this membership ends now, each a sentence. Empty for an application, which is simply taken back."""
    if membership.state != "active":
        return []
    profile = law.profile()
    return [*_shares(profile, now), *_offices(membership, now), *_vote(membership, now), *_others(membership, profile, now)]


def _shares(profile: Profile, now: datetime) -> list[str]:
    since = profile.bound("leaving.refund_from", now)
    if since.value == "next-fiscal-year":
        lapse = profile.bound("leaving.claim_lapses_years", now).number()
        said = [in_language(since.text)]
        if lapse:
            said.append(ngettext("You have {n} year to ask for it.", "You have {n} years to ask for it.", lapse).format(n=lapse))
        return [" ".join(said)]
    return [_("Your shares become a claim that the co-op pays back.")]


def _offices(membership: Membership, now: datetime) -> list[str]:
    if membership.organisation is not None:
        return _offices_behind(membership, now)
    if membership.person is None or any(one.pk != membership.pk for one in queries.makes_member(membership.person, now)):
        return []
    return [_("Your office ends: {office}").format(office=in_language(term.office.title)) for term in queries.offices_of(membership.person, now)]


def _offices_behind(membership: Membership, now: datetime) -> list[str]:
    """The offices of those who are members only by working in the organisation."""
    working = Work.objects.filter(queries.working_at(now), organisation=membership.organisation).values("person")
    terms = OfficeTerm.objects.filter(queries.holding_at(now), person__in=working).select_related("office", "person").order_by("office__order", "since")
    ending = [term for term in terms if all(one.pk == membership.pk for one in queries.makes_member(term.person, now))]
    return [_("The office of {name} ends: {office}").format(name=str(term.person), office=in_language(term.office.title)) for term in ending]


def _vote(membership: Membership, now: datetime) -> list[str]:
    if not membership.member_class.votes:
        return []
    holder = {"person": membership.person} if membership.person else {"organisation": membership.organisation}
    others = Membership.objects.filter(queries.active_at(now), **holder, member_class__votes=True).exclude(pk=membership.pk)
    rest = others.select_related("member_class").order_by("applied_at").first()
    if rest is None:
        return [_("You can no longer vote. In decisions that are being voted on now, a ballot already cast still counts.")]
    return [_("You go on voting as: {title}").format(title=in_language(rest.member_class.title))]


def _others(membership: Membership, profile: Profile, now: datetime) -> list[str]:
    said = []
    least = profile.bound("founders.min", now)
    if least.since is not None and queries.members_count(now) <= least.number():
        said.append(_("With you gone the co-op has fewer members than the {count} the law asks for at its founding.").format(count=least.number()))
    if membership.organisation is not None:
        said.append(_("Everyone who works there loses what members may do here, unless they are members themselves."))
    return said
