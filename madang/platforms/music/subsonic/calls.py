"""The calls of the protocol: what each may be asked, and what it answers.

Written down from opensubsonic.netlify.app (its pages of endpoints and extensions). A parameter is a word, read once at import:
``[*]name[:type][[]][=default][<most]``: ``*`` it must be there; the types are ``id`` and ``text`` (text when nothing is said), ``any`` (text that may be
empty), ``query`` (the same, and two quotation marks mean empty, as players have always asked for everything), ``int`` (a whole number, 0 or more),
``rating`` (0 to 5), ``year`` (a whole number), ``flag``, ``number``, or ``a|b`` for one of these words; ``[]`` it may come again and again; ``<500``
more is taken as 500. What a parameter needs only in company of another stands in ``asking``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

BINARY = "binary"
_LIST_TYPES = "random|newest|highest|frequent|recent|alphabeticalByName|alphabeticalByArtist|starred|byYear|byGenre"
_LIST = f"*type:{_LIST_TYPES} size:int=10<500 offset:int=0 fromYear:year toYear:year genre musicFolderId:id"
_SEARCH = (
    "*query:query artistCount:int=20<5000 artistOffset:int=0 albumCount:int=20<5000 albumOffset:int=0 songCount:int=20<5000 songOffset:int=0"
    " musicFolderId:id"
)
_MEDIA = "*mediaId:id *mediaType:song|podcast"

_WORD = re.compile(r"(?P<need>\*?)(?P<name>\w+)(?::(?P<type>[\w|]+))?(?P<list>\[\])?(?:=(?P<default>[^<]*))?(?:<(?P<most>\d+))?")


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter. ``default`` is as it would be written in an address; ``most`` is 0 where there is no limit of its own."""

    name: str
    type: str
    choices: tuple[str, ...]
    required: bool
    many: bool
    default: str | None
    most: int


@dataclass(frozen=True, slots=True)
class Call:
    """One call. ``answer`` is the element below the answer, "" for an empty one, or ``BINARY``. ``tier``: A what every player needs, B what good ones
    use, C what only old ones ask. ``since`` is the version of the protocol that brought it; ``extension`` the OpenSubsonic extension it belongs to."""

    name: str
    answer: str
    tier: str
    since: str
    params: dict[str, Param]
    extension: str = ""
    public: bool = False


def _param(word: str) -> Param:
    found = _WORD.fullmatch(word)
    if not found:
        raise ValueError(f"no parameter: {word!r}")
    type_ = found["type"] or "text"
    choices = tuple(type_.split("|")) if "|" in type_ else ()
    return Param(
        found["name"], "choice" if choices else type_, choices, bool(found["need"]), bool(found["list"]), found["default"], int(found["most"] or 0)
    )


def _call(name: str, answer: str, since: str, words: str = "", *, tier: str = "A", extension: str = "", public: bool = False) -> Call:
    params = [_param(word) for word in words.split()]
    return Call(name, answer, tier, since, {one.name: one for one in params}, extension, public)


