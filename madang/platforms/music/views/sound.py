"""Files for who may hear them: sound to listen to, what one owns to keep, covers for everybody."""

from __future__ import annotations

from django.db.models import Q
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from madang.coop.people.access import Request, signed_in
from madang.kit.errors import Missing, Refused
from madang.platforms.music import files, queries, sounding, states, terms
from madang.platforms.music.actions import catalogue, listening
from madang.platforms.music.api.listening import reason
from madang.platforms.music.models import Heard, Release, Rendition, Track
from madang.platforms.music.sound import prepare


def track_for(request: HttpRequest, key: int) -> Track:
    """A track this reader may hear or keep. ``Missing`` otherwise."""
    track = get_object_or_404(Track.objects.select_related("artist", "release__artist"), pk=key, state=states.READY)
    managing = catalogue.manages(request.user, track.release.artist)  # type: ignore[arg-type]
    queries.release(track.release_id, request.user, managing=managing)  # type: ignore[arg-type]
    return track


def rendition(track: Track, wanted: str) -> Rendition:
    """The rendition a player asks for, else the first there is."""
    found = {one.format: one for one in track.renditions.all()}
    if not found:
        raise Missing("no sound")
    return found.get(wanted) or found.get("opus") or next(iter(found.values()))


@require_safe
def sound(request: HttpRequest, key: int) -> HttpResponseBase:
    """A track to listen to. Who has not signed in, or cannot pay for the next play, hears it as far as it costs nothing."""
    track = track_for(request, key)
    one = rendition(track, request.GET.get("format", "opus"))
    person = request.user
    limit = None
    if not catalogue.manages(person, track.release.artist):  # type: ignore[arg-type]
        found = listening.next_play(person if person.is_authenticated else None, track, now=request.now)  # type: ignore[attr-defined, arg-type]
        if not person.is_authenticated or found.in_the_way in ("wallet", "cap"):
            free = terms.at(request.now).counts_after(track.duration) - 1  # type: ignore[attr-defined]
            limit = max(1, one.size * min(free * 1000, track.duration) // track.duration)
    return sounding.send(request, files.path_of(one.path), prepare.FORMATS[one.format].mime, limit=limit)


@require_safe
@signed_in
def download(request: Request, key: int) -> HttpResponseBase:
    """What one owns, to keep without a lock: the original as it was uploaded, or a rendition. Raises ``Refused`` (``not-owned``)."""
    track = get_object_or_404(Track.objects.select_related("artist", "release__artist"), pk=key, state=states.READY)
    mine = Heard.objects.filter(wallet__person=request.user, track=track, owned_at__isnull=False).exists()
    if not mine and not catalogue.manages(request.user, track.release.artist):
        queries.release(track.release_id, request.user)
        raise Refused("not-owned", reason("gone") if track.release.state != states.PUBLISHED else _not_owned())
    name = f"{track.position:02d} {track.artist.name} - {track.title}".replace("/", "-")
    wanted = request.GET.get("format", "original")
    if wanted == "original" and track.original:
        path = files.path_of(track.original)
        return sounding.send(request, path, "application/octet-stream", name=f"{name}{path.suffix}", at_once=None)
    one = rendition(track, wanted)
    form = prepare.FORMATS[one.format]
    return sounding.send(request, files.path_of(one.path), form.mime, name=f"{name}.{form.suffix}", at_once=None)


def _not_owned() -> str:
    return _("This track is not yours yet. After its last paid play, or when you buy the rest, you can keep it.")


@require_safe
def cover(request: HttpRequest, key: int) -> HttpResponseBase:
    """The cover of a release."""
    found = Release.objects.filter(~Q(cover=""), pk=key).exclude(state=states.REMOVED).first()
    if found is None:
        raise Http404
    response = sounding.send(request, files.path_of(found.cover), "image/jpeg", at_once=None)
    response["Cache-Control"] = "public, max-age=86400"
    return response
