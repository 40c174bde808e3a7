"""Keys for programs: made and taken back by a person, kept as a hash, good for the API and nothing else."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from madang.coop.law import clock
from madang.coop.people import actions, tokens
from madang.coop.people.models import Token
from madang.kit.errors import Missing, Refused
from madang.kit.ration import Ration

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(now: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: now)


def program(key: str) -> Client:
    """A program elsewhere: no cookie, no CSRF token, a key."""
    return Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {key}"})


def test_a_program_with_a_key_is_the_person(mina: Any, now: Any) -> None:
    token, key = tokens.make_key(mina, "  calendar ", now=now)
    assert key.startswith("madang_") and len(key) > 45 and key not in repr(list(Token.objects.values()))
    asking = program(key)
    assert asking.get("/api/people/me").json()["email"] == "mina@example.org"
    changed = asking.put("/api/people/me/language", {"language": "en"}, content_type="application/json")
    assert changed.status_code == 200 and changed.json()["language"] == "en"
    told = asking.put("/api/people/me/language", {"language": "xx"}, content_type="application/json").json()
    assert told["message"] == "These pages do not speak that language yet.", "in the language of whose key it is"
    place = actions.make_organisation("Brightly", now=now)
    assert asking.get(f"/api/people/organisations/{place.slug}").status_code == 200, "what is open to all is open with a key too"
    token.refresh_from_db()
    assert (token.name, token.used_at) == ("calendar", now)


def test_a_key_made_is_told_by_mail(mina: Any, now: Any, mailoutbox: Any) -> None:
    actions.set_language(mina, "en", now=now)
    _token, key = tokens.make_key(mina, "calendar", now=now)
    (mail,) = mailoutbox
    assert mail.to == ["mina@example.org"] and "calendar" in mail.body and "/settings/keys/" in mail.body and key not in mail.body


def test_a_key_that_opens_nothing_is_told_so(mina: Any, now: Any) -> None:
    token, key = tokens.make_key(mina, "calendar", now=now)
    tokens.revoke_key(mina, token.pk, now=now)
    for wrong in (key, "madang_x", "", "한글"):
        for path in ("/api/people/me", "/api/rules/"):
            answer = program(wrong).get(path)
            assert answer.status_code == 401 and "Bearer" in answer.headers["WWW-Authenticate"], wrong
    with pytest.raises(Missing):
        tokens.revoke_key(mina, token.pk, now=now)


def test_a_key_opens_no_page_and_makes_no_key(mina: Any, now: Any) -> None:
    _token, key = tokens.make_key(mina, "calendar", now=now)
    asking = program(key)
    assert asking.get("/settings/").status_code == 302
    for path, body in (("/api/people/me/keys", {"name": "more"}), ("/api/people/me/erase", {"email": "mina@example.org"})):
        assert asking.post(path, body, content_type="application/json").status_code in (401, 403)
        lenient = Client(headers={"Authorization": f"Bearer {key}"})
        lenient.force_login(mina)
        assert lenient.post(path, body, content_type="application/json").status_code == 401, "a key beside a cookie is still a program"
    mina.refresh_from_db()
    assert mina.erased_at is None and Token.objects.count() == 1


def test_a_cookie_still_needs_its_token(mina: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(mina)
    assert strict.put("/api/people/me/language", {"language": "en"}, content_type="application/json").status_code == 403
    other = Client(enforce_csrf_checks=True, headers={"Authorization": "Basic bWluYTp4"})
    other.force_login(mina)
    assert other.put("/api/people/me/language", {"language": "en"}, content_type="application/json").status_code == 403


def test_a_key_is_rationed(mina: Any, now: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_asked", Ration(2))
    asking = program(tokens.make_key(mina, "loop", now=now)[1])
    assert [asking.get("/api/people/me").status_code for _n in range(3)] == [200, 200, 429]
    assert asking.get("/api/people/me").json()["code"] == "too-often"


def test_what_is_open_to_all_counts_and_is_noted_too(mina: Any, coop: Any, now: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_asked", Ration(2))
    actions.set_language(mina, "ko", now=now)
    token, key = tokens.make_key(mina, "reader", now=now)
    answers = [program(key).get("/api/decisions/") for _n in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "too-often" and "1분쯤 뒤에" in answers[2].json()["message"] and answers[2].headers["Retry-After"] == "60"
    token.refresh_from_db()
    assert token.used_at == now


def test_a_key_gives_back_itself_only_and_knows_of_no_other(mina: Any, now: Any) -> None:
    first, key = tokens.make_key(mina, "calendar", now=now)
    second, _other = tokens.make_key(mina, "bookkeeping", now=now)
    asking = program(key)
    assert [one["name"] for one in asking.get("/api/people/me/keys").json()] == ["calendar"]
    assert asking.delete(f"/api/people/me/keys/{second.pk}").status_code == 404
    assert asking.delete(f"/api/people/me/keys/{first.pk}").status_code == 204
    assert list(Token.objects.all()) == [second]
    browser = Client()
    browser.force_login(mina)
    assert browser.delete(f"/api/people/me/keys/{second.pk}").status_code == 204, "a person takes back whichever they like"


def test_names_and_numbers_of_keys(mina: Any, joe: Any, now: Any) -> None:
    for wrong in ("", "  ", "x" * 61):
        with pytest.raises(Refused) as no:
            tokens.make_key(mina, wrong, now=now)
        assert no.value.field == "name"
    for number in range(tokens.MOST):
        token, _key = tokens.make_key(mina, f"n{number}", now=now)
    for name, code in (("n1", "name"), ("one more", "too-many")):
        with pytest.raises(Refused) as no:
            tokens.make_key(mina, name, now=now)
        assert no.value.code == code
    with pytest.raises(Missing):
        tokens.revoke_key(joe, token.pk, now=now)
    assert tokens.make_key(joe, "n1", now=now)


def test_the_last_use_is_true_to_five_minutes(mina: Any, now: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    token, key = tokens.make_key(mina, "calendar", now=now)
    for minutes, told in ((0, 0), (4, 0), (6, 6)):
        monkeypatch.setattr(clock, "now", lambda minutes=minutes: now + timedelta(minutes=minutes))
        program(key).get("/api/people/me")
        token.refresh_from_db()
        assert token.used_at == now + timedelta(minutes=told)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_shows_a_key_once(mina: Any, now: Any, language: str) -> None:
    actions.set_language(mina, language, now=now)
    browser = Client()
    browser.force_login(mina)
    assert "/settings/keys/" in browser.get("/settings/").content.decode()
    assert browser.post("/settings/keys/", {"name": ""}).status_code == 400
    answer = browser.post("/settings/keys/", {"name": "<b>calendar</b>"})
    page = answer.content.decode()
    key = page.partition("<code>")[2].partition("</code>")[0]
    assert program(key).get("/api/people/me").status_code == 200 and "no-store" in answer.headers["Cache-Control"]
    again = browser.get("/settings/keys/").content.decode()
    assert key not in again and "&lt;b&gt;calendar" in again and "<b>calendar" not in again
    assert browser.post("/settings/keys/", {"name": "<b>calendar</b>"}).status_code == 400, "sent twice is made once"
    token = Token.objects.get()
    assert browser.get(f"/settings/keys/{token.pk}/revoke/").status_code == 405
    assert browser.post(f"/settings/keys/{token.pk}/revoke/").headers["Location"] == "/settings/keys/"
    assert program(key).get("/api/people/me").status_code == 401


def test_keys_are_exported_and_go_with_the_person(mina: Any, now: Any) -> None:
    _token, key = tokens.make_key(mina, "calendar", now=now)
    told = json.dumps(actions.export(mina))
    assert "calendar" in told and key not in told and Token.objects.get().hash not in told
    actions.erase(mina, now=now)
    assert not Token.objects.exists() and program(key).get("/api/people/me").status_code == 401


def test_programs_list_make_and_give_back_keys(mina: Any, now: Any) -> None:
    browser = Client()
    browser.force_login(mina)
    made = browser.post("/api/people/me/keys", {"name": "calendar"}, content_type="application/json").json()
    asking = program(made["key"])
    assert [one["name"] for one in asking.get("/api/people/me/keys").json()] == ["calendar"]
    assert "key" not in asking.get("/api/people/me/keys").json()[0]
    assert asking.delete(f"/api/people/me/keys/{made['id']}").status_code == 204
    assert asking.get("/api/people/me").status_code == 401


def test_the_description_names_both_ways_in(client: Client, coop: Any) -> None:
    told = client.get("/api/openapi.json").json()
    kinds = {one.get("scheme") or one["type"] for one in told["components"]["securitySchemes"].values()}
    assert {"bearer", "apiKey"} <= kinds
    assert len(told["paths"]["/api/people/me"]["get"]["security"]) == 2 and len(told["paths"]["/api/people/me/erase"]["post"]["security"]) == 1
