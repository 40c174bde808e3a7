"""What is too much or too often is refused before it costs anything, in words of the reader's language."""

from __future__ import annotations

from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse

from madang.coop.law import rations
from madang.coop.law.models import Coop
from madang.kit.errors import Refused
from madang.site.middleware import NotTooMuch
from tests.site.living import lived

pytestmark = pytest.mark.django_db
EN, KO = {"HTTP_ACCEPT_LANGUAGE": "en"}, {"HTTP_ACCEPT_LANGUAGE": "ko"}
MB = 1_000_000


@pytest.fixture
def it(coop: Any, now: Any, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    made = lived(coop, now)
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: made.now)
    return made


def test_a_file_is_refused_before_anything_reads_it(coop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Django's own limits leave files out, and its CSRF check would parse this one before refusing it."""
    read: list[int] = []
    monkeypatch.setattr("django.http.multipartparser.MultiPartParser.parse", lambda self: read.append(1))
    browser = Client(enforce_csrf_checks=True)

    def send(language: dict[str, str]) -> Any:
        return browser.post("/accounts/login/code/", {"file": SimpleUploadedFile("x.bin", b"x" * 3 * MB)}, **language)

    answer = send(EN)
    assert answer.status_code == 413 and "too much at once" in answer.content.decode() and read == []
    assert "너무 많습니다" in send(KO).content.decode()
    assert answer.headers["Content-Security-Policy"] and "style=" not in answer.content.decode()
    told = browser.post("/api/services/quote", b"{" + b" " * 2 * MB, content_type="application/json", **EN)
    assert told.status_code == 413 and told.json()["code"] == "too-much"


@pytest.mark.parametrize(
    ("length", "coding", "passes"),
    [("1000000", "", True), ("", "", True), ("1000001", "", False), ("9" * 5000, "", False), ("-5", "", False), ("", "chunked", False)],
)
def test_the_length_decides(length: str, coding: str, passes: bool) -> None:
    request = RequestFactory().post("/")
    request.META |= {"CONTENT_LENGTH": length, "HTTP_TRANSFER_ENCODING": coding, "wsgi.input": BytesIO()}
    assert (NotTooMuch(lambda _request: "through")(request) == "through") is passes  # type: ignore[arg-type, return-value]


def too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rations, "A_MINUTE", 2)
    monkeypatch.setattr(rations, "_rations", {})


@pytest.mark.parametrize("path", ["/services/book/time/?bedrooms=2&bathrooms=1", "/api/services/slots?minutes=120"])
def test_free_times_are_rationed(it: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    too_many(monkeypatch)
    answers = [Client().get(path, **EN) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert "wait a minute" in answers[2].content.decode()
    korean = Client().get(path, **KO)
    assert "1분쯤 뒤에" in (korean.json()["message"] if path.startswith("/api/") else korean.content.decode())
    assert Client().get(path, REMOTE_ADDR="10.0.0.9").status_code == 200, "another address has its own"
    someone = Client()
    someone.force_login(it.owner)
    assert someone.get(path).status_code == 200, "and so has each person, behind whichever address"


def test_everything_kept_about_me_is_rationed_as_page_and_as_route(it: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    too_many(monkeypatch)
    browser = Client()
    browser.force_login(it.owner)
    assert [browser.get(path).status_code for path in ("/settings/my-data.json", "/api/people/me/data") * 2] == [200, 200, 429, 429]


def test_visitors_of_a_demo_are_one_person_and_do_not_lock_each_other_out(it: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    too_many(monkeypatch)
    path = "/services/book/time/?bedrooms=2&bathrooms=1"

    def visits(addresses: list[str]) -> list[int]:
        browser = Client()
        browser.force_login(it.owner)
        return [browser.get(path, REMOTE_ADDR=address).status_code for address in addresses]

    Coop.objects.update(demo=False)
    assert visits(["10.0.0.1", "10.0.0.2", "10.0.0.3"]) == [200, 200, 429], "one person, wherever they are"
    too_many(monkeypatch)
    Coop.objects.update(demo=True)
    assert visits(["10.0.0.1"] * 3 + ["10.0.0.2"]) == [200, 200, 429, 200], "in a demo, each visitor"


def test_booking_paying_and_applying_are_rationed(it: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    too_many(monkeypatch)
    browser = Client()
    browser.force_login(it.owner)
    start = it.coming.starts_at.strftime("%Y-%m-%dT%H:%MZ")
    for url in (
        f"/services/book/address/?bedrooms=2&bathrooms=1&start={start}", reverse("payments:charge", args=[it.open.pk]),
        reverse("members:apply", args=["client"]),
    ):  # fmt: skip
        codes = [browser.post(url, {}).status_code for _ in range(3)]
        assert codes[2] == 429 and 429 not in codes[:2], (url, codes)
    for url, body in (
        ("/api/services/jobs", {"home": str(it.home.pk), "start": start}), (f"/api/payments/charges/{it.open.pk}/pay", {}),
        ("/api/members/apply", {"class_key": "client"}),
    ):  # fmt: skip
        answer = browser.post(url, body, content_type="application/json")
        assert answer.status_code == 429 and answer.json()["code"] == "too-often", "a page and its route share one ration"


def test_the_door_is_rationed_with_a_page_in_words(coop: Any) -> None:
    codes = []
    for number in range(21):
        answer = Client().post("/accounts/login/code/", {"email": f"a{number}@example.org"}, **EN)
        codes.append(answer.status_code)
    assert codes[:20] == [302] * 20 and codes[20] in (200, 429)
    assert "wait" in answer.content.decode().lower()


def test_sixty_a_minute_is_more_than_a_person_asks() -> None:
    request = RequestFactory().get("/")
    for _ in range(rations.A_MINUTE):
        rations.require("test", request)
    with pytest.raises(Refused):
        rations.require("test", request)
