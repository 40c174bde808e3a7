"""The studio: an artist's pages, releases and tracks, and files on their way in."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madang.coop import law
from madang.coop.people.access import Request, signed_in
from madang.coop.people.models import Person
from madang.kit.errors import Refused
from madang.platforms.music import parties, queries
from madang.platforms.music.actions import catalogue, preparing, splitting
from madang.platforms.music.forms import (
    ArtistForm,
    ArtistPageForm,
    MemberForm,
    PictureForm,
    PublishForm,
    ReleaseForm,
    ReleasePageForm,
    SplitForm,
    TrackForm,
    refuse,
)  # fmt: skip
from madang.platforms.music.models import Artist, Member, Release, Track
from madang.platforms.music.views import typed


@require_http_methods(["GET", "POST"])
@signed_in
def studio(request: Request) -> HttpResponse:
    """Whom do I make music as?"""
    form = ArtistForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            made = catalogue.make_artist(request.user, form.cleaned_data["name"], kind=form.cleaned_data["kind"], now=request.now)
            return redirect("music:studio_artist", made.pk)
        except Refused as no:
            refuse(form, no)
    context = {"artists": queries.mine(request.user), "form": form, "waiting": parties.waiting_for(request.user)}
    return render(request, "music/studio.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def artist(request: Request, key: int) -> HttpResponse:
    """What does the artist's page say, who is in it, and what is on its way?"""
    found = get_object_or_404(Artist, pk=key)
    catalogue.require(request.user, found)
    do, data = request.POST.get("do", ""), request.POST
    start = {"name": found.name, "about": found.about, "links": "\n".join(found.links)}
    page = ArtistPageForm(data if do == "page" else None, initial=start)
    member, fresh = MemberForm(data if do == "member" else None), ReleaseForm(data if do == "release" else None)
    split = SplitForm(data if do == "split" else None, initial={"parties": typed.parties_text(queries.agreements(found))})
    here = redirect("music:studio_artist", key)
    try:
        if do == "page" and page.is_valid():
            clean = page.cleaned_data
            catalogue.change_artist(request.user, found, name=clean["name"], about=clean["about"], links=clean["links"].splitlines(), now=request.now)
            messages.success(request, _("The page says so from now on."))
            return here
        if do == "member" and member.is_valid():
            _add_member(request, found, member)
            return here
        if do == "end":
            catalogue.end_member(request.user, get_object_or_404(Member, pk=request.POST.get("member"), artist=found), now=request.now)
            return here
        if do == "release" and fresh.is_valid():
            made = catalogue.make_release(request.user, found, fresh.cleaned_data["title"], kind=fresh.cleaned_data["kind"], now=request.now)
            return redirect("music:studio_release", made.pk)
        if do == "split" and split.is_valid():
            made_split = splitting.propose(request.user, found, typed.wishes(split.cleaned_data["parties"]), words=split.cleaned_data["words"], now=request.now)
            return redirect("music:split", made_split.pk)
    except Refused as no:
        form = {"page": page, "member": member, "release": fresh, "split": split}.get(do)
        if form is None:
            messages.error(request, str(no.message))
            return here
        refuse(form, no)
    context = {
        "artist": found, "page": page, "member": member, "fresh": fresh, "split": split, "releases": found.releases.order_by("-made_at"),
        "members": found.members.filter(until=None).select_related("person", "other"), "agreements": queries.agreements(found),
    }  # fmt: skip
    return render(request, "music/studio_artist.html", context)


def _add_member(request: Request, found: Artist, form: MemberForm) -> None:
    clean = form.cleaned_data
    person = Person.objects.filter(email=clean["email"].lower(), is_active=True).first() if clean["email"] else None
    if clean["email"] and person is None:
        raise Refused("nobody", _("Nobody has signed in here with this address yet. Write a name only, or ask them to sign in first."), "email")
    catalogue.add_member(request.user, found, person=person, name=clean["name"], role=clean["role"], manages=clean["manages"], now=request.now)


@require_http_methods(["GET", "POST"])
@signed_in
def release(request: Request, key: int) -> HttpResponse:
    """Is everything there, and when does it come out?"""
    found = get_object_or_404(Release.objects.select_related("artist"), pk=key)
    catalogue.require(request.user, found.artist)
    do, data = request.POST.get("do", ""), request.POST
    start = {"title": found.title, "kind": found.kind, "about": found.about, "tags": ", ".join(found.tags), "licence": found.licence, "upc": found.upc}
    page = ReleasePageForm(data if do == "page" else None, initial=start)
    out = PublishForm(data if do == "publish" else None)
    picture = PictureForm(data if do == "cover" else None, request.FILES if do == "cover" else None)
    here = redirect("music:studio_release", key)
    try:
        if do == "page" and page.is_valid():
            catalogue.change_release(request.user, found, page.cleaned_data, now=request.now)
            messages.success(request, _("The page says so from now on."))
            return here
        if do == "cover" and picture.is_valid():
            preparing.set_cover(request.user, found, picture.cleaned_data["cover"].read(), now=request.now)
            return here
        if do == "publish" and out.is_valid():
            day = out.cleaned_data["at"]
            at = datetime.combine(day, time.min, ZoneInfo(law.coop().time_zone)) if day else None
            catalogue.publish(request.user, found, at=at, preorder=out.cleaned_data["preorder"], now=request.now)
            return here
        if do == "withdraw":
            catalogue.withdraw(request.user, found, now=request.now)
            return here
    except Refused as no:
        form = {"page": page, "publish": out, "cover": picture}.get(do)
        if form is None:
            messages.error(request, str(no.message))
            return here
        refuse(form, no)
    context = {
        "release": found, "page": page, "out": out, "picture": picture, "tracks": found.tracks.select_related("artist"),
        "agreements": queries.agreements(found),
    }  # fmt: skip
    return render(request, "music/studio_release.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def track(request: Request, key: int) -> HttpResponse:
    """What does this track say of itself, and who gets which part of it?"""
    found = get_object_or_404(Track.objects.select_related("artist", "release__artist"), pk=key)
    catalogue.require(request.user, found.release.artist)
    do = request.POST.get("do", "")
    start = {name: getattr(found, name) for name in ("title", "isrc", "covers", "licence", "lyrics", "explicit")}
    start["credits"] = "\n".join(f"{one.name}, {one.role}" for one in found.credits.all())
    page = TrackForm(request.POST if do == "page" else None, initial=start)
    split = SplitForm(request.POST if do == "split" else None, initial={"parties": typed.parties_text(queries.agreements(found))})
    try:
        if do == "page" and page.is_valid():
            clean = dict(page.cleaned_data)
            credits = [typed.credit(line) for line in clean.pop("credits").splitlines() if line.strip()]
            catalogue.change_track(request.user, found, clean, credits=credits, now=request.now)
            messages.success(request, _("The track says so from now on."))
            return redirect("music:studio_track", key)
        if do == "split" and split.is_valid():
            made = splitting.propose(request.user, found, typed.wishes(split.cleaned_data["parties"]), words=split.cleaned_data["words"], now=request.now)
            return redirect("music:split", made.pk)
    except Refused as no:
        refuse(page if do == "page" else split, no)
    return render(request, "music/studio_track.html", {"track": found, "page": page, "split": split, "agreements": queries.agreements(found)})
