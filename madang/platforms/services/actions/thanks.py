"""After the visit: a tip, and a few words both ways."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from madang.coop import law
from madang.coop.notices import actions as notices
from madang.coop.payments import actions as payments
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.platforms.services import states
from madang.platforms.services.actions.booking import job_of
from madang.platforms.services.actions.offers import _job, params, url
from madang.platforms.services.models import CLIENT, WORKER, Job, Rating, Tip
from madang.platforms.services.texts import text, whole

TIP_OF_PRICE = 2  # a tip of more than twice the price is a slip of the finger


@transaction.atomic
def tip(client: Person, job_id: UUID, amount: int, *, now: datetime) -> Tip:
    """The client thanks with ``amount`` (smallest unit) on top; paid at ``/pay/<tip.charge_id>/``. One tip a job; the same again is the same.

    Raises ``Missing``, ``Refused`` (``job-<state>``, ``number``, ``tipped``).
    """
    law.require_open()
    job = job_of(client, job_id)
    if job.state not in (states.DONE, states.RELEASED):
        raise Refused(f"job-{job.state}", states.NOT_NOW[job.state])
    amount = whole(amount, 1, job.price * TIP_OF_PRICE, "amount")
    if old := Tip.objects.filter(job=job, state__in=[Tip.PENDING, Tip.PAID]).first():
        if old.amount == amount:
            return old
        if old.state == Tip.PAID:
            raise Refused("tipped", _("You already gave a tip for this job. Thank you!"), "amount")
        old.state = Tip.FAILED  # another amount: the first charge, if it is paid after all, goes back
        old.save(update_fields=["state"])
    made = Tip(job=job, amount=amount, unit=job.unit, at=now)
    charge = payments.charge("tip", f"job:{job.pk}", client, amount, job.unit, key=f"tip:{made.pk}", now=now)
    made.charge_id = charge.pk
    made.save(force_insert=True)
    return made


@transaction.atomic
def rate(person: Person, job_id: UUID, stars: int, words: str = "", *, now: datetime) -> Rating:
    """Stars (1–5) and words about the other side. Nobody sees them before both are in or the window is over; until then they can be changed.

    Raises ``Missing``, ``Refused`` (``job-<state>``, ``over`` when the window is, ``seen`` when they are visible).
    """
    job = _job(job_id, "worker__person", "client")
    side = _side(person, job)
    if job.state != states.RELEASED or job.worker is None or job.rate_until is None:
        raise Refused(f"job-{job.state}", states.NOT_NOW[job.state])
    stars, words = whole(stars, 1, 5, "stars"), text(words, 1000, "words")
    about = job.worker.person if side == CLIENT else job.client
    mine = Rating.objects.filter(job=job, side=side).first()
    if mine is not None and (mine.stars, mine.words) == (stars, words):
        return mine
    if mine is not None and mine.visible:
        raise Refused("seen", _("Both ratings are published. They cannot be changed any more."), "words")
    if job.rate_until <= now:
        raise Refused("over", _("The time to rate this job is over."), "stars")
    mine = mine or Rating(job=job, side=side, author=person, about=about, opens_at=job.rate_until)
    mine.stars, mine.words, mine.at = stars, words, now
    mine.save()
    if Rating.objects.filter(job=job).count() == 2:
        _open(job, now=now)
        mine.visible = True
    return mine


def _side(person: Person, job: Job) -> str:
    if person.pk == job.client_id:
        return CLIENT
    if job.worker is not None and job.worker.person_id == person.pk:
        return WORKER
    raise Missing("no such job")


def _open(job: Job, *, now: datetime) -> None:
    opened = list(Rating.objects.select_related("about").filter(job=job, visible=False))
    Rating.objects.filter(pk__in=[one.pk for one in opened]).update(visible=True)
    for one in opened:
        notices.tell(one.about, "services.rated", url=url(job), params=params(job, stars=one.stars), now=now)


@transaction.atomic(savepoint=False)
def open_rating(rating_id: UUID, *, now: datetime) -> None:
    """The window is over: what is in is shown."""
    rating = Rating.objects.filter(pk=rating_id).first()
    if rating is None:
        return
    job = _job(rating.job_id)
    if rating.opens_at <= now:
        _open(job, now=now)
