"""Playlists, favourites, ratings, plays, queues, bookmarks, shares."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from madang.coop.people.models import Person
from madang.platforms.music import queries
from madang.platforms.music.actions import keeping, playing
from madang.platforms.music.actions.keys import username
from madang.platforms.music.models import Bookmark, Playlist, PlaylistEntry, PlayQueue, Share, Track
from madang.platforms.music.rest import asks, shown
from madang.platforms.music.rest.asks import Ask
from madang.platforms.music.subsonic.errors import Failed

SHARES_MAX = 500


def _key(said: str, kind: str) -> UUID:
    try:
        return UUID(said.removeprefix(f"{kind}-"))
    except ValueError:
        raise Failed(70) from None


def playlist(said: str, person: Person) -> Playlist:
    """A playlist the person may hear. Raises ``Failed`` (70)."""
    found = Playlist.objects.select_related("owner").filter(pk=_key(said, "pl")).first()
    if found is None or not keeping.sees(person, found):
        raise Failed(70)
    return found


def _playlists(rows: list[Playlist], person: Person) -> list[dict[str, Any]]:
    """Playlists with their counts. Two queries."""
    entries: dict[UUID, list[PlaylistEntry]] = {one.pk: [] for one in rows}
    for entry in PlaylistEntry.objects.filter(playlist__in=rows).select_related("track__release"):
        entries[entry.playlist_id].append(entry)
    found = []
    for one in rows:
        mine = entries[one.pk]
        covered = any(entry.track.release.cover for entry in mine)
        said = {
            "id": f"pl-{one.pk}", "name": one.name, "comment": one.about, "owner": username(one.owner), "public": one.public, "songCount": len(mine),
            "duration": sum(entry.track.duration for entry in mine) // 1000, "created": one.made_at, "changed": one.changed_at,
            "readonly": not keeping.may_change(person, one),
        }  # fmt: skip
        found.append(said | ({"coverArt": f"pl-{one.pk}"} if covered else {}))
    return found


def playlists(ask: Ask) -> dict[str, Any]:
    """One's own playlists, those one was let into, and public ones."""
    rows = Playlist.objects.filter(Q(owner=ask.me) | Q(others=ask.me) | Q(public=True)).distinct().select_related("owner").order_by("name")
    found = _playlists(list(rows[: keeping.PLAYLISTS_MAX]), ask.me)
    wanted = ask["username"]
    return {"playlist": [one for one in found if not wanted or one["owner"] == wanted]}


def _whole(one: Playlist, person: Person) -> dict[str, Any]:
    tracks = [entry.track for entry in one.entries.select_related("track__artist", "track__release__artist")]
    return _playlists([one], person)[0] | {"entry": shown.songs(tracks, person)}


def playlist_whole(ask: Ask) -> dict[str, Any]:
    """A playlist with its tracks."""
    return _whole(playlist(ask["id"], ask.me), ask.me)


def create_playlist(ask: Ask) -> dict[str, Any]:
    """A new playlist, or exactly these tracks for one that is there."""
    tracks = asks.tracks(ask["songId"])
    if ask["playlistId"]:
        key = _key(ask["playlistId"], "pl")
        made = keeping.replace_tracks(ask.me, key, tracks, now=ask.now)
        if ask["name"] and ask["name"] != made.name:
            made = keeping.change_playlist(ask.me, key, name=ask["name"], now=ask.now)
    else:
        made = keeping.make_playlist(ask.me, ask["name"], tracks, now=ask.now)
    return _whole(made, ask.me)


def update_playlist(ask: Ask) -> None:
    """Name, comment, who sees it; tracks at the end, tracks out by their places."""
    keeping.change_playlist(
        ask.me, _key(ask["playlistId"], "pl"), name=ask["name"], about=ask["comment"], public=ask["public"], add=asks.tracks(ask["songIdToAdd"]),
        take=ask["songIndexToRemove"], now=ask.now,
    )  # fmt: skip


def delete_playlist(ask: Ask) -> None:
    """A playlist of one's own goes."""
    found = playlist(ask["id"], ask.me)
    if found.owner_id != ask.me.pk:
        raise Failed(50)
    keeping.remove_playlist(ask.me, found.pk)


