"""For clients: the price list, free times, homes, booking and tips."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Schema

from madang.coop.law import rations
from madang.platforms.services import actions, queries
from madang.platforms.services.api.shapes import JobOut, PriceLineOut, Refusal, job_out, now_of, router
from madang.platforms.services.models import Home, Tip
from madang.platforms.services.texts import moment, time_zone_name, whole


class SizeOut(Schema):
    """Prices and minutes of a visit before extras."""

    base: int
    per_bedroom: int
    per_bathroom: int
    base_minutes: int
    minutes_per_bedroom: int
    minutes_per_bathroom: int


class ExtraOut(Schema):
    """One thing on the price list; ``price`` and ``minutes`` are for one ``per``, ``most`` is how many one visit can hold."""

    code: str
    title: dict[str, str]
    price: int
    minutes: int
    per: dict[str, str] = Field(description="what one of it is; empty: the visit")
    most: int
    free_with: list[str] = Field(description="codes of extras with which this one costs nothing")
    needs: str


class CatalogueOut(Schema):
    """The price list; amounts in the smallest unit of ``unit``, ``versions`` the rule versions behind it."""

    unit: str
    refresh: SizeOut
    extras: list[ExtraOut]
    versions: dict[str, str]


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


class SlotsOut(Schema):
    """Start times in UTC."""

    starts: list[datetime]


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


class MyJobOut(Schema):
    """A visit in a list."""

    id: UUID
    number: str
    state: str
    starts_at: datetime
    ends_at: datetime
    price: int
    unit: str


class TipIn(Schema):
    amount: int


class TipOut(Schema):
    """A tip, to be paid at `/pay/<charge>/`."""

    id: UUID
    amount: int
    unit: str
    state: str
    charge: UUID | None


def _home(home: Home) -> dict[str, Any]:
    return {name: getattr(home, name) for name in HomeOut.model_fields}


@router.get("/catalogue", response=CatalogueOut, auth=None)
def catalogue(request: HttpRequest) -> dict[str, Any]:
    """The price list in force, with the rule versions behind it."""
    found = queries.catalogue(now_of(request))
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
    found = actions.get_quote(**body.dict(), now=now_of(request))
    return {"lines": [line.as_json() for line in found.lines], "total": found.total, "unit": found.unit, "minutes": found.minutes}


@router.get("/slots", response=SlotsOut, auth=None)
def free_slots(
    request: HttpRequest, minutes: int, since: datetime | None = None, days: int = 7, time_zone: str = "Asia/Seoul", worker: UUID | None = None
) -> dict[str, Any]:
    """Start times at which a visit of `minutes` can be booked, in UTC."""
    rations.require("services.times", request)
    found = queries.free_slots(
        whole(minutes, 15, 12 * 60, "minutes"), now=now_of(request), since=moment(since, "since") if since else None, days=whole(days, 1, 28, "days"),
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
    return _home(actions.add_home(request.user, **body.dict(), now=now_of(request)))  # type: ignore[arg-type]


@router.put("/homes/{home_id}", response={200: HomeOut, 409: Refusal})
def edit_home(request: HttpRequest, home_id: UUID, body: HomeIn) -> dict[str, Any]:
    """Correct a home."""
    return _home(actions.edit_home(request.user, home_id, **body.dict(), now=now_of(request)))  # type: ignore[arg-type]


@router.delete("/homes/{home_id}", response={204: None, 409: Refusal})
def remove_home(request: HttpRequest, home_id: UUID) -> tuple[int, None]:
    """Take a home off your list."""
    actions.remove_home(request.user, home_id, now=now_of(request))  # type: ignore[arg-type]
    return 204, None


@router.post("/jobs", response={200: JobOut, 409: Refusal})
def book(request: HttpRequest, body: BookIn) -> Any:
    """Keep a time and ask for the price; pay it at `/pay/<charge>/` until `hold_until`. The same booking again is the same job."""
    rations.require("services.book", request)
    try:
        job = actions.book(
            request.user, body.home, body.extras, body.start, worker_id=body.worker, expected=body.expected, note=body.note, now=now_of(request)  # type: ignore[arg-type]
        )
    except actions.Taken as no:
        return 409, {"code": no.code, "message": str(no.message), "field": no.field, "free": no.free}
    return job_out(request, job.pk)


@router.get("/jobs", response=list[MyJobOut])
def jobs(request: HttpRequest, before: datetime | None = None) -> list[dict[str, Any]]:
    """Your visits as a client, the latest first, fifty at a time."""
    return [
        {"id": one.pk, "number": one.number, "state": one.state, "starts_at": one.starts_at, "ends_at": one.ends_at, "price": one.price, "unit": one.unit}
        for one in queries.my_jobs(request.user, before=before)  # type: ignore[arg-type]
    ]


@router.post("/jobs/{job_id}/tip", response={200: TipOut, 409: Refusal})
def tip(request: HttpRequest, job_id: UUID, body: TipIn) -> dict[str, Any]:
    """Thank the worker with money; pay it at `/pay/<charge>/`."""
    made: Tip = actions.tip(request.user, job_id, body.amount, now=now_of(request))  # type: ignore[arg-type]
    return {"id": made.pk, "amount": made.amount, "unit": made.unit, "state": made.state, "charge": made.charge_id}
