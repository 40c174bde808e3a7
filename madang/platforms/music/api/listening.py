"""For listeners: what is there, what the next play costs, telling plays, the wallet, favourites and playlists."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import Field, Schema

from madang.kit.money import format_amount
from madang.platforms.music import queries, terms
from madang.platforms.music.actions import keeping, keys, listening, wallets
from madang.platforms.music.api.shapes import (
    ArtistOut,
    MusicRefusal,
    ReleaseOut,
    artist_of,
    artist_out,
    now_of,
    release_of,
    release_out,
    router,
    track_of,
    user_of,
)  # fmt: skip
from madang.platforms.music.models import Playlist, Track


class ReleaseLineOut(Schema):
    """A release in a list."""

    id: int
    title: str
    artist: int
    artist_name: str
    kind: str
    tags: list[str]


class NextOut(Schema):
    """What pressing play costs, before it is pressed."""

    price: int = Field(description="millionths of the currency")
    said: str
    nth: int
    steps: int
    rest: int
    rest_said: str
    owned: bool
    in_the_way: str = Field(description='"", or "wallet", "cap", "asks"')
    message: str
    counts_after: int = Field(description="seconds after which it counts")
    sound: str
    title: str
    artist: str
    release: int
    duration: int
    lufs: int | None
    peak: int | None
    waveform: list[int]


class PlayIn(Schema):
    """One play. ``key`` is the player's own name for it: told twice, it counts once."""

    key: str
    track: int
    at: datetime
    seconds: int


class PlaysIn(Schema):
    plays: list[PlayIn] = Field(max_length=listening.REPORTS_MAX)
    agreed: bool = Field(default=False, description="the listener said yes to a price over their pause")


class PlayOut(Schema):
    """What came of a report."""

    key: str
    state: str
    price: int
    nth: int
    new: bool
    message: str


class PlaysOut(Schema):
    plays: list[PlayOut]
    left: int = Field(description="what is left in the wallet, in millionths")
    left_said: str


class WalletOut(Schema):
    unit: str
    left: int
    funded: int
    spent: int
    cap: int | None
    pause_over: int | None
    paid_until: datetime | None


class TopUpIn(Schema):
    amount: int = Field(description="coins of the co-op's currency")


class TopUpOut(Schema):
    id: UUID
    amount: int
    state: str
    url: str = Field(description="where the person pays")


class LimitsIn(Schema):
    cap: int | None = None
    pause_over: int | None = None


class BackOut(Schema):
    amount: int = Field(description="coins that go back")


class FeeOut(Schema):
    amount: int
    since: datetime
    until: datetime


class BuyRestIn(Schema):
    expected: int | None = Field(default=None, description="the price that was shown; refused when it has changed")


class RatingIn(Schema):
    stars: int


class PlaylistIn(Schema):
    name: str
    tracks: list[int] = []
    public: bool = False
    about: str = ""


class PlaylistChange(Schema):
    name: str | None = None
    about: str | None = None
    public: bool | None = None
    collaborative: bool | None = None
    add: list[int] = []
    take: list[int] = Field(default=[], description="places, from 0")


class PlaylistOut(Schema):
    id: UUID
    name: str
    about: str
    public: bool
    collaborative: bool
    owner: bool
    tracks: list[int]


class PlayerKeyIn(Schema):
    name: str
    api_key: bool = False


class PlayerKeyOut(Schema):
    id: UUID
    name: str
    username: str
    secret: str = Field(description="shown this once")


def reason(state: str) -> str:
    """Why a play does not count or cannot begin, in the reader's words; "" for one that does."""
    said = {
        "wallet": _("There is not enough in your wallet for this play."),
        "cap": _("This play would pass your own limit for the month."),
        "asks": _("This play costs more than the price at which you want to be asked."),
        "own": _("Plays of your own music do not count, and cost nothing."),
        "overlap": _("Something else was heard at the same moment, so this does not count."),
        "late": _("This was told too late to count."),
        "gone": _("This track cannot be heard any more."),
        "day": _("There are more hours here than a day has."),
    }
    return said.get(state, "")


def say(amount: int) -> str:
    """An amount of the finest unit for the reader."""
    return format_amount(amount, terms.unit(), get_language() or "en")


