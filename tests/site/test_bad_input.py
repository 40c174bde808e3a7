"""What people and programs send by mistake or on purpose: a clear refusal in words, and nothing stored."""

from __future__ import annotations

import json
import re
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.site.living import lived
from tests.site.walking import Form, Forms, addresses, everything_stored

pytestmark = pytest.mark.django_db
TEN_MB = 10_000_000
FIELDS_MAX = 6  # of one form tried alone
ODD = [
    "가" * 200_000, "a\x00b", "-1", "1e999", "NaN", "9" * 400, "2026-02-30", "Mars/Olympus", "１２", "½", "\u202e<script>", "\U0001f600", " ", "[]", "..",
]  # fmt: skip


@pytest.fixture
def it(coop: Any, now: datetime, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    made = lived(coop, now)
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: made.now)
    return made


def browser(person: Any) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


def words(answer: Any) -> str:
    """What the page says, without its tags."""
    return re.sub(r"<[^>]+>", " ", answer.content.decode(errors="replace"))


def pages(it: SimpleNamespace) -> list[str]:
    """Every page with a form that one of these people can open."""
    urls = ["/" + one.route for one in addresses() if not one.holds and "^" not in one.route and not one.name.startswith("api:")]
    start = it.coming.starts_at.strftime("%Y-%m-%dT%H:%MZ")
    return [
        *urls, "/services/book/time/?bedrooms=2&bathrooms=1", f"/services/book/address/?bedrooms=2&bathrooms=1&start={start}",
        reverse("services:job", args=[it.job.pk]), reverse("services:job", args=[it.coming.pk]), reverse("services:home_edit", args=[it.home.pk]),
        reverse("payments:charge", args=[it.open.pk]), reverse("decisions:new") + "?rule=services.split&rule=services.extras",
        reverse("decisions:new") + "?rule=services.cancel.client&rule=services.confirmation&rule=services.refresh&rule=ways.policy",
        reverse("decisions:edit", args=[it.draft.pk]), reverse("capital:buy", args=[it.membership.pk]), reverse("members:apply", args=["client"]),
        reverse("members:organisation", args=[it.place.slug]), reverse("members:fill", args=["coordinator"]), "/record/check/", "/rules/services.split/",
    ]  # fmt: skip


def forms(it: SimpleNamespace) -> list[tuple[Client, str, Form]]:
    """Every different form that the owner, the worker or the chair is shown, with who fills it in."""
    found: dict[tuple[str, str, tuple[str, ...]], tuple[Client, str, Form]] = {}
    for who in (it.owner, it.maker, it.chair):
        client = browser(who)
        for url in pages(it):
            answer = client.get(url)
            if answer.status_code != 200 or "text/html" not in answer.headers.get("Content-Type", ""):
                continue
            for form in Forms(answer.content.decode()).forms:
                target = form.action or url
                if not target.startswith(("/demo/", "/language/", "/accounts/logout/")):
                    found.setdefault((form.method, re.sub(r"[0-9a-f-]{36}", "…", target.partition("?")[0]), tuple(sorted(form.kinds))), (client, target, form))
    return list(found.values())


def test_no_form_breaks(it: SimpleNamespace) -> None:
    """Every form with every odd value in all its fields; and each field alone with the two that break most: never a server error."""
    from django.db import transaction

    broken = []

    def send(client: Client, target: str, form: Form, values: dict[str, str], said: str) -> None:
        verb = next(((name, value) for name, value in form.buttons if name), None)
        with transaction.atomic():
            answer = getattr(client, form.method)(target, form.fields | ({verb[0]: verb[1]} if verb else {}) | values)
            transaction.set_rollback(True)
        if answer.status_code >= 500:
            broken.append(f"{form.method} {target} {said[:60]} → {answer.status_code}")

    every = forms(it)
    assert len(every) > 25
    for client, target, form in every:
        typed = [name for name, kind in form.kinds.items() if name != "csrfmiddlewaretoken" and kind not in ("file", "hidden")]
        for odd in ODD if typed else []:
            send(client, target, form, dict.fromkeys(typed, odd), f"all = {odd[:30]!r}")
        for name in [name for name in form.kinds if name != "csrfmiddlewaretoken"][:FIELDS_MAX]:
            for odd in ("\x00", "9" * 400):
                send(client, target, form, {name: odd}, f"{name} = {odd[:30]!r}")
    assert not broken, "\n".join(broken)


