"""The client's bank took the payment of a visit back for good. A visit nobody has begun does not take place; begun work is paid, whoever bears the loss."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from madang.coop import ledger
from madang.coop.ledger.models import Account
from madang.coop.ledger.moves import Move, Part
from madang.coop.notices import actions as notices
from madang.coop.payments import actions as payments
from madang.coop.payments.models import Charge
from madang.platforms.services import states
from madang.platforms.services.actions import money
from madang.platforms.services.actions.offers import _job, params, url
from madang.platforms.services.models import Job, Offer


def job_lost(charge: Charge, amount: int, into: Account, *, now: datetime) -> int:
    """``amount`` (smallest unit) of a visit's payment is gone: what is held of it goes into ``into``, and the visit is off. Answers how much that was.

    0 once the worker has begun: then the held price is theirs by the split, as for any work that was done. Inside the transaction of ``payments``.
    """
    job = _job(UUID(charge.subject.removeprefix("job:")), "worker__person", "client")
    if job.state not in (states.OFFERED, states.ACCEPTED) or job.charge_id != charge.pk:
        return 0
    taken = min(amount, job.price)
    rest, place = job.price - taken, payments.refund_account(charge)
    note = {"of": job.price}
    moves: list[Part | Move] = [Part(into, taken, "refund", None, note)]
    if rest:
        moves.append(Part(place, rest, "refund", None, note))
    ledger.release(money.hold_of(job), moves, key=f"lost:{job.pk}", now=now, kind="refund")
    if rest:
        payments.refund(charge, rest, key=f"refund:{job.pk}", now=now)
    _stop(job, now)
    return taken


def _stop(job: Job, now: datetime) -> None:
    """It does not take place: its time is free again, and both sides are told."""
    worker = job.worker.person if job.worker else None
    asked = worker if job.state == states.ACCEPTED else None
    job.to(states.CANCELLED)
    job.refunded, job.goodwill, job.over_at = job.price, 0, now
    job.save()
    for key in ("offer", "late", "short"):
        notices.close_task(f"{key}:{job.pk}", now)
    Offer.objects.filter(job=job, state__in=[states.OPEN, states.TAKEN]).update(state=states.WITHDRAWN, answered_at=now)
    if asked is not None:
        notices.tell(asked, "services.payment_lost", url=url(job), params=params(job), now=now)
    notices.tell(job.client, "services.payment_lost.client", url=url(job), params=params(job), now=now)
