"""The demo's share capital: an offer that the members decided on and that runs, certificates, and somebody who left and waits for their shares."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from madang.coop import law
from madang.coop.capital.certificates import actions as certificates
from madang.coop.capital.offers import applying, opening, queries
from madang.coop.capital.offers.models import Offer
from madang.coop.members import actions as members
from madang.coop.members import queries as register
from madang.coop.members.models import MemberClass, Membership
from madang.coop.people.models import Person
from madang.kit.errors import Refused
from madang.kit.offers.statements import STATEMENTS
from madang.platforms.services import demo_people as invented

if TYPE_CHECKING:
    from madang.platforms.services.demo import Life

SHARES = {"minimum": 150, "optimum": 300, "maximum": 500}
"""What the offer is for, in shares."""
RUNS = timedelta(days=24)
"""So long it still runs when a newcomer looks at it."""


def begin(life: Life) -> None:
    """Put into the queue what becomes of shares. Only a past long enough for a decision has it."""
    span = (life.now - life.start).days
    if span <= 70:
        return
    life.at(life.awake(life.start + timedelta(days=38, hours=2)), lambda then: _offer(life, then))
    life.at(life.awake(life.start + timedelta(days=55)), lambda then: _certificates(then))
    life.at(life.awake(life.start + timedelta(days=64)), lambda then: _leaves(then))
    for number in range(16):
        at = life.awake(life.start + timedelta(days=66 + number * (span - 68) // 16, minutes=life.dice.randint(0, 600)))
        life.at(at, lambda then, number=number: _invests(life, number, then))


def _offer(life: Life, at: datetime) -> None:
    """Whoever looks after share offers writes one; the members decide, where the law leaves it to them."""
    from madang.platforms.services import demo_story

    author = next(iter(register.on_duty(queries.DUTY, at)), None)
    kind = MemberClass.objects.filter(key="supporter", share_price__gt=0).first()
    if author is None or kind is None:
        return
    wanted = str(law.profile().bound("offer.statements", at).value).split()
    document = {lang: invented.OFFER[lang] + "\n\n".join(STATEMENTS[key].example[lang] for key in wanted) for lang in ("ko", "en")}
    written = opening.write(
        author, title=invented.OFFER_TITLE, document=document, person_class=kind, organisation_class=None, now=at, kind="time-bound",
        opens_at=at, closes_at=life.now + RUNS, extension_days=14, extensions=1, **{name: count * kind.share_price for name, count in SHARES.items()},
    )  # fmt: skip
    if queries.opened_by_board(at):
        opening.open_by_board(written, author, now=at)
        return
    title, reason, said = invented.OFFER_PROPOSED
    demo_story.propose(life, author, "share_offer", title, reason, said, (81, 9, 10), at, details={"offer": str(written.pk)})


def _invests(life: Life, number: int, at: datetime) -> None:
    """Somebody who had their home cleaned puts in shares, and pays."""
    offer = Offer.objects.filter(person_class__key="supporter").order_by("created_at").first()
    who = Person.objects.filter(email=f"client{number * 7 + 1}@example.org").first()
    if offer is None or who is None or not offer.running(at):
        return
    try:
        made = applying.apply(offer, life.dice.choice((3, 5, 5, 10, 10, 20)), who, now=at)
    except Refused:  # a limit of the law, or no room: as it happens to people
        return
    if made.charge_id:
        life.pay(made.charge_id, at + timedelta(minutes=4))


def _certificates(at: datetime) -> None:
    """The first members who book, and whoever pays out, have certificates of their shares."""
    mine = Membership.objects.filter(state="active", person__in=register.on_duty("payouts", at))
    for one in [*Membership.objects.filter(member_class__key="client", state="active", person__isnull=False).order_by("active_from", "pk")[:3], *mine]:
        certificates.certify(one, now=at)


def _leaves(at: datetime) -> None:
    """A member who moved away leaves: their shares wait until the law lets them be paid."""
    rows = Membership.objects.filter(member_class__key="client", state="active", person__isnull=False).select_related("person")
    one = rows.order_by("-active_from", "-pk").first()
    if one is not None and one.person is not None and not register.offices_of(one.person, at):
        members.leave(one, by=one.person, now=at)


__all__ = ["begin"]
