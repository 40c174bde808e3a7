"""The verbs of passing shares on: to another member, or to another class of one's own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.coop import law, ledger, notices
from madang.coop.capital import limits, moving, queries, rules, withdrawals
from madang.coop.capital.models import Handover
from madang.coop.law.texts import say_citation
from madang.coop.ledger.models import Entry
from madang.coop.members import actions as members
from madang.coop.members import asking
from madang.coop.members.models import Membership
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused

MEETING, RULES = "general-meeting", "rules"


def needs(now: datetime) -> str:
    """What passing shares on takes: "general-meeting" (Korea: art. 24), "rules" (the members' own rule says yes or no)."""
    return MEETING if law.profile().bound("share.transfer_needs", now).value == MEETING else RULES


def require_possible(now: datetime) -> None:
    """Raise ``Refused("not-transferable")`` where neither law nor the members' rules let shares pass."""
    if needs(now) == MEETING or rules.transferable.at(now).value:
        return
    bound = law.profile().bound("share.transfer_needs", now)
    words = _("The members' rules do not let shares pass from one member to another. Whoever leaves gets them back.")
    said = f" ({say_citation(bound.citation, get_language() or 'en')})" if bound.citation else ""
    raise Refused("not-transferable", words + said)


@transaction.atomic
def offer(giver: Membership, taker: Membership, count: int, *, by: Person, key: UUID, now: datetime) -> Handover:
    """Offer ``count`` shares to another member, or to someone admitted, of the same class. Nothing moves before they say yes.

    All of them, and then the giver leaves with it, or so many that the least of the class stays. The same ``key`` twice is one offer.
    Raises ``Missing``, ``Refused``: "not-transferable", "not-admitted", "taker", "count", "open" (another one to them is open), "limit", "key-used".
    """
    require_possible(now)
    mine, other = _both(giver.pk, taker.pk)
    if not withdrawals.theirs(mine, by, now):
        raise Missing("not your membership")
    if there := Handover.objects.filter(pk=key).first():
        if (there.giver_id, there.taker_id, there.count) != (mine.pk, other.pk, count):
            raise Refused("key-used", _("You asked for something else with this form before. Nothing was changed; please begin again."))
        return there
    _require_sound(mine, other, count, now)
    try:
        with transaction.atomic():
            made = Handover.objects.create(pk=key, giver=mine, taker=other, count=count, offered_at=now)
    except IntegrityError:
        raise Refused("open", _("You have offered them shares already. Wait for the answer, or call that off first.")) from None
    for person in asking.people_of(other, now):
        params = {"name": mine.organisation or mine.person, "count": count}
        notices.open_task(person, _task(made), "capital.offered", url=reverse("capital:pass"), params=params, now=now)
    return made


def _task(one: Handover) -> str:
    return f"handover:{one.pk}"


def _both(first: UUID, second: UUID) -> tuple[Membership, Membership]:
    """Both memberships locked, always in the same order; before them whoever holds the second, whose limit it is."""
    limits.lock(Membership.objects.get(pk=second))
    rows = {pk: withdrawals.locked(pk) for pk in sorted({first, second}, key=str)}
    return rows[first], rows[second]


def _require_sound(giver: Membership, taker: Membership, count: int, now: datetime) -> None:
    if giver.state != "active":
        raise Refused("not-admitted", _("Only a member can pass shares on. Nothing was changed."))
    if taker.state not in ("admitted", "active") or taker.member_class_id != giver.member_class_id or taker.holder_key == giver.holder_key:
        raise Refused("taker", _("Shares can pass to another member of the same class, or to someone who is admitted to it."), "taker")
    free, least = withdrawals.free(giver), int(giver.member_class.min_shares)
    if not (0 < count <= free - least or (count == queries.holding(giver).count == free and count > 0)):
        words = _("You can pass on at most {most} shares, or all {all} and leave with it.")
        raise Refused("count", words.format(most=max(0, free - least), all=queries.holding(giver).count), "count")
    _require_entry(taker, count)
    _within_the_law(taker, count, now)


def _require_entry(taker: Membership, count: int) -> None:
    """Who is only admitted becomes a member by it, or it is refused: nobody holds shares and is no member."""
    missing = taker.member_class.min_shares - queries.holding(taker).count
    if taker.state == "admitted" and count < missing:
        words = _("Whoever is not a member yet needs at least {least} shares to become one.")
        raise Refused("count", words.format(least=missing), "count")


def _within_the_law(taker: Membership, count: int, now: datetime) -> None:
    """What one holder may have, over all classes and what waits in offers. Raises ``Refused("limit")``."""
    kind = taker.member_class
    broken = limits.passing(limits.holder_of(taker), count * kind.share_price, now, least=kind.entry_price)
    if broken is not None:
        words = _("They would hold more than the law lets one member hold ({citation}). Nothing was changed.")
        raise Refused("limit", words.format(citation=say_citation(broken.citation, get_language() or "en")), "count")


@transaction.atomic
def accept(handover: Handover, *, by: Person, now: datetime) -> Handover:
    """Whoever gets the shares says yes. Where the members' rule suffices they pass now; where the law wants the general meeting, both are
    told to propose it. Repeating it changes nothing. Raises ``Missing``, ``Refused`` as :func:`offer`."""
    one, giver, taker = _locked(handover)
    if not withdrawals.theirs(taker, by, now):
        raise Missing("not offered to you")
    if one.state in ("accepted", "done"):
        return one
    _require_sound(giver, taker, one.count, now)
    one.to("accepted")
    one.answered_at = now
    one.save()
    notices.close_task(_task(one), now)
    if needs(now) == MEETING:
        for person in asking.people_of(giver, now):
            params = {"name": taker.organisation or taker.person, "count": one.count}
            notices.open_task(person, _task(one), "capital.propose_handover", url=reverse("capital:pass"), params=params, now=now)
        return one
    return _pass(one, giver, taker, None, now)


@transaction.atomic
def call_off(handover: Handover, *, by: Person, now: datetime) -> Handover:
    """Say no (whoever would get them, before their yes), or take it back (either, until it is done). Repeating it changes nothing."""
    one, giver, taker = _locked(handover)
    gives, takes = withdrawals.theirs(giver, by, now), withdrawals.theirs(taker, by, now)
    if not (gives or takes):
        raise Missing("not yours")
    if one.state in ("declined", "undone"):
        return one
    one.to("declined" if takes and not gives and one.state == "offered" else "undone")
    one.answered_at = one.answered_at or now
    one.save()
    notices.close_task(_task(one), now)
    for person in asking.people_of(giver if takes else taker, now):
        notices.tell(person, "capital.handover_off", url=reverse("capital:pass"), params={"count": one.count}, now=now)
    return one


@transaction.atomic
def decided(handover: Handover, decision_id: UUID, *, now: datetime) -> Handover:
    """The members let it pass (the decision's effect calls this). Raises ``Refused`` when it was called off, or is not possible any more."""
    one, giver, taker = _locked(handover)
    if one.state == "done":
        return one
    if one.state != "accepted":
        raise Refused("called-off", _("It was called off meanwhile. Nothing was booked."))
    _require_sound(giver, taker, one.count, now)
    return _pass(one, giver, taker, decision_id, now)


def _locked(handover: Handover) -> tuple[Handover, Membership, Membership]:
    giver, taker = _both(handover.giver_id, handover.taker_id)
    return Handover.objects.select_for_update().get(pk=handover.pk), giver, taker


def _pass(one: Handover, giver: Membership, taker: Membership, decision_id: UUID | None, now: datetime) -> Handover:
    held, unit = queries.holding(giver), law.coop().currency
    leaves = one.count == held.count
    moves = moving.over(giver, held, one.count, taker, "shares-passed")
    ledger.post("handover", moves, key=f"handover:{one.pk}", subject=f"handover:{one.pk}", now=now)
    one.to("done")
    one.done_at, one.decision_id = now, decision_id
    one.save()
    notices.close_task(_task(one), now)
    if taker.state == "admitted" and queries.amounts([taker], unit).get(ledger.owner_of(taker), 0) >= taker.member_class.entry_price:
        members.activate(taker, now=now)
    if leaves:
        members.end(giver, now=now)
    for person in [*asking.people_of(giver, now), *asking.people_of(taker, now)]:
        notices.tell(person, "capital.passed", url=reverse("capital:shares"), params={"count": one.count}, now=now)
    return one


def convertible(source: Membership, target: Membership, count: int) -> int | None:
    """How many shares of the target's class ``count`` of the source's are; None when they are no whole number."""
    price = target.member_class.share_price
    whole, rest = divmod(count * source.member_class.share_price, price) if price else (0, 1)
    return None if rest else whole


@transaction.atomic
def convert(source: Membership, target: Membership, count: int, *, by: Person, key: UUID, now: datetime) -> None:
    """Turn ``count`` shares of one class into shares of another class the same holder is in. The same ``key`` twice is one conversion.

    Raises ``Missing``, ``Refused``: "not-admitted", "other-holder", "count" (not that many free above the least of the class), "not-whole".
    """
    mine, other = _both(source.pk, target.pk)
    if not withdrawals.theirs(mine, by, now):
        raise Missing("not your membership")
    if mine.holder_key != other.holder_key or mine.pk == other.pk:
        raise Refused("other-holder", _("Choose another class that you are in yourself."), "target")
    if Entry.objects.filter(key=f"convert:{key}").exists():
        return
    if mine.state != "active" or other.state not in ("admitted", "active"):
        raise Refused("not-admitted", _("You have to be a member in the one class, and admitted to the other. Nothing was changed."), "target")
    most = withdrawals.may_take(mine)
    if not 0 < count <= most:
        raise Refused("count", _("You can turn at most {most} shares into shares of another class.").format(most=most), "count")
    made = convertible(mine, other, count)
    if not made:
        raise Refused("not-whole", _("So many shares are no whole number of shares of the other class. Choose another number."), "count")
    _require_entry(other, made)
    held, unit = queries.holding(mine), law.coop().currency
    moves = moving.over(mine, held, count, other, "shares-converted")
    ledger.post("conversion", moves, key=f"convert:{key}", subject=ledger.owner_of(other), now=now)
    if other.state == "admitted" and queries.amounts([other], unit).get(ledger.owner_of(other), 0) >= other.member_class.entry_price:
        members.activate(other, now=now)