def next_out(request: HttpRequest, track: Track) -> dict[str, Any]:
    """What the player is told of a track."""
    now = now_of(request)
    found, held = listening.next_play(user_of(request), track, now=now), terms.at(now)
    return {
        "price": found.price, "said": say(found.price), "nth": found.nth, "steps": found.steps, "rest": found.rest, "rest_said": say(found.rest),
        "owned": found.owned, "in_the_way": found.in_the_way, "message": reason(found.in_the_way), "counts_after": held.counts_after(track.duration),
        "sound": f"/music/tracks/{track.pk}/sound/", "title": track.title, "artist": track.artist.name, "release": track.release_id,
        "duration": track.duration, "lufs": track.lufs, "peak": track.peak, "waveform": list(bytes(track.waveform)),
    }  # fmt: skip


@router.get("/releases", response=list[ReleaseLineOut], auth=None, summary="What is out, in the order the members decided")
def releases(request: HttpRequest, tag: str = "", q: str = "", offset: int = 0) -> Any:
    found = queries.search(q).releases if q else queries.looking_around(now_of(request), tag=tag, offset=max(0, min(offset, 10_000)))
    return [{"id": one.pk, "title": one.title, "artist": one.artist_id, "artist_name": one.artist.name, "kind": one.kind, "tags": one.tags} for one in found]


@router.get("/releases/{int:key}", response=ReleaseOut, auth=None, summary="One release")
def release(request: HttpRequest, key: int) -> Any:
    return release_out(release_of(request, key))


@router.get("/artists/{int:key}", response=ArtistOut, auth=None, summary="One artist")
def artist(request: HttpRequest, key: int) -> Any:
    return artist_out(artist_of(key))


@router.get("/tracks/{int:key}/next", response=NextOut, auth=None, summary="What the next play costs")
def next_play(request: HttpRequest, key: int) -> Any:
    return next_out(request, track_of(request, key))


@router.post("/plays", response={200: PlaysOut, 409: MusicRefusal}, summary="Tell plays")
def plays(request: HttpRequest, body: PlaysIn) -> Any:
    person, now = user_of(request), now_of(request)
    reports = [listening.Report(one.key, one.track, one.at, one.seconds) for one in body.plays]
    told = listening.report(person, reports, source="api" if hasattr(request, "token") else "web", agreed=body.agreed, now=now)
    wallet = wallets.wallet_of(person, now=now)
    names = ("key", "state", "price", "nth")
    rows = [{**{name: getattr(one.play, name) for name in names}, "new": one.new, "message": reason(one.play.state)} for one in told]
    return {"plays": rows, "left": wallet.left, "left_said": say(wallet.left)}


@router.post("/tracks/{int:key}/buy", response={200: NextOut, 409: MusicRefusal}, summary="Buy the rest: the track is yours")
def buy(request: HttpRequest, key: int, body: BuyRestIn) -> Any:
    track = track_of(request, key)
    listening.buy_the_rest(user_of(request), track, expected=body.expected, now=now_of(request))
    return next_out(request, track)


@router.get("/wallet", response=WalletOut, summary="My wallet")
def wallet(request: HttpRequest) -> Any:
    found = wallets.wallet_of(user_of(request), now=now_of(request))
    names = ("left", "funded", "spent", "cap", "pause_over", "paid_until")
    return {"unit": terms.unit(), **{name: getattr(found, name) for name in names}}


@router.post("/wallet/top-ups", response={200: TopUpOut, 409: MusicRefusal}, summary="Put money into my wallet")
def top_up(request: HttpRequest, body: TopUpIn) -> Any:
    made = wallets.top_up(user_of(request), body.amount, now=now_of(request))
    return {"id": made.pk, "amount": made.amount, "state": made.state, "url": f"/pay/{made.charge_id}/"}


@router.post("/wallet/limits", response={200: WalletOut, 409: MusicRefusal}, summary="My own limits")
def set_limits(request: HttpRequest, body: LimitsIn) -> Any:
    wallets.set_limits(user_of(request), cap=body.cap, pause_over=body.pause_over, now=now_of(request))
    return wallet(request)


