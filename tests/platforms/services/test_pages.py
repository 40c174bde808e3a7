"""The pages of services, asked as a browser asks them: what is shown to whom, and that nothing typed is lost."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
EN = {"HTTP_ACCEPT_LANGUAGE": "en"}
SIZE = "bedrooms=2&bathrooms=1"
ADDRESS = {"district": "Mapo", "address": "Seongmisan-ro 1, 203", "directions": "ring 203", "name": "", "note": "two cats"}


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, now: datetime) -> Callable[[datetime], None]:
    """``at(moment)``: from here on it is that moment for every request; it begins at ``now``."""
    from madang.coop.law import clock

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    set_to(now)
    return set_to


@pytest.fixture
def browser(client_for: Any) -> Callable[[Any], Client]:
    """``browser(person)``: signed in, reading English."""

    def opened(person: Any) -> Client:
        if person is not None:
            person.language = "en"
            person.save(update_fields=["language"])
        client = client_for(person)
        client.defaults.update(EN)
        return client

    return opened


@pytest.fixture
def booked(world: SimpleNamespace, pay: Any, now: datetime) -> Any:
    """A paid job of the world's client, offered to a worker."""
    from madang.platforms.services import actions

    job = actions.book(world.client, world.home.pk, {}, world.start, note="two cats", now=now)
    pay(job, now)
    return job


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


def slots(page: str) -> list[str]:
    """Where the free times of a page lead."""
    return [unescape(url) for url in re.findall(r'href="(/services/book/address/[^"]+)"', page)]


# -- before booking ---------------------------------------------------------------------------------------------------


def test_the_catalogue_is_open_to_everyone(world: Any, at: Any, browser: Any, django_assert_max_num_queries: Any) -> None:
    client = browser(None)
    client.get("/services/")
    with django_assert_max_num_queries(15):
        page = text(client.get("/services/"))
    assert "Fresh Start" in page
    assert "/rules/services.refresh/" in page
    assert "Free with Fresh Start" in page


def test_the_quote_follows_what_is_chosen(world: Any, at: Any, browser: Any) -> None:
    page = text(browser(None).get(f"/services/book/quote/?{SIZE}&x-pet-hair=on&x-fresh-start=on"))
    assert "free with Fresh Start" in page
    assert "Choose a time" in page
    assert "<html" not in page


@pytest.mark.parametrize("query", ["bedrooms=99&bathrooms=1", "bedrooms=x", f"{SIZE}&x-windows=9999", f"{SIZE}&x-laundry=1", f"{SIZE}&home=nonsense",
                                   f"{SIZE}&x-{'y' * 5000}=1", "bedrooms=-1&bathrooms=0"])
@pytest.mark.parametrize("page", ["", "quote/", "time/"])
def test_odd_choices_are_answered_not_crashed(world: Any, at: Any, browser: Any, query: str, page: str) -> None:
    assert browser(None).get(f"/services/book/{page}?{query}").status_code == 200


def test_a_choice_that_cannot_be_is_said_and_the_rest_is_kept(world: Any, at: Any, browser: Any) -> None:
    page = text(browser(None).get(f"/services/book/time/?{SIZE}&x-laundry=2&x-fresh-start=on"))
    assert "washing machine in your home" in page
    assert re.search(r'name="x-fresh-start"[^>]*checked', page)
    assert re.search(r'<option value="2" selected>2</option>', page)


def test_free_times_are_shown_by_day_on_the_readers_clock(world: Any, at: Any, browser: Any, django_assert_max_num_queries: Any) -> None:
    client = browser(None)
    client.get(f"/services/book/time/?{SIZE}")
    with django_assert_max_num_queries(15):
        page = text(client.get(f"/services/book/time/?{SIZE}"))
    found = slots(page)
    assert found
    starts = [datetime.fromisoformat(parse_qs(urlsplit(url).query)["start"][0].replace("Z", "+00:00")) for url in found]
    assert all(start.tzinfo == UTC and start >= world.now + timedelta(hours=4) for start in starts)
    assert "Asia/Seoul" in page
    assert "Week after" in page


