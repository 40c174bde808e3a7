"""Sound and pictures."""

from __future__ import annotations

from typing import Any

from madang.platforms.music.subsonic.check.finding import Absent, Broken, check, expect
from madang.platforms.music.subsonic.check.speaking import Heard
from madang.platforms.music.subsonic.check.talk import Talk

PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif", b"RIFF": "image/webp", b"<svg": "image/svg+xml"}
NOT_ALLOWED = 50
"""A server may keep a call from who asks: what it brings is not looked at then."""


def _sound(talk: Talk, call: str, **params: Any) -> Heard:
    heard = talk.raw(call, id=str(talk.song["id"]), **params)
    talk.offered(heard)
    if heard.code == NOT_ALLOWED:
        raise Absent(f"{call}: {heard.short()}")
    expect(heard.code is None and heard.status in (200, 206) and heard.body, f"{call}: {heard.short()}")
    return heard


@check("media")
def download(talk: Talk) -> None:
    """download brings the file as it is: as many bytes as its size says, of the type that it says."""
    heard = _sound(talk, "download")
    size = talk.song.get("size")
    expect(size is None or size == len(heard.body), f"size {size}, came {len(heard.body)} bytes")
    wanted = talk.song.get("contentType")
    expect(heard.content_type.startswith(("audio/", "application/ogg", "application/octet-stream")), f"the type is {heard.content_type!r}, not {wanted!r}")


@check("media")
def stream_raw(talk: Talk) -> None:
    """stream with format=raw brings the same bytes as download."""
    expect(_sound(talk, "stream", format="raw").body == _sound(talk, "download").body, "other bytes")


@check("media")
def stream(talk: Talk) -> None:
    """stream brings sound, with nothing but an id."""
    heard = _sound(talk, "stream")
    expect(heard.content_type.startswith(("audio/", "application/ogg", "video/")), f"the type is {heard.content_type!r}")


@check("media")
def stream_smaller(talk: Talk) -> None:
    """stream with maxBitRate and a format brings sound of that kind, where the server can make it."""
    heard = talk.raw("stream", id=str(talk.song["id"]), maxBitRate=64, format="mp3")
    if heard.code is not None:
        raise Absent(f"mp3 at 64 kbit/s: {heard.short()}")
    expect(heard.body[:3] == b"ID3" or heard.body[:1] == b"\xff", f"no mp3: {heard.short()}")
    expect("mpeg" in heard.content_type or "mp3" in heard.content_type, f"the type is {heard.content_type!r}")


@check("media")
def ranges(talk: Talk) -> None:
    """Where a part is asked for (HTTP Range) and a part comes, it is that part, and its place is said; behind the end there is none (416)."""
    whole = _sound(talk, "download").body
    asked: list[tuple[str, dict[str, Any]]] = [("download", {}), ("stream", {"format": "raw"})]
    for call, params in asked:
        heard = _sound(talk, call, headers={"Range": "bytes=10-109"}, **params)
        if heard.status == 200:
            raise Absent(f"{call} brings the whole file all the same, as HTTP allows")
        expect(heard.body == whole[10:110], f"{call}: {len(heard.body)} bytes, not those")
        expect(heard.headers.get("Content-Range") == f"bytes 10-109/{len(whole)}", f"{call}: Content-Range {heard.headers.get('Content-Range')!r}")
        behind = talk.raw(call, id=str(talk.song["id"]), headers={"Range": f"bytes={len(whole) + 10}-"}, **params)
        expect(behind.status == 416, f"{call} behind the end: HTTP {behind.status}")


@check("media")
def streaming_is_not_playing(talk: Talk) -> None:
    """An OpenSubsonic server does not count a stream as a play; a scrobble says that one was."""
    talk.need_open()
    before = talk.element("getSong", id=str(talk.song["id"])).get("playCount", 0)
    _sound(talk, "stream")
    after = talk.element("getSong", id=str(talk.song["id"])).get("playCount", 0)
    expect(before == after, f"playCount {before} became {after}")


