"""Shares pass from hand to hand where the law and the members let them (Korea: art. 24 (3), by the general meeting), and from class to class."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from madang.coop import law
from madang.coop.capital import handover_kind, handovers, queries
from madang.coop.capital.models import Claim, Handover
from madang.coop.members.models import MemberClass, Membership
from madang.coop.notices.models import Task
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from tests.coop.capital.outlife import ask, british, give, membership, passed, person, propose, sound

pytestmark = pytest.mark.django_db


def offer(giver: int, taker: int, count: int, now) -> Handover:
    one = membership(giver)
    return handovers.offer(one, membership(taker), count, by=one.person, key=uuid4(), now=now)


def counts() -> list[int]:
    return [queries.holding(membership(number)).count for number in range(1, 6)]


def test_in_korea_both_agree_and_then_the_members(coop, now) -> None:
    for number in range(1, 6):
        give(number, 10, now)
    one = offer(1, 2, 4, now)
    assert Task.objects.filter(person=person(2), message="capital.offered", closed_at=None).exists()
    with pytest.raises(Refused) as no, transaction.atomic():
        propose("pass_shares", now, {"handover": str(one.pk)})
    assert no.value.code == "no-handover"
    handovers.accept(one, by=person(2), now=now)
    assert counts() == [10, 10, 10, 10, 10]
    proposal = propose("pass_shares", now, {"handover": str(one.pk)})
    assert "강하나" not in proposal.title and handover_kind.lines(proposal, "en")[0].after == "박두리"
    assert "24" in handover_kind.lines(proposal, "en")[0].note
    done = passed(proposal)
    one.refresh_from_db()
    assert (done.state, one.state, one.decision_id) == ("in_force", "done", done.pk)
    assert counts() == [6, 14, 10, 10, 10]
    sound()


def test_a_handover_called_off_before_the_effect_fails_and_moves_nothing(coop, now) -> None:
    for number in range(1, 6):
        give(number, 10, now)
    one = handovers.accept(offer(1, 2, 4, now), by=person(2), now=now)
    proposal = propose("pass_shares", now, {"handover": str(one.pk)})
    handovers.call_off(one, by=person(1), now=now)
    handovers.call_off(one, by=person(1), now=now)
    assert passed(proposal).state == "failed" and counts() == [10] * 5


def test_nobody_gets_more_than_the_law_lets_one_hold(coop, now) -> None:
    """Art. 22 (2): 30 % of all units."""
    for number, count in enumerate((10, 14, 10, 10, 10), 1):
        give(number, count, now)
    with pytest.raises(Refused) as no, transaction.atomic():
        offer(1, 2, 3, now)
    assert no.value.code == "limit" and "22" in str(no.value.message)
    offer(1, 2, 2, now)


def test_british_shares_pass_only_where_the_members_rule_says_so(db, now) -> None:
    british(now)
    give(1, 10, now)
    with pytest.raises(Refused) as no, transaction.atomic():
        offer(1, 2, 1, now)
    assert no.value.code == "not-transferable" and "s. 14" in str(no.value.message)


@pytest.fixture
def free(db, now):
    """The British co-op whose members let shares pass: 10 each."""
    british(now, transferable=True)
    for number in range(1, 6):
        give(number, 10, now)


def test_nobody_becomes_an_owner_without_their_yes(free, now) -> None:
    one = offer(1, 2, 4, now)
    for who in (1, 3):
        with pytest.raises(Missing), transaction.atomic():
            handovers.accept(one, by=person(who), now=now)
    handovers.accept(one, by=person(2), now=now)
    handovers.accept(one, by=person(2), now=now)
    assert counts()[:2] == [6, 14]
    with pytest.raises(Refused), transaction.atomic():
        handovers.call_off(one, by=person(1), now=now)
    declined = handovers.call_off(offer(1, 2, 1, now), by=person(2), now=now)
    assert declined.state == "declined" and counts()[:2] == [6, 14]
    sound()


def test_all_of_them_and_one_leaves_with_it(free, now) -> None:
    with pytest.raises(Refused) as no, transaction.atomic():
        offer(1, 2, 11, now)
    assert no.value.code == "count"
    handovers.accept(offer(1, 2, 10, now), by=person(2), now=now)
    assert membership(1).state == "left" and not Claim.objects.exists()
    assert counts()[:2] == [0, 20]
    sound()


def test_what_was_asked_back_cannot_pass(free, now) -> None:
    ask(1, 6, now)
    with pytest.raises(Refused) as no, transaction.atomic():
        offer(1, 2, 4, now)
    assert no.value.code == "count"
    one = offer(1, 2, 3, now)
    ask(1, 3, now)
    with pytest.raises(Refused) as no, transaction.atomic():
        handovers.accept(one, by=person(2), now=now)
    assert no.value.code == "count" and counts()[:2] == [10, 10]


def test_only_to_who_is_in_or_admitted_to_the_same_class(free, now) -> None:
    with pytest.raises(Refused) as no, transaction.atomic():
        offer(1, 4, 1, now)
    assert no.value.code == "taker"
    new = Person.objects.create_user("new@example.org", "New")
    worker = MemberClass.objects.get(key="worker")
    joining = Membership.objects.create(member_class=worker, person=new, state="admitted", applied_at=now, admitted_at=now, admitted_by=person(1))
    one = handovers.offer(membership(1), joining, 2, by=person(1), key=uuid4(), now=now)
    handovers.accept(one, by=new, now=now)
    joining.refresh_from_db()
    assert joining.state == "active" and queries.holding(joining).count == 2
    sound()


def test_from_one_class_to_another(free, now) -> None:
    """Shares of £1 into shares of £4: whole ones only, and the least of the first class stays."""
    maker = MemberClass.objects.get(key="client")
    maker.share_price = 400
    maker.save()
    mine = membership(1)
    other = Membership.objects.create(
        member_class=maker, person=mine.person, state="admitted", primary=False, applied_at=now, admitted_at=now, admitted_by=person(2)
    )
    for count, code in ((10, "count"), (3, "not-whole"), (0, "count")):
        with pytest.raises(Refused) as no, transaction.atomic():
            handovers.convert(mine, other, count, by=mine.person, key=uuid4(), now=now)
        assert no.value.code == code
    with pytest.raises(Refused) as no, transaction.atomic():
        handovers.convert(mine, membership(2), 4, by=mine.person, key=uuid4(), now=now)
    assert no.value.code == "other-holder"
    key = uuid4()
    for _twice in range(2):
        handovers.convert(mine, other, 8, by=mine.person, key=key, now=now + timedelta(hours=1))
    other.refresh_from_db()
    assert (queries.holding(mine).count, queries.holding(other).count, other.state) == (2, 2, "active")
    assert queries.capital(law.coop().currency) == 5000
    sound()