def test_a_week_in_which_nobody_is_free_leads_to_one_in_which_someone_is(world: Any, at: Any, browser: Any, now: datetime) -> None:
    from madang.platforms.services import actions

    for worker in world.workers:
        actions.add_time_off(worker.person, now, now + timedelta(days=9), now=now)
    page = text(browser(None).get(f"/services/book/time/?{SIZE}"))
    assert "Nobody is free in this week" in page
    onward = re.search(r'href="(/services/book/time/[^"]*from=[^"]*)"[^>]*>The next free time', page)
    assert onward
    assert slots(text(browser(None).get(onward[1])))


# -- booking ----------------------------------------------------------------------------------------------------------


def test_signing_in_comes_back_to_the_same_choice(world: Any, at: Any, browser: Any) -> None:
    address = f"/services/book/address/?{SIZE}&start=2026-03-05T00:00Z"
    answer = browser(None).get(address)
    assert answer.status_code == 302
    assert parse_qs(urlsplit(answer.url).query)["next"] == [address]


def test_booking_leads_to_payment_and_a_double_click_is_one_booking(world: Any, at: Any, browser: Any) -> None:
    from madang.platforms.services.models import Job

    client = browser(world.client)
    where = slots(text(client.get(f"/services/book/time/?{SIZE}")))[3]
    first, second = client.post(where, ADDRESS), client.post(where, ADDRESS)
    assert first.status_code == 302
    assert first.url == second.url
    job = Job.objects.get()
    assert first.url == f"/pay/{job.charge_id}/"
    assert (job.client_note, job.home.address) == ("two cats", ADDRESS["address"])


def test_what_is_missing_is_said_beside_what_was_typed(world: Any, at: Any, browser: Any) -> None:
    client = browser(world.client)
    page = text(client.post(f"/services/book/address/?{SIZE}&start=2026-03-05T00:00Z", ADDRESS | {"address": ""}))
    assert 'href="#id_address"' in page
    assert "two cats" in page


def test_a_time_that_was_taken_offers_others_and_loses_nothing(world: Any, at: Any, browser: Any, now: datetime) -> None:
    from madang.platforms.services import actions
    from madang.platforms.services.models import Job
    from tests.platforms.services.conftest import person

    rival = person("rival")
    home = actions.add_home(rival, district="x", address="y", bedrooms=2, bathrooms=1, now=now)
    client = browser(world.client)
    where = slots(text(client.get(f"/services/book/time/?{SIZE}")))[0]
    start = datetime.fromisoformat(parse_qs(urlsplit(where).query)["start"][0].replace("Z", "+00:00"))
    other = actions.add_home(rival, district="x", address="z", bedrooms=2, bathrooms=1, now=now)
    for one in (home, other):
        actions.book(rival, one.pk, {}, start, now=now)
    answer = client.post(where, ADDRESS)
    page = text(answer)
    assert answer.status_code == 409
    assert ADDRESS["address"] in page
    assert "two cats" in page
    onward = re.findall(r'formaction="(/services/book/address/[^"]+)"', page)
    assert onward
    assert client.post(onward[0], ADDRESS).status_code == 302
    assert Job.objects.filter(client=world.client).count() == 1


@pytest.mark.parametrize("start", ["2020-01-01T00:00Z", "2026-03-05T00:07Z", "2099-01-01T00:00Z", "nonsense", "2026-03-05T00:00", ""])
def test_an_impossible_time_is_refused_in_words(world: Any, at: Any, browser: Any, start: str) -> None:
    from madang.platforms.services.models import Job

    answer = browser(world.client).post(f"/services/book/address/?{SIZE}&start={start}", ADDRESS)
    assert answer.status_code in (200, 409)
    assert not Job.objects.exists()