def test_ten_megabytes_are_refused_in_words(it: SimpleNamespace) -> None:
    every = [(client, target, form) for client, target, form in forms(it) if form.method == "post" and {"text", "textarea"} & set(form.kinds.values())]
    assert len(every) > 8
    before = everything_stored()
    wrong = []
    for client, target, form in every:
        name = next(name for name, kind in form.kinds.items() if kind in ("textarea", "text"))
        answer = client.post(target, form.fields | {name: "x" * TEN_MB})
        if not 400 <= answer.status_code < 500 or not any(said in words(answer) for said in ("백만 자", "a million")):
            wrong.append(f"{target} → {answer.status_code} {words(answer)[:80]!r}")
    assert not wrong, "\n".join(wrong)
    after = everything_stored()
    assert [table for table in before if before[table] != after[table]] == []


def test_ten_megabytes_for_programs(it: SimpleNamespace) -> None:
    client = browser(it.owner)
    before = everything_stored()
    for url in ("/api/services/homes", "/api/services/jobs", f"/api/services/jobs/{it.coming.pk}/problem", "/api/decisions/", "/api/record/receipts/check"):
        answer = client.post(url, data=json.dumps({"words": "x" * TEN_MB}), content_type="application/json")
        assert 400 <= answer.status_code < 500, (url, answer.status_code)
        assert len(answer.content) > 10
    after = everything_stored()
    assert [table for table in before if before[table] != after[table]] == []


BODIES: list[tuple[str, str, dict[str, Any], set[int]]] = [
    ("post", "/api/services/jobs/{coming}/tip", {"amount": -5}, {409, 422}),
    ("post", "/api/services/jobs/{job}/tip", {"amount": -5}, {409, 422}),
    ("post", "/api/services/jobs/{job}/tip", {"amount": 10**30}, {409, 422}),
    ("post", "/api/services/jobs/{job}/tip", {"amount": 1.5}, {422}),
    ("post", "/api/services/jobs/{job}/tip", {"amount": "much"}, {422}),
    ("post", "/api/services/jobs/{job}/rate", {"stars": 6}, {409, 422}),
    ("post", "/api/services/jobs/{job}/rate", {"stars": 0}, {409, 422}),
    ("post", "/api/services/jobs", {"home": "{home}", "start": "2026-02-30T09:00:00Z"}, {422}),
    ("post", "/api/services/jobs", {"home": "{home}", "start": "2026-03-09T09:00:00"}, {409, 422}),
    ("post", "/api/services/jobs", {"home": "{home}", "start": "1970-01-01T09:00:00Z"}, {409, 422}),
    ("post", "/api/services/jobs", {"home": "{home}", "start": "9999-12-31T23:59:59Z"}, {409, 422}),
    ("post", "/api/services/jobs", {"home": "{home}", "start": "2026-03-10T01:00:00Z", "extras": {"oven": -1}}, {409, 422}),
    ("post", "/api/services/jobs", {"home": "{home}", "start": "2026-03-10T01:00:00Z", "extras": {"gold": 1}}, {409, 422}),
    ("post", "/api/services/jobs", {"home": "{home}", "start": "2026-03-10T01:00:00Z", "expected": 1}, {409, 422}),
    ("post", "/api/services/homes", {"district": "x", "address": "y", "bedrooms": 10**9, "bathrooms": 1}, {409, 422}),
    ("post", "/api/services/homes", {"district": "\x00", "address": "y", "bedrooms": 1, "bathrooms": 1}, {409, 422}),
    ("put", "/api/people/me", {"name": "x", "language": "xx", "time_zone": "Asia/Seoul"}, {409, 422}),
    ("put", "/api/people/me", {"name": "x", "language": "ko", "time_zone": "Mars/Olympus"}, {409, 422}),
    ("put", "/api/people/me", {"name": "x" * 10_000, "language": "ko", "time_zone": "Asia/Seoul"}, {409, 422}),
]