@router.post("/wallet/back", response={200: BackOut, 409: MusicRefusal}, summary="Have what is left sent back")
def give_back(request: HttpRequest) -> Any:
    return {"amount": wallets.give_back(user_of(request), now=now_of(request))}


@router.post("/wallet/subscribe", response={200: FeeOut, 409: MusicRefusal}, summary="Pay a month of listening")
def subscribe(request: HttpRequest) -> Any:
    made = wallets.subscribe(user_of(request), now=now_of(request))
    return {"amount": made.amount, "since": made.since, "until": made.until}


def _thing(request: HttpRequest, kind: str, key: int) -> keeping.Thing:
    if kind == "artists":
        return artist_of(key)
    return release_of(request, key) if kind == "releases" else track_of(request, key)


@router.post("/{kind}/{int:key}/star", response={204: None}, summary="A favourite")
def star(request: HttpRequest, kind: str, key: int) -> Any:
    keeping.star(user_of(request), _thing(request, kind, key), now=now_of(request))
    return 204, None


@router.post("/{kind}/{int:key}/unstar", response={204: None}, summary="No favourite any more")
def unstar(request: HttpRequest, kind: str, key: int) -> Any:
    keeping.unstar(user_of(request), _thing(request, kind, key))
    return 204, None


@router.post("/{kind}/{int:key}/rating", response={204: None, 409: MusicRefusal}, summary="Stars, for myself")
def rate(request: HttpRequest, kind: str, key: int, body: RatingIn) -> Any:
    keeping.rate(user_of(request), _thing(request, kind, key), body.stars, now=now_of(request))
    return 204, None


def _playlist_out(one: Playlist, request: HttpRequest) -> dict[str, Any]:
    tracks = list(one.entries.values_list("track", flat=True))
    names = ("name", "about", "public", "collaborative")
    return {"id": one.pk, "owner": one.owner_id == user_of(request).pk, "tracks": tracks, **{name: getattr(one, name) for name in names}}


def _tracks(request: HttpRequest, ids: list[int]) -> list[Track]:
    found = {one.pk: one for one in queries.playable().filter(pk__in=ids[: keeping.ENTRIES_MAX])}
    return [found[one] for one in ids if one in found]


@router.get("/playlists", response=list[PlaylistOut], summary="My playlists")
def playlists(request: HttpRequest) -> Any:
    return [_playlist_out(one, request) for one in Playlist.objects.filter(owner=user_of(request)).order_by("name")]


@router.post("/playlists", response={200: PlaylistOut, 409: MusicRefusal}, summary="Make a playlist")
def make_playlist(request: HttpRequest, body: PlaylistIn) -> Any:
    made = keeping.make_playlist(user_of(request), body.name, _tracks(request, body.tracks), public=body.public, about=body.about, now=now_of(request))
    return _playlist_out(made, request)


@router.post("/playlists/{uuid:key}", response={200: PlaylistOut, 409: MusicRefusal}, summary="Change a playlist")
def change_playlist(request: HttpRequest, key: UUID, body: PlaylistChange) -> Any:
    said = body.dict(exclude={"add", "take"})
    made = keeping.change_playlist(user_of(request), key, **said, add=_tracks(request, body.add), take=body.take, now=now_of(request))
    return _playlist_out(made, request)


@router.delete("/playlists/{uuid:key}", response={204: None}, summary="Remove a playlist")
def remove_playlist(request: HttpRequest, key: UUID) -> Any:
    keeping.remove_playlist(user_of(request), key)
    return 204, None


@router.post("/player-passwords", response={200: PlayerKeyOut, 409: MusicRefusal}, summary="A password for a player of somebody else")
def make_key(request: HttpRequest, body: PlayerKeyIn) -> Any:
    made = keys.make(user_of(request), body.name, api_key=body.api_key, now=now_of(request))
    return {"id": made.row.pk, "name": made.row.name, "username": made.row.username, "secret": made.secret}


@router.delete("/player-passwords/{uuid:key}", response={204: None}, summary="It opens nothing any more")
def revoke_key(request: HttpRequest, key: UUID) -> Any:
    keys.revoke(user_of(request), key)
    return 204, None
