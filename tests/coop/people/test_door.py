"""One door: an address, a code, in."""

import re
import time

import pytest
from allauth.account.internal.flows import login_by_code
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from madang.coop.notices.models import Mail
from madang.coop.people.door import Code
from madang.coop.people.models import Person

pytestmark = pytest.mark.django_db
LOGIN, ASK, CONFIRM = "/accounts/login/", "/accounts/login/code/", "/accounts/login/code/confirm/"


@pytest.fixture(autouse=True)
def _real_mail_and_no_limits_left_over(settings):
    settings.EMAIL_BACKEND = "madang.coop.notices.mail.OutboxBackend"  # Django's test runner puts its own in
    cache.clear()


def code_for(address):
    return re.search(r"\d{4}-\d{4}", Mail.objects.filter(to=address).order_by("written_at").last().text)[0]


def ask(client, address, **more):
    return client.post(ASK, {"email": address, **more}, follow=True)


def test_ours_is_the_class_allauth_uses():
    assert login_by_code.LoginCodeVerificationProcess is Code


def test_somebody_new_walks_in(client):
    page = client.get(LOGIN, headers={"accept-language": "en"})
    assert page.status_code == 200
    assert "password" not in page.content.decode().replace("no password", "")
    page = client.post(ASK, {"email": " New@Example.org", "time_zone": "Europe/Paris"}, headers={"accept-language": "en"})
    assert page.status_code == 302 and page["Location"].startswith(CONFIRM)
    assert not Person.objects.exists(), "nobody is made before the code came back"
    mail = Mail.objects.get()
    assert mail.secret and mail.language == "en" and mail.person is None and "new to us" in mail.text
    answer = client.post(CONFIRM, {"code": code_for("new@example.org"), "action": "verify"}, headers={"accept-language": "en"})
    assert answer["Location"] == "/welcome/"
    person = Person.objects.get()
    assert (person.email, person.language, person.time_zone) == ("new@example.org", "en", "Europe/Paris")
    assert EmailAddress.objects.get(user=person).verified
    assert person.created_at
    assert client.get("/welcome/").status_code == 200
    assert client.post("/welcome/", {"name": "Nou", "language": "en", "time_zone": "Europe/Paris"})["Location"] == "/"
    person.refresh_from_db()
    assert person.name == "Nou"
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/settings/").status_code == 200, "a GET signs nobody out"
    client.post("/accounts/logout/")
    assert client.get("/settings/").status_code == 302


def test_somebody_known_walks_in_and_comes_back_to_where_they_were(client, mina):
    assert client.get("/inbox/")["Location"] == "/accounts/login/?next=/inbox/"
    answer = client.post(ASK, {"email": "mina@example.org", "next": "/inbox/"})
    assert "next=%2Finbox%2F" in answer["Location"]
    mail = Mail.objects.get()
    assert mail.person == mina and mail.language == "ko"
    answer = client.post(CONFIRM, {"code": code_for("mina@example.org").replace("-", " "), "next": "/inbox/"})
    assert answer["Location"] == "/inbox/"
    assert Person.objects.count() == 1


def test_the_other_form_is_the_same_door(client):
    client.post(LOGIN, {"email": "new@example.org"})
    assert client.post(CONFIRM, {"code": code_for("new@example.org")})["Location"] == "/welcome/"
    assert Client().get("/accounts/signup/?next=/inbox/")["Location"] == "/accounts/login/?next=%2Finbox%2F"


def test_nobody_learns_who_is_here(mina):
    one, other = Client(), Client()
    known, unknown = ask(one, "mina@example.org"), ask(other, "nobody@example.org")
    hide = lambda page, address: re.sub(r'value="[^"]{30,}"|X-CSRFToken": "[^"]+"', "", page.content.decode().replace(address, "@"))  # noqa: E731
    assert known.redirect_chain == unknown.redirect_chain
    assert hide(known, "mina@example.org") == hide(unknown, "nobody@example.org")


def test_a_wrong_code_lets_nobody_in(client, mina):
    ask(client, "mina@example.org")
    right = code_for("mina@example.org")
    wrong = ("1" if right[0] != "1" else "2") + right[1:]
    for _try in range(4):
        page = client.post(CONFIRM, {"code": wrong})
        assert page.status_code == 200
    assert client.post(CONFIRM, {"code": wrong})["Location"] == ASK
    assert client.post(CONFIRM, {"code": right})["Location"] == ASK, "after five tries the right one is worth nothing"
    assert client.get("/settings/").status_code == 302


@pytest.mark.parametrize("code", ["", "한글코드", "0" * 5000, "<script>"])
def test_what_is_no_code(client, mina, code):
    ask(client, "mina@example.org")
    page = client.post(CONFIRM, {"code": code})
    assert page.status_code == 200
    assert "<script>" not in page.content.decode().replace("<script ", "")