def test_a_home_of_someone_else_is_not_offered(world: Any, at: Any, browser: Any) -> None:
    from tests.platforms.services.conftest import person

    page = text(browser(person("nosy")).get(f"/services/book/?home={world.home.pk}"))
    assert world.home.address not in page


# -- one visit, from each side ----------------------------------------------------------------------------------------


def test_a_stranger_finds_nothing(booked: Any, world: Any, at: Any, browser: Any) -> None:
    from tests.platforms.services.conftest import person

    stranger = browser(person("stranger"))
    for path in ("", "receipt/"):
        assert stranger.get(f"/services/jobs/{booked.pk}/{path}").status_code == 404
    assert stranger.post(f"/services/jobs/{booked.pk}/", {"do": "cancel"}).status_code == 404
    assert stranger.get("/services/board/").status_code == 404
    assert stranger.get("/services/workers/").status_code == 404
    assert stranger.get("/services/availability/").status_code == 404


def test_the_worker_learns_the_address_by_accepting(booked: Any, world: Any, at: Any, browser: Any, django_assert_max_num_queries: Any) -> None:
    worker = browser(booked.worker.person)
    before = text(worker.get(f"/services/jobs/{booked.pk}/"))
    assert world.home.address not in before
    assert world.home.district in before
    assert "Why were you asked?" in before
    day = text(worker.get("/services/day/"))
    assert "I take it" in day
    assert world.home.address not in day
    worker.post(f"/services/jobs/{booked.pk}/", {"do": "accept"})
    worker.get("/services/day/")  # says what was done, once
    with django_assert_max_num_queries(15):
        after = text(worker.get(f"/services/jobs/{booked.pk}/"))
    assert world.home.address in after
    assert "two cats" in after


def test_a_whole_visit_by_its_pages(booked: Any, world: Any, at: Any, browser: Any) -> None:
    here = f"/services/jobs/{booked.pk}/"
    worker, client = browser(booked.worker.person), browser(world.client)
    worker.post(here, {"do": "accept"})
    early = worker.post(here, {"do": "check_in"})
    assert early.status_code == 409
    assert "an hour before the start" in text(early)
    at(world.start)
    assert worker.post(here, {"do": "check_in"}).status_code == 302
    item = booked.checklist[0]
    worker.post(here, {"do": "tick", "room": item["room"], "item": item["item"], "off": ""})
    assert 'aria-pressed="true"' in text(worker.get(here))
    assert worker.post(here, {"do": "tick", "room": "moon", "item": "0"}).status_code == 404
    at(booked.ends_at)
    worker.post(here, {"do": "check_out"})
    assert "Was everything done well?" in text(client.get(here))
    assert client.post(here, {"do": "confirm"}).status_code == 302
    page = text(client.get(here))
    assert "Where the money went" in page
    assert "/why/" in page
    client.post(here, {"do": "rate", "rating-stars": "5", "rating-words": "Spotless."})
    assert "Spotless." not in text(worker.get(here)), "double blind"
    worker.post(here, {"do": "rate", "rating-stars": "4", "rating-words": "Kind."})
    assert "Spotless." in text(worker.get(here))
    assert "Kind." in text(client.get(here))
    tip = client.post(here, {"do": "tip", "tip-amount": "5000"})
    assert tip.url.startswith("/pay/")
    assert "Receipt" in text(client.get(f"{here}receipt/"))


def test_a_tip_that_is_no_amount_stays_as_it_was_typed(booked: Any, world: Any, at: Any, browser: Any) -> None:
    here = f"/services/jobs/{booked.pk}/"
    worker, client = browser(booked.worker.person), browser(world.client)
    worker.post(here, {"do": "accept"})
    at(world.start)
    worker.post(here, {"do": "check_in"})
    worker.post(here, {"do": "check_out"})
    for typed in ("five", "-3", "999999999999", "1.5"):
        page = text(client.post(here, {"do": "tip", "tip-amount": typed}))
        assert f'value="{typed}"' in page


