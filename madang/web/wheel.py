"""One turn of the wheel: the eight steps a newcomer to a demo walks, which of them are done and where each goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from madang.coop.decisions import states as course
from madang.coop.decisions.models import Ballot, Proposal
from madang.platforms.services import faces, states
from madang.platforms.services.models import Job

KEPT = "wheel"  # in the session: {"since": when this visitor began, by the co-op's clock, "seen": [steps opened]}


@dataclass(frozen=True)
class Step:
    """What to do, as whom (a persona's key), where, and whether it has been done since this visitor began."""

    key: str
    title: Any
    text: Any
    button: Any
    persona: str
    url: str
    done: bool = False
    next: bool = False
    extra: str = ""


def begun(request: HttpRequest) -> datetime:
    """When this visitor began the turn; the first look begins it."""
    kept = request.session.setdefault(KEPT, {"since": request.now.isoformat(), "seen": []})  # type: ignore[attr-defined]
    return datetime.fromisoformat(kept["since"])


def saw(request: HttpRequest, key: str) -> None:
    """A step was opened: for steps that are done by looking."""
    begun(request)
    if key not in request.session[KEPT]["seen"]:
        request.session[KEPT]["seen"].append(key)
        request.session.modified = True


def again(request: HttpRequest) -> None:
    """Begin a new turn."""
    request.session.pop(KEPT, None)
    begun(request)


def _job(since: datetime) -> Job | None:
    """The visit of this turn: the latest the client paid for since the visitor began."""
    client = faces.the_client()
    return Job.objects.filter(client=client, paid_at__gte=since).order_by("-paid_at").first() if client else None


def turn(request: HttpRequest) -> Sequence[Step]:
    """The steps for this visitor, each marked done by what the co-op's own tables say; the first that is not is next."""
    since = begun(request)
    seen = request.session[KEPT]["seen"]
    job = _job(since)
    at = reverse("services:job", args=[job.pk]) if job else ""
    proposal = Proposal.objects.filter(created_at__gte=since).exclude(state=course.DRAFT).order_by("-created_at").first()
    voted = proposal is not None and Ballot.objects.filter(elector__proposal=proposal).exists()
    done = {
        "book": job is not None,
        "accept": job is not None and job.accepted_at is not None,
        "work": job is not None and job.checked_out_at is not None,
        "confirm": job is not None and job.state == states.RELEASED,
        "why": "why" in seen,
        "propose": proposal is not None,
        "vote": voted and proposal is not None and proposal.state in (course.PASSED, course.IN_FORCE, course.REJECTED),
        "prove": "prove" in seen,
    }
    where = {
        "book": reverse("services:book"),
        "accept": at or reverse("services:work"),
        "work": at or reverse("services:work"),
        "confirm": at or reverse("services:jobs"),
        "why": reverse("ledger:statement"),
        "propose": reverse("rules:rule", args=["services.split"]) + "#slider",
        "vote": reverse("decisions:decision", args=[proposal.pk]) if proposal else reverse("decisions:list"),
        "prove": reverse("record:home"),
    }
    open_vote = proposal is not None and proposal.state == course.VOTING
    steps = [replace(step, url=where[step.key], done=done[step.key], extra="others" if step.key == "vote" and open_vote else "") for step in STEPS]
    first = next((step.key for step in steps if not step.done), "")
    return [replace(step, next=step.key == first) for step in steps]


def step_of(key: str) -> Step | None:
    """The step with this key."""
    return next((step for step in STEPS if step.key == key), None)


def _step(key: str, persona: str, title: Any, text: Any, button: Any) -> Step:
    return Step(key, title, text, button, persona, "")


STEPS = [
    _step(
        "book", "client", _("Book a visit and pay"),
        _("Choose size and extras, pick a time at which someone is free, and pay with the pretend bank. The money is kept until the work is done."),
        _("As the client: book"),
    ),
    _step(
        "accept", "worker", _("Take the job"),
        _("The worker sees what it pays and why they were asked, and takes it or not."),
        _("As the worker: answer"),
    ),
    _step(
        "work", "worker", _("Do the work"),
        _("Move the clock to the day of the visit. Check in, tick off room by room, check out."),
        _("As the worker: check in"),
    ),
    _step(
        "confirm", "client", _("Say that it was done well"),
        _("The client confirms, or the time to object runs out. At once the price is shared by the rule."),
        _("As the client: confirm"),
    ),
    _step(
        "why", "worker", _("Ask why"),
        _("The worker's statement shows each amount with its “why?”: the rule, the vote behind it, the proof."),
        _("As the worker: see the statement"),
    ),
    _step(
        "propose", "treasurer", _("Propose another share"),
        _("Move the slider: what would last month have been? Then propose it to the members."),
        _("As the treasurer: move the slider"),
    ),
    _step(
        "vote", "treasurer", _("Vote, and let it take effect"),
        _("Move the clock until voting opens, vote, let the others vote, and move on past the close and the notice. Only later bookings follow it."),
        _("As the treasurer: vote"),
    ),
    _step(
        "prove", "sceptic", _("Trust nobody"),
        _("The sceptic checks it alone: take the export home and run “madang verify”. One changed byte, and it says which."),
        _("As the sceptic: see the record"),
    ),
]  # fmt: skip
