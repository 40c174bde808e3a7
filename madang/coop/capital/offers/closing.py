"""An offer's course after it opened: longer, over, shares issued, money given back. Due work does all of it by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from madang.coop import record
from madang.coop.capital import limits
from madang.coop.capital.offers import applying, queries, states, telling
from madang.coop.capital.offers.models import Application, Offer
from madang.coop.people.models import Organisation, Person
from madang.kit.errors import Refused
from madang.kit.offers import Wish, allot, matched


@transaction.atomic
def extend(offer: Offer, by: Person, *, now: datetime) -> Offer:
    """Let an offer run longer, by what its terms say and as often as they say, before it is over. Everyone who paid is told.

    Raises ``Refused``: "duty", "offer-over", "no-extension".
    """
    locked = applying._locked(offer)
    require_duty(by, now)
    if locked.state not in states.LIVE_OFFER or locked.ends_at is None or now >= locked.ends_at:
        raise Refused("offer-over", _("This offer is over, so it cannot be made longer."))
    if not locked.extension_days or locked.extended >= locked.extensions:
        raise Refused("no-extension", _("The terms of this offer allow no (further) extension."))
    locked.ends_at += timedelta(days=locked.extension_days)
    locked.extended += 1
    locked.save(update_fields=["ends_at", "extended"])
    leaf = {"offer": str(locked.pk), "ends_at": moment(locked.ends_at), "extended": locked.extended}
    record.write("offer.extended", f"offer:{locked.pk}", [leaf], public=True, now=now)
    telling.all_who_paid(locked, "offers.extended", now, day=locked.ends_at)
    return locked


@transaction.atomic
def close(offer: Offer, by: Person, *, now: datetime) -> Offer:
    """End an offer before its day: an open one, one that is full, or one whose optimum is reached. Repeating it changes nothing.

    Raises ``Refused``: "duty", "too-early" while it has promised to run on.
    """
    locked = applying._locked(offer)
    require_duty(by, now)
    if locked.state in (states.CLOSED, states.COMPLETED, states.LAPSED, states.RETURNED):
        return locked
    stands = queries.standing(locked, now)
    enough = locked.kind == "open" or stands.full or (locked.state == states.MET and stands.raised >= (locked.optimum or locked.maximum or locked.minimum))
    if locked.state not in states.LIVE_OFFER or not enough:
        raise Refused("too-early", _("It was promised to run until its day. It can be closed earlier once its optimum or maximum is reached."))
    return _over(locked, now)


def require_duty(by: Person, now: datetime) -> None:
    """Raise ``Refused("duty")`` unless this person looks after share offers."""
    if not queries.may_manage(by, now):
        raise Refused("duty", _("Only whoever holds the office that looks after share offers can do this. Nothing was changed."))


def find_over(now: datetime, limit: int) -> list[str]:
    """Offers whose day has come."""
    found = Offer.objects.filter(state__in=states.LIVE_OFFER, ends_at__lte=now).order_by("ends_at").values_list("pk", flat=True)
    return [str(key) for key in found[:limit]]


@transaction.atomic
def end(key: str | UUID, *, now: datetime) -> None:
    """The day has come: with the minimum reached shares are issued, without it all money goes back."""
    locked = applying._locked(Offer(pk=UUID(str(key))))
    if locked.state in states.LIVE_OFFER and locked.ends_at is not None and locked.ends_at <= now:
        _over(locked, now)


def _over(offer: Offer, now: datetime) -> Offer:
    stands = queries.standing(offer, now)
    offer.to(states.CLOSED if stands.met or offer.state == states.MET else states.LAPSED)
    offer.closed_at = now
    offer.save(update_fields=["state", "closed_at"])
    for one in Application.objects.filter(offer=offer, state=states.ASKED):
        applying._lapse(one, "unpaid", now)
    if offer.state == states.CLOSED:
        _allot(offer)
    leaf = {"offer": str(offer.pk), "state": offer.state, "raised": stands.raised, "unit": offer.unit, "at": moment(now)}
    record.write("offer.closed", f"offer:{offer.pk}", [leaf], public=True, now=now)
    finish(offer, now=now)
    return offer


def _allot(offer: Offer) -> None:
    """Write down how many shares each gets: others by the terms in what the match funder leaves, then the funder one for one."""
    rows = list(Application.objects.filter(offer=offer, state__in=states.COUNTS).order_by("paid_at", "pk"))
    funder = [one for one in rows if one.matching and one.state == states.PAID]
    others = [one for one in rows if not one.matching]
    had = sum(one.issued for one in others)
    promised = sum(one.count for one in funder)
    room = offer.maximum // offer.price - promised - had if offer.maximum else None
    waiting = [one for one in others if one.state == states.PAID]
    wishes = [Wish(str(one.pk), one.count, place, _least(offer, one)) for place, one in enumerate(waiting)]
    got = allot(wishes, room, offer.oversubscribed, f"offer:{offer.pk}")
    for one in waiting:
        one.allotted = got[str(one.pk)]
    left = matched(had + sum(got.values()), promised)
    for one in funder:
        one.allotted = min(one.count, left)
        left -= one.allotted
    Application.objects.bulk_update([*waiting, *funder], ["allotted"], batch_size=1_000)


def _least(offer: Offer, application: Application) -> int:
    return -(-offer.terms.limits(application.organisation_id is not None).least // offer.price)


def find_waiting(now: datetime, limit: int) -> list[str]:
    """Paid applications that can be settled: shares issued, or money given back. One whose membership is not answered yet waits."""
    rows = Application.objects.filter(state=states.PAID)
    at_once = Q(offer__state=states.MET, offer__oversubscribed="first-come") | Q(offer__state=states.RUNNING, offer__kind="open")
    ready = Q(matching=False) & at_once | Q(offer__state=states.CLOSED)
    unanswered = Q(membership__state="applied")
    found = rows.filter(ready & ~unanswered | Q(offer__state=states.LAPSED)).order_by("paid_at", "pk").values_list("pk", flat=True)
    return [str(key) for key in found[:limit]]


@transaction.atomic
def settle(key: str | UUID, *, now: datetime) -> None:
    """Issue the shares of one paid application, or give its money back. Once."""
    offer = applying._locked(Application.objects.select_related("offer").get(pk=key).offer)
    found = Application.objects.select_for_update(of=("self",)).select_related("charge", "hold", "person", "organisation", "by", "membership")
    application = found.get(pk=key)
    application.offer = offer
    if application.state != states.PAID or (offer.state == states.RUNNING and offer.kind != "open"):
        return
    if offer.state == states.LAPSED:
        applying.give_back(application, "missed", now=now)
    else:
        holder: Person | Organisation = application.person or application.organisation  # type: ignore[assignment]
        limits.lock(holder)
        applying.issue(application, now=now)
    finish(offer, now=now)


def finish(offer: Offer, *, now: datetime) -> None:
    """When nobody's money waits any more, a closed offer is completed, and a failed one is over once everybody has their money back."""
    waits = [states.ASKED, states.PAID, *([states.RETURNING] if offer.state == states.LAPSED else [])]
    if offer.state not in (states.CLOSED, states.LAPSED) or Application.objects.filter(offer=offer, state__in=waits).exists():
        return
    offer.to(states.COMPLETED if offer.state == states.CLOSED else states.RETURNED)
    offer.ended_at = now
    offer.save(update_fields=["state", "ended_at"])


def moment(at: datetime) -> str:
    """As the record writes moments."""
    from madang.coop.rules.actions import moment_text

    return moment_text(at)