@check("media")
def errors_are_documents(talk: Talk) -> None:
    """What should bring bytes and cannot, brings an answer with an error: without f, XML of a type that begins with text/xml."""
    for call in ("stream", "download"):
        heard = talk.raw(call, form="")
        expect(heard.content_type in ("text/xml", "application/xml") and heard.xml is not None, f"{call}: {heard.short()}")


@check("media")
def cover(talk: Talk) -> None:
    """getCoverArt brings a picture for the coverArt id of an album or song, also one of a size."""
    name = next((str(one["coverArt"]) for one in [*talk.songs, *talk.albums] if one.get("coverArt")), "")
    if not name:
        raise Absent("nothing has a cover")
    asked: list[dict[str, Any]] = [{}, {"size": 64}]
    for params in asked:
        heard = talk.raw("getCoverArt", id=name, **params)
        expect(heard.code is None and heard.status == 200, heard.short())
        kind = next((kind for begins, kind in PICTURES.items() if heard.body.lstrip()[:4].startswith(begins)), "")
        expect(kind and heard.content_type == kind, f"the type is {heard.content_type!r}, the bytes are {kind or 'no picture'}")


@check("media")
def hls(talk: Talk) -> None:
    """hls.m3u8 brings a playlist of type application/vnd.apple.mpegurl."""
    heard = talk.raw("hls.m3u8", id=str(talk.song["id"]), bitRate=64)
    talk.offered(heard)
    if heard.code is not None:
        raise Broken(heard.short())
    expect(heard.body.startswith(b"#EXTM3U"), heard.short())
    expect(heard.content_type in ("application/vnd.apple.mpegurl", "application/x-mpegurl"), f"the type is {heard.content_type!r}")


@check("media")
def lyrics(talk: Talk) -> None:
    """getLyricsBySongId brings the words: lines with a start in milliseconds where they are synced, in order, and without one where they are not."""
    talk.need("songLyrics")
    for song in talk.songs:
        for one in talk.rows("getLyricsBySongId", "structuredLyrics", id=str(song["id"])):
            starts = [line.get("start") for line in one.get("line", [])]
            if one.get("synced"):
                expect(None not in starts and starts == sorted(starts), f"{song.get('title')!r}: {starts[:6]}")
            else:
                expect(not any(start is not None for start in starts), f"{song.get('title')!r}: not synced, and lines have a start")
            expect("cueLine" not in one, "cueLine without enhanced=true")


@check("media")
def transcode_decision(talk: Talk) -> None:
    """getTranscodeDecision tells a player that can do nothing with the file so, and one that can play it that it can; POST with JSON in the body."""
    talk.need("transcoding")
    who: dict[str, Any] = {"mediaId": str(talk.song["id"]), "mediaType": "song"}
    anything = {"name": "check", "platform": "check", "directPlayProfiles": [{"containers": [], "audioCodecs": [], "protocols": ["http"]}]}
    said = talk.element("getTranscodeDecision", post=True, body=anything, **who)
    expect(said.get("canDirectPlay") is True, f"a player of everything: {said}"[:200])
    nothing = {"name": "check", "platform": "check", "directPlayProfiles": [], "transcodingProfiles": []}
    said = talk.element("getTranscodeDecision", post=True, body=nothing, **who)
    expect(said.get("canDirectPlay") is False and said.get("canTranscode") is False, f"a player of nothing: {said}"[:200])
    mp3 = {**nothing, "transcodingProfiles": [{"container": "mp3", "audioCodec": "mp3", "protocol": "http"}]}
    said = talk.element("getTranscodeDecision", post=True, body=mp3, **who)
    if said.get("canTranscode"):
        heard = talk.raw("getTranscodeStream", transcodeParams=str(said.get("transcodeParams")), **who)
        expect(heard.status == 200 and heard.code is None and heard.body, heard.short())
