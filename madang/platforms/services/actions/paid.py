"""What payments tells us: a job or a tip was paid, or will not be. Called inside its transactions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from madang.coop.ledger.moves import Part
from madang.coop.notices import actions as notices
from madang.coop.payments.models import Charge, Refund
from madang.kit.errors import Refused
from madang.platforms.services import states
from madang.platforms.services.actions import money, visits
from madang.platforms.services.actions.offers import _job, offer_first, params, url
from madang.platforms.services.models import Tip


def _id(charge: Charge) -> UUID:
    return UUID(charge.subject.removeprefix("job:"))


def job_settled(charge: Charge, *, now: datetime) -> list[Part]:
    """The price is there: keep it, and ask the worker. A job that is over raises ``Refused``, and ``payments`` sends the money back."""
    job = _job(_id(charge), "worker__person", "home", "client")
    if job.state != states.HELD or charge.amount != job.price:
        raise Refused(f"job-{job.state}", states.NOT_NOW[job.state])
    job.to(states.OFFERED)
    job.paid_at = now
    job.save(update_fields=["state", "paid_at"])
    parts = money.keep(job, charge, now=now)
    notices.close_task(f"pay:{job.pk}", now)
    offer_first(job, now=now)
    return parts


def job_failed(charge: Charge, *, now: datetime) -> None:
    """The price will not come: the time is free again."""
    job = _job(_id(charge))
    if job.state == states.HELD:
        visits.lapse(job, now=now)


def tip_settled(charge: Charge, *, now: datetime) -> list[Part]:
    """The tip is there: it goes where the tip rule says. One that was replaced raises ``Refused`` and goes back."""
    job = _job(_id(charge), "worker__person")
    tip = Tip.objects.select_for_update().filter(charge_id=charge.pk).first()
    if tip is None or tip.state != Tip.PENDING:
        raise Refused("replaced", states.NOT_NOW[job.state])
    tip.state, tip.paid_at = Tip.PAID, now
    tip.save(update_fields=["state", "paid_at"])
    if job.worker is not None:
        notices.tell(job.worker.person, "services.tipped", url=url(job), params=params(job, tip={"$money": [tip.amount, tip.unit]}), now=now)
    return money.tip_parts(tip, job)


def tip_failed(charge: Charge, *, now: datetime) -> None:
    """The tip will not come; another may be given."""
    Tip.objects.filter(charge_id=charge.pk, state=Tip.PENDING).update(state=Tip.FAILED)


def refunded(refund: Refund, *, now: datetime) -> None:
    """The rail sent money back: ``payments`` has told the client; the books were right since the refund was decided."""