def test_wrong_amounts_dates_and_zones_are_refused_in_words(it: SimpleNamespace) -> None:
    client = browser(it.owner)
    before = everything_stored()
    wrong = []
    for method, path, body, allowed in BODIES:
        url = path.format(job=it.job.pk, coming=it.coming.pk)
        if "home" in body:
            body = body | {"home": str(it.home.pk)}
        answer = getattr(client, method)(url, data=json.dumps(body), content_type="application/json")
        if answer.status_code not in allowed or len(answer.content) < 10:
            wrong.append(f"{method} {url} {str(body)[:80]} → {answer.status_code} {answer.content[:120]!r}")
    assert not wrong, "\n".join(wrong)
    after = everything_stored()
    assert [table for table in before if before[table] != after[table]] == []


ADDRESSES = [
    "/services/book/time/?bedrooms=2&bathrooms=1&from=2026-02-30", "/services/book/time/?bedrooms=99999999999&bathrooms=-1", "/treasury/?month=2026-13",
    "/treasury/books/?at=2026-13", "/treasury/books/?at=%00&unit=%00", "/treasury/books/99999999999999999999/", "/statement/year/0/",
    "/treasury/?month=%00", "/members/register/?at=yesterday", "/members/register/?at=%00", "/statement/2026-13/", "/statement/0-0/",
    "/statement/9999-12/", "/statement/?before=%00", "/statement/?before=x", "/record/?before=-1&kind=%00", "/record/?before=99999999999999999999",
    "/record/leaf/99999999999999999999/", "/record/receipt/0/99999999999999999999.txt", "/record/tile/0/x999/000", "/why/99999999999999999999/",
    "/rules/%00/", "/rules/services.split/?try=%00", "/rules/services.split/?try=1e999", "/rules/services.split/try.json?value=NaN",
    "/rules/services.split/?org=x", "/decisions/new/?rule=%00", "/decisions/?page=-1", "/decisions/new/?rule=services.split&value=%00",
    "/decisions/new/?rule=services.split&value=[[[[", "/decisions/new/?kind=%00", "/decisions/new/?org=%00",
    "/services/book/address/?bedrooms=2&bathrooms=1&start=9999-12-31T23:59Z", "/services/book/address/?bedrooms=2&bathrooms=1&start=0001-01-01T00:00Z",
    "/services/book/address/?bedrooms=2&bathrooms=1&start=%00", "/services/book/?home=%00", "/organisations/%00/", "/members/invitation/%00/",
    "/founding/%00/", "/pay/sandbox/%00/", "/outbox/?page=%00", "/outbox/?page=9999999999999999999999", "/accounts/login/?next=%00",
    "/accounts/login/?next=//evil.example/", "/api/ledger/why/99999999999999999999", "/api/record/leaves?before=x", "/api/services/slots?since=x",
    "/api/services/work/day/2026-02-30",
]  # fmt: skip


@pytest.mark.parametrize("who", ["nobody", "owner", "chair"])
def test_no_address_breaks(it: SimpleNamespace, who: str) -> None:
    client = browser(getattr(it, who)) if who != "nobody" else Client(raise_request_exception=False)
    broken = [f"{url} → {status}" for url in ADDRESSES if (status := client.get(url).status_code) >= 500]
    assert not broken, "\n".join(broken)
