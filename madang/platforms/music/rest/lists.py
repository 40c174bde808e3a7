"""Lists and searches: newest, most played, at random, by year and tag, favourites, what plays now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from madang.platforms.music import queries
from madang.platforms.music.actions.keys import username
from madang.platforms.music.models import Artist, Playing, Release, Star, Track
from madang.platforms.music.rest import asks, shown
from madang.platforms.music.rest.asks import Ask

LATELY = timedelta(minutes=10)


def _elsewhere(ask: Ask) -> bool:
    return ask["musicFolderId"] not in (None, asks.FOLDER)


def _albums(ask: Ask) -> list[Release]:
    """The releases of one of the protocol's lists."""
    rows, me = queries.published(), ask.me
    if _elsewhere(ask):
        return []
    kind = ask["type"]
    mine = Q(tracks__heard__wallet__person=me)
    ordered: QuerySet[Release]
    if kind == "random":
        ordered = rows.order_by("?")
    elif kind == "newest":
        ordered = rows.order_by("-release_at", "-pk")
    elif kind == "highest":
        ordered = rows.filter(rating__person=me).order_by("-rating__stars", "title")
    elif kind == "frequent":
        ordered = rows.annotate(n=Sum("tracks__heard__plays", filter=mine)).filter(n__gt=0).order_by("-n", "title")
    elif kind == "recent":
        ordered = rows.annotate(last=Max("tracks__heard__last_at", filter=mine)).filter(last__isnull=False).order_by("-last")
    elif kind == "alphabeticalByName":
        ordered = rows.order_by("title", "pk")
    elif kind == "alphabeticalByArtist":
        ordered = rows.order_by("artist__sort_name", "title", "pk")
    elif kind == "starred":
        ordered = rows.filter(star__person=me).order_by("-star__at")
    elif kind == "byYear":
        first, last = sorted((ask["fromYear"], ask["toYear"]))
        there = rows.filter(release_at__year__gte=max(1, first), release_at__year__lte=min(9998, max(1, last)))
        ordered = there.order_by("release_at", "pk") if ask["fromYear"] <= ask["toYear"] else there.order_by("-release_at", "-pk")
    else:
        ordered = rows.filter(tags__contains=[ask["genre"].lower()]).order_by("title", "pk")
    return list(ordered[ask["offset"] : ask["offset"] + ask["size"]])


def album_list(ask: Ask) -> dict[str, Any]:
    """Releases as folders."""
    return {"album": shown.folders(_albums(ask), ask.me)}


def album_list2(ask: Ask) -> dict[str, Any]:
    """Releases as they stand by tags."""
    return {"album": shown.albums(_albums(ask), ask.me)}


def _years(rows: QuerySet[Track], ask: Ask) -> QuerySet[Track]:
    if ask["fromYear"] is not None:
        rows = rows.filter(release__release_at__year__gte=min(9998, max(1, ask["fromYear"])))
    if ask["toYear"] is not None:
        rows = rows.filter(release__release_at__year__lte=min(9998, max(1, ask["toYear"])))
    return rows


def random_songs(ask: Ask) -> dict[str, Any]:
    """Tracks by lot."""
    rows = queries.playable().none() if _elsewhere(ask) else queries.playable()
    if ask["genre"]:
        rows = rows.filter(release__tags__contains=[ask["genre"].lower()])
    return {"song": shown.songs(list(_years(rows, ask).order_by("?")[: ask["size"]]), ask.me)}


def songs_by_genre(ask: Ask) -> dict[str, Any]:
    """Tracks with a tag."""
    rows = queries.playable().none() if _elsewhere(ask) else queries.playable().filter(release__tags__contains=[ask["genre"].lower()])
    return {"song": shown.songs(list(rows.order_by("release", "disc", "position")[ask["offset"] : ask["offset"] + ask["count"]]), ask.me)}


