"""Sound and pictures. Fetching costs nothing; what is heard is told as a play, or counts after a while where nothing is told."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from PIL import Image

from madang.platforms.music import files, queries, sounding
from madang.platforms.music.actions import listening, playing
from madang.platforms.music.api.listening import reason, say
from madang.platforms.music.models import Release, Rendition, Track
from madang.platforms.music.rest import asks, shown
from madang.platforms.music.rest.asks import Ask
from madang.platforms.music.rest.keeping import playlist
from madang.platforms.music.sound import prepare
from madang.platforms.music.subsonic import deciding
from madang.platforms.music.subsonic.errors import Failed

LIVE = {"mp3": prepare.MP3, "opus": prepare.OPUS, "ogg": prepare.OPUS, "aac": prepare.AAC, "m4a": prepare.AAC, "flac": prepare.FLAC}
LEAST, MOST = 32, 320
"""Kilobits a second a live rendition may have."""


def allowed(ask: Ask, track: Track) -> None:
    """Raises ``Failed`` (50) with the page where it can be settled, when the next play could not be paid."""
    found = listening.next_play(ask.me, track, now=ask.now)
    if found.in_the_way:
        page = ask.request.build_absolute_uri(reverse("music:wallet"))
        raise Failed(50, f"{reason(found.in_the_way)} {say(found.price)} · {page}", page)


def _rendition(track: Track, name: str) -> Rendition | None:
    return track.renditions.filter(format=name).first()


def stream(ask: Ask) -> HttpResponseBase:
    """A track to listen to: as it was uploaded (``format=raw``), as a rendition that is there, or made while it is sent."""
    track = asks.track(ask["id"])
    allowed(ask, track)
    wanted, rate, start = (ask["format"] or "").lower(), ask["maxBitRate"], ask["timeOffset"]
    original = files.path_of(track.original)
    suffix, mime = shown.file_of(track)
    if not start and (wanted in ("raw", suffix) or (not wanted and not rate)):
        found = sounding.send(ask.request, original, mime, at_once=None)
        return _noted(ask, track, found)
    form = LIVE.get(wanted, prepare.MP3 if not wanted else prepare.OPUS)
    if not start:
        there = _rendition(track, form.name)
        if there is not None and (not rate or there.bit_rate <= rate * 1000 * 11 // 10):
            return _noted(ask, track, sounding.send(ask.request, files.path_of(there.path), form.mime, at_once=None))
        if not wanted and track.bit_rate <= rate * 1000:
            return _noted(ask, track, sounding.send(ask.request, original, mime, at_once=None))
    return _noted(ask, track, _live(ask, track, form, rate, start))


def _live(ask: Ask, track: Track, form: prepare.Format, rate: int, start: int) -> HttpResponseBase:
    kilobits = min(MOST, max(LEAST, rate)) if rate else 0
    mime = "audio/aac" if form is prepare.AAC else form.mime
    if ask.request.method == "HEAD":
        return HttpResponse(b"", content_type=mime)
    pieces = prepare.stream(files.path_of(track.original), form, bit_rate=kilobits * 1000, start=start * 1000)
    response = StreamingHttpResponse(pieces, content_type=mime)
    response["Accept-Ranges"] = "none"
    if ask["estimateContentLength"]:
        response["X-Content-Duration"] = str(max(1, track.duration // 1000 - start))
    return response


def _noted(ask: Ask, track: Track, response: HttpResponseBase) -> HttpResponseBase:
    """Remember that a track was fetched to its end, for when nobody tells a play of it."""
    span = response.headers.get("Content-Range", "")
    _begin, _dash, rest = span.removeprefix("bytes ").partition("-")
    last, _slash, size = rest.partition("/")
    whole = not span or (last.isdecimal() and size.isdecimal() and int(last) == int(size) - 1)
    if whole and response.status_code in (200, 206) and ask.request.method == "GET":
        playing.fetched(ask.me, track, client=ask.client, now=ask.now)
    return response


def download(ask: Ask) -> HttpResponseBase:
    """The file as it was uploaded. ``stream`` hands out the same bytes, so what holds there holds here: one's own costs nothing, another is a fetched track,
    which counts as a play where none is told."""
    track = asks.track(ask["id"])
    allowed(ask, track)
    suffix, mime = shown.file_of(track)
    name = f"{track.position:02d} {track.title}.{suffix}".replace("/", "-")
    return _noted(ask, track, sounding.send(ask.request, files.path_of(track.original), mime, name=name, at_once=None))


def cover(ask: Ask) -> HttpResponseBase:
    """The picture of a release, a track or an artist, at most ``size`` pixels a side."""
    key = ask["id"]
    found = _covered(key, ask)
    if found is None or not found.cover:
        raise Failed(70)
    data = files.path_of(found.cover).read_bytes()
    if ask["size"]:
        with Image.open(BytesIO(data), formats=("JPEG",)) as image:
            image.thumbnail((max(16, ask["size"]),) * 2)
            out = BytesIO()
            image.save(out, "JPEG", quality=85)
            data = out.getvalue()
    response = HttpResponse(data, content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=86400"
    return response


def _covered(key: str, ask: Ask) -> Release | None:
    if key.startswith("al-"):
        return asks.release(key)
    if key.startswith("tr-"):
        return asks.track(key).release
    if key.startswith("ar-"):
        return queries.published().filter(artist=asks.artist(key)).exclude(cover="").first()
    if key.startswith("pl-"):
        entry = playlist(key, ask.me).entries.exclude(track__release__cover="").select_related("track__release").first()
        return entry.track.release if entry else None
    raise Failed(70)


def hls(ask: Ask) -> HttpResponseBase:
    """A list of one segment: the rendition that is there, which players of HLS fetch by ranges."""
    track = asks.track(ask["id"])
    allowed(ask, track)
    seconds = max(1, -(-track.duration // 1000))
    query = ask.request.META.get("QUERY_STRING", "")
    address = f"stream?{query}&format=mp3"
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{seconds}", "#EXT-X-PLAYLIST-TYPE:VOD", f"#EXTINF:{track.duration / 1000:.3f},", address]
    return HttpResponse("\n".join([*lines, "#EXT-X-ENDLIST", ""]), content_type="application/vnd.apple.mpegurl")


def _media(ask: Ask) -> Track:
    if ask["mediaType"] != "song":
        raise Failed(70)
    return asks.track(ask["mediaId"])


MAKES = (
    deciding.Sound("mp3", "mp3", 2, MOST * 1000, 48_000),
    deciding.Sound("ogg", "opus", 2, MOST * 1000, 48_000),
    deciding.Sound("aac", "aac", 2, MOST * 1000, 48_000),
    deciding.Sound("flac", "flac", 2, 0, 48_000, 24),
)


def decision(ask: Ask) -> dict[str, Any]:
    """Whether a player can take a track as it is, by what it says it can play, or what would be made of it."""
    track = _media(ask)
    suffix, _mime = shown.file_of(track)
    codec = {"ogg": "vorbis", "m4a": "aac", "wav": "pcm"}.get(suffix, suffix)
    source = deciding.Sound(suffix, codec, track.channels, track.bit_rate, track.sample_rate, track.bit_depth or 0)
    return deciding.decide(source, deciding.read(ask.request.body), MAKES)


def transcode_stream(ask: Ask) -> HttpResponseBase:
    """A track as was decided, from ``offset`` seconds on."""
    track = _media(ask)
    allowed(ask, track)
    made = deciding.made(ask["transcodeParams"], MAKES)
    form = LIVE[made.codec]
    there = _rendition(track, form.name)
    if there is not None and not ask["offset"] and (not made.bitrate or there.bit_rate <= made.bitrate * 11 // 10):
        return _noted(ask, track, sounding.send(ask.request, files.path_of(there.path), form.mime, at_once=None))
    pieces = prepare.stream(files.path_of(track.original), form, bit_rate=made.bitrate, start=ask["offset"] * 1000)
    return _noted(ask, track, StreamingHttpResponse(pieces, content_type="audio/aac" if form is prepare.AAC else form.mime))


def avatar(ask: Ask) -> HttpResponseBase:
    """Nobody has a picture here."""
    raise Failed(70)


CALLS: dict[str, Callable[[Ask], Any]] = {
    "stream": stream, "download": download, "getCoverArt": cover, "hls.m3u8": hls, "getTranscodeDecision": decision, "getTranscodeStream": transcode_stream,
    "getAvatar": avatar,
}  # fmt: skip
