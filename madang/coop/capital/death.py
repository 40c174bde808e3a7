"""What becomes of shares when a member dies: whom they named, and who is told and paid."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from madang.coop import law, notices, record
from madang.coop.capital.models import Claim, Nomination
from madang.coop.law.profiles import Bound
from madang.coop.law.texts import say_citation
from madang.coop.members import actions as members
from madang.coop.members import queries as register
from madang.coop.members.models import LIVE, Membership, Office, OfficeTerm
from madang.coop.payments import accounts, outgoing, sealing
from madang.coop.people import actions as people
from madang.coop.people.actions import clean_line, clean_text
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.kit.units import unit as unit_of

NAME_MAX, CONTACT_MAX = 120, 400
SPOUSE, PARTNER, PARENT, CHILD, SIBLING, NEPHEW, OTHER = "spouse", "civil-partner", "parent", "child", "sibling", "nephew-niece", "other"
RELATIONS = {
    SPOUSE: gettext_lazy("husband or wife"),
    PARTNER: gettext_lazy("civil partner"),
    PARENT: gettext_lazy("father or mother"),
    CHILD: gettext_lazy("son or daughter"),
    SIBLING: gettext_lazy("brother or sister"),
    NEPHEW: gettext_lazy("nephew or niece"),
    OTHER: gettext_lazy("somebody else"),
}
FAMILY = {SPOUSE, PARTNER, PARENT, CHILD, SIBLING, NEPHEW}
"""Of whom an officer or employee may be named (Great Britain: Act of 2014, s. 37 (3)): what the one named is to the one who names."""
NOMINEE, ESTATE, HEIRS = "nominee", "estate", "heirs"


@dataclass(frozen=True)
class Named:
    """Whom somebody named: a name, what they are to them (a key of :data:`RELATIONS`), how to reach them; ``officer``: works for, or holds an office in,
    the co-op."""

    name: str
    relation: str
    contact: str
    officer: bool = False

    @property
    def related(self) -> str:
        """The relation in words."""
        return str(RELATIONS.get(self.relation, self.relation))


@dataclass(frozen=True)
class Entitled:
    """Who gets what of a claim after a death: ``named`` up to ``to_named`` (smallest unit), the estate or the heirs the rest. ``bound`` says so."""

    named: Named | None
    to_named: int
    to_estate: int
    bound: Bound


def named_by(person: Person) -> Named | None:
    """Whom this person named. Theirs to read while they live. Raises ``Refused("sealed")`` when the installation's secret has changed."""
    found = Nomination.objects.filter(pk=person.pk).first()
    if found is None:
        return None
    return Named(**json.loads(sealing.unseal(found.sealed)))


@transaction.atomic
def name(person: Person, *, to: str, relation: str, contact: str, officer: bool = False, now: datetime) -> Nomination:
    """Name whom one's shares shall go to after one's death, or somebody else than before. Only the newest is kept.

    ``officer``: whether the one named works for the co-op or holds an office in it, as whoever names them says; an address of somebody in office says so too.
    Raises ``Refused``: "name", "relation", "contact" (none given, or too long), "officer" (the law lets only family name them).
    """
    kept = Named(_line(to, NAME_MAX, "name"), relation, clean_text(contact, CONTACT_MAX * 2, "contact"), officer)
    if relation not in RELATIONS:
        raise Refused("relation", _("Say what they are to you."), "relation")
    if not kept.contact or len(kept.contact) > CONTACT_MAX:
        raise Refused("contact", _("Say how they can be reached, in at most {n} characters.").format(n=CONTACT_MAX), "contact")
    _require_may_be_named(kept, now)
    sealed = sealing.seal(json.dumps(asdict(kept)).encode())
    made, _new = Nomination.objects.update_or_create(person=person, defaults={"sealed": sealed, "set_at": now})
    return made


def _require_may_be_named(named: Named, now: datetime) -> None:
    """Raise ``Refused("officer")`` where the law lets an officer or employee be named only by family, and they are none."""
    bound = law.profile().bound("death.nominee_officer_only_family", now)
    if not bound.yes() or named.relation in FAMILY:
        return
    if named.officer or _in_office(named.contact, now):
        words = _("Somebody who holds an office in the co-op, or works for it, can be named by their family only ({citation}). Name somebody else.")
        raise Refused("officer", words.format(citation=say_citation(bound.citation, get_language() or "en")), "relation")


def _in_office(contact: str, now: datetime) -> bool:
    """Whether the address in it is that of somebody in office. One SQL query."""
    addresses = [word.strip(".,;:<>()").lower() for word in contact.split() if "@" in word]
    return bool(addresses) and OfficeTerm.objects.filter(register.holding_at(now), person__email__in=addresses).exists()


def _line(text: str, most: int, field: str) -> str:
    said = clean_line(text, most * 2, field)
    if not said or len(said) > most:
        raise Refused(field, _("Please fill this in, in at most {n} characters.").format(n=most), field)
    return said


@transaction.atomic
def unname(person: Person) -> None:
    """Take the nomination back. Twice is once."""
    Nomination.objects.filter(pk=person.pk).delete()


