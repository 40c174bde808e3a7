"""Look around, open an artist or a release, keep what one likes, see what is in the wallet."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from madang.coop import law
from madang.coop.people.access import Request, signed_in
from madang.coop.rules import registry
from madang.kit.errors import Refused
from madang.kit.money import format_amount
from madang.platforms.music import queries, rules, states, terms
from madang.platforms.music.actions import catalogue, keeping, keys, listening, wallets
from madang.platforms.music.forms import LimitsForm, PlayerForm, TopUpForm, refuse
from madang.platforms.music.models import AppPassword, Artist, Member, Track

PAGE = queries.PAGE


def _page(request: HttpRequest) -> int:
    raw = request.GET.get("page", "1")
    return min(500, max(1, int(raw))) if raw.isdecimal() and len(raw) < 5 else 1


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What is there to hear?"""
    now, tag, text = request.now, request.GET.get("tag", "")[:40].replace("\x00", ""), request.GET.get("q", "")[:100].replace("\x00", "")  # type: ignore[attr-defined]
    page = _page(request)
    found = queries.search(text) if text else None
    shown = [] if text else queries.looking_around(now, tag=tag, limit=PAGE + 1, offset=(page - 1) * PAGE)
    held = terms.at(now)
    prices = held.prices
    context = {
        "releases": shown[:PAGE], "more": len(shown) > PAGE, "page": page, "tag": tag, "text": text, "found": found, "tags": queries.tags(),
        "why_order": registry.get(rules.discovery.key).type.describe(held.value(rules.discovery), get_language() or "en"),
        "rows": queries.rows_of(found.tracks, request.user, now) if found else [],  # type: ignore[arg-type]
        "unit": terms.unit(), "first": prices[0], "steps": len(prices), "whole": sum(prices), "subscription": held.subscription,
        "fee": held.value(rules.fee).amount,
    }  # fmt: skip
    return render(request, "music/home.html", context)


