"""From "what does it cost?" to a kept time: size and extras → a real free time → address → payment. What was chosen travels in the address."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _

from madang.coop.law import rations
from madang.coop.people.access import signed_in
from madang.kit.errors import Refused
from madang.platforms.services import free, rules, terms
from madang.platforms.services.actions.booking import HORIZON, Taken, book, get_quote
from madang.platforms.services.actions.people import add_home
from madang.platforms.services.forms import AddressForm, WantForm, refuse
from madang.platforms.services.models import Home
from madang.platforms.services.quote import Quote
from madang.platforms.services.templatetags.services import duration
from madang.platforms.services.views import shown

WEEK = timedelta(days=7)
EXAMPLES = [(0, 1), (1, 1), (2, 1), (3, 1), (3, 2), (4, 2)]


def catalogue(request: HttpRequest) -> HttpResponse:
    """What is done, what it costs and where the money goes; open to everyone."""
    now = request.now  # type: ignore[attr-defined]
    in_force = terms.now_in_force(now)
    sizes = []
    for bedrooms, bathrooms in EXAMPLES:
        quote = get_quote(bedrooms=bedrooms, bathrooms=bathrooms, now=now)
        sizes.append({"bedrooms": bedrooms, "bathrooms": bathrooms, "price": quote.total, "minutes": quote.minutes})
    price = sizes[2]["price"]
    rooms = [
        {"title": room["title"], "tasks": (room["tasks"].get(shown.language()) or next(iter(room["tasks"].values()))).splitlines()}
        for room in in_force.value(rules.checklist).values()
    ]
    context = shown.in_force_context(in_force) | {
        "sizes": sizes,
        "size": in_force.size,
        "refresh_title": terms.refresh_title(),
        "extras": shown.extras(in_force.extras),
        "rooms": rooms,
        "share_of": price,
        "share_rows": shown.share_rows(price, in_force.value(rules.split), rules.org_split.at(now).value),
    }
    return render(request, "services/catalogue.html", context)


class Wanted:
    """What a client has chosen so far, read from the address: the form, the home when it is one they have, and the quote or what is in its way."""

    def __init__(self, request: HttpRequest, in_force: terms.Terms) -> None:
        self.request, self.in_force = request, in_force
        self.homes = list(Home.objects.filter(client=request.user, archived_at=None).order_by("name", "district")) if request.user.is_authenticated else []
        asked = request.GET.get("home", "")
        self.home = next((home for home in self.homes if str(home.pk) == asked), None)
        self.form = WantForm(in_force.extras, self._data())
        self.quote: Quote | None = None
        self.problem = ""
        if self.form.is_valid():
            try:
                self.quote = self._quote()
            except Refused as no:
                self.problem = str(no.message)
                where = next((name for name in (no.field, f"x-{no.field}") if name in self.form.fields), None)
                self.form.add_error(where, self.problem)

    def _data(self) -> dict[str, Any]:
        data: dict[str, Any] = {"bedrooms": 2, "bathrooms": 1} | {key: value for key, value in self.request.GET.items() if key != "home"}
        if self.home:
            data |= {"home": str(self.home.pk), "bedrooms": self.home.bedrooms, "bathrooms": self.home.bathrooms}
            data |= {"ladder": "on" if self.home.has_ladder else "", "machine": "on" if self.home.has_machine else ""}
        return data

    def _quote(self) -> Quote:
        clean, has = self.form.cleaned_data, self.form.has()
        return get_quote(
            bedrooms=clean["bedrooms"], bathrooms=clean["bathrooms"], extras=self.form.wanted(),
            has_ladder="ladder" in has, has_machine="machine" in has, in_force=self.in_force, now=self.request.now,  # type: ignore[attr-defined]
        )  # fmt: skip

    def context(self) -> dict[str, Any]:
        """For the pages and the piece of a page that shows the quote."""
        listed = shown.extras(self.in_force.extras)
        titles = {extra.code: extra.title for extra in listed}
        quote = self.quote
        return shown.in_force_context(self.in_force) | {
            "form": self.form,
            "homes": self.homes,
            "home": self.home,
            "extras": [(extra, self.form[f"x-{extra.code}"]) for extra in listed],
            "quote": quote and {
                "lines": shown.lines([line.as_json() for line in quote.lines], titles),
                "total": quote.total, "minutes": quote.minutes, "needs": quote.needs,
            },
            "problem": self.problem,
            "query": self.form.query() if quote else "",
            "has_ladder": quote is not None and "ladder" in self.form.has(),
        }  # fmt: skip


def _wanted(request: HttpRequest) -> Wanted:
    return Wanted(request, terms.now_in_force(request.now))  # type: ignore[attr-defined]


def size(request: HttpRequest) -> HttpResponse:
    """Step one: the home and the extras, with the quote beside them."""
    return render(request, "services/book.html", _wanted(request).context())


def quote(request: HttpRequest) -> HttpResponse:
    """The quote alone, for the page that asks again at each change."""
    return render(request, "services/_quote.html", _wanted(request).context() | {"oob": True})


def times(request: HttpRequest) -> HttpResponse:
    """Step two: days and their free times, a week at a time, on the reader's clock."""
    rations.require("services.times", request)
    wanted = _wanted(request)
    if wanted.quote is None:
        return render(request, "services/book.html", wanted.context())
    now, zone = request.now, get_current_timezone()  # type: ignore[attr-defined]
    today, last = now.astimezone(zone).date(), (now + HORIZON).astimezone(zone).date()
    first = max(today, min(_day(request.GET.get("from")) or today, last))
    since = max(now + wanted.in_force.value(rules.notice), _midnight(first))
    end = min(_midnight(first + WEEK), now + HORIZON)
    found = _free(request, wanted, since, end)
    context = wanted.context() | {
        "first": first,
        "last": min(first + timedelta(days=6), last),
        "days": _days(found, first, last, wanted.form.query()),
        "any_free": bool(found),
        "earlier": max(today, first - WEEK) if first > today else None,
        "later": first + WEEK if first + WEEK <= last else None,
        "zone": str(zone),
    }
    if not found:
        context |= _later_free(request, wanted, end, now)
    return render(request, "services/times.html", context)


