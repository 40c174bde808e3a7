"""Every verb of on-demand services as JSON. A refusal is 409 ``{"code", "message", "field"}``; what is not there or not yours is 404."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema

from madang.coop.law import rations
from madang.coop.people.models import Organisation
from madang.kit.errors import Missing
from madang.platforms.services import actions, queries
from madang.platforms.services.models import Home, Job, Rating, Tip, Worker
from madang.platforms.services.texts import moment, time_zone_name, whole
from madang.platforms.services.views import office

router = Router(tags=["services"])


class Refusal(Schema):
    """Why it could not be done: ``code`` for programs, ``message`` for people, ``field`` of the input it belongs to."""

    code: str
    message: str
    field: str | None = None
    free: list[datetime] = Field(default=[], description="code taken: the next free start times")


class PriceLineOut(Schema):
    code: str
    title: dict[str, str]
    quantity: int
    amount: int
    minutes: int
    version: str = Field(description="the rule version that set the amount")
    free_with: str
    needs: str


class QuoteIn(Schema):
    bedrooms: int
    bathrooms: int
    extras: dict[str, int] = Field(default={}, max_length=50)
    has_ladder: bool = False
    has_machine: bool = False


class QuoteOut(Schema):
    lines: list[PriceLineOut]
    total: int = Field(description="in the smallest unit of `unit`")
    unit: str
    minutes: int


class HomeIn(Schema):
    district: str
    address: str
    bedrooms: int
    bathrooms: int
    name: str = ""
    directions: str = ""
    has_ladder: bool = False
    has_machine: bool = False


class HomeOut(HomeIn):
    id: UUID


class BookIn(Schema):
    home: UUID
    start: datetime = Field(description="with its time zone, on the quarter of an hour")
    extras: dict[str, int] = Field(default={}, max_length=50)
    worker: UUID | None = None
    expected: int | None = Field(default=None, description="the total you saw; refused when the price list changed meanwhile")
    note: str = ""


class JobOut(Schema):
    id: UUID
    number: str
    side: str
    state: str
    starts_at: datetime
    ends_at: datetime
    price: int
    unit: str
    lines: list[dict[str, Any]]
    versions: dict[str, str]
    worker: str | None
    district: str
    address: str | None
    checklist: list[dict[str, Any]]
    hold_until: datetime
    confirm_by: datetime | None
    charge: UUID | None
    refunded: int
    can: list[str]


class WordsIn(Schema):
    words: str = ""


class TickIn(Schema):
    room: str
    item: int
    done: bool = True


class TipIn(Schema):
    amount: int


class RateIn(Schema):
    stars: int
    words: str = ""


class SettleIn(Schema):
    refund: int = 0
    answer: str
    nobody_came: bool = False


class WeekIn(Schema):
    windows: list[tuple[int, int, int]] = Field(description="weekday (0 Monday), start and end in minutes after local midnight", max_length=100)


class TimeOffIn(Schema):
    since: datetime
    until: datetime
    note: str = ""


class WorkerIn(Schema):
    organisation: str = Field(description="its short name")
    time_zone: str = ""
    about: str = ""


class NewWorkerIn(WorkerIn):
    """Someone who works in an organisation one speaks for."""

    person: UUID


class WorkerOut(Schema):
    """Someone who takes jobs."""

    id: UUID
    name: str
    organisation: str
    time_zone: str
    active: bool


class ThereOut(Schema):
    """Someone who works in the organisation and takes no jobs."""

    id: UUID
    name: str


class WorkersOut(Schema):
    """The workers of one organisation; ``people`` can be added by who speaks for it."""

    organisation: str
    workers: list[WorkerOut]
    people: list[ThereOut]


class SeenRatingOut(Schema):
    """Stars and words that the reader may see. ``side`` is who wrote them: client or worker."""

    side: str
    stars: int
    words: str
    at: datetime
    visible: bool


class AboutMeOut(Schema):
    """``average`` and ``count`` are null under five ratings."""

    average: str | None
    count: int | None
    latest: list[SeenRatingOut]


class BoardJobOut(Schema):
    id: UUID
    number: str
    state: str
    starts_at: datetime
    ends_at: datetime
    district: str
    worker: str | None


class BoardOut(Schema):
    """What needs the coordinator."""

    problems: list[BoardJobOut]
    late: list[BoardJobOut]
    asking: list[BoardJobOut]
    unfilled: list[BoardJobOut]
    today: int


class WorkerEdit(Schema):
    time_zone: str
    about: str = ""
    active: bool = True


def _now(request: HttpRequest) -> datetime:
    return request.now  # type: ignore[attr-defined,no-any-return]


def _job(request: HttpRequest, job_id: UUID) -> dict[str, Any]:
    view = queries.job_for(request.user, job_id, now=_now(request))  # type: ignore[arg-type]
    job = view.job
    return {
        "id": job.pk, "number": job.number, "side": view.side, "state": job.state, "starts_at": job.starts_at, "ends_at": job.ends_at, "price": job.price,
        "unit": job.unit, "lines": job.lines, "versions": job.versions, "worker": str(job.worker) if job.worker_id else None, "district": job.home.district,
        "address": view.home.address if view.home else None, "checklist": job.checklist, "hold_until": job.hold_until, "confirm_by": job.confirm_by,
        "charge": job.charge_id if view.side == "client" else None, "refunded": job.refunded, "can": sorted(view.can),
    }  # fmt: skip


def _home(home: Home) -> dict[str, Any]:
    return {name: getattr(home, name) for name in HomeOut.model_fields}


@router.get("/catalogue", auth=None)
def catalogue(request: HttpRequest) -> dict[str, Any]:
    """The price list in force, with the rule versions behind it."""
    found = queries.catalogue(_now(request))
    return {
        "unit": found.unit,
        "refresh": vars(found.size),
        "extras": [
            {**{name: getattr(extra, name) for name in ("code", "title", "price", "minutes", "per", "most", "needs")}, "free_with": sorted(extra.free_with)}
            for extra in found.extras.values()
        ],
        "versions": {key: str(version.pk) for key, version in found.versions.items() if version.pk},
    }


@router.post("/quote", response={200: QuoteOut, 409: Refusal}, auth=None)
def quote(request: HttpRequest, body: QuoteIn) -> dict[str, Any]:
    """What a visit costs, line by line."""
    found = actions.get_quote(**body.dict(), now=_now(request))
    return {"lines": [line.as_json() for line in found.lines], "total": found.total, "unit": found.unit, "minutes": found.minutes}


@router.get("/slots", auth=None)
def free_slots(
    request: HttpRequest, minutes: int, since: datetime | None = None, days: int = 7, time_zone: str = "Asia/Seoul", worker: UUID | None = None
) -> dict[str, Any]:
    """Start times at which a visit of `minutes` can be booked, in UTC."""
    rations.require("services.times", request)
    found = queries.free_slots(
        whole(minutes, 15, 12 * 60, "minutes"), now=_now(request), since=moment(since, "since") if since else None, days=whole(days, 1, 28, "days"),
        time_zone=time_zone_name(time_zone), worker_id=worker,
    )  # fmt: skip
    return {"starts": found}


@router.get("/homes", response=list[HomeOut])
def homes(request: HttpRequest) -> list[dict[str, Any]]:
    """Your homes."""
    return [_home(one) for one in queries.homes(request.user)]  # type: ignore[arg-type]


@router.post("/homes", response={200: HomeOut, 409: Refusal})
def add_home(request: HttpRequest, body: HomeIn) -> dict[str, Any]:
    """Add a home; the same home twice is one."""
    return _home(actions.add_home(request.user, **body.dict(), now=_now(request)))  # type: ignore[arg-type]


@router.put("/homes/{home_id}", response={200: HomeOut, 409: Refusal})
def edit_home(request: HttpRequest, home_id: UUID, body: HomeIn) -> dict[str, Any]:
    """Correct a home."""
    return _home(actions.edit_home(request.user, home_id, **body.dict(), now=_now(request)))  # type: ignore[arg-type]


@router.delete("/homes/{home_id}", response={204: None, 409: Refusal})
def remove_home(request: HttpRequest, home_id: UUID) -> tuple[int, None]:
    """Take a home off your list."""
    actions.remove_home(request.user, home_id, now=_now(request))  # type: ignore[arg-type]
    return 204, None


@router.post("/jobs", response={200: JobOut, 409: Refusal})
def book(request: HttpRequest, body: BookIn) -> Any:
    """Keep a time and ask for the price; pay it at `/pay/<charge>/` until `hold_until`. The same booking again is the same job."""
    rations.require("services.book", request)
    try:
        job = actions.book(
            request.user, body.home, body.extras, body.start, worker_id=body.worker, expected=body.expected, note=body.note, now=_now(request)  # type: ignore[arg-type]
        )
    except actions.Taken as no:
        return 409, {"code": no.code, "message": str(no.message), "field": no.field, "free": no.free}
    return _job(request, job.pk)


@router.get("/jobs")
def jobs(request: HttpRequest, before: datetime | None = None) -> list[dict[str, Any]]:
    """Your visits as a client, the latest first, fifty at a time."""
    return [
        {"id": one.pk, "number": one.number, "state": one.state, "starts_at": one.starts_at, "ends_at": one.ends_at, "price": one.price, "unit": one.unit}
        for one in queries.my_jobs(request.user, before=before)  # type: ignore[arg-type]
    ]


@router.get("/jobs/{job_id}", response=JobOut)
def job(request: HttpRequest, job_id: UUID) -> dict[str, Any]:
    """A visit, as the client, the worker or the coordinator may see it."""
    return _job(request, job_id)


def _verb(name: str, says: str) -> None:
    """A verb that needs nothing but the job."""

    def view(request: HttpRequest, job_id: UUID) -> dict[str, Any]:
        getattr(actions, name)(request.user, job_id, now=_now(request))
        return _job(request, job_id)

    view.__name__, view.__doc__ = name, says
    router.post(f"/jobs/{{job_id}}/{name.replace('_', '-')}", response={200: JobOut, 409: Refusal})(view)


for _name, _says in {
    "accept": "Take the job you are asked about.",
    "check_in": "You are there.",
    "check_out": "You are finished.",
    "confirm": "The job was done: release the price.",
    "cancel_by_client": "Cancel as the client; what goes back follows the ladder the job was booked under.",
}.items():
    _verb(_name, _says)


@router.post("/jobs/{job_id}/decline", response={200: dict[str, str], 409: Refusal})
def decline(request: HttpRequest, job_id: UUID, body: WordsIn) -> dict[str, str]:
    """Do not take the job; the next free worker is asked."""
    actions.decline(request.user, job_id, reason=body.words, now=_now(request))  # type: ignore[arg-type]
    return {"state": "declined"}


@router.post("/jobs/{job_id}/cancel-by-worker", response={200: dict[str, str], 409: Refusal})
def cancel_by_worker(request: HttpRequest, job_id: UUID, body: WordsIn) -> dict[str, str]:
    """You took the job and cannot come; the next free worker is asked."""
    actions.cancel_by_worker(request.user, job_id, reason=body.words, now=_now(request))  # type: ignore[arg-type]
    return {"state": "withdrawn"}


@router.post("/jobs/{job_id}/tick", response={200: JobOut, 409: Refusal})
def tick(request: HttpRequest, job_id: UUID, body: TickIn) -> dict[str, Any]:
    """Tick one thing of one room off, or on again."""
    actions.tick(request.user, job_id, body.room, body.item, done=body.done, now=_now(request))  # type: ignore[arg-type]
    return _job(request, job_id)


@router.post("/jobs/{job_id}/problem", response={200: JobOut, 409: Refusal})
def report_problem(request: HttpRequest, job_id: UUID, body: WordsIn) -> dict[str, Any]:
    """Something is wrong; the office hears both sides."""
    actions.report_problem(request.user, job_id, body.words, now=_now(request))  # type: ignore[arg-type]
    return _job(request, job_id)


@router.post("/jobs/{job_id}/settle", response={200: JobOut, 409: Refusal})
def settle_problem(request: HttpRequest, job_id: UUID, body: SettleIn) -> dict[str, Any]:
    """The coordinator decides what goes back."""
    actions.settle_problem(request.user, job_id, **body.dict(), now=_now(request))  # type: ignore[arg-type]
    return _job(request, job_id)


@router.post("/jobs/{job_id}/assign/{worker_id}", response={200: JobOut, 409: Refusal})
def assign(request: HttpRequest, job_id: UUID, worker_id: UUID) -> dict[str, Any]:
    """The coordinator asks another worker."""
    actions.assign(request.user, job_id, worker_id, now=_now(request))  # type: ignore[arg-type]
    return _job(request, job_id)


@router.post("/jobs/{job_id}/tip", response={200: dict[str, Any], 409: Refusal})
def tip(request: HttpRequest, job_id: UUID, body: TipIn) -> dict[str, Any]:
    """Thank the worker with money; pay it at `/pay/<charge>/`."""
    made: Tip = actions.tip(request.user, job_id, body.amount, now=_now(request))  # type: ignore[arg-type]
    return {"id": made.pk, "amount": made.amount, "unit": made.unit, "state": made.state, "charge": made.charge_id}


@router.post("/jobs/{job_id}/rate", response={200: dict[str, Any], 409: Refusal})
def rate(request: HttpRequest, job_id: UUID, body: RateIn) -> dict[str, Any]:
    """Stars and words about the other side, unseen until both are in or the window is over."""
    made: Rating = actions.rate(request.user, job_id, body.stars, body.words, now=_now(request))  # type: ignore[arg-type]
    return {"id": made.pk, "stars": made.stars, "words": made.words, "visible": made.visible}


@router.get("/work/day/{day}")
def worker_day(request: HttpRequest, day: date) -> list[dict[str, Any]]:
    """Your visits as a worker on one day of your own clock."""
    rows: list[Job] = queries.worker_day(request.user, day, now=_now(request))  # type: ignore[arg-type]
    return [{"id": one.pk, "state": one.state, "starts_at": one.starts_at, "ends_at": one.ends_at, "district": one.home.district} for one in rows]


@router.get("/work/offers")
def offers(request: HttpRequest) -> list[dict[str, Any]]:
    """What you are asked to take, and why you."""
    return [
        {"job": one.job_id, "starts_at": one.job.starts_at, "ends_at": one.job.ends_at, "district": one.job.home.district, "price": one.job.price,
         "unit": one.job.unit, "answer_by": one.answer_by, "why": queries.why_me(one)}
        for one in queries.offers_for(request.user, _now(request))  # type: ignore[arg-type]
    ]  # fmt: skip


@router.post("/work", response={200: dict[str, Any], 409: Refusal})
def become_worker(request: HttpRequest, body: WorkerIn) -> dict[str, Any]:
    """Take jobs from now on, through an organisation you work in."""
    body_of = Organisation.objects.filter(slug=body.organisation).first()
    if body_of is None:
        raise Missing("no such organisation")
    made: Worker = actions.become_worker(
        request.user, body_of, by=request.user, time_zone=body.time_zone, about=body.about, now=_now(request)  # type: ignore[arg-type]
    )
    return {"id": made.pk, "organisation": made.organisation.slug, "time_zone": made.time_zone, "active": made.active}


@router.put("/work", response={200: dict[str, Any], 409: Refusal})
def edit_worker(request: HttpRequest, body: WorkerEdit) -> dict[str, Any]:
    """Your time zone, a few words for clients, and whether you want new jobs."""
    made: Worker = actions.edit_worker(request.user, **body.dict(), now=_now(request))  # type: ignore[arg-type]
    return {"id": made.pk, "organisation": made.organisation.slug, "time_zone": made.time_zone, "active": made.active}


@router.put("/work/week", response={200: list[tuple[int, int, int]], 409: Refusal})
def set_availability(request: HttpRequest, body: WeekIn) -> list[tuple[int, int, int]]:
    """Your week anew."""
    return [(one.weekday, one.start, one.end) for one in actions.set_availability(request.user, body.windows, now=_now(request))]  # type: ignore[arg-type]


@router.post("/work/time-off", response={200: dict[str, Any], 409: Refusal})
def add_time_off(request: HttpRequest, body: TimeOffIn) -> dict[str, Any]:
    """You are away."""
    made = actions.add_time_off(request.user, body.since, body.until, note=body.note, now=_now(request))  # type: ignore[arg-type]
    return {"id": made.pk, "since": made.span.lower, "until": made.span.upper}


@router.delete("/work/time-off/{time_off_id}", response={204: None, 409: Refusal})
def remove_time_off(request: HttpRequest, time_off_id: int) -> tuple[int, None]:
    """You are there after all."""
    actions.remove_time_off(request.user, time_off_id, now=_now(request))  # type: ignore[arg-type]
    return 204, None


def _worker(one: Worker) -> dict[str, Any]:
    fields = {"time_zone": one.time_zone, "active": one.active}
    return {"id": one.pk, "name": str(one.person), "organisation": one.organisation.slug, **fields}


def _seen(one: Rating) -> dict[str, Any]:
    return {"side": one.side, "stars": one.stars, "words": one.words, "at": one.at, "visible": one.visible}


@router.get("/jobs/{job_id}/ratings", response=list[SeenRatingOut])
def job_ratings(request: HttpRequest, job_id: UUID) -> list[dict[str, Any]]:
    """What was said of a visit: your own words, and the other side's once both are in or the window is over."""
    return [_seen(one) for one in queries.job_for(request.user, job_id, now=_now(request)).ratings]  # type: ignore[arg-type]


