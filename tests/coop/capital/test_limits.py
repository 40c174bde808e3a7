"""What the law lets one holder have: over classes, purchases and offers together, and whatever is done at the same moment."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, connections, transaction

from madang.coop.capital import actions, confirming, handovers, limits, queries
from madang.coop.capital.models import Society
from madang.coop.capital.offers import applying
from madang.coop.members.models import MemberClass, Membership
from madang.coop.payments import sandbox
from madang.kit.errors import Missing, Refused
from tests.coop.capital.offers import life
from tests.coop.capital.offers.life import POUND, kind, opened, organisation, secretary, uk
from tests.coop.capital.outlife import british, give, membership, person, sound

pytestmark = pytest.mark.django_db
START = uk(2019, 6, 20, 10)


@pytest.fixture
def society(db):
    return life.founded(uk(2019, 6, 1, 10))


def member(holder, key: str, now, **more) -> Membership:
    """An active membership of a class."""
    made = Membership.objects.create(member_class=kind(key), state="active", applied_at=now, admitted_at=now, active_from=now, **{"person": holder, **more})
    return Membership.objects.select_related("member_class", "person", "organisation").get(pk=made.pk)


def second(number: int, now) -> Membership:
    """Founder ``number`` is in the other class too."""
    other = MemberClass.objects.filter(holder="person").exclude(pk=membership(number).member_class_id).get()
    return member(person(number), other.key, now, primary=False)


def test_thirty_per_cent_is_of_a_person_not_of_a_membership(coop, now) -> None:
    """Korea, art. 22 (2): two classes are no way around it."""
    for number in (2, 3, 4, 5):
        give(number, 35, now)
    give(1, 50, now)
    both = second(1, now)
    most = limits.limit(both, now)
    assert most.count == 10 and "22" in most.citation  # 30 % of 200 is 60, of which 50 are there
    with pytest.raises(Refused) as no, transaction.atomic():
        actions.buy_shares(both, 11, person(1), now=now)
    assert no.value.code == "limit"
    assert sandbox.pay(actions.buy_shares(both, 10, person(1), now=now), now=now).state == "settled"
    with pytest.raises(Refused), transaction.atomic():
        actions.buy_shares(membership(1), 1, person(1), now=now)


def test_what_waits_in_another_class_counts(coop, now) -> None:
    for number in (2, 3, 4, 5):
        give(number, 35, now)
    both = second(1, now)
    actions.buy_shares(membership(1), 50, person(1), now=now)  # asked for, and not paid yet
    with pytest.raises(Refused) as no, transaction.atomic():
        actions.buy_shares(both, 11, person(1), now=now)
    assert no.value.code == "limit" and "50" in str(no.value.message)
    assert limits.limit(both, now + timedelta(days=30)).count == 60  # what nobody paid for in time is free again


def test_money_in_an_offer_counts_when_shares_are_bought_straight(society) -> None:
    """Great Britain, s. 24: £100,000, however it is put in."""
    who = life.person(1, START)
    there = member(who, "investor", START)
    offer = opened(START - timedelta(days=1), most_person=100_000 * POUND, maximum=500_000 * POUND)
    life.invest(offer, who, 60_000, START)
    for count, fits in ((40_001, False), (40_000, True)):
        if fits:
            assert sandbox.pay(actions.buy_shares(there, count, who, now=START), now=START).state == "settled"
            continue
        with pytest.raises(Refused) as no, transaction.atomic():
            actions.buy_shares(there, count, who, now=START)
        assert no.value.code == "limit" and "24" in str(no.value.message)
    with pytest.raises(Refused) as no, transaction.atomic():
        applying.apply(offer, 100, who, now=START)
    assert no.value.code == "law"


def test_a_purchase_that_waits_counts_in_an_offer(society) -> None:
    who = life.person(1, START)
    actions.buy_shares(member(who, "investor", START), 60_000, who, now=START)
    offer = opened(START - timedelta(days=1), most_person=100_000 * POUND)
    with pytest.raises(Refused) as no, transaction.atomic():
        applying.apply(offer, 40_001, who, now=START)
    assert no.value.code == "law" and "24" in str(no.value.message)
    applying.apply(offer, 40_000, who, now=START)


def test_an_organisation_is_bound_until_somebody_finds_it_in_the_register(society) -> None:
    there, who = organisation("grower", START)
    held = member(None, "backer", START, organisation=there)
    assert limits.limit(held, START).count == 100_000
    sandbox.pay(actions.buy_shares(held, 60_000, who, now=START), now=START)
    with pytest.raises(Refused) as no, transaction.atomic():
        actions.buy_shares(held, 40_001, who, now=START)
    assert no.value.code == "limit" and "24" in str(no.value.message)
    with pytest.raises(Refused) as no, transaction.atomic():
        confirming.confirm(there, "RS007", by=who, now=START)
    assert no.value.code == "office"
    found = confirming.confirm(there, "RS007", by=secretary(), now=START)
    assert confirming.confirm(there, "RS007", by=secretary(), now=START).pk == found.pk
    assert limits.limit(held, START).count == queries.LIMITLESS
    actions.buy_shares(held, 40_001, who, now=START)
    confirming.no_more(there, by=secretary(), now=START)
    confirming.no_more(there, by=secretary(), now=START)
    assert limits.limit(held, START).count == 100_000
    with pytest.raises(IntegrityError), transaction.atomic():
        for _twice in range(2):
            Society.objects.create(organisation=there, number="1", confirmed_by=secretary(), confirmed_at=START)


def test_who_speaks_for_it_does_not_confirm_it(society) -> None:
    from madang.coop.people import actions as people

    there, _who = organisation("grower", START)
    member(None, "backer", START, organisation=there)
    people.start_work(secretary(), there, "representative", now=START)
    with pytest.raises(Refused) as no, transaction.atomic():
        confirming.confirm(there, "RS007", by=secretary(), now=START)
    assert no.value.code == "self" and not Society.objects.exists()


def test_passing_on_is_no_way_around_it(db, now) -> None:
    british(now, transferable=True)
    other = Membership.objects.exclude(person=person(1)).filter(member_class=membership(1).member_class).first()
    give(1, 99_990, now)
    number = int(other.person.email[1])
    give(number, 50, now)
    with pytest.raises(Refused) as no, transaction.atomic():
        handovers.offer(other, membership(1), 11, by=other.person, key=uuid4(), now=now)
    assert no.value.code == "limit" and "24" in str(no.value.message)
    one = handovers.offer(other, membership(1), 10, by=other.person, key=uuid4(), now=now)
    actions.buy_shares(membership(1), 1, person(1), now=now)
    assert handovers.accept(one, by=person(1), now=now).state == "done"
    sound()


@pytest.mark.django_db(transaction=True)
def test_two_purchases_paid_at_the_same_moment_in_two_classes(coop, now) -> None:
    """Each alone is within the law: the second waits for the first, sees it, and its money goes back."""
    for number in (2, 3, 4, 5):
        give(number, 35, now)
    first = actions.buy_shares(membership(1), 40, person(1), now=now)
    other, later = second(1, now), now + timedelta(minutes=29)
    with transaction.atomic():  # asked for when the first did not count: its charge had run out, and the bank paid late all the same
        rows = type(first).objects.filter(pk=first.pk)
        kept = first.expires_at
        rows.update(expires_at=now)
        again = actions.buy_shares(other, 40, person(1), now=later)
        rows.update(expires_at=kept)
    ends = []

    def pay(charge) -> None:
        try:
            ends.append(sandbox.pay(charge, now=later).state)
        finally:
            connections.close_all()

    thread = threading.Thread(target=pay, args=(again,))
    with transaction.atomic():
        sandbox.pay(first, now=later)
        thread.start()
        while thread.is_alive() and not waits_for_a_lock():
            thread.join(0.02)
    thread.join()
    assert ends == ["failed"]
    assert limits.held(person(1), "KRW") == 400_000


def waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')")
        return bool(cursor.fetchone()[0])


def test_the_page_of_societies_is_the_boards(society, client_for, monkeypatch) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: START)
    there, who = organisation("grower", START)
    member(None, "backer", START, organisation=there)
    assert client_for(who).get("/shares/societies/").status_code == 404
    board = client_for(secretary())
    assert "grower" in board.get("/shares/societies/").content.decode()
    assert board.post("/shares/societies/", {"organisation": str(there.pk), "do": "confirm", "number": " "}).status_code == 422
    assert board.post("/shares/societies/", {"organisation": str(there.pk), "do": "confirm", "number": "RS007"}).status_code == 302
    assert "RS007" in board.get("/shares/societies/").content.decode()
    assert board.post("/shares/societies/", {"organisation": str(uuid4()), "do": "confirm", "number": "1"}).status_code == 404


def test_somebody_elses_shares_are_not_bought(coop, now) -> None:
    with pytest.raises(Missing):
        actions.buy_shares(second(1, now), 1, person(2), now=now)
