"""What needs me, what I was told, the outbox, and the operator's page."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from madang.coop.notices import access, actions, operator, queries
from madang.coop.notices.models import Notice
from madang.coop.people.access import Request, operator_only, signed_in
from madang.kit.errors import Missing

PAGE = 30


@signed_in
@require_GET
def me(request: Request) -> HttpResponse:
    """What needs me?"""
    return render(request, "notices/me.html", {"tasks": queries.needs_me(request.user)})


@signed_in
@require_GET
def inbox(request: Request) -> HttpResponse:
    """What was I told?"""
    page = Paginator(queries.inbox(request.user), PAGE).get_page(request.GET.get("page"))
    return render(request, "notices/inbox.html", {"page_obj": page, "unread": any(notice.read_at is None for notice in page)})


@signed_in
@require_POST
def read(request: Request) -> HttpResponse:
    """I have read one notice (and go to what it is about), or all."""
    notice_id = request.POST.get("notice", "")
    if notice_id:
        notice = Notice.objects.filter(person=request.user, pk=operator.as_uuid(notice_id)).first()
        if notice is None:
            raise Missing
        actions.mark_read(request.user, notice_id=notice.pk, now=request.now)
        return redirect(notice.url if notice.url.startswith("/") and not notice.url.startswith("//") else "notices:inbox")
    actions.mark_read(request.user, now=request.now)
    return redirect("notices:inbox")


@require_GET
def outbox(request: HttpRequest) -> HttpResponse:
    """What mail would have been sent? Only where none is sent (see ``access``)."""
    if not access.may_read_outbox(request):
        raise Missing
    page = Paginator(queries.outbox(), PAGE).get_page(request.GET.get("page"))
    return render(request, "notices/outbox.html", {"page_obj": page, "shows_codes": access.shows_codes()})


@operator_only
@require_GET
def operator_page(request: Request) -> HttpResponse:
    """What failed, and what is to be done about it?"""
    return render(request, "notices/operator.html", {"state": operator.state(), "outbox": access.may_read_outbox(request)})


@operator_only
@require_POST
def operator_answer(request: Request) -> HttpResponse:
    """Try again, or give up."""
    again = request.POST.get("answer") == "again"
    operator.answer(request.POST.get("kind", ""), request.POST.get("what", ""), again, now=request.now)
    messages.success(request, _("It will be tried again within a minute.") if again else _("It will not be tried any more."))
    return redirect("notices:operator")