def _free(request: HttpRequest, wanted: Wanted, since: datetime, until: datetime) -> list[datetime]:
    if until <= since or wanted.quote is None:
        return []
    client_id = request.user.pk if request.user.is_authenticated else None
    zone = str(get_current_timezone())
    return free.starts(wanted.quote.minutes, wanted.in_force.value(rules.travel), since=since, until=until, client_id=client_id, time_zone=zone)


def _slot(at: datetime, query: str) -> dict[str, Any]:
    return {"at": at, "url": f"{reverse('services:confirm')}?{query}&{urlencode({'start': at.astimezone(UTC).strftime('%Y-%m-%dT%H:%MZ')})}"}


def _days(found: list[datetime], first: date, last: date, query: str) -> list[dict[str, Any]]:
    zone = get_current_timezone()
    by_day: dict[date, list[dict[str, Any]]] = {first + timedelta(days=n): [] for n in range(7) if first + timedelta(days=n) <= last}
    for at in found:
        by_day.setdefault(at.astimezone(zone).date(), []).append(_slot(at, query))
    return [{"date": day, "slots": slots} for day, slots in sorted(by_day.items())]


def _later_free(request: HttpRequest, wanted: Wanted, since: datetime, now: datetime) -> dict[str, Any]:
    """A week without a free time: which week has one, if any."""
    later = _free(request, wanted, max(since, now + wanted.in_force.value(rules.notice)), now + HORIZON)
    context: dict[str, Any] = {
        "no_time_title": _("Nobody is free in this week"),
        "no_time_text": _("A shorter visit may fit, or another week."),
        "no_time_ever": _("Nobody is free for this long in the coming four weeks. A shorter visit may fit."),
        "next_free_label": _("The next free time"),
        "back_label": _("Change size and extras"),
        "back_url": f"{reverse('services:book')}?{wanted.form.query()}",
    }
    if later:
        day = later[0].astimezone(get_current_timezone()).date()
        context["next_free"] = {"at": later[0], "week_url": f"{reverse('services:times')}?{wanted.form.query()}&from={day.isoformat()}"}
    return context


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=get_current_timezone())


@signed_in
def confirm(request: Any) -> HttpResponse:
    """Step three: the address, what the worker should know, and what a cancellation costs; then the time is kept and paid for."""
    wanted = _wanted(request)
    start = _start(request.GET.get("start"))
    if wanted.quote is None or start is None:
        return render(request, "services/book.html", wanted.context()) if wanted.quote is None else times(request)
    form = AddressForm(wanted.home is not None, request.POST or None)
    if request.method == "POST":
        rations.require("services.book", request)
    if request.method == "POST" and form.is_valid():
        try:
            home = wanted.home or _new_home(request, wanted, form)
            job = book(request.user, home.pk, wanted.form.wanted(), start, expected=wanted.quote.total, note=form.cleaned_data["note"], now=request.now)
            return redirect(f"/pay/{job.charge_id}/")
        except Taken as no:
            return _elsewhere(request, wanted, form, no, start)
        except Refused as no:
            refuse(form, no)
    context = wanted.context() | {"form": form, "start": start, "hold_time": duration(wanted.in_force.value(rules.hold))}
    return render(request, "services/confirm.html", context, status=200)


def _new_home(request: Any, wanted: Wanted, form: AddressForm) -> Home:
    clean, has = wanted.form.cleaned_data, wanted.form.has()
    written = {name: form.cleaned_data[name] for name in ("district", "address", "directions", "name")}
    return add_home(
        request.user, **written, bedrooms=clean["bedrooms"], bathrooms=clean["bathrooms"],
        has_ladder="ladder" in has, has_machine="machine" in has, now=request.now,
    )  # fmt: skip


def _elsewhere(request: Any, wanted: Wanted, form: AddressForm, no: Taken, start: datetime) -> HttpResponse:
    """The time was taken by someone faster: the same page with what was typed, and the next free times as buttons that send it again."""
    query = wanted.form.query()
    context = wanted.context() | {
        "form": form, "start": start, "hold_time": duration(wanted.in_force.value(rules.hold)),
        "taken": str(no.message), "nearest": [_slot(at, query) for at in no.free],
        "times_url": f"{reverse('services:times')}?{query}&from={start.astimezone(get_current_timezone()).date().isoformat()}",
    }  # fmt: skip
    return render(request, "services/confirm.html", context, status=409)


def _start(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat((text or "").replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo and 2000 < found.year < 2200 else None  # beyond, some time zones have no such moment
