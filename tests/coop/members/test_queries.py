"""The register as at any moment and the voters in every mode, against a plain list kept beside the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.coop.charter.models import FounderInvitation
from madang.coop.law.models import Coop
from madang.coop.members import queries, work
from madang.coop.members.models import MemberClass, Membership
from madang.coop.people import actions as people
from madang.coop.people.models import Organisation, Person, Work

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def member(holder, key, now, start=-1, end=None, primary=True):
    who = {"organisation": holder} if isinstance(holder, Organisation) else {"person": holder}
    begun = now + start * DAY
    return Membership.objects.create(
        member_class=MemberClass.objects.get(key=key), **who, primary=primary, applied_at=begun, admitted_at=begun, active_from=begun,
        state="left" if end is not None else "active", left_at=None if end is None else now + end * DAY,
    )  # fmt: skip


def person(number):
    return Person.objects.get(email=f"f{number}@example.org")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 10), st.one_of(st.none(), st.integers(0, 10))), max_size=12), st.integers(-1, 20))
def test_the_register_at_any_moment(coop, now, spells, when):
    """Spells of membership of seven people, any order, some ended: on each day exactly those whose spell runs."""
    from django.db import transaction

    with transaction.atomic():
        FounderInvitation.objects.all().delete()
        Membership.objects.all().delete()
        folk = [Person.objects.create_user(f"p{number}@example.org", f"p{number}") for number in range(7)]
        kept, ends = [], {}
        for who, start, length in sorted(spells, key=lambda one: one[1]):
            if who in ends and (ends[who] is None or ends[who] > start):
                continue  # one live spell a class and person
            end = None if length is None else start + length
            member(folk[who], "client", now, start, end)
            kept.append((f"p{who}", start, end))
            ends[who] = end
        expected = sorted(name for name, start, end in kept if start <= when and (end is None or when < end))
        lines = queries.register(now + when * DAY)
        assert sorted(line.name for line in lines) == expected
        assert queries.members_count(now + when * DAY) == len(expected)
        assert all(queries.is_member(one, now + when * DAY) == (one.name in expected) for one in folk)
        transaction.set_rollback(True)


@pytest.fixture
def two_levels(coop, now):
    """Two member organisations: one whose representative is also a member, one whose people are not; and one that is no member."""
    dawn, dusk, other = (people.make_organisation(name, now=now) for name in ("dawn", "dusk", "other"))
    worker = Person.objects.create_user("w@example.org", "w")
    for who, where, role in (
        (person(1), dawn, Work.REPRESENTATIVE), (person(1), dawn, Work.WORKER), (worker, dawn, Work.WORKER),
        (worker, dusk, Work.REPRESENTATIVE), (worker, other, Work.REPRESENTATIVE),
    ):  # fmt: skip
        people.start_work(who, where, role, now=now - DAY)
    member(dawn, "provider", now)
    member(dusk, "provider", now)
    return dawn, dusk, other, worker


def names(voters):
    return sorted((str(voter.membership.organisation or ""), voter.person.email.split("@")[0], voter.class_key) for voter in voters)


PEOPLE = [("", "f1", "worker"), ("", "f2", "worker"), ("", "f3", "worker"), ("", "f4", "client"), ("", "f5", "client")]
BODIES = [("dawn", "f1", "provider"), ("dusk", "w", "provider")]


@pytest.mark.parametrize(("mode", "expected"), [("people", PEOPLE), ("organisations", BODIES), ("both", PEOPLE + BODIES)])
def test_who_votes(two_levels, now, mode, expected):
    Coop.objects.update(voters=mode)
    assert names(queries.voters(now)) == sorted(expected)
    with CaptureQueriesContext(connection, ) as ran:
        queries.voters(now)
    assert len(ran) <= 3


def test_who_votes_inside_an_organisation(two_levels, now):
    dawn, _dusk, other, _worker = two_levels
    assert names(queries.voters(now, org=dawn)) == [("dawn", "f1", "provider"), ("dawn", "w", "provider")]
    assert names(queries.voters(now, org=str(dawn.pk))) == names(queries.voters(now, org=dawn.pk)) == names(queries.voters(now, org=dawn))
    assert queries.voters(now, org=other) == []  # no member, no vote


def test_one_person_one_vote_whatever_classes(two_levels, now):
    Coop.objects.update(voters="people")
    member(person(1), "client", now, primary=False)
    assert names(queries.voters(now)) == PEOPLE
    MemberClass.objects.filter(key="worker").update(votes=False)
    assert ("", "f1", "client") in names(queries.voters(now))  # the primary class has no vote, the other one has


def test_classes_without_a_vote_and_silent_organisations(two_levels, now):
    dawn, *_rest = two_levels
    Coop.objects.update(voters="both")
    MemberClass.objects.filter(key="client").update(votes=False)
    Work.objects.filter(organisation=dawn, role=Work.REPRESENTATIVE).update(until=now)
    assert names(queries.voters(now)) == sorted([*PEOPLE[:3], ("dusk", "w", "provider")])


def test_voters_at_another_time(two_levels, now):
    Coop.objects.update(voters="both")
    assert names(queries.voters(now - 2 * DAY)) == []
    Membership.objects.filter(person=person(2)).update(state="left", left_at=now + DAY)
    assert ("", "f2", "worker") in names(queries.voters(now)) and ("", "f2", "worker") not in names(queries.voters(now + DAY))


def test_members_by_their_organisation(two_levels, now):
    *_rest, worker = two_levels
    assert queries.is_member(worker, now) and not queries.is_member(worker, now - 2 * DAY)
    stranger = Person.objects.create_user("s@example.org", "s")
    from django.contrib.auth.models import AnonymousUser

    assert not queries.is_member(stranger, now) and not queries.is_member(AnonymousUser(), now) and not queries.holds(AnonymousUser(), "board", now)


def test_small_classes_are_not_counted_in_public(two_levels, now, client_for):
    counts = {one.member_class.key: (one.count, one.shown) for one in queries.count_by_class(now)}
    assert counts == {"worker": (3, False), "client": (2, False), "provider": (2, False)}
    shown = {row["key"]: row["members"] for row in client_for(None).get("/api/members/classes").json()}
    assert shown == {"worker": None, "client": None, "provider": None}


def test_no_small_class_can_be_worked_out_from_the_others(coop, now, client_for):
    """Eleven clients, seven workers, and three of a third kind: total less the others would tell the three."""
    for number in range(9):
        member(Person.objects.create_user(f"c{number}@example.org"), "client", now)
    for number in range(4):
        member(Person.objects.create_user(f"w{number}@example.org"), "worker", now)
    third = MemberClass.objects.create(key="maker", title={"en": "Maker"}, order=9)
    for number in range(3):
        member(Person.objects.create_user(f"m{number}@example.org"), third.key, now)
    shown = {one.member_class.key: one.shown for one in queries.count_by_class(now)}
    assert shown == {"client": True, "worker": False, "maker": False, "provider": False}
    page = client_for(None).get("/members/", headers={"accept-language": "en"}).content.decode()
    assert "21 members" in page and "11 members" in page and "7 members" not in page and "could be worked out" in page


def test_behind_a_member_organisation_stand_its_people(coop, now):
    """Two member co-ops of three people each are six people, not two."""
    for number in range(2):
        body = Organisation.objects.create(name=f"Body {number}", slug=f"body-{number}", created_at=now)
        moments = {"applied_at": now, "admitted_at": now, "active_from": now}
        Membership.objects.create(member_class=MemberClass.objects.get(key="provider"), organisation=body, state="active", **moments)
        for one in range(3):
            Work.objects.create(organisation=body, person=Person.objects.create_user(f"p{number}{one}@example.org"), since=now)
    (found,) = [one for one in queries.count_by_class(now) if one.member_class.key == "provider"]
    assert (found.count, found.people, found.shown) == (2, 6, True)


def test_pages_ask_few_questions(coop, now, client_for, django_assert_max_num_queries):
    for number in range(40):
        member(Person.objects.create_user(f"m{number}@example.org", f"m{number}"), "client", now)
    client = client_for(person(1))
    for path in ("/members/", "/members/join/", "/members/me/", "/members/register/", "/members/offices/", "/members/applications/"):
        with django_assert_max_num_queries(15):
            assert client.get(path).status_code == 200


def test_organisations_someone_represents(two_levels, now):
    *_rest, worker = two_levels
    assert [one.organisation.name for one in queries.represented(worker, now)] == ["dusk"]
    assert [one.name for one in queries.organisations_of(worker, now)] == ["dawn", "dusk", "other"]
    assert queries.representative(two_levels[0], now) == person(1)
    assert work.hashed("x") != "x"