@require_safe
def artist(request: HttpRequest, key: int) -> HttpResponse:
    """Who is this, and what have they made?"""
    found = get_object_or_404(Artist, pk=key)
    releases = list(queries.published().filter(artist=found).order_by("-release_at"))
    on_label = list(queries.published().filter(label=found).order_by("-release_at")) if found.kind == Artist.LABEL else []
    manages = catalogue.manages(request.user, found)  # type: ignore[arg-type]
    context = {
        "artist": found, "releases": releases, "on_label": on_label, "manages": manages, "unit": terms.unit(),
        "members": Member.objects.filter(artist=found, until=None).select_related("other"),
    }  # fmt: skip
    return render(request, "music/artist.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def release(request: HttpRequest, key: int) -> HttpResponse:
    """Which tracks are on it, and what does the next play cost me?"""
    now, person = request.now, request.user  # type: ignore[attr-defined]
    if request.method == "POST":
        return _on_release(request, key)  # type: ignore[return-value]
    found = queries.release(key, person, managing=True)  # type: ignore[arg-type]
    manages = catalogue.manages(person, found.artist)  # type: ignore[arg-type]
    found = queries.release(key, person, managing=manages)  # type: ignore[arg-type]
    tracks = list(found.tracks.select_related("artist").prefetch_related("credits").filter(state=states.READY))
    held = terms.at(now)
    context = {
        "release": found, "rows": queries.rows_of(tracks, person, now), "manages": manages, "unit": terms.unit(),  # type: ignore[arg-type]
        "minutes": max(1, round(sum(track.duration for track in tracks) / 60_000)), "prices": list(enumerate(held.prices, 1)),
        "subscription": held.subscription, "whole": sum(held.prices), "split": held.value(rules.split), "out": found.state == states.PUBLISHED,
    }  # fmt: skip
    return render(request, "music/release.html", context)


@signed_in
def _on_release(request: Request, key: int) -> HttpResponse:
    """Buy the rest of a track, or mark it as a favourite."""
    found = queries.release(key, request.user)
    track = get_object_or_404(Track, pk=request.POST.get("track"), release=found, state=states.READY)
    do = request.POST.get("do")
    try:
        if do == "buy":
            said = request.POST.get("expected", "")
            listening.buy_the_rest(request.user, track, expected=int(said) if said.isdecimal() and len(said) < 16 else None, now=request.now)
            messages.success(request, _("%(title)s is yours now.") % {"title": track.title})
        elif do == "star":
            keeping.star(request.user, track, now=request.now)
        elif do == "unstar":
            keeping.unstar(request.user, track)
    except Refused as no:
        messages.error(request, str(no.message))
        if no.code == "wallet":
            return redirect("music:wallet")
    return redirect("music:release", key)


@require_safe
@signed_in
def library(request: Request) -> HttpResponse:
    """What is mine, what do I like, what did I hear?"""
    tab = request.GET.get("tab", "owned")
    tab = tab if tab in ("owned", "favourites", "history") else "owned"
    tracks = queries.owned(request.user) if tab == "owned" else queries.favourites(request.user) if tab == "favourites" else []
    page = _page(request)
    plays = queries.history(request.user, PAGE * 2 + 1, (page - 1) * PAGE * 2) if tab == "history" else []
    context = {
        "tab": tab, "rows": queries.rows_of(tracks[:500], request.user, request.now), "plays": plays[: PAGE * 2], "more": len(plays) > PAGE * 2,
        "page": page, "unit": terms.unit(),
    }  # fmt: skip
    return render(request, "music/library.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def wallet(request: Request) -> HttpResponse:
    """What is in my wallet, and what did this month cost?"""
    now, person = request.now, request.user
    do = request.POST.get("do", "")
    top, limits = TopUpForm(request.POST if do == "top-up" else None), LimitsForm(request.POST if do == "limits" else None)
    try:
        if do == "top-up" and top.is_valid():
            made = wallets.top_up(person, top.cleaned_data["amount"] or 0, now=now)
            return redirect(f"/pay/{made.charge_id}/")
        if do == "limits" and limits.is_valid():
            wallets.set_limits(person, cap=limits.cleaned_data["cap"], pause_over=limits.cleaned_data["pause_over"], now=now)
            messages.success(request, _("Your limits hold from now on."))
            return redirect("music:wallet")
        if do == "subscribe":
            wallets.subscribe(person, now=now)
            messages.success(request, _("A month of listening is paid."))
            return redirect("music:wallet")
        if do == "back":
            amount = wallets.give_back(person, now=now)
            said = format_amount(amount, law.coop().currency, get_language() or "en")
            messages.success(request, _("%(amount)s is on its way back to you.") % {"amount": said})
            return redirect("music:wallet")
    except Refused as no:
        if do in ("top-up", "limits"):
            refuse(top if do == "top-up" else limits, no)
        else:
            messages.error(request, str(no.message))
            return redirect("music:wallet")
    return render(request, "music/wallet.html", _wallet_context(request, top, limits))


def _wallet_context(request: Request, top: TopUpForm, limits: LimitsForm) -> dict[str, Any]:
    now, found, held = request.now, queries.wallet(request.user), terms.at(request.now)
    return {
        "wallet": found, "left": found.left if found else 0, "unit": terms.unit(), "currency": law.coop().currency, "top": top, "limits": limits,
        "month": queries.this_month(request.user, now), "least": held.value(rules.top_up).amount, "pause": held.value(rules.pause).amount,
        "top_ups": list(found.top_ups.exclude(state="pending").order_by("-at")[:12]) if found else [], "subscription": held.subscription,
        "fee": held.value(rules.fee).amount, "subscribed": bool(found and found.paid_until and found.paid_until > now),
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
@signed_in
def players(request: Request) -> HttpResponse:
    """How do I listen with a player of somebody else?"""
    form, made = PlayerForm(request.POST if request.POST.get("do") == "make" else None), None
    if request.POST.get("do") == "revoke":
        keys.revoke(request.user, request.POST.get("key"))
        return redirect("music:players")
    if form.is_bound and form.is_valid():
        try:
            made = keys.make(request.user, form.cleaned_data["name"], api_key=form.cleaned_data["api_key"], now=request.now)
            form = PlayerForm()
        except Refused as no:
            refuse(form, no)
    rows = AppPassword.objects.filter(person=request.user).order_by("-made_at")
    address = request.build_absolute_uri("/").rstrip("/")
    return render(request, "music/players.html", {"form": form, "made": made, "rows": rows, "address": address})
