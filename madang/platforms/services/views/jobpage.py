"""What the page of one visit shows, for whichever side looks: its course, its price, where the money went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from madang.coop.ledger.models import Transfer
from madang.kit.splits import largest_remainder
from madang.platforms.services import queries, rules, states, terms
from madang.platforms.services.actions import money
from madang.platforms.services.actions.visits import EARLY
from madang.platforms.services.models import CLIENT, WORKER, Job, Offer
from madang.platforms.services.queries import JobView
from madang.platforms.services.quote import REFRESH
from madang.platforms.services.views import shown

OFFER_WORDS = {
    states.OPEN: pgettext_lazy("offer", "asked"),
    states.TAKEN: pgettext_lazy("offer", "took it"),
    states.DECLINED: pgettext_lazy("offer", "declined"),
    states.EXPIRED: pgettext_lazy("offer", "did not answer in time"),
    states.WITHDRAWN: pgettext_lazy("offer", "withdrawn"),
}


@dataclass(frozen=True)
class Step:
    """One step of a visit's course: what, when, and how it looks (done, next, bad or still ahead)."""

    label: str
    at: datetime | None = None
    tone: str = ""
    note: str = ""


def timeline(job: Job) -> list[Step]:
    """The course of a visit: what has happened, what is next, and how it ended."""
    happened = [
        (_("The time is booked"), job.booked_at),
        (_("Paid; the money is kept"), job.paid_at),
        (_("A worker accepts"), job.accepted_at),
        (_("The worker arrives"), job.checked_in_at),
        (_("The worker finishes"), job.checked_out_at),
    ]
    steps = [Step(label, at, "done") for label, at in happened if at]
    if job.state in states.JOB.final or job.state == states.PROBLEM:
        return [*steps, *_ending(job)]
    ahead = [label for label, at in happened if not at] + [_("Confirmed, and the worker is paid")]
    return [*steps, *(Step(label, None, "next" if place == 0 else "") for place, label in enumerate(ahead))]


def _ending(job: Job) -> list[Step]:
    if job.state == states.RELEASED:
        label = _("Confirmed by the client; the worker is paid") if job.confirmed_at else _("Nobody spoke against it in time; the worker is paid")
        return [Step(label, job.over_at, "done")]
    words = {
        states.PROBLEM: _("The office is looking at a problem"),
        states.CANCELLED: _("Cancelled by the client"),
        states.UNFILLED: _("Nobody could come; all money went back"),
        states.LAPSED: _("Not paid in time; the time is free again"),
        states.REFUNDED: _("The office decided: all money went back"),
    }
    return [Step(words[job.state], job.over_at, "bad")]


def context(view: JobView, now: datetime) -> dict[str, Any]:
    """Everything the templates of a visit's page read."""
    job = view.job
    if view.home is None:  # the address is not theirs to know: nothing a template could show by mistake
        job.home.address = job.home.directions = job.home.name = ""
    in_force = terms.now_in_force(now)
    found: dict[str, Any] = {
        "job": job,
        "can": view.can,
        "problem": view.problem,
        "ratings": view.ratings,
        "tip": view.tip,
        "lines": shown.lines(job.lines, {code: extra.title for code, extra in in_force.extras.items()}),
        "timeline": timeline(job),
        "rooms": [{"title": title, "items": items, "done": sum(1 for item in items if item["at"])} for title, items in view.rooms],
        "can_report": "report" in view.can,
        "can_rate": "rate" in view.can,
        "why_confirmation": shown.why_rule(rules.confirmation),
        "why_rating": shown.why_rule(rules.rating_window),
        "why_cancel_worker": shown.why_rule(rules.cancel_worker),
        "why_split": shown.why_rule(rules.split),
    }
    found |= _money(view)
    return found | {CLIENT: _client, WORKER: _worker}.get(view.side, _office)(view, now, in_force)


