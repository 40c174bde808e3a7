"""What people do about themselves."""

import json
import threading
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from madang.coop.people import actions, command, queries
from madang.coop.people.models import Organisation, Person, Work
from madang.kit import house
from madang.kit.errors import Missing, Refused

pytestmark = pytest.mark.django_db


def test_registering_twice_is_once(now):
    first = actions.register(" Mina@Example.org ", "Mina", now=now)
    second = actions.register("mina@example.ORG", "Somebody else", confirmed=True, now=now)
    assert first.pk == second.pk
    assert Person.objects.get().name == "Mina"
    assert EmailAddress.objects.get().verified
    assert not first.has_usable_password()


@pytest.mark.parametrize("address", ["", "mina", "mina@", "a" * 300 + "@example.org", "mina@example.org\nBcc: x@example.org", "x" * 10_000_000])
def test_a_bad_address_is_refused(address, now):
    with pytest.raises(Refused) as no:
        actions.register(address, now=now)
    assert no.value.field == "email"


def test_names_long_and_strange(mina, now):
    actions.update_profile(mina, name="가" * 80, language="en", time_zone="Europe/Paris", now=now)
    for bad in ("가" * 81, "x" * 10_000_000):
        with pytest.raises(Refused) as no:
            actions.update_profile(mina, name=bad, language="en", time_zone="Europe/Paris", now=now)
        assert no.value.field == "name"
    actions.update_profile(mina, name="  a\u202eb\x00c\r\nd  ", language="en", time_zone="Europe/Paris", now=now)
    mina.refresh_from_db()
    assert mina.name == "ab c d"


@pytest.mark.parametrize(
    ("language", "zone", "field"), [("xx", "Asia/Seoul", "language"), ("ko", "Mars/Olympus", "time_zone"), ("ko", "../etc/passwd", "time_zone")]
)
def test_what_these_pages_do_not_know(mina, now, language, zone, field):
    with pytest.raises(Refused) as no:
        actions.update_profile(mina, name="M", language=language, time_zone=zone, now=now)
    assert no.value.field == field


def test_the_database_refuses_too(mina):
    for change in ({"email": "Mina@example.org"}, {"language": "xx"}, {"erased_at": "2026-01-01T00:00Z"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Person.objects.filter(pk=mina.pk).update(**change)


def test_work_starts_and_ends_once(mina, now):
    org = actions.make_organisation("Bright Broom", slug="bright-broom", now=now)
    assert actions.make_organisation("Bright Broom", slug="bright-broom", now=now).pk == org.pk
    first = actions.start_work(mina, org, now=now)
    assert actions.start_work(mina, org, now=now).pk == first.pk
    later = now + timedelta(days=3)
    assert list(queries.works_in(org, later)) == [mina]
    assert actions.end_work(mina, org, now=later).until == later
    assert actions.end_work(mina, org, now=later + timedelta(days=1)).until == later
    assert list(queries.works_in(org, later)) == []
    assert list(queries.works_in(org, later - timedelta(seconds=1))) == [mina]
    with pytest.raises(Missing):
        actions.end_work(mina, org, Work.REPRESENTATIVE, now=later)
    again = actions.start_work(mina, org, now=later)
    assert again.pk != first.pk


def test_organisations_find_a_free_address(now):
    assert [actions.make_organisation("빛나는 빗자루", now=now).slug for _ in range(3)] == ["organisation", "organisation-2", "organisation-3"]
    for bad in ({"name": " "}, {"name": "x" * 121}, {"name": "x", "slug": "Not Good"}, {"name": "x", "about": "y" * 2001}):
        with pytest.raises(Refused):
            actions.make_organisation(bad.pop("name"), now=now, **bad)


def test_fewer_than_five_are_not_counted(now):
    org = actions.make_organisation("Small", now=now)
    for number in range(4):
        actions.start_work(actions.register(f"p{number}@example.org", now=now), org, now=now)
    assert queries.head_count(org, now) is None
    actions.start_work(actions.register("p5@example.org", now=now), org, now=now)
    assert queries.head_count(org, now) == 5


def test_export_holds_what_was_given(mina, now):
    data = actions.export(mina)
    assert data["people"]["rows"][0]["email"] == "mina@example.org"
    assert data["people"]["keep"]
    assert "mina@example.org" in json.dumps(data, default=str)


def test_erasing_leaves_nobody(mina, client, now):
    client.force_login(mina)
    assert client.get("/settings/").status_code == 200
    org = actions.make_organisation("Bright Broom", now=now)
    actions.start_work(mina, org, now=now)
    actions.erase(mina, now=now)
    actions.erase(mina, now=now + timedelta(days=1))
    gone = Person.objects.get(pk=mina.pk)
    assert (gone.email, gone.name, gone.is_active, gone.erased_at) == (None, "", False, now)
    assert not EmailAddress.objects.exists()
    assert "mina" not in json.dumps(actions.export(gone), default=str).lower()
    assert client.get("/settings/").status_code == 302  # signed out everywhere
    assert actions.register("mina@example.org", now=now).pk != mina.pk  # the address is free again


def test_the_last_operator_stays(mina, now, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")
    said = []
    assert command.operator("mina@example.org", False, said.append) == 0 and "mina@example.org" in said[-1]
    assert command.operator("mina@example.org", True, said.append) == 1 and "only operator" in said[-1]
    mina.refresh_from_db()
    with pytest.raises(Refused) as no:
        actions.erase(mina, now=now)
    assert no.value.code == "last_operator" and Person.objects.get(pk=mina.pk).name == "Mina"
    assert command.operator("joe@example.org", False, said.append) == 1 and "sign in once" in said[-1]
    actions.register("joe@example.org", now=now)
    assert command.operator(" Joe@example.org", False, said.append) == command.operator("mina@example.org", True, said.append) == 0
    assert [one.email for one in Person.objects.filter(is_operator=True)] == ["joe@example.org"]
    actions.erase(Person.objects.get(pk=mina.pk), now=now)


def test_who_cannot_let_go_keeps_everything(mina, now, monkeypatch):
    def refuses(person, *, now):
        raise Refused("owed", "Money is held for you.")

    items = [*house.collect("personal"), house.Personal("books", lambda person: [], refuses, "ten years")]
    erased = []
    first = house.Personal("top", lambda person: [], lambda person, *, now: erased.append(person) or Person.objects.filter(pk=person.pk).update(name=""), "")
    monkeypatch.setattr(house, "collect", lambda room: [*items, first])
    with pytest.raises(Refused):
        actions.erase(mina, now=now)
    assert erased  # it went first, and its change is taken back
    assert Person.objects.get(pk=mina.pk).name == "Mina"


@given(text=st.text(max_size=200))
def test_a_line_stays_a_line(text):
    try:
        line = actions.clean_line(text, 80, "name")
    except Refused:
        return
    assert len(line) <= 80
    assert "\n" not in line and "\r" not in line and "\x00" not in line
    assert actions.clean_line(line, 80, "name") == line
    line.encode()


def test_an_organisation_is_named(now):
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.create(name="", slug="x")


@pytest.mark.django_db(transaction=True)
def test_the_same_address_at_the_same_moment_is_one_person(now):
    made, errors, gate = [], [], threading.Barrier(5)

    def go():
        try:
            gate.wait()
            made.append(actions.register("race@example.org", "R", confirmed=True, now=now).pk)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert len(set(made)) == 1 and Person.objects.count() == 1 and EmailAddress.objects.count() == 1