def may_record(person: Person, now: datetime) -> bool:
    """Whether this person may write down that a member has died: a director, or whoever pays out."""
    seat = OfficeTerm.objects.filter(register.holding_at(now), person=person, office__role=Office.DIRECTOR)
    return seat.exists() or register.has_duty(person, outgoing.PAYOUTS, now)


@transaction.atomic
def died(person: Person, on: date, *, now: datetime) -> list[Claim]:
    """A member has died, two people wrote it down and nobody said that they live (:mod:`dying` calls it): memberships and offices end, shares become a
    claim of whom the law says. Repeating it changes nothing.

    The day they died stays in the record, as a private line. Raises ``Missing`` (no member).
    """
    rows = list(Membership.objects.select_for_update(of=("self",)).filter(person=person).select_related("member_class").order_by("pk"))
    if not rows:
        raise Missing("no member")
    live = [one for one in rows if one.state in LIVE]
    for one in live:
        members.end(one, told=False, now=now)
        record.write("death", f"membership:{one.pk}", [{"membership": str(one.pk), "on": on.isoformat()}], public=False, now=now)
    Claim.objects.filter(membership__in=rows, paid_at=None, lapsed_at=None).exclude(origin="death").update(origin="death", was=F("origin"))
    found = _parted(rows)
    _close_door(person, now)
    if live and found:
        for officer in register.on_duty(outgoing.PAYOUTS, now):
            notices.tell(officer, "capital.death", url=reverse("capital:claims"), params={"name": person}, now=now)
    return found


def _parted(memberships: list[Membership]) -> list[Claim]:
    """Each claim after the death written down as whose it is; what goes to two is two claims, each paid on its own. Twice is once."""
    rows = Claim.objects.filter(membership__in=memberships, origin="death", heir="", paid_at=None).select_related("membership__person", "account")
    for one in rows.order_by("due_on", "pk"):
        told = entitled(one)
        rest = HEIRS if told.bound.value == HEIRS else ESTATE
        if told.to_named and told.to_estate:
            Claim.objects.create(
                membership=one.membership, origin="death", heir=rest, account=one.account, amount=told.to_estate, unit=one.unit, made_at=one.made_at,
                asked_on=one.asked_on, due_on=one.due_on, lapses_on=one.lapses_on, citation=one.citation, resolution_id=one.resolution_id,
                claimed_at=one.claimed_at, par=None, was=one.was,
            )  # fmt: skip
            one.amount, one.par = told.to_named, None
        one.heir = NOMINEE if told.to_named else rest
        one.save(update_fields=["amount", "par", "heir"])
    return list(Claim.objects.filter(membership__in=memberships, origin="death").select_related("membership__member_class").order_by("due_on", "pk"))


@transaction.atomic
def pay_to(claim_id: UUID, *, holder: str, bank: str, number: str, by: Person, now: datetime) -> None:
    """Whoever pays out says where those entitled to a claim after a death are paid. It is sealed, used for this claim alone, and wiped once it is paid.

    Another person sees it in the batch before it goes out. Raises ``Missing``, ``Refused``: ``office``, ``over`` (it is being paid), and at the field that
    is wrong.
    """
    found = Claim.objects.select_for_update(of=("self",)).filter(pk=claim_id, origin="death").first()
    if found is None:
        raise Missing("no claim after a death")
    accounts.require_payouts(by, now)
    if found.payout_id or found.lapsed_at:
        raise Refused("over", _("This is being paid, or was. Nothing was changed."))
    accounts.set_once(f"claim:{found.pk}", holder=holder, bank=bank, number=number, by=by, now=now)


def _close_door(person: Person, now: datetime) -> None:
    """Nobody signs in as someone who has died: sessions, keys of programs and passkeys end. What the house keeps about them stays, as the law has it."""
    people.close_door(person, now=now)


def entitled(claim: Claim) -> Entitled:
    """Who gets how much of a claim after a death, by the law of the day it was made: nominees as far as it gives nominations force, else the estate.

    What somebody named counts for all claims after their death together, in the order of their days; for whoever pays out to read.
    """
    profile, person = law.profile(), claim.membership.person
    to, most = profile.bound("death.paid_to", claim.made_at), profile.bound("death.nomination_max_amount", claim.made_at)
    named = named_by(person) if person is not None else None
    if claim.heir:
        mine = claim.amount if claim.heir == NOMINEE else 0
        return Entitled(named, mine, claim.amount - mine, to if claim.heir == HEIRS or not most.number() else most)
    if to.value != "nominee" or named is None:
        return Entitled(named, 0, claim.amount, to)
    if not most.number() or profile.bound("share.max_amount.currency", claim.made_at).value != claim.unit:
        return Entitled(named, claim.amount, 0, to)
    room = most.number() * unit_of(claim.unit).one
    for one in Claim.objects.filter(membership__person=person, origin="death").exclude(heir__in=[ESTATE, HEIRS]).order_by("due_on", "pk"):
        if one.pk == claim.pk:
            break
        room -= one.amount
    given = max(0, min(room, claim.amount))
    return Entitled(named, given, claim.amount - given, most)
