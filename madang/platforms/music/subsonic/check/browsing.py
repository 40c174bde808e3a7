"""From artists to albums to songs, by tags and by folders: the numbers must add up and the ids must lead back."""

from __future__ import annotations

from typing import Any

from madang.platforms.music.subsonic.check.finding import Absent, check, expect
from madang.platforms.music.subsonic.check.talk import Talk


def _found(talk: Talk) -> list[dict[str, Any]]:
    if not talk.artists:
        raise Absent("the library has no artist")
    return talk.artists


@check("browsing")
def artists_to_albums(talk: Talk) -> None:
    """getArtists lists every artist once; getArtist has the same name and as many albums as albumCount says."""
    ids = [one.get("id") for one in _found(talk)]
    expect(len(ids) == len(set(ids)), "an artist comes twice")
    for one in talk.artists[:10]:
        artist = talk.element("getArtist", id=str(one["id"]))
        expect(artist.get("name") == one.get("name"), f"{one.get('name')!r} became {artist.get('name')!r}")
        count, albums = artist.get("albumCount"), artist.get("album", [])
        expect(count is None or count == len(albums), f"{one.get('name')!r}: albumCount {count}, {len(albums)} albums")


@check("browsing")
def albums_to_songs(talk: Talk) -> None:
    """getAlbum has as many songs as songCount says, lasts as long as they do, and each of them names the album as its own."""
    for one in talk.albums[:10]:
        album = talk.element("getAlbum", id=str(one["id"]))
        songs = album.get("song", [])
        expect(album.get("songCount") == len(songs), f"{album.get('name')!r}: songCount {album.get('songCount')}, {len(songs)} songs")
        lasts = sum(song.get("duration", 0) for song in songs)
        expect(abs(album.get("duration", 0) - lasts) <= len(songs), f"{album.get('name')!r}: duration {album.get('duration')}, its songs {lasts}")
        expect(all(song.get("albumId") == album.get("id") for song in songs), f"{album.get('name')!r}: a song with another albumId")
        expect(not any(song.get("isDir") for song in songs), f"{album.get('name')!r}: a song that is a directory")


@check("browsing")
def song_by_itself(talk: Talk) -> None:
    """getSong says of a song what getAlbum said of it."""
    alone = talk.element("getSong", id=str(talk.song["id"]))
    other = sorted(name for name in alone.keys() | talk.song.keys() if alone.get(name) != talk.song.get(name))
    expect(not other, f"different: {', '.join(other)}")


@check("browsing")
def folders(talk: Talk) -> None:
    """getIndexes leads to directories, getMusicDirectory down to songs; each child names the directory it stands in as its parent."""
    indexes = talk.rows("getIndexes", "index")
    tops = [one for index in indexes for one in index.get("artist", [])]
    if not tops:
        raise Absent("getIndexes lists nothing")
    open_, songs = [str(one["id"]) for one in tops[:5]], 0
    for _ in range(30):
        if not open_:
            break
        here = open_.pop(0)
        for child in talk.rows("getMusicDirectory", "child", id=here):
            expect(child.get("parent") == here, f"{child.get('title')!r} in {here!r} says that its parent is {child.get('parent')!r}")
            songs += not child.get("isDir")
            if child.get("isDir"):
                open_.append(str(child["id"]))
    expect(songs, "no song was reached")


@check("browsing")
def nothing_new_since(talk: Talk) -> None:
    """getIndexes with ifModifiedSince later than lastModified (milliseconds) answers without artists."""
    modified = talk.element("getIndexes").get("lastModified")
    expect(isinstance(modified, int) and modified > 10**11, f"lastModified {modified!r} is not in milliseconds")
    assert isinstance(modified, int)
    said = talk.element("getIndexes", ifModifiedSince=modified + 10**9)
    expect(not said.get("index"), "all artists again")


@check("browsing")
def music_folders(talk: Talk) -> None:
    """getMusicFolders lists the folders; each may be given as musicFolderId, and all of them have all artists."""
    found = talk.rows("getMusicFolders", "musicFolder")
    expect(found, "no folder")
    inside = {one["id"] for folder in found for index in talk.rows("getArtists", "index", musicFolderId=str(folder["id"])) for one in index.get("artist", [])}
    lost = {one["id"] for one in talk.artists} - inside
    expect(not lost, f"{len(lost)} artists in no folder")


@check("browsing")
def genres(talk: Talk) -> None:
    """getGenres counts the songs of each; getSongsByGenre has as many, each of that genre."""
    found = talk.rows("getGenres", "genre")
    if not found:
        raise Absent("no song has a genre")
    for one in found[:5]:
        name = str(one.get("value"))
        songs = talk.rows("getSongsByGenre", "song", genre=name, count=500)
        expect(len(songs) == min(500, one.get("songCount", 0)), f"{name!r}: songCount {one.get('songCount')}, {len(songs)} songs")
        expect(all(_is_of(song, name) for song in songs), f"{name!r}: a song of another genre")


def _is_of(song: dict[str, Any], genre: str) -> bool:
    return genre in (song.get("genre"), *(one.get("name") for one in song.get("genres", [])))


@check("browsing")
def about_an_artist(talk: Talk) -> None:
    """getArtistInfo2 takes the id of an artist and getArtistInfo that of a folder; count limits the similar artists."""
    who = str(_found(talk)[0]["id"])
    expect(len(talk.element("getArtistInfo2", id=who, count=0).get("similarArtist", [])) == 0, "count=0 and still similar artists")


@check("browsing")
def about_an_album(talk: Talk) -> None:
    """getAlbumInfo2 takes the id of an album."""
    talk.element("getAlbumInfo2", id=str(talk.album["id"]))


@check("browsing")
def similar_songs(talk: Talk) -> None:
    """getSimilarSongs2 takes an id of an artist and at most count songs come."""
    expect(len(talk.rows("getSimilarSongs2", "song", id=str(_found(talk)[0]["id"]), count=2)) <= 2, "more than asked for")


@check("browsing")
def top_songs(talk: Talk) -> None:
    """getTopSongs takes the name of an artist and at most count songs come; with topSongsByArtistId an id as well, which goes before the name."""
    who = _found(talk)[0]
    expect(len(talk.rows("getTopSongs", "song", artist=str(who["name"]), count=2)) <= 2, "more than asked for")
    if "topSongsByArtistId" in talk.extensions:
        by_id = [song.get("id") for song in talk.rows("getTopSongs", "song", id=str(who["id"]), artist="nobody at all", count=2)]
        by_name = [song.get("id") for song in talk.rows("getTopSongs", "song", artist=str(who["name"]), count=2)]
        expect(by_id == by_name, f"by id {by_id}, by name {by_name}")
