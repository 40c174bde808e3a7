"""One visit, from whichever side: what happens to it step by step, and what is said of it afterwards."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Schema

from madang.platforms.services import actions, queries
from madang.platforms.services.api.shapes import JobOut, Refusal, SeenRatingOut, WordsIn, job_out, now_of, rating_out, router
from madang.platforms.services.models import Rating


class TickIn(Schema):
    room: str
    item: int
    done: bool = True


class RateIn(Schema):
    stars: int
    words: str = ""


class RatingOut(Schema):
    """Stars and words just given; ``visible`` once both are in or the window is over."""

    id: UUID
    stars: int
    words: str
    visible: bool


class AboutMeOut(Schema):
    """``average`` and ``count`` are null under five ratings."""

    average: str | None
    count: int | None
    latest: list[SeenRatingOut]


class StateOut(Schema):
    """What became of it."""

    state: str


@router.get("/jobs/{job_id}", response=JobOut)
def job(request: HttpRequest, job_id: UUID) -> dict[str, Any]:
    """A visit, as the client, the worker or the coordinator may see it."""
    return job_out(request, job_id)


def add_step(name: str, says: str) -> None:
    """A verb that needs nothing but the job."""

    def view(request: HttpRequest, job_id: UUID) -> dict[str, Any]:
        getattr(actions, name)(request.user, job_id, now=now_of(request))
        return job_out(request, job_id)

    view.__name__, view.__doc__ = name, says
    router.post(f"/jobs/{{job_id}}/{name.replace('_', '-')}", response={200: JobOut, 409: Refusal})(view)


for _name, _says in {
    "accept": "Take the job you are asked about.",
    "check_in": "You are there.",
    "check_out": "You are finished.",
    "confirm": "The job was done: release the price.",
    "cancel_by_client": "Cancel as the client; what goes back follows the ladder the job was booked under.",
}.items():
    add_step(_name, _says)


@router.post("/jobs/{job_id}/decline", response={200: StateOut, 409: Refusal})
def decline(request: HttpRequest, job_id: UUID, body: WordsIn) -> dict[str, str]:
    """Do not take the job; the next free worker is asked."""
    actions.decline(request.user, job_id, reason=body.words, now=now_of(request))  # type: ignore[arg-type]
    return {"state": "declined"}


@router.post("/jobs/{job_id}/cancel-by-worker", response={200: StateOut, 409: Refusal})
def cancel_by_worker(request: HttpRequest, job_id: UUID, body: WordsIn) -> dict[str, str]:
    """You took the job and cannot come; the next free worker is asked."""
    actions.cancel_by_worker(request.user, job_id, reason=body.words, now=now_of(request))  # type: ignore[arg-type]
    return {"state": "withdrawn"}


@router.post("/jobs/{job_id}/tick", response={200: JobOut, 409: Refusal})
def tick(request: HttpRequest, job_id: UUID, body: TickIn) -> dict[str, Any]:
    """Tick one thing of one room off, or on again."""
    actions.tick(request.user, job_id, body.room, body.item, done=body.done, now=now_of(request))  # type: ignore[arg-type]
    return job_out(request, job_id)


@router.post("/jobs/{job_id}/problem", response={200: JobOut, 409: Refusal})
def report_problem(request: HttpRequest, job_id: UUID, body: WordsIn) -> dict[str, Any]:
    """Something is wrong; the office hears both sides."""
    actions.report_problem(request.user, job_id, body.words, now=now_of(request))  # type: ignore[arg-type]
    return job_out(request, job_id)


@router.post("/jobs/{job_id}/rate", response={200: RatingOut, 409: Refusal})
def rate(request: HttpRequest, job_id: UUID, body: RateIn) -> dict[str, Any]:
    """Stars and words about the other side, unseen until both are in or the window is over."""
    made: Rating = actions.rate(request.user, job_id, body.stars, body.words, now=now_of(request))  # type: ignore[arg-type]
    return {"id": made.pk, "stars": made.stars, "words": made.words, "visible": made.visible}


@router.get("/jobs/{job_id}/ratings", response=list[SeenRatingOut])
def job_ratings(request: HttpRequest, job_id: UUID) -> list[dict[str, Any]]:
    """What was said of a visit: your own words, and the other side's once both are in or the window is over."""
    return [rating_out(one) for one in queries.job_for(request.user, job_id, now=now_of(request)).ratings]  # type: ignore[arg-type]


@router.get("/ratings", response=AboutMeOut)
def about_me(request: HttpRequest) -> dict[str, Any]:
    """What was said of you."""
    average = queries.rating_of(request.user)  # type: ignore[arg-type]
    latest = [rating_out(one) for one in queries.ratings_about(request.user)]  # type: ignore[arg-type]
    return {"average": average[0] if average else None, "count": average[1] if average else None, "latest": latest}