CALLS: dict[str, Call] = {
    one.name: one
    for one in (
        # System
        _call("ping", "", "1.0.0"),
        _call("getLicense", "license", "1.0.0"),
        _call("getOpenSubsonicExtensions", "openSubsonicExtensions", "", public=True),
        _call("tokenInfo", "tokenInfo", "", tier="B", extension="apiKeyAuthentication"),
        # Browsing
        _call("getMusicFolders", "musicFolders", "1.0.0"),
        _call("getIndexes", "indexes", "1.0.0", "musicFolderId:id ifModifiedSince:int"),
        _call("getMusicDirectory", "directory", "1.0.0", "*id:id"),
        _call("getGenres", "genres", "1.9.0"),
        _call("getArtists", "artists", "1.8.0", "musicFolderId:id"),
        _call("getArtist", "artist", "1.8.0", "*id:id"),
        _call("getAlbum", "album", "1.8.0", "*id:id"),
        _call("getSong", "song", "1.8.0", "*id:id"),
        _call("getVideos", "videos", "1.8.0", tier="C"),
        _call("getArtistInfo", "artistInfo", "1.11.0", "*id:id count:int=20<100 includeNotPresent:flag=false"),
        _call("getArtistInfo2", "artistInfo2", "1.11.0", "*id:id count:int=20<100 includeNotPresent:flag=false"),
        _call("getAlbumInfo", "albumInfo", "1.14.0", "*id:id"),
        _call("getAlbumInfo2", "albumInfo", "1.14.0", "*id:id"),
        _call("getSimilarSongs", "similarSongs", "1.11.0", "*id:id count:int=50<500"),
        _call("getSimilarSongs2", "similarSongs2", "1.11.0", "*id:id count:int=50<500"),
        _call("getTopSongs", "topSongs", "1.13.0", "artist id:id count:int=50<500"),
        # Lists
        _call("getAlbumList", "albumList", "1.2.0", _LIST),
        _call("getAlbumList2", "albumList2", "1.8.0", _LIST),
        _call("getRandomSongs", "randomSongs", "1.2.0", "size:int=10<500 genre fromYear:year toYear:year musicFolderId:id"),
        _call("getSongsByGenre", "songsByGenre", "1.9.0", "*genre count:int=10<500 offset:int=0 musicFolderId:id"),
        _call("getNowPlaying", "nowPlaying", "1.0.0", tier="B"),
        _call("getStarred", "starred", "1.8.0", "musicFolderId:id"),
        _call("getStarred2", "starred2", "1.8.0", "musicFolderId:id"),
        # Searching
        _call("search", "searchResult", "1.0.0", "artist album title any count:int=20<500 offset:int=0 newerThan:int", tier="C"),
        _call("search2", "searchResult2", "1.4.0", _SEARCH),
        _call("search3", "searchResult3", "1.8.0", _SEARCH),
        # Playlists
        _call("getPlaylists", "playlists", "1.0.0", "username"),
        _call("getPlaylist", "playlist", "1.0.0", "*id:id"),
        _call("createPlaylist", "playlist", "1.2.0", "playlistId:id name songId:id[]"),
        _call("updatePlaylist", "", "1.8.0", "*playlistId:id name comment:any public:flag songIdToAdd:id[] songIndexToRemove:int[]"),
        _call("deletePlaylist", "", "1.2.0", "*id:id"),
        # Sound and pictures
        _call("stream", BINARY, "1.0.0", "*id:id maxBitRate:int=0 format timeOffset:int=0 size estimateContentLength:flag=false converted:flag=false"),
        _call("download", BINARY, "1.0.0", "*id:id"),
        _call("hls.m3u8", BINARY, "1.8.0", "*id:id bitRate[] audioTrack", tier="B"),
        _call("getCoverArt", BINARY, "1.0.0", "*id:id size:int<4096"),
        _call("getAvatar", BINARY, "1.8.0", "*username", tier="C"),
        _call("getLyrics", "lyrics", "1.2.0", "artist title", tier="C"),
        _call("getLyricsBySongId", "lyricsList", "", "*id:id enhanced:flag=false", extension="songLyrics"),
        # Marks
        _call("star", "", "1.8.0", "id:id[] albumId:id[] artistId:id[]"),
        _call("unstar", "", "1.8.0", "id:id[] albumId:id[] artistId:id[]"),
        _call("setRating", "", "1.6.0", "*id:id *rating:rating"),
        _call("scrobble", "", "1.5.0", "*id:id[] time:int[] submission:flag=true"),
        _call(
            "reportPlayback", "", "",
            f"{_MEDIA} *positionMs:int *state:starting|playing|paused|stopped playbackRate:number=1.0 ignoreScrobble:flag=false",
            tier="B", extension="playbackReport",
        ),
        # Users
        _call("getUser", "user", "1.3.0", "*username"),
        _call("getUsers", "users", "1.8.0", tier="C"),
        # Bookmarks and queues
        _call("getBookmarks", "bookmarks", "1.9.0", tier="B"),
        _call("createBookmark", "", "1.9.0", "*id:id *position:int comment:any", tier="B"),
        _call("deleteBookmark", "", "1.9.0", "*id:id", tier="B"),
        _call("getPlayQueue", "playQueue", "1.12.0", tier="B"),
        _call("savePlayQueue", "", "1.12.0", "id:id[] current:id position:int=0", tier="B"),
        _call("getPlayQueueByIndex", "playQueueByIndex", "", tier="B", extension="indexBasedQueue"),
        _call("savePlayQueueByIndex", "", "", "id:id[] currentIndex:int position:int=0", tier="B", extension="indexBasedQueue"),
        # Shares
        _call("getShares", "shares", "1.6.0", tier="B"),
        _call("createShare", "shares", "1.6.0", "*id:id[] description:any expires:int", tier="B"),
        _call("updateShare", "", "1.6.0", "*id:id description:any expires:int", tier="B"),
        _call("deleteShare", "", "1.6.0", "*id:id", tier="B"),
        # Podcasts, radio
        _call("getPodcasts", "podcasts", "1.6.0", "id:id includeEpisodes:flag=true", tier="B"),
        _call("getNewestPodcasts", "newestPodcasts", "1.13.0", "count:int=20<500", tier="B"),
        _call("getPodcastEpisode", "podcastEpisode", "", "*id:id", tier="B", extension="getPodcastEpisode"),
        _call("getInternetRadioStations", "internetRadioStations", "1.9.0", tier="B"),
        # Transcoding
        _call("getTranscodeDecision", "transcodeDecision", "", _MEDIA, tier="B", extension="transcoding"),
        _call("getTranscodeStream", BINARY, "", f"{_MEDIA} offset:int=0 *transcodeParams", tier="B", extension="transcoding"),
        # Scanning: there is none here, and old players ask how far it is
        _call("getScanStatus", "scanStatus", "1.15.0", tier="C"),
        _call("startScan", "scanStatus", "1.15.0", tier="C"),
    )
}  # fmt: skip

EXTENSIONS: dict[str, tuple[int, ...]] = {
    "apiKeyAuthentication": (1,),
    "formPost": (1,),
    "getPodcastEpisode": (1,),
    "indexBasedQueue": (1,),
    "playbackReport": (1,),
    "songLyrics": (1, 2),
    "topSongsByArtistId": (1,),
    "transcodeOffset": (1,),
    "transcoding": (1,),
}
"""The extensions of OpenSubsonic that a server of ours offers, and which versions of each."""
