"""The person's own account, and organisations, for programs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from madang.coop.people import actions, queries
from madang.coop.people.models import Organisation, Person

router = Router(tags=["people"])


class Me(Schema):
    """Who is signed in."""

    id: UUID
    email: str | None
    name: str
    language: str
    time_zone: str


class Profile(Schema):
    """How you are called, which language you read and in which zone you count the hours."""

    name: str = Field(max_length=800)
    language: str = Field(max_length=10)
    time_zone: str = Field(max_length=64)


class Language(Schema):
    """A language these pages speak, such as ``ko`` or ``en``."""

    language: str = Field(max_length=10)


class Erase(Schema):
    """Your own e-mail address, to say that you mean it."""

    email: str = Field(max_length=254)


class OrganisationOut(Schema):
    """A body people work in. ``people`` is null when fewer than five work there."""

    id: UUID
    name: str
    slug: str
    about: str
    people: int | None


@router.get("/me", response=Me, summary="Who am I?")
def me(request: HttpRequest) -> Person:
    """The account that is signed in."""
    return request.user  # type: ignore[return-value]


@router.put("/me", response=Me, summary="Change how I appear")
def update(request: HttpRequest, body: Profile) -> Person:
    """Name, language and time zone. 409 names the field that cannot be."""
    return actions.update_profile(request.user, name=body.name, language=body.language, time_zone=body.time_zone, now=request.now)  # type: ignore[arg-type, attr-defined]


@router.put("/me/language", response=Me, summary="Change my language")
def language(request: HttpRequest, body: Language) -> Person:
    """409 when these pages do not speak it."""
    return actions.set_language(request.user, body.language, now=request.now)  # type: ignore[arg-type, attr-defined]


@router.get("/me/data", response=dict[str, Any], summary="Everything kept about me")
def my_data(request: HttpRequest) -> dict[str, Any]:
    """By the part of the house that keeps it, with how long it is kept."""
    return actions.export(request.user)  # type: ignore[arg-type]


@router.post("/me/erase", response={204: None}, summary="Erase me, for good")
def erase(request: HttpRequest, body: Erase) -> tuple[int, None]:
    """409 when the address is not yours, or when something must be finished first; then nothing was erased."""
    from django.contrib.auth import logout
    from django.utils.translation import gettext as _

    from madang.kit.errors import Refused

    if body.email.strip().lower() != request.user.email:  # type: ignore[union-attr]
        raise Refused("email", _("This is not the address you signed in with. Nothing was erased."), "email")
    actions.erase(request.user, now=request.now)  # type: ignore[arg-type, attr-defined]
    logout(request)
    return 204, None


@router.get("/organisations/{slug}", response=OrganisationOut, auth=None, summary="An organisation")
def organisation(request: HttpRequest, slug: str) -> dict[str, Any]:
    """Its public page."""
    found: Organisation = queries.organisation(slug)
    return {
        "id": found.pk, "name": found.name, "slug": found.slug, "about": found.about,
        "people": queries.head_count(found, request.now),  # type: ignore[attr-defined]
    }  # fmt: skip
