"""The shell's own pages: home at each stage, what goes wrong, language, and that every menu leads somewhere."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db
EN = {"HTTP_ACCEPT_LANGUAGE": "en"}
ROOT = Path(__file__).parents[2]


def test_before_founding_the_home_page_says_how_to_found() -> None:
    page = Client().get("/", **EN)
    assert page.status_code == 200
    assert "madang found" in page.content.decode()


def test_while_forming_it_counts_the_founders(now: Any, at: Any) -> None:
    from tests.coop import founded

    founded.forming_coop(now)
    page = Client().get("/", **EN).content.decode()
    assert "0 of 5 founders" in page
    assert "nothing can be booked" in page


def test_the_public_home_page_introduces_the_coop(coop: Any, at: Any) -> None:
    page = Client().get("/", **EN).content.decode()
    assert coop.name.get("en", "") in page
    assert "How to join" in page
    assert "one member, one vote" in page


def test_a_member_is_first_told_what_needs_them(coop: Any, at: Any, client_for: Any, now: Any, django_assert_max_num_queries: Any) -> None:
    from madang.coop.notices import actions as notices
    from madang.coop.people.models import Person

    person = Person.objects.get(email="f4@example.org")
    notices.open_task(person, "test:1", "services.pay", url="/somewhere/", params={"at": now, "amount": "1", "until": now}, now=now)
    client = client_for(person)
    client.get("/", **EN)
    with django_assert_max_num_queries(15):
        page = client.get("/", **EN).content.decode()
    assert page.index('href="/somewhere/"') < page.index("</main>")
    assert 'class="count">1<' in page


def test_every_menu_entry_leads_to_a_page() -> None:
    from madang.kit import house

    for item in house.collect("navigation"):
        assert reverse(item.url_name)


def test_every_place_in_a_menu_opens_for_whoever_is_shown_it(coop: Any, at: Any, client_for: Any) -> None:
    """The chair, the treasurer, the auditor, a worker, a client and an operator: no menu leads any of them into a 404."""
    from madang.coop.people.models import Person

    Person.objects.filter(email="f5@example.org").update(is_operator=True)
    shown: dict[str, set[str]] = {}
    for number in range(1, 6):
        client = client_for(Person.objects.get(email=f"f{number}@example.org"))
        shell = client.get("/", **EN).context["shell"]
        shown[f"f{number}"] = {link.url for link in [*shell.all, *shell.mine, *shell.foot]}
        for url in shown[f"f{number}"]:
            assert client.get(url, follow=True, **EN).status_code == 200, (number, url)
    payouts, board = reverse("payments:out"), reverse("services:board")
    assert {who for who, urls in shown.items() if payouts in urls} == {"f2"}
    assert {who for who, urls in shown.items() if board in urls} == {"f1"}


def test_nothing_inline_on_any_page_of_ours() -> None:
    """The policy forbids it; a browser would drop it without a word."""
    for template in (ROOT / "madang").rglob("templates/**/*.html"):
        text = template.read_text(encoding="utf-8")
        if "email" in template.parts:
            continue
        assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style|<script(?![^>]*(?:\ssrc=|application/json))", text), template


def test_the_policy_and_the_language_are_in_the_headers(coop: Any, at: Any) -> None:
    page = Client().get("/", **EN)
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert page.headers["Content-Language"] == "en"
    assert '<html lang="en">' in page.content.decode()


@pytest.mark.parametrize(("code", "word"), [("ko", "찾으시는 페이지가 없습니다"), ("en", "This page is not here")])
def test_a_missing_page_is_decent_in_both_languages(coop: Any, at: Any, code: str, word: str) -> None:
    page = Client().get("/nowhere/", HTTP_ACCEPT_LANGUAGE=code)
    assert page.status_code == 404
    assert word in page.content.decode()


def test_a_broken_page_needs_no_database() -> None:
    from django.test import RequestFactory

    from madang.web.errors import broken

    page = broken(RequestFactory().get("/"))
    assert page.status_code == 500
    assert "반쯤 된 일은 없습니다" in page.content.decode()


def test_a_stale_form_is_explained(coop: Any, at: Any) -> None:
    page = Client(enforce_csrf_checks=True).post("/language/", {"language": "en"}, **EN)
    assert page.status_code == 403
    assert "send it once more" in page.content.decode()


def test_the_language_is_kept_in_a_cookie_and_with_the_person(coop: Any, at: Any, client_for: Any) -> None:
    from madang.coop.people.models import Person

    person = Person.objects.get(email="f4@example.org")
    client = client_for(person)
    answer = client.post("/language/", {"language": "en", "next": "/members/"})
    assert answer.url == "/members/"
    person.refresh_from_db()
    assert person.language == "en"
    assert client.cookies["django_language"].value == "en"


@pytest.mark.parametrize("where", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", ""])
def test_a_form_never_leads_to_another_site(coop: Any, at: Any, where: str) -> None:
    assert Client().post("/language/", {"language": "en", "next": where}).url == "/"


def test_an_unknown_language_changes_nothing(coop: Any, at: Any) -> None:
    assert "django_language" not in Client().post("/language/", {"language": "xx"}).cookies


def test_all_of_the_shell_is_in_korean() -> None:
    text = (ROOT / "madang/web/locale/ko/LC_MESSAGES/django.po").read_text(encoding="utf-8")
    assert not re.findall(r'^msgid "(.+)"\n(?:msgid_plural ".*"\n)?msgstr(?:\[0\])? ""$', text, re.M)


def test_a_real_coop_says_on_each_page_that_its_bank_is_a_pretend_one(coop: Any, at: Any, client_for: Any) -> None:
    """The sandbox is the only rail there is: a real co-op may use it to practise, and nobody may take it for money."""
    from madang.coop.law.models import Coop

    words = "no real money moves"
    assert words not in Client().get("/", **EN).content.decode()
    Coop.objects.update(demo=False)
    for url in ("/", "/members/", "/treasury/", "/services/"):
        assert words in Client().get(url, **EN).content.decode(), url


def test_no_demo_page_is_there_in_a_real_coop(coop: Any, at: Any, client_for: Any) -> None:
    from madang.coop.law.models import Coop
    from madang.coop.people.models import Person

    Coop.objects.update(demo=False)
    chair = client_for(Person.objects.get(email="f1@example.org"))
    assert chair.get("/wheel/").status_code == 404
    for url in ("/demo/be/client/", "/demo/be/nobody/", "/demo/clock/", "/demo/others/", "/wheel/"):
        assert chair.post(url, {"by": "week"}).status_code == 404
    assert "/demo/be/" not in chair.get("/").content.decode()


def test_the_health_check_needs_no_https(db: Any, settings: Any) -> None:
    """The launcher asks from this machine, before any proxy: sent on to https it would think that nothing started."""
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/healthz").status_code == 200
    assert Client().get("/").status_code == 301
