"""What a visit's money does: kept, released by the split it was booked under, given back. The only place here that touches the books."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from madang.coop import ledger
from madang.coop.ledger.models import Entry, Hold
from madang.coop.ledger.moves import Move, Part
from madang.coop.payments import actions as payments
from madang.coop.payments.models import Charge
from madang.coop.rules.models import RuleVersion
from madang.coop.tax import supply
from madang.kit.errors import Refused
from madang.platforms.services import ladder, rules, terms
from madang.platforms.services.models import Job, Tip

TITLE = {"en": "House cleaning", "ko": "청소 서비스"}


def share_of(amount: int, share: Fraction, salt: str) -> int:
    """``share`` of ``amount``, a whole number of the smallest unit."""
    return ladder.cut(amount, share, salt)[0]


def hold_of(job: Job) -> Hold:
    """The money kept for this job. Raises ``Refused`` (``not-paid``) when none is."""
    found = Hold.objects.select_related("account").filter(key=f"job:{job.pk}").first()
    if found is None:
        raise Refused("not-paid", _("This job is not paid yet. Pay for it first."))
    return found


def keep(job: Job, charge: Charge, *, now: datetime) -> list[Part]:
    """The charge for a job was paid: where the money goes, for ``payments`` to book."""
    payer = ledger.owner_of(job.client)
    return [ledger.hold(f"job:{job.pk}", charge.amount, charge.unit, payer=payer, key=f"job:{job.pk}", now=now).part("hold")]


def release(job: Job, *, back: int = 0, because: RuleVersion | None = None, key: str = "", kept: bool = False, now: datetime) -> Entry:
    """One entry for the whole of a job's money: ``back`` to the client, the tax in the rest out, what is left by the splits the job was booked under.

    hold → refunds (``back``) · hold → the tax account · hold → the organisation's payable → the worker's payable and its fund · hold → upkeep.
    ``kept``: the visit did not take place, and this much of its price stays all the same.
    Every transfer carries its rule version; ``because`` is the one that set ``back``. Fills in the job's parts; the caller saves.
    """
    name = key or f"release:{job.pk}"
    held = hold_of(job)
    if not 0 <= back <= job.price:
        raise ValueError(f"{name}: {back} of {job.price} back")
    stays = job.price - back
    moves: list[Part | Move] = []
    if back:
        note = {"of": job.price}
        moves.append(Part(payments.refund_account(_charge(job)), back, "refund", because, note))
    earned = supply.on_supply(stays, job.unit, kept=kept, now=now)
    if earned.net:
        moves += [*earned.parts(), *_shares(job, earned.net, name)]
    entry = ledger.release(held, moves, key=name, now=now, kind="release" if stays else "refund")
    job.refunded, job.tax_part = back, earned.tax
    if stays:
        supply.issue(earned, entry, owner=ledger.owner_of(job.client), subject=f"job:{job.pk}", title=TITLE, charge=job.charge_id, now=now)
    if back:
        payments.refund(_charge(job), back, key=f"refund:{job.pk}", now=now)
    return entry


def _shares(job: Job, amount: int, name: str) -> list[Part | Move]:
    """``amount`` to the member co-op and to upkeep, and what the member co-op gets on to the worker and its fund."""
    if job.worker is None or job.organisation_id is None:
        raise ValueError(f"{name}: nobody to pay")
    organisation, person = f"organisation:{job.organisation_id}", f"person:{job.worker.person_id}"
    provider, worker, fund, upkeep = ledger.accounts([("payable", organisation), ("payable", person), ("fund", organisation), ("upkeep", "")], job.unit)
    outer = ledger.parts(terms.of(job, rules.split), amount, {"provider": provider, "upkeep": upkeep}, name)
    moves: list[Part | Move] = list(outer)
    got = sum(part.amount for part in outer if part.kind == "provider")
    job.upkeep_part = amount - got
    if got:
        own = terms.of(job, rules.org_split)
        inner = ledger.parts(own, got, {"worker": worker, "fund": fund}, name)
        moves += [part.out_of(provider) for part in inner]
        job.worker_part = sum(part.amount for part in inner if part.kind == "worker")
        job.fund_part = got - job.worker_part
        if own.pk:
            job.versions = {**job.versions, rules.org_split.key: str(own.pk)}
    return moves


def all_back(job: Job, *, now: datetime) -> None:
    """Everything the client paid goes back, and what was promised on top comes from upkeep. Fills in the job's parts; the caller saves."""
    charge = _charge(job)
    ledger.refund_hold(hold_of(job), payments.refund_account(charge), key=f"back:{job.pk}", now=now)
    job.refunded = job.price
    payments.refund(charge, job.price, key=f"refund:{job.pk}", now=now)
    if job.goodwill:
        goodwill(job, terms.of(job, rules.cancel_worker), now=now)


def goodwill(job: Job, version: RuleVersion, *, now: datetime) -> Entry:
    """``job.goodwill`` from upkeep to the client's payable, once."""
    upkeep, client = ledger.accounts([("upkeep", ""), ("payable", f"person:{job.client_id}")], job.unit)
    move = Move(upkeep, client, job.goodwill, "goodwill", version if version.pk else None, {"of": job.price})
    return ledger.post("goodwill", [move], key=f"goodwill:{job.pk}", subject=f"job:{job.pk}", now=now, payer="")


def tip_parts(tip: Tip, job: Job) -> list[Part]:
    """Where a tip goes, by the tip rule the job was booked under."""
    if job.worker is None or job.organisation_id is None:
        raise ValueError(f"tip:{tip.pk}: nobody to thank")
    wanted = [("payable", f"person:{job.worker.person_id}"), ("fund", f"organisation:{job.organisation_id}"), ("upkeep", "")]
    places = dict(zip(("worker", "fund", "upkeep"), ledger.accounts(wanted, tip.unit), strict=True))
    found = ledger.parts(terms.of(job, rules.tip_split), tip.amount, places, f"tip:{tip.pk}")
    return [Part(part.credit, part.amount, "tip" if part.kind == "worker" else part.kind, part.version, part.note) for part in found]


def _charge(job: Job) -> Charge:
    return Charge.objects.get(pk=job.charge_id)
