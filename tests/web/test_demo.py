"""What only a demo has, and that a real co-op has none of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
EN = {"HTTP_ACCEPT_LANGUAGE": "en"}


@pytest.fixture
def demo(coop: Any) -> Any:
    """The small co-op, as a demo, on its own clock."""
    from madang.coop.law.models import Coop

    Coop.objects.update(demo=True)
    coop.refresh_from_db()
    return coop


@pytest.mark.parametrize(("method", "path"), [("get", "/wheel/"), ("post", "/demo/be/client/"), ("post", "/demo/clock/"), ("post", "/demo/others/")])
def test_a_real_coop_has_no_such_pages(coop: Any, method: str, path: str) -> None:
    from madang.coop.law.models import Coop

    Coop.objects.update(demo=False)
    assert getattr(Client(), method)(path).status_code == 404
    assert "details data-demo" not in Client().get("/").content.decode()


def test_every_page_of_a_demo_says_so(demo: Any) -> None:
    page = Client().get("/nowhere/", **EN).content.decode()
    assert "details data-demo" in page
    assert "This is a demonstration" in page


def test_one_can_be_anyone_and_no_one_again(demo: Any) -> None:
    from madang.coop.people.models import Person

    client = Client()
    answer = client.post("/demo/be/coordinator/", {"next": "/members/"})
    assert answer.url == "/members/"
    assert client.session["_auth_user_id"] == str(Person.objects.get(email="f1@example.org").pk)
    assert client.post("/demo/be/king/").status_code == 404
    client.post("/demo/be/nobody/")
    assert "_auth_user_id" not in client.session


def test_being_someone_needs_a_form_of_ours(demo: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/demo/be/coordinator/").status_code == 403
    assert client.get("/demo/be/coordinator/").status_code == 405


def test_the_clock_moves_on_and_what_falls_due_is_done(demo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from madang.coop.law import clock
    from madang.kit import house

    before, seen = clock.now(), []
    item = house.DueWork("test", lambda now, limit: ["one"] if not seen and now >= before + timedelta(hours=3) else [], lambda key, now: seen.append(now))
    collect = house.collect
    monkeypatch.setattr(house, "collect", lambda room: [item] if room == "due" else collect(room))
    answer = Client().post("/demo/clock/", {"by": "day", "next": "/wheel/"})
    assert answer.url == "/wheel/"
    assert clock.now() - before >= timedelta(days=1)
    assert len(seen) == 1
    assert timedelta(hours=3) <= seen[0] - before < timedelta(hours=5), "done when it fell due, not at the end of the day"
    assert Client().post("/demo/clock/", {"by": "century"}).status_code == 404


def test_the_wheel_begins_with_the_first_step_and_remembers_across_personas(demo: Any) -> None:
    client = Client()
    page = client.get("/wheel/", **EN).content.decode()
    assert page.count("<li class") == 8
    assert page.index('aria-current="step"') < page.index('value="accept"')
    answer = client.post("/wheel/", {"step": "prove"})
    assert answer.url == "/record/"
    assert "prove" in client.session["wheel"]["seen"]
    client.post("/demo/be/nobody/")
    assert "prove" in client.session["wheel"]["seen"]
    client.post("/wheel/", {"do": "again"})
    assert client.session["wheel"]["seen"] == []
    assert client.post("/wheel/", {"step": "fly"}).status_code == 404
