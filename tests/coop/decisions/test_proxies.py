"""Proxies: who may act for whom, for how many, until when; what the law says of it; and that they go when someone goes."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection

from madang.coop.decisions import proxies
from madang.coop.decisions.proxies import Proxy
from madang.coop.law.models import Coop
from madang.coop.members.models import Membership
from madang.coop.notices.models import Notice
from madang.coop.people.models import Person, Work
from madang.kit.errors import Missing, Refused
from tests.coop.decisions.yard import Yard, make, organisation

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def membership(person: Person) -> Membership:
    return Membership.objects.get(person=person)


def give(yard: Yard, giver: Person, holder: Person, **more) -> Proxy:
    more = {"until": yard.now + 7 * DAY, "now": yard.now} | more
    return proxies.given(membership(giver), holder, by=more.pop("by", giver), **more)


def refused(code: str, call, *args, **more) -> str:
    with pytest.raises(Refused) as no:
        call(*args, **more)
    assert no.value.code == code
    return str(no.value.message)


def test_a_member_lets_another_act_for_them(yard: Yard):
    a, b = yard.people["worker"][:2]
    one = give(yard, a, b)
    assert proxies.held(b, yard.now) == [one] and proxies.held(a, yard.now) == []
    assert give(yard, a, b) == one, "the same again changes nothing"
    assert Notice.objects.filter(person=b, message="decisions.proxy").count() == 1
    assert proxies.held(b, yard.now + 7 * DAY) == [], "it has run out"
    proxies.take_back(one, a, now=yard.now + DAY)
    proxies.take_back(one, a, now=yard.now + 2 * DAY)
    assert proxies.held(b, yard.now + DAY) == [] and proxies.held(b, yard.now) == [one]
    one.refresh_from_db()
    assert one.taken_back_at == yard.now + DAY


def test_one_person_acts_for_one_member_only_in_korea(yard: Yard):
    a, b, c = yard.people["worker"][:3]
    give(yard, a, c)
    assert "23" in refused("too-many", give, yard, b, c)
    give(yard, b, a)
    assert proxies.held(c, yard.now, meeting=a.pk)[0].giver.person == a


def test_two_meetings_are_two_occasions(yard: Yard):
    from uuid import uuid4

    a, b, c, d = yard.people["worker"][:4]
    first, second = uuid4(), uuid4()
    give(yard, a, c, meeting=first)
    give(yard, b, c, meeting=second)
    assert [one.giver.person for one in proxies.held(c, yard.now, meeting=second)] == [b]
    refused("given-already", give, yard, a, d, meeting=first)
    refused("too-many", give, yard, d, c, meeting=first)


def test_a_stranger_may_act_only_as_family_of_the_household(yard: Yard):
    a = yard.people["worker"][0]
    stranger = Person.objects.create_user("o@example.org", "o")
    assert "23" in refused("stranger", give, yard, a, stranger)
    one = give(yard, a, stranger, family=True)
    assert proxies.held(stranger, yard.now, meeting=one.pk) == [one]


def test_nobody_gives_away_what_is_not_theirs(yard: Yard):
    a, b, c = yard.people["worker"][:3]
    with pytest.raises(Missing):
        give(yard, a, b, by=c)
    with pytest.raises(Missing):
        proxies.take_back(give(yard, a, b), c, now=yard.now)
    refused("oneself", give, yard, a, a)
    refused("until", give, yard, b, c, until=yard.now)
    on_paper = give(yard, b, c, by=a, paper=True)
    assert on_paper.recorded_by == a
    assert proxies.take_back(on_paper, c, now=yard.now).taken_back_at == yard.now, "its holder may give it up"


def test_an_organisation_is_acted_for_by_whom_its_speaker_names(yard: Yard):
    org = organisation(yard, "Brightly", 2)
    speaker, other = yard.people["Brightly"]
    Work.objects.create(organisation=org, person=speaker, role="representative", since=yard.now - DAY)
    own, holder = Membership.objects.get(organisation=org), yard.people["worker"][0]
    with pytest.raises(Missing):
        proxies.given(own, holder, by=other, until=yard.now + DAY, now=yard.now)
    one = proxies.given(own, holder, by=speaker, until=yard.now + DAY, now=yard.now)
    assert proxies.held(holder, yard.now) == [one]


def test_whoever_leaves_is_acted_for_no_more_and_acts_for_nobody(yard: Yard):
    a, b = yard.people["worker"][:2]
    give(yard, a, b)
    Membership.objects.filter(person=b).update(state="left", left_at=yard.now + DAY)
    assert proxies.held(b, yard.now + DAY, meeting=a.pk) == [], "who left is no other member any more"
    Membership.objects.filter(person=b).update(state="active", left_at=None)
    Membership.objects.filter(person=a).update(state="left", left_at=yard.now + DAY)
    assert proxies.held(b, yard.now + DAY) == []
    refused("not-active", give, yard, a, b, now=yard.now + 2 * DAY)


def test_the_members_decide_how_many_and_the_law_how_many_at_most(db, now, rules_of_the_yard):
    yard = make(now, {"worker": 5}, {"deciding.proxies": 3})
    a, b, c, d, e = yard.people["worker"]
    assert proxies.limit(now) == 1, "art. 23 (3), whatever the members decided"
    Coop.objects.update(law="plain")
    assert proxies.limit(now) == 3
    for giver in (a, b, c):
        give(yard, giver, e)
    refused("too-many", give, yard, d, e)
    Coop.objects.update(law="kr-general")
    assert len(proxies.held(e, now, meeting=a.pk)) == 1, "what was lawful elsewhere is not here"


def test_none_where_the_members_want_none(db, now, rules_of_the_yard):
    yard = make(now, {"worker": 2}, {"deciding.proxies": 0})
    refused("no-proxies", give, yard, *yard.people["worker"])


def test_erasing_takes_the_words_and_ends_it(yard: Yard):
    a, b = yard.people["worker"][:2]
    one = give(yard, a, b, words="Vote for the second plan, please.")
    assert proxies.export(a)[0]["words"] and proxies.export(b)[0]["kind"] == "proxy held"
    proxies.erase(a, now=yard.now + DAY)
    one.refresh_from_db()
    assert (one.words, one.taken_back_at) == ("", yard.now + DAY) and proxies.held(b, yard.now + DAY) == []


@pytest.mark.django_db(transaction=True)
def test_two_givers_at_one_moment_are_one(yard: Yard):
    a, b, c = yard.people["worker"][:3]
    start, told = threading.Barrier(2), []

    def run(giver: Person) -> None:
        start.wait()
        try:
            give(yard, giver, c)
            told.append("given")
        except Refused as no:
            told.append(no.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[one]) for one in (a, b)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    assert sorted(told) == ["given", "too-many"] and Proxy.objects.count() == 1