def test_cancelling_costs_what_the_button_said_or_nothing_happens(booked: Any, world: Any, at: Any, browser: Any) -> None:
    here = f"/services/jobs/{booked.pk}/"
    browser(booked.worker.person).post(here, {"do": "accept"})
    client = browser(world.client)
    page = text(client.get(here))
    said = re.search(r'name="back" value="(\d+)"', page)
    assert said
    assert int(said[1]) == booked.price
    at(world.start - timedelta(hours=30))
    answer = client.post(here, {"do": "cancel", "back": said[1]})
    assert answer.status_code == 409
    assert "another step of the ladder was reached" in text(answer)
    booked.refresh_from_db()
    assert booked.state == "accepted"
    fresh = re.search(r'name="back" value="(\d+)"', text(answer))
    assert fresh
    assert 0 < int(fresh[1]) < booked.price
    assert client.post(here, {"do": "cancel", "back": fresh[1]}).status_code == 302
    booked.refresh_from_db()
    assert (booked.state, booked.refunded) == ("cancelled", int(fresh[1]))


def test_a_problem_needs_words_and_the_office_decides(booked: Any, world: Any, at: Any, browser: Any) -> None:
    here = f"/services/jobs/{booked.pk}/"
    worker, client, office = browser(booked.worker.person), browser(world.client), browser(world.coordinator)
    worker.post(here, {"do": "accept"})
    at(world.start)
    worker.post(here, {"do": "check_in"})
    worker.post(here, {"do": "check_out"})
    empty = client.post(here, {"do": "report", "problem-words": "  "})
    assert empty.status_code == 409
    assert 'href="#id_problem-words"' in text(empty)
    client.post(here, {"do": "report", "problem-words": "The <b>window</b> is broken."})
    assert "Problems to decide" in text(office.get("/services/board/"))
    page = office.get(here).content.decode()
    assert "&lt;b&gt;window&lt;/b&gt;" in page
    kept = text(office.post(here, {"do": "settle", "settle-refund": "99999999", "settle-answer": "We are sorry."}))
    assert "We are sorry." in kept
    assert office.post(here, {"do": "settle", "settle-refund": "1000", "settle-answer": "We are sorry."}).status_code == 302
    booked.refresh_from_db()
    assert (booked.state, booked.refunded) == ("released", 1000)


def test_the_office_can_ask_another_worker(booked: Any, world: Any, at: Any, browser: Any) -> None:
    here, office = f"/services/jobs/{booked.pk}/", browser(world.coordinator)
    other = next(one for one in world.workers if one.pk != booked.worker_id)
    assert str(other.pk) in text(office.get(here))
    assert office.post(here, {"do": "assign", "assign-worker": str(other.pk)}).status_code == 302
    booked.refresh_from_db()
    assert booked.worker_id == other.pk


def test_a_verb_of_the_other_side_is_not_there(booked: Any, world: Any, at: Any, browser: Any) -> None:
    client = browser(world.client)
    for verb in ("accept", "check_in", "settle", "assign", "fly", ""):
        assert client.post(f"/services/jobs/{booked.pk}/", {"do": verb}).status_code in (302, 404)
    booked.refresh_from_db()
    assert booked.state == "offered"


# -- hours, workers, homes --------------------------------------------------------------------------------------------


def week(**more: str) -> dict[str, str]:
    return {"do": "week", "d0-0-from": "540", "d0-0-to": "1080", **more}


def test_hours_are_kept_on_the_workers_own_clock(world: Any, at: Any, browser: Any) -> None:
    worker = world.workers[0]
    client = browser(worker.person)
    assert client.post("/services/availability/", week(**{"d0-1-from": "1140", "d0-1-to": "1260"})).status_code == 302
    assert [(one.weekday, one.start, one.end) for one in worker.availability.all()] == [(0, 540, 1080), (0, 1140, 1260)]


IMPOSSIBLE = [
    {"d1-0-from": "600"},
    {"d1-0-from": "600", "d1-0-to": "600"},
    {"d0-1-from": "600", "d0-1-to": "1200"},
    {"d1-0-from": "7", "d1-0-to": "9"},
]


