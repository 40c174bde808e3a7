"""The person's own account, and organisations, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from madang.coop.law import rations
from madang.coop.people import actions, queries, tokens
from madang.coop.people.models import Organisation, Person, Token
from madang.kit.errors import Missing

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


class KeyIn(Schema):
    """Which program it is for."""

    name: str = Field(max_length=600)


class KeyOut(Schema):
    """A key for a program, without its secret. ``used_at`` is true to five minutes."""

    id: UUID
    name: str
    made_at: datetime
    used_at: datetime | None


class NewKeyOut(KeyOut):
    """A key just made."""

    key: str


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
    rations.require("my-data", request)
    return actions.export(request.user)  # type: ignore[arg-type]


@router.get("/me/keys", response=list[KeyOut], summary="Keys I made for programs")
def keys(request: HttpRequest) -> list[Token]:
    """Each with its name and when it was last used; the keys themselves are kept nowhere. A program is told of the key it came with only."""
    mine: Token | None = getattr(request, "token", None)
    found = Token.objects.filter(person=request.user)  # type: ignore[misc]
    return list((found.filter(pk=mine.pk) if mine else found).order_by("made_at", "pk"))


@router.post("/me/keys", response=NewKeyOut, auth=tokens.own_hands, summary="Make a key for a program")
def make_key(request: HttpRequest, body: KeyIn) -> dict[str, Any]:
    """`key` is told only this once. From a browser only: a key makes no keys."""
    token, key = tokens.make_key(request.user, body.name, now=request.now)  # type: ignore[arg-type, attr-defined]
    return {"id": token.pk, "name": token.name, "made_at": token.made_at, "used_at": None, "key": key}


@router.delete("/me/keys/{uuid:token_id}", response={204: None}, summary="Take a key back")
def revoke_key(request: HttpRequest, token_id: UUID) -> tuple[int, None]:
    """It opens nothing from now on. A program may give back the key it came with, and no other: 404."""
    mine: Token | None = getattr(request, "token", None)
    if mine is not None and mine.pk != token_id:
        raise Missing("not the key it came with")
    tokens.revoke_key(request.user, token_id, now=request.now)  # type: ignore[arg-type, attr-defined]
    return 204, None


@router.post("/me/erase", response={204: None}, auth=tokens.own_hands, summary="Erase me, for good")
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
