"""Every page answers, in both languages, to those it is for, and to nobody else."""

from __future__ import annotations

import pytest

from madang.coop.members import actions, queries
from madang.coop.members.models import Membership, OfficeTerm
from madang.coop.people.models import Person

pytestmark = pytest.mark.django_db


def person(number):
    return Person.objects.get(email=f"f{number}@example.org")


@pytest.fixture
def stranger(coop):
    return Person.objects.create_user("new@example.org", "새사람", language="ko")


@pytest.fixture(autouse=True)
def _clock(monkeypatch, now):
    from madang.coop.law import clock

    monkeypatch.setattr(clock, "now", lambda: now)


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("path", ["/members/", "/members/join/", "/members/offices/", "/law/", "/founding/", "/founding/charter/"])
def test_open_pages(coop, client_for, path, language):
    client = client_for(None)
    client.cookies["django_language"] = language
    assert client.get(path).status_code == 200
    assert client_for(person(1)).get(path).status_code == 200


def test_names_are_for_members(coop, client_for, stranger):
    public = client_for(None).get("/members/").content.decode()
    assert "강하나" not in public and "강하나" not in client_for(stranger).get("/members/").content.decode()
    assert "강하나" not in client_for(None).get("/members/offices/").content.decode()
    assert "강하나" in client_for(person(2)).get("/members/").content.decode()


def test_a_hidden_name_is_hidden_and_the_register_shows_it(coop, client_for, now):
    mine = Membership.objects.get(person=person(1))
    assert client_for(person(1)).post(f"/members/shown/{mine.pk}/", {"shown": "no"}).status_code == 302
    assert "강하나" not in client_for(person(2)).get("/members/").content.decode().split('id="names"')[1]
    assert "강하나" in client_for(person(2)).get("/members/register/").content.decode()


def test_the_register_is_for_members(coop, client_for, stranger):
    assert client_for(None).get("/members/register/").status_code == 302
    assert client_for(stranger).get("/members/register/").status_code == 302
    assert client_for(person(5)).get("/members/register/?at=2020-01-01").status_code == 200
    assert client_for(person(5)).get("/members/register/?at=nonsense").status_code == 400


def test_joining_from_page_to_member(coop, client_for, stranger, now):
    client = client_for(stranger)
    assert client.get("/members/join/client/").status_code == 200
    answer = client.post("/members/join/client/", {"words": ""})
    membership = Membership.objects.get(person=stranger)
    assert answer.headers["Location"] == f"/shares/buy/{membership.pk}/"
    assert client.get("/members/me/").status_code == 200
    actions.activate(membership, now=now)
    assert client.get("/members/me/").status_code == 200
    assert client.get(f"/members/leave/{membership.pk}/").status_code == 200
    assert client.post(f"/members/leave/{membership.pk}/").status_code == 302
    assert client.get("/members/me/").status_code == 200
    assert not queries.is_member(stranger, now)


def test_words_are_kept_when_it_fails(coop, client_for, stranger):
    answer = client_for(stranger).post("/members/join/worker/", {"words": "가" * 2001})
    assert answer.status_code == 400 and "가" * 2001 in answer.content.decode()


def test_the_coordinator_answers(coop, client_for, stranger, now):
    client_for(stranger).post("/members/join/worker/", {"words": "청소 일을 하고 싶습니다"})
    membership = Membership.objects.get(person=stranger)
    coordinator = client_for(person(1))
    assert "청소 일을 하고 싶습니다" in coordinator.get("/members/applications/").content.decode()
    no = coordinator.post(f"/members/applications/{membership.pk}/", {"answer": "no"})
    assert no.status_code == 400
    assert client_for(person(5)).get("/members/applications/").status_code == 404
    assert client_for(person(5)).post(f"/members/applications/{membership.pk}/", {"answer": "yes"}).status_code == 404
    assert coordinator.post(f"/members/applications/{membership.pk}/", {"answer": "yes"}).status_code == 302
    membership.refresh_from_db()
    assert membership.state == "admitted" and membership.admitted_by == person(1)


def test_somebody_elses_membership_is_not_there(coop, client_for):
    mine = Membership.objects.get(person=person(1))
    other = client_for(person(2))
    for path in (f"/members/leave/{mine.pk}/", f"/members/primary/{mine.pk}/", f"/members/shown/{mine.pk}/"):
        assert other.post(path).status_code == 404
    term = OfficeTerm.objects.filter(person=person(1)).first()
    assert other.post(f"/members/resign/{term.pk}/").status_code == 404


def test_filling_an_office(coop, client_for, now):
    board = client_for(person(1))
    assert board.get("/members/offices/treasurer/").status_code == 200
    assert client_for(person(5)).get("/members/offices/treasurer/").status_code == 404
    assert board.get("/members/offices/board/").status_code == 404  # elected, not appointed
    taken = board.post("/members/offices/treasurer/", {"person": str(person(5).pk), "since": "2026-03-02", "until": "2027-03-02"})
    assert taken.status_code == 400
    term = OfficeTerm.objects.get(office__key="treasurer")
    assert board.post(f"/members/offices/end/{term.pk}/").status_code == 302
    assert board.post("/members/offices/treasurer/", {"person": str(person(5).pk), "since": "2026-03-02", "until": "2027-03-02"}).status_code == 302
    assert queries.holds(person(5), "treasurer", now)


def test_organisation_pages(coop, client_for, stranger, now):
    client = client_for(stranger)
    assert client.get("/members/join/provider/").status_code == 200
    assert client.post("/members/organisations/new/", {"name": ""}).status_code == 400
    made = client.post("/members/organisations/new/", {"name": "새벽별 청소 협동조합", "about": "청소합니다"})
    url = made.headers["Location"]
    assert client.get(url).status_code == 200
    assert client_for(person(1)).get(url).status_code == 404
    assert client.post(url, {"email": "not-an-address", "role": "worker"}).status_code == 400
    assert client.post(url, {"email": "f5@example.org", "role": "worker"}).status_code == 302
    page = client.get(url).content.decode()
    assert "f5@example.org" in page
    slug = url.split("/")[3]
    _invitation, token = actions.invite(queries.organisation(slug), "f4@example.org", by=stranger, now=now)
    link = f"/members/invitation/{token}/"
    assert client_for(None).get(link).status_code == 200
    assert client_for(None).post(link).status_code == 302
    assert client_for(person(4)).post(link).headers["Location"] == url
    assert client_for(person(4)).get(url).status_code == 200
    assert client_for(person(4)).post(url, {"email": "x@example.org", "role": "worker"}).status_code == 404
    assert client_for(None).get(link).status_code == 409  # used
    applied = client.post("/members/join/provider/", {"organisation": str(queries.organisation(slug).pk), "words": ""})
    assert applied.status_code == 302
    assert Membership.objects.get(organisation__slug=slug).state == "applied"
    assert client.get("/members/me/").status_code == 200


@pytest.mark.django_db
def test_the_whole_register_as_a_file(coop, client_for, now):
    """A page shows a part; the file has everyone, and no name can become a formula."""
    person = Membership.objects.filter(person__isnull=False).first().person
    person.name = "=HYPERLINK(1)"
    person.save()
    answer = client_for(person).get("/members/register/?as=csv")
    lines = answer.content.decode().splitlines()
    assert answer["Content-Type"].startswith("text/csv") and len(lines) == 1 + Membership.objects.filter(state="active").count()
    assert any(line.startswith("'=HYPERLINK") for line in lines)