@pytest.mark.parametrize("wrong", IMPOSSIBLE)
def test_hours_that_cannot_be_change_nothing_and_stay_on_the_page(world: Any, at: Any, browser: Any, wrong: dict[str, str]) -> None:
    worker = world.workers[0]
    before = worker.availability.count()
    page = text(browser(worker.person).post("/services/availability/", week(**wrong)))
    assert "need another look" in page or "needs another look" in page
    assert '<option value="540" selected>' in page
    assert worker.availability.count() == before


def test_time_off_is_read_on_the_workers_clock_and_can_be_taken_back(world: Any, at: Any, browser: Any) -> None:
    worker = world.workers[0]
    client = browser(worker.person)
    client.post("/services/availability/", {"do": "off", "off-since": "2026-03-10T09:00", "off-until": "2026-03-12T18:00", "off-note": "wedding"})
    off = worker.time_off.get()
    assert off.span.lower == datetime(2026, 3, 10, 0, 0, tzinfo=UTC)
    assert "wedding" in text(client.get("/services/availability/"))
    assert browser(world.workers[1].person).post("/services/availability/", {"do": "back", "off": str(off.pk)}).status_code == 404
    assert client.post("/services/availability/", {"do": "back", "off": str(off.pk)}).status_code == 302
    assert not worker.time_off.exists()


def test_who_speaks_for_an_organisation_adds_its_workers(world: Any, at: Any, browser: Any, now: datetime) -> None:
    from madang.coop.people.models import Work
    from madang.platforms.services.models import Worker
    from tests.platforms.services.conftest import person

    boss, newcomer, outsider = person("boss"), person("newcomer"), person("outsider")
    Work.objects.create(organisation=world.bright, person=boss, role=Work.REPRESENTATIVE, since=now)
    Work.objects.create(organisation=world.bright, person=newcomer, since=now)
    client = browser(boss)
    assert "Newcomer" in text(client.get("/services/workers/"))
    sent = {"organisation": str(world.bright.pk), "person": str(outsider.pk), "about": ""}
    assert client.post("/services/workers/", sent).status_code == 200
    assert not Worker.objects.filter(person=outsider).exists()
    assert client.post("/services/workers/", sent | {"organisation": str(world.clear.pk)}).status_code == 404
    assert client.post("/services/workers/", sent | {"person": str(newcomer.pk)}).status_code == 302
    assert Worker.objects.get(person=newcomer).organisation == world.bright


def test_a_home_can_be_corrected_and_is_kept_while_a_visit_is_booked(booked: Any, world: Any, at: Any, browser: Any) -> None:
    client, here = browser(world.client), f"/services/homes/{world.home.pk}/"
    form = {"district": "Mapo", "address": "New Street 5", "directions": "", "name": "My flat", "bedrooms": "2", "bathrooms": "1", "do": "keep"}
    assert client.post(here, form).status_code == 302
    assert "New Street 5" in text(client.get("/services/homes/"))
    assert "A job is booked in this home" in text(client.post(here, form | {"do": "remove"}))
    assert browser(world.workers[0].person).get(here).status_code == 404


def test_someone_who_takes_no_jobs_is_told_how(world: Any, at: Any, browser: Any) -> None:
    assert "You do not work here yet" in text(browser(world.client).get("/services/day/"))


def test_old_addresses_lead_on(booked: Any, world: Any, at: Any, browser: Any) -> None:
    client = browser(world.client)
    assert client.get(f"/services/bookings/{booked.pk}/").url == f"/services/jobs/{booked.pk}/"
    assert client.get("/services/work/").url == "/services/day/"


def test_ten_megabytes_of_words_are_refused_decently(booked: Any, world: Any, at: Any, browser: Any) -> None:
    answer = browser(world.client).post(f"/services/jobs/{booked.pk}/", {"do": "report", "problem-words": "x" * 10_000_000})
    assert answer.status_code in (400, 413)
