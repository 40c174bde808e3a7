"""Organisations inside the co-op: adding one, inviting people to work in it, ending someone's work there."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from madang.coop import notices
from madang.coop.members import letters, offices, queries
from madang.coop.members.models import WorkInvitation
from madang.coop.notices.models import Mail
from madang.coop.people import actions as people
from madang.coop.people.models import Organisation, Person, Work
from madang.kit import house
from madang.kit.errors import Missing, Refused

INVITATION_LASTS = timedelta(days=14)
OPEN_INVITATIONS_MAX = 200
LETTERS_A_DAY, LETTERS_AN_HOUR_TO_ONE = 60, 3
"""Nobody can use a co-op's good name to flood strangers: letters one person may cause in a day, and letters to one address in an hour."""
ORGANISATIONS_MAX = 10
SUBJECT = _("{organisation} invites you to work with them")
BODY = _("{name} asks you to join {organisation}. Open the link, sign in with your e-mail address, and say yes. The link works for 14 days.")


def hashed(token: str) -> str:
    """What is kept of a link's secret."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def found_organisation(name: str, *, by: Person, about: str = "", now: datetime) -> Organisation:
    """Add an organisation; ``by`` speaks for it and works in it. Raises ``Refused`` when the name is empty, too long or taken here, and past ten."""
    if Work.objects.filter(queries.working_at(now), person=by, role=Work.REPRESENTATIVE).count() >= ORGANISATIONS_MAX:
        raise Refused("too_many", _("You speak for ten organisations already. End your part in one of them first."), "name")
    if Organisation.objects.filter(name__iexact=" ".join(name.split())).exists():
        message = _("There is already an organisation of this name here. If it is yours, ask its representative for an invitation.")
        raise Refused("name_taken", message, "name")
    organisation = people.make_organisation(name, about=about, now=now)
    for role in (Work.REPRESENTATIVE, Work.WORKER):
        people.start_work(by, organisation, role, now=now)
    return organisation


@transaction.atomic
def invite(organisation: Organisation, email: str, *, by: Person, role: str = Work.WORKER, now: datetime) -> tuple[WorkInvitation, str]:
    """Ask someone by mail to work in the organisation; gives the invitation and the link's secret (shown once, kept hashed).

    Inviting the same address again replaces the earlier link. Raises ``Missing`` unless ``by`` speaks for it; ``Refused`` "email",
    "role", "too_many", "works_here".
    """
    own(organisation, by, now)
    email = people.clean_email(email)
    if role not in (Work.WORKER, Work.REPRESENTATIVE):
        raise Refused("role", _("Choose whether they work there or speak for it."), "role")
    if Work.objects.filter(queries.working_at(now), organisation=organisation, person__email=email, role=role).exists():
        raise Refused("works_here", _("This person already works here."), "email")
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    waiting = WorkInvitation.objects.filter(organisation=organisation, accepted_at=None, withdrawn_at=None)
    waiting.filter(email=email).update(withdrawn_at=now, email="")
    if waiting.filter(expires_at__gt=now).count() >= OPEN_INVITATIONS_MAX:
        raise Refused("too_many", _("There are already 200 open invitations. Wait for answers, or take some back."))
    _not_a_flood(email, by, now)
    token = secrets.token_urlsafe(24)
    invitation = WorkInvitation.objects.create(
        organisation=organisation, email=email, role=role, token_hash=hashed(token), invited_by=by, created_at=now, expires_at=now + INVITATION_LASTS
    )
    words = {"organisation": organisation.name, "name": str(by)}
    letters.send(email, SUBJECT, BODY, words=words, url=f"/members/invitation/{token}/", language=by.language)
    return invitation, token


def _not_a_flood(email: str, by: Person, now: datetime) -> None:
    if WorkInvitation.objects.filter(invited_by=by, created_at__gt=now - timedelta(days=1)).count() >= LETTERS_A_DAY:
        raise Refused("too_many", _("You have sent {n} invitations within a day. Go on tomorrow.").format(n=LETTERS_A_DAY))
    if Mail.objects.filter(to=email, secret=True, written_at__gt=now - timedelta(hours=1)).count() >= LETTERS_AN_HOUR_TO_ONE:
        raise Refused("too_many", _("This address was written to several times within an hour. Wait a while before you invite again."), "email")


def invitation_at(token: str, *, now: datetime) -> WorkInvitation:
    """The invitation behind a link, while it is open. Raises ``Missing`` for an unknown one, ``Refused`` "invitation_over"."""
    found = WorkInvitation.objects.select_related("organisation", "invited_by").filter(token_hash=hashed(token)).first()
    if found is None:
        raise Missing("invitation")
    if not found.open_at(now):
        raise Refused("invitation_over", _("This invitation is over. Ask the organisation for a new one."))
    return found


@transaction.atomic
def accept_invitation(token: str, *, by: Person, now: datetime) -> Work:
    """Say yes to an invitation: whoever holds the link and is signed in works there. Repeating it gives the same work.

    Raises ``Missing`` for an unknown link, ``Refused`` "invitation_over" for one that ran out, was taken back or used by another.
    """
    found = WorkInvitation.objects.select_for_update(of=("self",)).select_related("organisation").filter(token_hash=hashed(token)).first()
    if found is None:
        raise Missing("invitation")
    if found.accepted_by_id != by.pk:
        if not found.open_at(now):
            raise Refused("invitation_over", _("This invitation is over. Ask the organisation for a new one."))
        found.accepted_at, found.accepted_by, found.email = now, by, ""
        found.save()
        url = f"/members/organisations/{found.organisation.slug}/"
        notices.tell(found.invited_by, "members.invitation_accepted", url=url, params={"name": by, "organisation": found.organisation.name}, now=now)
        begun = people.start_work(by, found.organisation, found.role, now=now)
        _staffed(found.organisation, now)
        return begun
    work = Work.objects.filter(organisation=found.organisation, person=by, role=found.role).order_by("-since").first()
    if work is None:
        raise Missing("work")
    return work


@transaction.atomic
def withdraw_invitation(invitation: WorkInvitation, *, by: Person, now: datetime) -> None:
    """Take an open invitation back; its link no longer works. Raises ``Missing`` unless ``by`` speaks for the organisation."""
    own(invitation.organisation, by, now)
    WorkInvitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None).update(withdrawn_at=now, email="")


def run_out(now: datetime, limit: int) -> list[str]:
    """Invitations nobody accepted in time whose address is still kept."""
    rows = WorkInvitation.objects.filter(expires_at__lte=now, accepted_at=None, withdrawn_at=None).exclude(email="").order_by("expires_at")
    return [str(pk) for pk in rows.values_list("pk", flat=True)[:limit]]


@transaction.atomic(savepoint=False)
def forget_address(invitation_id: UUID | str, *, now: datetime) -> None:
    """Due work: the address of someone who did not say yes is not kept."""
    WorkInvitation.objects.filter(pk=invitation_id, expires_at__lte=now, accepted_at=None).update(email="")


@transaction.atomic
def end_work(work: Work, *, by: Person, now: datetime) -> Work:
    """Someone stops working in (or speaking for) an organisation: they say so themselves, or who speaks for it does.

    If that was what made them a member, their offices end with it.

    Raises ``Missing`` for others, ``Refused`` "last_representative": a member organisation needs someone who speaks for it.
    """
    found = Work.objects.select_related("organisation", "person").filter(pk=work.pk).first()
    if found is None or not (found.person_id == by.pk or queries.represents(by, found.organisation, now)):
        raise Missing("work")
    if found.until is not None:
        return found
    Organisation.objects.select_for_update().get(pk=found.organisation_id)
    if found.role == Work.REPRESENTATIVE:
        others = Work.objects.filter(queries.working_at(now), organisation=found.organisation, role=Work.REPRESENTATIVE).exclude(pk=found.pk)
        if not others.exists():
            raise Refused("last_representative", _("Nobody else speaks for this organisation. Name another representative first."))
    done = stop(found, now=now)
    offices.departed(found.person, now=now)
    return done


def stop(work: Work, *, now: datetime) -> Work:
    """The step itself, for whoever has asked whether it may be taken."""
    done = people.end_work(work.person, work.organisation, work.role, now=now)
    _staffed(work.organisation, now)
    return done


def _staffed(organisation: Organisation, now: datetime) -> None:
    for hook in house.collect("staffed"):
        hook(organisation, now=now)


def own(organisation: Organisation, by: Person, now: datetime) -> None:
    """Raises ``Missing`` unless ``by`` speaks for the organisation now."""
    if not queries.represents(by, organisation, now):
        raise Missing("not your organisation")
