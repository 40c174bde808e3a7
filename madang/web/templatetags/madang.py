"""``{% load madang %}``: the small parts every page is made of. The list with examples is in docs/developing.md."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.coop.law.texts import say_citation
from madang.coop.ledger.splits import share_said
from madang.kit.money import format_amount
from madang.web.words import in_language, percent_of, say_time, state_words

register = template.Library()


def _language() -> str:
    return get_language() or "en"


@register.filter
def money(amount: int | None, unit: str) -> str:
    """``{{ amount|money:unit }}``: an integer in the smallest unit of ``unit``, as the reader writes money. None is empty."""
    if amount is None or amount == "":
        return ""
    return format_amount(int(amount), str(unit), _language())


@register.filter
def local(moment: datetime | None) -> str:
    """Day and time in the reader's zone and language."""
    return say_time(moment, "full", _language(), get_current_timezone())


@register.filter
def local_date(moment: datetime | date | None) -> str:
    """The day in the reader's zone and language."""
    return say_time(moment, "date", _language(), get_current_timezone())


@register.filter
def local_short(moment: datetime | date | None) -> str:
    """The day in few letters, for a narrow column of a table."""
    return say_time(moment, "short", _language(), get_current_timezone())


@register.filter
def local_day(moment: datetime | date | None) -> str:
    """The day without its year."""
    return say_time(moment, "day", _language(), get_current_timezone())


@register.filter
def local_time(moment: datetime | None) -> str:
    """The time of day in the reader's zone."""
    return say_time(moment, "time", _language(), get_current_timezone())


@register.filter
def share(text: Any) -> str:
    """A kept share ("95 %") as the reader writes it."""
    return share_said(str(text or ""), _language())


@register.filter
def cited(citation: Any) -> str:
    """An article of a law as the reader cites it."""
    return say_citation(str(citation or ""), _language())


@register.filter
def in_lang(texts: Any) -> str:
    """``{{ {"ko": …, "en": …}|in_lang }}``: the reader's language."""
    return in_language(texts, _language())


@register.simple_tag
def why(url: str, about: Any = "") -> SafeString | str:
    """``{% why url about %}``: the small mark beside a number that a rule made. Nothing where there is no url."""
    if not url:
        return ""
    hidden = format_html('<span class="visually-hidden"> {}</span>', about) if about else ""
    return format_html('<a class="why" href="{}">{}{}</a>', url, _("why?"), hidden)


@register.inclusion_tag("web/_field.html")
def field(bound: BoundField, label: Any = None) -> dict[str, Any]:
    """``{% field form.x %}``: label, help, control and error of one form field, wired for screen readers."""
    widget = bound.field.widget
    return {
        "field": bound,
        "label": label or bound.label,
        "many": isinstance(widget, RadioSelect | CheckboxSelectMultiple),
        "check": isinstance(widget, CheckboxInput),
    }


@register.inclusion_tag("web/_form_errors.html")
def form_errors(*forms: BaseForm) -> dict[str, Any]:
    """``{% form_errors form %}``: what is wrong, on top, each line a link to its field. Nothing when nothing is wrong."""
    lines = []
    for form in forms:
        if not isinstance(form, BaseForm) or not form.is_bound:
            continue
        for name, errors in form.errors.items():
            target = ""
            if name in form.fields:
                bound = form[name]
                target = bound.id_for_label or f"{bound.auto_id}_0"
            lines += [(target, error, form[name].label if name in form.fields else "") for error in errors]
    return {"lines": lines}


@register.simple_tag
def state(value: Any, label: Any = None, tone: str = "") -> SafeString:
    """``{% state obj.state label tone %}``: a pill. Apps pass their own label; ``tone``: pine (ours), persimmon (needs someone), quiet."""
    words, own_tone = state_words(str(getattr(value, "value", value)))
    return format_html('<span class="pill pill-{}">{}</span>', tone or own_tone, label or getattr(value, "label", None) or words)


@register.inclusion_tag("web/_bars.html")
def bars(rows: Any, unit: str = "", strip: bool = False) -> dict[str, Any]:
    """``{% bars rows unit %}``: rows of (label, amount, share) or dicts with those keys (and "url", "why", "bare": without its percentage).

    ``share``: "5%", a Fraction, a Decimal or whole percents.

    ``strip=True`` puts the whole above them as one bar cut into these parts.
    With ``unit`` amounts are money; without, they are shown as they are.
    """
    lines = []
    so_far = Decimal(0)
    for row in rows or ():
        label, amount, share = (row["label"], row["amount"], row["share"]) if isinstance(row, Mapping) else tuple(row)[:3]
        percent = percent_of(share)
        lines.append({
            "label": label,
            "amount": money(amount, unit) if unit and isinstance(amount, int) else amount,
            "percent": f"{percent.normalize():f}",
            "from": f"{so_far:f}",
            "url": row.get("url", "") if isinstance(row, Mapping) else "",
            "why": row.get("why", "") if isinstance(row, Mapping) else "",
            "bare": bool(row.get("bare")) if isinstance(row, Mapping) else False,
        })
        so_far += percent
    return {"rows": lines, "strip": strip and len(lines) > 1 and so_far <= 101}


@register.inclusion_tag("web/_pager.html", takes_context=True)
def pager(context: Mapping[str, Any], page_obj: Page) -> dict[str, Any]:
    """``{% pager page_obj %}``: previous, where one is, next; keeps the other parameters of the address."""
    return {"page": page_obj, "request": context.get("request")}


@register.inclusion_tag("web/_empty.html")
def empty(title: Any, text: Any = "", url: str = "", label: Any = "") -> dict[str, Any]:
    """``{% empty title text url label %}``: an empty page that teaches the next step."""
    return {"title": title, "text": text, "url": url, "label": label}


@register.simple_tag(takes_context=True)
def query_string(context: Mapping[str, Any], **changes: Any) -> str:
    """``{% query_string page=2 %}``: this page's ``?…`` with the changes; None or "" takes a parameter away."""
    request = context.get("request")
    query = request.GET.copy() if request else QueryDict(mutable=True)
    for key, value in changes.items():
        if value in (None, ""):
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}" if query else "?"


@register.filter
def get(mapping: Mapping[Any, Any], key: Any) -> Any:
    """``{{ mapping|get:key }}``: a value by a key that is itself a variable; empty when it is not there."""
    return mapping.get(key, "") if mapping else ""
