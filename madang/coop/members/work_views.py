"""Pages for member organisations: who works there, inviting, saying yes to an invitation."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from madang.coop.members import forms, queries, work
from madang.coop.members.models import Membership, WorkInvitation
from madang.coop.people.access import Request, signed_in
from madang.coop.people.models import Work
from madang.kit.errors import Missing, Refused


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """``/members/organisations/new/``: add an organisation one speaks for, as the first step of its joining."""
    form = forms.NewOrganisation(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = work.found_organisation(form.cleaned_data["name"], about=form.cleaned_data["about"], by=request.user, now=request.now)
        except Refused as no:
            form.add_error(no.field if no.field in form.fields else None, str(no.message))
        else:
            messages.success(request, _("{name} is here now, and you speak for it. Next: apply for it, or invite who works there.").format(name=made.name))
            return redirect("members:organisation", slug=made.slug)
    return render(request, "members/new_organisation.html", {"form": form}, status=400 if form.errors else 200)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def organisation(request: Request, slug: str) -> HttpResponse:
    """``/members/organisations/<slug>/``: who works here? For those who do; who speaks for it invites and ends work."""
    found = queries.organisation(slug)
    rows = queries.workers(found, request.now)
    if all(row.person_id != request.user.pk for row in rows):
        raise Missing("not where you work")
    speaks = queries.represents(request.user, found, request.now)
    form = forms.Invite(request.POST or None)
    if request.method == "POST":
        if not speaks:
            raise Missing("not yours to invite")
        if form.is_valid():
            try:
                work.invite(found, form.cleaned_data["email"], role=form.cleaned_data["role"], by=request.user, now=request.now)
            except Refused as no:
                form.add_error(no.field if no.field in form.fields else None, str(no.message))
            else:
                messages.success(request, _("Invited. The link is on its way by mail and works for 14 days."))
                return redirect("members:organisation", slug=slug)
    context = {
        "organisation": found,
        "rows": rows,
        "speaks": speaks,
        "form": form,
        "invitations": queries.open_invitations(found, request.now) if speaks else [],
        "memberships": Membership.objects.filter(organisation=found).select_related("member_class"),
    }
    return render(request, "members/organisation.html", context, status=400 if form.errors else 200)


@signed_in
@require_POST
def withdraw(request: Request, invitation_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    found = WorkInvitation.objects.select_related("organisation").filter(pk=invitation_id).first()
    if found is None:
        raise Missing("invitation")
    work.withdraw_invitation(found, by=request.user, now=request.now)
    messages.success(request, _("Taken back: that link no longer works."))
    return redirect("members:organisation", slug=found.organisation.slug)


@signed_in
@require_POST
def end(request: Request, work_id: int) -> HttpResponse:
    """End someone's work, or one's own."""
    found = Work.objects.select_related("organisation").filter(pk=work_id).first()
    if found is None:
        raise Missing("work")
    try:
        work.end_work(found, by=request.user, now=request.now)
        messages.success(request, _("Ended from today."))
    except Refused as no:
        messages.error(request, str(no.message))
    if found.person_id == request.user.pk:
        return redirect("members:me")
    return redirect("members:organisation", slug=found.organisation.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """``/members/invitation/<secret>/``: someone asks me to work with them; do I want to?"""
    now: datetime = request.now  # type: ignore[attr-defined]
    found = work.invitation_at(token, now=now)
    if request.method == "POST":
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        done = work.accept_invitation(token, by=request.user, now=now)
        messages.success(request, _("You work with {name} now.").format(name=done.organisation.name))
        return redirect("members:organisation", slug=done.organisation.slug)
    return render(request, "members/invitation.html", {"invitation": found, "token": token})