def now_playing(ask: Ask) -> dict[str, Any]:
    """What the person's own players play now: what others hear is theirs."""
    entries = []
    rows = Playing.objects.filter(person=ask.me, at__gte=ask.now - LATELY).exclude(state="stopped")
    for one in rows.select_related("track__artist", "track__release__artist"):
        said = shown.songs([one.track], ask.me)[0]
        minutes = int((ask.now - one.since).total_seconds() // 60)
        said |= {"username": username(ask.me), "minutesAgo": minutes, "playerId": 0, "playerName": one.client}
        entries.append(said | {"state": one.state, "positionMs": one.position})
    return {"entry": entries}


def _starred(ask: Ask) -> tuple[list[Artist], list[Release], list[Track]]:
    if _elsewhere(ask):
        return [], [], []
    rows = Star.objects.filter(person=ask.me).order_by("-at")
    artists = [one.artist for one in rows.filter(artist__left_at=None, artist__isnull=False).select_related("artist") if one.artist]
    wanted = list(rows.filter(release__isnull=False).values_list("release", flat=True))
    releases = {one.pk: one for one in queries.published().filter(pk__in=wanted)}
    keys = list(rows.filter(track__isnull=False).values_list("track", flat=True))
    tracks = {one.pk: one for one in queries.playable().select_related("release__artist").filter(pk__in=keys)}
    return artists, [releases[key] for key in wanted if key in releases], [tracks[key] for key in keys if key in tracks]


def starred(ask: Ask) -> dict[str, Any]:
    """Favourites, for players that walk folders."""
    artists, releases, tracks = _starred(ask)
    found = [shown.plain(one) for one in shown.artists(artists, ask.me)]
    return {"artist": found, "album": shown.folders(releases, ask.me), "song": shown.songs(tracks, ask.me)}


def starred2(ask: Ask) -> dict[str, Any]:
    """Favourites."""
    artists, releases, tracks = _starred(ask)
    return {"artist": shown.artists(artists, ask.me), "album": shown.albums(releases, ask.me), "song": shown.songs(tracks, ask.me)}


def _searched(ask: Ask) -> tuple[list[Artist], list[Release], list[Track]]:
    """What holds each of the words; an empty question is everything, as players ask it to copy the catalogue."""
    if _elsewhere(ask):
        return [], [], []
    words = ask["query"].replace("*", " ").split()[:10]
    artists = Artist.objects.filter(left_at=None, releases__state="published").distinct()
    releases, tracks = queries.published(), queries.playable().select_related("artist", "release__artist")
    for word in words:
        artists = artists.filter(name__icontains=word)
        releases = releases.filter(Q(title__icontains=word) | Q(artist__name__icontains=word))
        tracks = tracks.filter(Q(title__icontains=word) | Q(artist__name__icontains=word) | Q(release__title__icontains=word))
    found = (artists.order_by("sort_name", "pk"), releases.order_by("title", "pk"), tracks.order_by("title", "pk"))
    first, second, third = (
        list(rows[ask[f"{name}Offset"] : ask[f"{name}Offset"] + ask[f"{name}Count"]]) for rows, name in zip(found, ("artist", "album", "song"), strict=True)
    )
    return first, second, third  # type: ignore[return-value]


def search2(ask: Ask) -> dict[str, Any]:
    """A search, for players that walk folders."""
    artists, releases, tracks = _searched(ask)
    found = [shown.plain(one) for one in shown.artists(artists, ask.me)]
    return {"artist": found, "album": shown.folders(releases, ask.me), "song": shown.songs(tracks, ask.me)}


def search3(ask: Ask) -> dict[str, Any]:
    """A search."""
    artists, releases, tracks = _searched(ask)
    return {"artist": shown.artists(artists, ask.me), "album": shown.albums(releases, ask.me), "song": shown.songs(tracks, ask.me)}


def search(ask: Ask) -> dict[str, Any]:
    """The oldest search: tracks by artist, album, title, or any of them."""
    rows = queries.playable().select_related("artist", "release__artist")
    if ask["artist"]:
        rows = rows.filter(artist__name__icontains=ask["artist"])
    if ask["album"]:
        rows = rows.filter(release__title__icontains=ask["album"])
    if ask["title"]:
        rows = rows.filter(title__icontains=ask["title"])
    if ask["any"]:
        rows = rows.filter(Q(title__icontains=ask["any"]) | Q(artist__name__icontains=ask["any"]) | Q(release__title__icontains=ask["any"]))
    total = rows.aggregate(n=Count("pk"))["n"]
    found = list(rows.order_by("title", "pk")[ask["offset"] : ask["offset"] + ask["count"]])
    return {"offset": ask["offset"], "totalHits": total, "match": shown.songs(found, ask.me)}


CALLS: dict[str, Callable[[Ask], Any]] = {
    "getAlbumList": album_list, "getAlbumList2": album_list2, "getRandomSongs": random_songs, "getSongsByGenre": songs_by_genre,
    "getNowPlaying": now_playing, "getStarred": starred, "getStarred2": starred2, "search": search, "search2": search2, "search3": search3,
}  # fmt: skip
