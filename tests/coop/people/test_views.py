"""Settings, leaving, organisations; and the same for programs."""

import json

import pytest
from django.test import Client

from madang.coop.people import actions
from madang.coop.people.models import Person

pytestmark = pytest.mark.django_db
PROFILE = {"name": "Mina", "language": "en", "time_zone": "Europe/Paris"}


@pytest.fixture
def as_mina(mina):
    client = Client()
    client.force_login(mina)
    return client


@pytest.mark.parametrize("language", ["ko", "en"])
def test_pages_open_in_both_languages(as_mina, mina, language, now):
    actions.set_language(mina, language, now=now)
    for url in ("/settings/", "/settings/erase/", "/welcome/", "/accounts/2fa/", "/accounts/2fa/webauthn/", "/accounts/logout/"):
        page = as_mina.get(url)
        assert page.status_code == 200, url
        assert f'<html lang="{language}"' in page.content.decode()


def test_changing_how_i_appear(as_mina, mina):
    assert as_mina.post("/settings/", PROFILE)["Location"] == "/settings/"
    mina.refresh_from_db()
    assert (mina.language, mina.time_zone) == ("en", "Europe/Paris")
    assert "Saved." in as_mina.get("/settings/").content.decode()


@pytest.mark.parametrize("bad", [{"name": "x" * 81}, {"language": "xx"}, {"time_zone": "Mars/Olympus"}])
def test_a_bad_form_keeps_what_was_typed(as_mina, mina, bad):
    page = as_mina.post("/settings/", PROFILE | {"name": "Typed this"} | bad)
    assert page.status_code == 400
    assert (bad.get("name") or "Typed this") in page.content.decode()
    mina.refresh_from_db()
    assert mina.language == "ko"


def test_ten_megabytes_of_name_are_refused(as_mina):
    assert as_mina.post("/settings/", PROFILE | {"name": "x" * 10_000_000}).status_code in (400, 413)


def test_a_name_is_text_and_not_markup(as_mina):
    as_mina.post("/settings/", PROFILE | {"name": "<img src=x onerror=alert(1)>"})
    for url in ("/settings/", "/me/", "/inbox/"):
        assert "<img src=x" not in as_mina.get(url).content.decode()


def test_my_data_is_a_file(as_mina):
    answer = as_mina.get("/settings/my-data.json")
    assert "attachment" in answer["Content-Disposition"]
    assert answer["Cache-Control"] == "private, no-store"
    assert json.loads(answer.content)["people"]["rows"][0]["email"] == "mina@example.org"


def test_erasing_asks_for_the_address(as_mina, mina):
    assert as_mina.post("/settings/erase/", {"email": "joe@example.org"}).status_code == 400
    assert Person.objects.get(pk=mina.pk).email
    assert as_mina.post("/settings/erase/", {"email": " Mina@example.org "})["Location"] == "/erased/"
    assert Person.objects.get(pk=mina.pk).email is None
    assert as_mina.get("/erased/").status_code == 200
    assert as_mina.get("/settings/").status_code == 302


def test_erasing_that_must_wait_says_why(as_mina, mina, monkeypatch):
    from madang.kit.errors import Refused

    def wait(person, *, now):
        raise Refused("held", "5,000 won are held for you.")

    monkeypatch.setattr(actions, "erase", wait)
    page = as_mina.post("/settings/erase/", {"email": "mina@example.org"})
    assert page.status_code == 400
    assert "5,000 won are held for you." in page.content.decode()


def test_an_organisations_page(client, now):
    org = actions.make_organisation("<b>Broom</b>", slug="broom", about="We clean.\n<script>x</script>", now=now)
    page = client.get("/organisations/broom/")
    text = page.content.decode()
    assert page.status_code == 200 and "<b>Broom" not in text and "<script>x" not in text
    for number in range(5):
        actions.start_work(actions.register(f"p{number}@example.org", now=now), org, now=now)
    assert client.get("/api/people/organisations/broom").json()["people"] == 5
    assert client.get("/organisations/nothing/").status_code == 404


def test_programs(as_mina, mina, client):
    assert client.get("/api/people/me").status_code == 401
    assert as_mina.get("/api/people/me").json()["email"] == "mina@example.org"
    changed = as_mina.put("/api/people/me", PROFILE, content_type="application/json")
    assert changed.json()["time_zone"] == "Europe/Paris"
    no = as_mina.put("/api/people/me", PROFILE | {"time_zone": "Mars"}, content_type="application/json")
    assert no.status_code == 409 and no.json()["field"] == "time_zone"
    assert as_mina.put("/api/people/me/language", {"language": "ko"}, content_type="application/json").json()["language"] == "ko"
    assert as_mina.get("/api/people/me/data").json()["people"]["rows"]
    assert as_mina.post("/api/people/me/erase", {"email": "x@example.org"}, content_type="application/json").status_code == 409
    assert as_mina.post("/api/people/me/erase", {"email": "mina@example.org"}, content_type="application/json").status_code == 204
    assert as_mina.get("/api/people/me").status_code == 401


def test_programs_from_elsewhere_cannot_write(mina):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(mina)
    assert strict.post("/api/people/me/erase", {"email": "mina@example.org"}, content_type="application/json").status_code == 403
