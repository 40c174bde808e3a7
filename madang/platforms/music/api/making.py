"""For those who make music: artists, releases, tracks and files on their way in."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Field, Schema

from madang.coop.people.models import Person
from madang.kit.errors import Refused
from madang.platforms.music import queries
from madang.platforms.music.actions import catalogue, preparing, uploading
from madang.platforms.music.api.shapes import (
    ArtistOut,
    MusicRefusal,
    ReleaseOut,
    TrackOut,
    artist_of,
    artist_out,
    now_of,
    release_of,
    release_out,
    router,
    track_of,
    track_out,
    user_of,
)  # fmt: skip
from madang.platforms.music.models import Member


class ArtistIn(Schema):
    name: str
    kind: str = "person"
    about: str = ""
    links: list[str] = []


class ArtistChange(Schema):
    name: str
    about: str = ""
    links: list[str] = []


class ReleaseIn(Schema):
    title: str
    kind: str = "album"
    about: str = ""
    tags: list[str] = []
    licence: str = ""


class ReleaseChange(Schema):
    title: str | None = None
    kind: str | None = None
    about: str | None = None
    tags: list[str] | None = None
    licence: str | None = None
    copyright: str | None = None
    upc: str | None = None


class TrackChange(Schema):
    title: str | None = None
    isrc: str | None = None
    licence: str | None = None
    covers: str | None = None
    lyrics: str | None = None
    language: str | None = None
    explicit: bool | None = None
    credits: list[tuple[str, str]] | None = Field(default=None, description="(name, role)")


class PublishIn(Schema):
    at: datetime | None = Field(default=None, description="a day to come; now without one")
    preorder: bool = False


class MemberIn(Schema):
    """Somebody of the line-up: a person by e-mail address, a name, or (of a label's roster) an artist."""

    name: str = ""
    email: str = ""
    artist: int | None = None
    role: str = ""
    manages: bool = False


class MemberOut(Schema):
    id: int
    name: str
    role: str
    manages: bool


class PictureIn(Schema):
    data: str = Field(max_length=1_400_000, description="a JPEG, PNG or WebP in base64")


class UploadIn(Schema):
    name: str
    length: int


class UploadOut(Schema):
    """A file on its way in: send its pieces to ``url`` by PATCH with ``Upload-Offset``, as tus 1.0 has it."""

    id: UUID
    url: str
    got: int
    length: int
    track: int | None


@router.get("/artists", response=list[ArtistOut], summary="The artists I act for")
def my_artists(request: HttpRequest) -> Any:
    return [artist_out(one) for one in queries.mine(user_of(request))]


@router.post("/artists", response={200: ArtistOut, 409: MusicRefusal}, summary="A new artist, band or label")
def make_artist(request: HttpRequest, body: ArtistIn) -> Any:
    return artist_out(catalogue.make_artist(user_of(request), body.name, kind=body.kind, about=body.about, links=body.links, now=now_of(request)))


@router.post("/artists/{int:key}", response={200: ArtistOut, 409: MusicRefusal}, summary="Change an artist")
def change_artist(request: HttpRequest, key: int, body: ArtistChange) -> Any:
    changed = catalogue.change_artist(user_of(request), artist_of(key), name=body.name, about=body.about, links=body.links, now=now_of(request))
    return artist_out(changed)


@router.post("/artists/{int:key}/releases", response={200: ReleaseOut, 409: MusicRefusal}, summary="A new release")
def make_release(request: HttpRequest, key: int, body: ReleaseIn) -> Any:
    artist = artist_of(key)
    made = catalogue.make_release(
        user_of(request), artist, body.title, kind=body.kind, about=body.about, tags=body.tags, licence=body.licence, now=now_of(request)
    )  # fmt: skip
    return release_out(made)


@router.post("/artists/{int:key}/members", response={200: MemberOut, 409: MusicRefusal}, summary="Somebody new in the line-up")
def add_member(request: HttpRequest, key: int, body: MemberIn) -> Any:
    artist = artist_of(key)
    catalogue.require(user_of(request), artist)
    person = Person.objects.filter(email=body.email.strip().lower(), is_active=True).first() if body.email else None
    if body.email and person is None:
        raise Refused("nobody", _("Nobody has signed in here with this address yet. Write a name only, or ask them to sign in first."), "email")
    other = artist_of(body.artist) if body.artist is not None else None
    made = catalogue.add_member(
        user_of(request), artist, person=person, other=other, name=body.name, role=body.role, manages=body.manages, now=now_of(request)
    )  # fmt: skip
    return {"id": made.pk, "name": str(made), "role": made.role, "manages": made.manages}


@router.delete("/artists/{int:key}/members/{int:member}", response={204: None, 409: MusicRefusal}, summary="Somebody leaves the line-up")
def end_member(request: HttpRequest, key: int, member: int) -> Any:
    catalogue.end_member(user_of(request), get_object_or_404(Member, pk=member, artist=key), now=now_of(request))
    return 204, None


@router.post("/releases/{int:key}/cover", response={204: None, 409: MusicRefusal}, summary="A release's cover")
def set_cover(request: HttpRequest, key: int, body: PictureIn) -> Any:
    release = release_of(request, key)
    catalogue.require(user_of(request), release.artist)
    try:
        data = base64.b64decode(body.data, validate=True)
    except ValueError:
        raise Refused("picture", _("This is not a picture that can be read. JPEG, PNG and WebP are."), "cover") from None
    preparing.set_cover(user_of(request), release, data, now=now_of(request))
    return 204, None


@router.post("/releases/{int:key}", response={200: ReleaseOut, 409: MusicRefusal}, summary="Change a release")
def change_release(request: HttpRequest, key: int, body: ReleaseChange) -> Any:
    said = {name: value for name, value in body.dict().items() if value is not None}
    return release_out(catalogue.change_release(user_of(request), release_of(request, key), said, now=now_of(request)))


@router.post("/tracks/{int:key}", response={200: TrackOut, 409: MusicRefusal}, summary="Change a track")
def change_track(request: HttpRequest, key: int, body: TrackChange) -> Any:
    said = {name: value for name, value in body.dict(exclude={"credits"}).items() if value is not None}
    return track_out(catalogue.change_track(user_of(request), track_of(request, key), said, credits=body.credits, now=now_of(request)))


@router.post("/releases/{int:key}/publish", response={200: ReleaseOut, 409: MusicRefusal}, summary="Publish now, or on a day to come")
def publish(request: HttpRequest, key: int, body: PublishIn) -> Any:
    done = catalogue.publish(user_of(request), release_of(request, key), at=body.at, preorder=body.preorder, now=now_of(request))
    return release_out(done)


@router.post("/releases/{int:key}/withdraw", response={200: ReleaseOut, 409: MusicRefusal}, summary="Take a release out of the catalogue")
def withdraw(request: HttpRequest, key: int) -> Any:
    return release_out(catalogue.withdraw(user_of(request), release_of(request, key), now=now_of(request)))


def _upload_out(one: Any) -> dict[str, Any]:
    return {"id": one.pk, "url": f"/api/music/uploads/{one.pk}", "got": one.got, "length": one.length, "track": one.track_id}


@router.post("/releases/{int:key}/uploads", response={201: UploadOut, 409: MusicRefusal}, summary="A file begins to come")
def begin_upload(request: HttpRequest, key: int, body: UploadIn) -> Any:
    made = uploading.begin(user_of(request), release_of(request, key), body.name, body.length, now=now_of(request))
    return 201, _upload_out(made)


@router.get("/uploads/{uuid:key}", response=UploadOut, summary="How much of a file is here")
def upload(request: HttpRequest, key: UUID) -> Any:
    return _upload_out(uploading.upload_of(user_of(request), key))


@router.patch("/uploads/{uuid:key}", response={200: UploadOut, 409: MusicRefusal}, summary="The next piece, from byte Upload-Offset on")
def add_piece(request: HttpRequest, response: HttpResponse, key: UUID) -> Any:
    offset = request.headers.get("Upload-Offset", "")
    if not offset.isdecimal() or len(offset) > 15:
        raise Refused("offset", "Upload-Offset: a whole number of bytes")
    done = uploading.add(user_of(request), key, request.body, int(offset), now=now_of(request))
    response["Upload-Offset"] = str(done.got)
    response["Tus-Resumable"] = "1.0.0"
    return _upload_out(done)


@router.delete("/uploads/{uuid:key}", response={204: None}, summary="I do not want it any more")
def stop_upload(request: HttpRequest, key: UUID) -> Any:
    uploading.stop(user_of(request), key)
    return 204, None