def _things(ask: Ask) -> list[keeping.Thing]:
    found: list[keeping.Thing] = []
    for said in ask["id"]:
        found.append(asks.release(said) if said.startswith("al-") else asks.artist(said) if said.startswith("ar-") else asks.track(said))
    return [*found, *(asks.release(one) for one in ask["albumId"]), *(asks.artist(one) for one in ask["artistId"])]


def star(ask: Ask) -> None:
    """Favourites."""
    for one in _things(ask):
        keeping.star(ask.me, one, now=ask.now)


def unstar(ask: Ask) -> None:
    """No favourites any more."""
    for one in _things(ask):
        keeping.unstar(ask.me, one)


def rate(ask: Ask) -> None:
    """Stars, for oneself."""
    key = ask["id"]
    thing = asks.release(key) if key.startswith("al-") else asks.artist(key) if key.startswith("ar-") else asks.track(key)
    keeping.rate(ask.me, thing, ask["rating"], now=ask.now)


def _moment(milliseconds: int, now: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return now


def scrobble(ask: Ask) -> None:
    """Plays that were heard (``submission``), or what plays now."""
    found = asks.tracks(ask["id"])
    if not ask["submission"]:
        playing.now_playing(ask.me, found[-1], client=ask.client, counts=False, now=ask.now)
        return
    times: list[datetime | None] = [_moment(one, ask.now) for one in ask["time"]] or [None] * len(found)
    playing.scrobble(ask.me, list(zip(found, times, strict=True)), client=ask.client, now=ask.now)


def report_playback(ask: Ask) -> None:
    """Where a player is in a track."""
    if ask["mediaType"] != "song":
        raise Failed(70)
    track = asks.track(ask["mediaId"])
    counts = not ask["ignoreScrobble"]
    playing.now_playing(ask.me, track, client=ask.client, position=ask["positionMs"], state=ask["state"], counts=counts, now=ask.now)


def bookmarks(ask: Ask) -> dict[str, Any]:
    """Places to come back to."""
    rows = list(Bookmark.objects.filter(person=ask.me).select_related("track__artist", "track__release__artist").order_by("-changed_at"))
    songs = shown.songs([one.track for one in rows], ask.me)
    me = username(ask.me)
    found = [
        {"position": one.position, "username": me, "comment": one.comment, "created": one.made_at, "changed": one.changed_at, "entry": song}
        for one, song in zip(rows, songs, strict=True)
    ]
    return {"bookmark": found}


def create_bookmark(ask: Ask) -> None:
    """A place to come back to."""
    keeping.bookmark(ask.me, asks.track(ask["id"]), ask["position"], ask["comment"] or "", now=ask.now)


def delete_bookmark(ask: Ask) -> None:
    """The bookmark goes."""
    keeping.forget_bookmark(ask.me, asks.track(ask["id"]))


def _queue(ask: Ask) -> tuple[PlayQueue, list[Track]]:
    """The person's queue, an empty one where nothing was ever saved, and its tracks that can be heard."""
    found = PlayQueue.objects.filter(person=ask.me).first() or PlayQueue(person=ask.me, changed_at=ask.now)
    there = {one.pk: one for one in queries.playable().filter(pk__in=found.tracks)}
    return found, [there[key] for key in found.tracks if key in there]


def queue(ask: Ask) -> dict[str, Any]:
    """Where one was, by the current track."""
    found, tracks = _queue(ask)
    said = _queued(ask, found, tracks)
    current = found.tracks[found.index] if found.index is not None and found.index < len(found.tracks) else None
    return said | ({"current": f"tr-{current}"} if current is not None else {})


def _queued(ask: Ask, found: PlayQueue, tracks: list[Track]) -> dict[str, Any]:
    songs = shown.songs(tracks, ask.me)
    return {"position": found.position, "username": username(ask.me), "changed": found.changed_at, "changedBy": found.changed_by, "entry": songs}


def queue_by_index(ask: Ask) -> dict[str, Any]:
    """Where one was, by its place in the queue."""
    found, tracks = _queue(ask)
    said = _queued(ask, found, tracks)
    return said | ({"currentIndex": min(found.index, len(tracks) - 1)} if found.index is not None and tracks else {})


def save_queue(ask: Ask) -> None:
    """Remember where one is; without tracks the queue is empty."""
    numbers = [one.pk for one in asks.tracks(ask["id"])]
    index = ask["id"].index(ask["current"]) if ask["id"] and ask["current"] in ask["id"] else None
    keeping.save_queue(ask.me, numbers, index=index, position=ask["position"], by=ask.client, now=ask.now)


def save_queue_by_index(ask: Ask) -> None:
    """The same, by the place in the queue."""
    numbers = [one.pk for one in asks.tracks(ask["id"])]
    keeping.save_queue(ask.me, numbers, index=ask["currentIndex"], position=ask["position"], by=ask.client, now=ask.now)


def _shares(rows: list[Share], ask: Ask) -> dict[str, Any]:
    there = {one.pk: one for one in queries.playable().filter(pk__in={key for one in rows for key in one.tracks})}
    found = []
    for one in rows:
        tracks = [there[key] for key in one.tracks if key in there]
        address = reverse("music:release", args=[tracks[0].release_id]) if tracks else reverse("music:home")
        said: dict[str, Any] = {
            "id": f"sh-{one.pk}", "url": ask.request.build_absolute_uri(address), "description": one.words, "username": username(ask.me),
            "created": one.made_at, "expires": one.expires_at, "lastVisited": one.seen_at, "visitCount": one.visits, "entry": shown.songs(tracks, ask.me),
        }  # fmt: skip
        found.append({name: value for name, value in said.items() if value is not None})
    return {"share": found}


def shares(ask: Ask) -> dict[str, Any]:
    """What one has shared."""
    return _shares(list(Share.objects.filter(person=ask.me).order_by("-made_at")), ask)


def _expires(milliseconds: int | None, now: datetime) -> datetime | None:
    return _moment(milliseconds, now + timedelta(days=365)) if milliseconds else None


def create_share(ask: Ask) -> dict[str, Any]:
    """Show tracks, or the tracks of releases, to whoever has the address."""
    numbers: list[int] = []
    for said in ask["id"]:
        if said.startswith("al-"):
            numbers += queries.playable().filter(release=asks.release(said)).order_by("disc", "position").values_list("pk", flat=True)
        else:
            numbers.append(asks.track(said).pk)
    if Share.objects.filter(person=ask.me).count() >= SHARES_MAX:
        raise Failed(0, "There are too many shares already.")
    made = Share.objects.create(
        person=ask.me, tracks=numbers, words=(ask["description"] or "")[:300], made_at=ask.now, expires_at=_expires(ask["expires"], ask.now)
    )
    return _shares([made], ask)


def _share(ask: Ask) -> Share:
    found = Share.objects.filter(person=ask.me, pk=_key(ask["id"], "sh")).first()
    if found is None:
        raise Failed(70)
    return found


def update_share(ask: Ask) -> None:
    """Other words, another end."""
    found = _share(ask)
    if ask["description"] is not None:
        found.words = ask["description"][:300]
    if ask["expires"] is not None:
        found.expires_at = _expires(ask["expires"], ask.now)
    found.save(update_fields=["words", "expires_at"])


def delete_share(ask: Ask) -> None:
    """It is shared no more."""
    _share(ask).delete()


CALLS: dict[str, Callable[[Ask], Any]] = {
    "getPlaylists": playlists, "getPlaylist": playlist_whole, "createPlaylist": create_playlist, "updatePlaylist": update_playlist,
    "deletePlaylist": delete_playlist, "star": star, "unstar": unstar, "setRating": rate, "scrobble": scrobble, "reportPlayback": report_playback,
    "getBookmarks": bookmarks, "createBookmark": create_bookmark, "deleteBookmark": delete_bookmark, "getPlayQueue": queue, "savePlayQueue": save_queue,
    "getPlayQueueByIndex": queue_by_index, "savePlayQueueByIndex": save_queue_by_index, "getShares": shares, "createShare": create_share,
    "updateShare": update_share, "deleteShare": delete_share,
}  # fmt: skip