def _money(view: JobView) -> dict[str, Any]:
    """Where the money of a visit that is over went, each part with its why."""
    job = view.job
    if job.state not in (states.RELEASED, states.CANCELLED, states.REFUNDED, states.UNFILLED) or not job.paid_at:
        return {"parts": []}
    whys = {kind: reverse("ledger:why", args=[pk]) for pk, kind in Transfer.objects.filter(entry__subject=f"job:{job.pk}").values_list("pk", "kind")}
    rows = [
        (_("the worker"), job.worker_part, "worker"),
        (_("the member co-op's common fund"), job.fund_part, "fund"),
        (_("upkeep of the platform"), job.upkeep_part, "upkeep"),
        (_("value added tax"), job.tax_part, "vat"),
        (_("gone back to the client"), job.refunded, "refund"),
    ]
    parts = [{"label": label, "amount": amount, "share": Fraction(amount, job.price), "why": whys.get(kind, "")} for label, amount, kind in rows if amount]
    return {"parts": parts, "refund_why": whys.get("refund", ""), "worker_why": whys.get("worker", "")}


def _client(view: JobView, now: datetime, in_force: terms.Terms) -> dict[str, Any]:
    job = view.job
    comes = job.worker is not None and job.accepted_at is not None
    return {
        "worker_stars": queries.rating_of(job.worker.person) if comes and job.worker else None,
        "can_cancel": "cancel" in view.can and view.refund is not None,
        "back": view.refund,
        "ladder": shown.ladder(terms.of_job(job, rules.cancel_client)),
        "why_ladder": shown.why_rule(rules.cancel_client),
        "can_tip": "tip" in view.can and (view.tip is None or view.tip.state != view.tip.PAID),
        "tip_words": rules.tip_split.type.describe(terms.of_job(job, rules.tip_split), shown.language()),
        "why_tip": shown.why_rule(rules.tip_split),
        "rating_title": _("How was the worker's work?"),
        "again_url": again_url(job, in_force),
    }


def again_url(job: Job, in_force: terms.Terms) -> str:
    """Where the same visit can be booked once more, as far as the price list still has it."""
    pairs = [("home", str(job.home_id))] if job.home.archived_at is None else [("bedrooms", str(job.bedrooms)), ("bathrooms", str(job.bathrooms))]
    pairs += [(f"x-{line['code']}", str(line["quantity"])) for line in job.lines if line["code"] != REFRESH and line["code"] in in_force.extras]
    return f"{reverse('services:book')}?{urlencode(pairs)}"


def worker_part(job: Job) -> int:
    """What the worker gets of this job's price under the rules it was booked under, in the smallest unit."""
    name = f"release:{job.pk}"
    outer = largest_remainder(job.price, list(terms.of_job(job, rules.split).items()), name)
    return largest_remainder(outer["provider"], list(terms.of_job(job, rules.org_split).items()), name)["worker"]


def _worker(view: JobView, now: datetime, in_force: terms.Terms) -> dict[str, Any]:
    job, done = view.job, sum(1 for line in view.job.checklist if line["at"])
    open_offer = view.offer is not None and view.offer.state == states.OPEN
    accepted = job.accepted_at is not None and view.home is not None
    goodwill = 0
    if job.state == states.ACCEPTED:
        goodwill = money.share_of(job.price, terms.of_job(job, rules.cancel_worker).percent_at(max(job.lead(now), timedelta())), f"goodwill:{job.pk}")
    return {
        "offer": view.offer,
        "accepted": accepted,
        "yours": worker_part(job),
        "asked_why": queries.why_me(view.offer) if view.offer and open_offer else "",
        "why_matching": shown.why_rule(rules.matching_way),
        "may_check_in": "check_in" in view.can,
        "check_in_from": job.starts_at - EARLY,
        "ticked": done,
        "left": len(job.checklist) - done,
        "goodwill": goodwill,
        "rating_title": _("How was it to work there?"),
    }


def _office(view: JobView, now: datetime, in_force: terms.Terms) -> dict[str, Any]:
    offers = []
    for offer in Offer.objects.filter(job=view.job).select_related("worker__person").order_by("made_at"):
        offer.words = OFFER_WORDS[offer.state]  # type: ignore[attr-defined]
        offers.append(offer)
    return {"offers": offers}