@router.get("/ratings", response=AboutMeOut)
def about_me(request: HttpRequest) -> dict[str, Any]:
    """What was said of you."""
    average = queries.rating_of(request.user)  # type: ignore[arg-type]
    latest = [_seen(one) for one in queries.ratings_about(request.user)]  # type: ignore[arg-type]
    return {"average": average[0] if average else None, "count": average[1] if average else None, "latest": latest}


@router.get("/board", response=BoardOut)
def board(request: HttpRequest) -> dict[str, Any]:
    """For the coordinator."""

    def out(one: Job) -> dict[str, Any]:
        fields = {"number": one.number, "state": one.state, "starts_at": one.starts_at, "ends_at": one.ends_at, "district": one.home.district}
        return {"id": one.pk, **fields, "worker": str(one.worker) if one.worker_id else None}

    found = queries.board(request.user, _now(request))  # type: ignore[arg-type]
    jobs = {"problems": [one.job for one in found.problems], "late": found.late, "asking": found.asking, "unfilled": found.unfilled}
    return {**{name: [out(one) for one in rows] for name, rows in jobs.items()}, "today": found.today}


@router.get("/jobs/{job_id}/workers", response=list[WorkerOut])
def workers_free(request: HttpRequest, job_id: UUID) -> list[dict[str, Any]]:
    """Who else could take a job. For the coordinator."""
    return [_worker(one) for one in queries.workers_free_for(request.user, job_id, _now(request))]  # type: ignore[arg-type]


@router.get("/workers", response=list[WorkersOut])
def workers(request: HttpRequest) -> list[dict[str, Any]]:
    """Who takes jobs, by organisation: all of them for the coordinator, their own for who speaks for an organisation."""
    return [
        {
            "organisation": one["organisation"].slug, "workers": [_worker(worker) for worker in one["workers"]],
            "people": [{"id": person.pk, "name": str(person)} for person in one["people"]],
        }
        for one in office.groups(request.user, _now(request))  # type: ignore[arg-type]
    ]  # fmt: skip


@router.post("/workers", response={200: WorkerOut, 409: Refusal})
def add_worker(request: HttpRequest, body: NewWorkerIn) -> dict[str, Any]:
    """Someone of an organisation you speak for takes jobs from now on, once they have set their hours."""
    now = _now(request)
    group = next((one for one in office.groups(request.user, now) if one["organisation"].slug == body.organisation), None)  # type: ignore[arg-type]
    person = next((one for one in group["people"] if one.pk == body.person), None) if group else None
    if group is None or person is None:
        raise Missing("not yours to do")
    return _worker(
        actions.become_worker(person, group["organisation"], by=request.user, time_zone=body.time_zone, about=body.about, now=now)  # type: ignore[arg-type]
    )