def test_a_code_grows_old(client, mina, monkeypatch):
    ask(client, "mina@example.org")
    code, later = code_for("mina@example.org"), time.time() + 16 * 60
    monkeypatch.setattr(time, "time", lambda: later)
    assert client.post(CONFIRM, {"code": code})["Location"] == ASK


def test_a_new_code_replaces_the_old_one(client):
    ask(client, "new@example.org")
    old = code_for("new@example.org")
    client.post(CONFIRM, {"action": "resend"})
    new = code_for("new@example.org")
    assert Mail.objects.count() == 2 and old != new
    assert client.post(CONFIRM, {"code": old}).status_code == 200
    assert client.post(CONFIRM, {"code": new}).status_code == 302
    assert Person.objects.count() == 1


def test_too_many_codes_for_one_address(client):
    for _try in range(5):
        Client().post(ASK, {"email": "mina@example.org"})
    assert Mail.objects.count() == 3


def test_bad_addresses_keep_what_was_typed(client):
    page = client.post(ASK, {"email": "mina(at)example"})
    assert page.status_code == 200
    assert "mina(at)example" in page.content.decode()
    assert not Mail.objects.exists()
    assert client.post(ASK, {"email": "x" * 900_000}).status_code == 200


def test_no_way_around_to_a_password(client, mina):
    client.force_login(mina)
    for page in ("password/change/", "password/set/", "password/reset/", "email/"):
        assert client.get(f"/accounts/{page}", follow=True).status_code == 404, page
    client.logout()
    assert client.post("/accounts/signup/", {"email": "new@example.org"})["Location"].startswith(LOGIN)


def test_next_stays_in_the_house(client, mina):
    client.force_login(mina)
    answer = client.post("/welcome/?next=https://evil.example/", {"name": "M", "language": "ko", "time_zone": "Asia/Seoul", "next": "//evil.example"})
    assert answer["Location"] == "/"


def test_an_erased_address_begins_anew(client, mina, now):
    from madang.coop.people import actions

    actions.erase(mina, now=now)
    ask(client, "mina@example.org")
    assert client.post(CONFIRM, {"code": code_for("mina@example.org")})["Location"] == "/welcome/"
    assert Person.objects.filter(email="mina@example.org").exclude(pk=mina.pk).exists()


def test_passkey_pages_have_nothing_inline(client, mina):
    page = client.get(LOGIN)
    assert "script-src 'self'" in page["Content-Security-Policy"]
    text = page.content.decode()
    assert not re.search(r"<script(?![^>]*(src=|type=\"application/json\"))", text)
    client.force_login(mina)
    page = client.get("/accounts/2fa/webauthn/add/")
    assert page.status_code == 200
    assert not re.search(r"<script(?![^>]*(src=|type=\"application/json\"))", page.content.decode())
    assert "https:" not in page.content.decode().split("<main")[1].split("</main>")[0]


def test_somebody_with_a_passkey_still_comes_in_by_code_alone(client, mina):
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=mina, type=Authenticator.Type.WEBAUTHN, data={"name": "phone", "credential": {}})
    ask(client, "mina@example.org")
    assert client.post(CONFIRM, {"code": code_for("mina@example.org")})["Location"] == "/"
    page = client.get("/settings/")
    assert "phone" in page.content.decode()
    key = Authenticator.objects.get()
    assert client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/edit/", {"name": "<b>my phone</b>"}).status_code == 302
    assert "<b>my phone" not in client.get("/settings/").content.decode()
    client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/")
    assert not Authenticator.objects.exists()
    assert Mail.objects.filter(secret=False, to="mina@example.org").count() == 1, "told by mail"


def test_another_ones_passkey_is_not_there(client, mina, joe):
    from allauth.mfa.models import Authenticator

    key = Authenticator.objects.create(user=joe, type=Authenticator.Type.WEBAUTHN, data={"name": "phone", "credential": {}})
    client.force_login(mina)
    assert client.get(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/").status_code == 404
    assert client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/edit/", {"name": "x"}).status_code == 404


def test_a_sign_in_that_was_begun_goes_with_the_person(mina, now):
    from django.contrib.sessions.models import Session

    from madang.coop.people import actions

    for address in (" Mina@Example.org", "joe@example.org"):
        ask(Client(), address)
    nobody = Client()  # begun before the account was there
    ask(nobody, "joe@example.org")
    joe = actions.register("joe@example.org", now=now)
    assert [len(actions.sessions_of(one)) for one in (mina, joe)] == [1, 2]
    actions.erase(mina, now=now)
    assert not any("mina" in str(one.get_decoded()).lower() for one in Session.objects.all()) and len(actions.sessions_of(joe)) == 2
    actions.erase(joe, now=now)
    assert not Session.objects.exists()
