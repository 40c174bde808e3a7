"""A death is written down by two, after two weeks in which the member can say that they live; and taken back by new entries where it was wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from madang.coop import ledger
from madang.coop.capital import death, dying, queries, withdrawals
from madang.coop.capital.models import Claim, DeathReport
from madang.coop.ledger.models import Entry
from madang.coop.members import actions as members
from madang.coop.members import queries as register
from madang.coop.members.models import OfficeTerm
from madang.coop.notices.due import run_due
from madang.coop.notices.models import Mail, Notice, Task
from madang.coop.payments import approving
from madang.kit.errors import Missing
from tests.coop.capital.outlife import NEW_YEAR, give, membership, person, sound
from tests.coop.capital.test_out_by_bank import real
from tests.coop.payments.bank_hands import MINE, refusal

pytestmark = pytest.mark.django_db
WEEKS = timedelta(days=14)


def written(now) -> DeathReport:
    give(4, 3, now)
    return dying.report(person(4), now.date(), by=person(1), now=now)


def in_effect(now) -> DeathReport:
    made = written(now)
    dying.confirm(made.pk, by=person(2), now=now)
    dying.take_effect(str(made.pk), now=now + WEEKS)
    made.refresh_from_db()
    assert made.state == "done" and membership(4).state == "left"
    return made


def test_one_person_alone_ends_nobodys_membership(coop, now, settings) -> None:
    settings.EMAIL_BACKEND = "madang.coop.notices.mail.OutboxBackend"
    made = written(now)
    assert written(now).pk == made.pk and DeathReport.objects.count() == 1
    assert Task.objects.get(person=person(4), message="capital.reported_dead", closed_at=None).url == f"/shares/death/{made.pk}/"
    assert Mail.objects.filter(to=person(4).email).exists(), "told at their own address, not only here"
    asked = {task.person for task in Task.objects.filter(message="capital.confirm_death", closed_at=None)}
    assert person(2) in asked and not asked & {person(1), person(4)}
    refusal("four-eyes", lambda: dying.confirm(made.pk, by=person(1), now=now))
    refusal("office", lambda: dying.confirm(made.pk, by=person(5), now=now))
    run_due(now + 4 * WEEKS, 200)
    assert membership(4).state == "active" and person(4).is_active and DeathReport.objects.get().state == "reported"
    run_due(now + dying.STALE, 200)
    assert membership(4).state == "active" and DeathReport.objects.get().state == "undone", "nobody confirms it a year later"


def test_two_are_not_enough_before_two_weeks_are_over(coop, now) -> None:
    made = written(now)
    for _twice in range(2):
        assert dying.confirm(made.pk, by=person(2), now=now + timedelta(days=1)).state == "confirmed"
    dying.take_effect(str(made.pk), now=now + WEEKS - timedelta(seconds=1))
    assert dying.find_due(now + WEEKS - timedelta(seconds=1), 9) == [] and membership(4).state == "active"
    assert run_due(now + WEEKS, 200).failed == {}
    assert membership(4).state == "left" and Claim.objects.get().origin == "death" and not person(4).is_active
    run_due(now + WEEKS, 200)
    assert Claim.objects.count() == 1
    sound()


def test_a_late_confirmation_leaves_time_to_answer(coop, now) -> None:
    made, late = written(now), now + WEEKS + timedelta(days=9)
    dying.confirm(made.pk, by=person(2), now=late)
    assert dying.find_due(late, 9) == []
    dying.take_effect(str(made.pk), now=late + dying.TO_ANSWER - timedelta(seconds=1))
    assert membership(4).state == "active" and Notice.objects.filter(person=person(4), message="capital.reported_dead").exists()
    dying.take_effect(str(made.pk), now=late + dying.TO_ANSWER)
    assert membership(4).state == "left"


def test_who_leaves_by_themselves_lives(coop, now) -> None:
    made = written(now)
    dying.confirm(made.pk, by=person(2), now=now)
    members.leave(membership(4), by=person(4), now=now + timedelta(days=3))
    dying.take_effect(str(made.pk), now=now + WEEKS)
    assert DeathReport.objects.get().state == "undone" and Claim.objects.get().origin == "left" and Claim.objects.get().heir == ""


def test_claims_of_before_are_the_members_again(coop, now) -> None:
    """Also those that the death had made the heirs'; and none while something of them is on its way."""
    account = ledger.account("claims", ledger.owner_of(membership(4)), "KRW")
    before = now - timedelta(days=1)
    Claim.objects.create(membership=membership(4), origin="left", account=account, amount=700, unit="KRW", made_at=before, due_on=before.date())
    made = in_effect(now)
    assert {one.origin for one in Claim.objects.all()} == {"death"} and all(one.heir for one in Claim.objects.all())
    assert dying.was_wrong(made.pk, by=person(2), now=now + 2 * WEEKS).state == "undone"
    assert [(one.origin, one.heir, one.amount) for one in Claim.objects.all()] == [("left", "", 700)]


@pytest.mark.parametrize("confirmed", [False, True])
def test_the_member_says_that_they_live(coop, now, client_for, monkeypatch, confirmed) -> None:
    made, later = written(now), now + timedelta(days=5)
    if confirmed:
        dying.confirm(made.pk, by=person(2), now=now)
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: later)
    url, me = f"/shares/death/{made.pk}/", client_for(person(4))
    assert client_for(person(5)).get(url).status_code == 404 and client_for(person(5)).post(url, {"do": "lives"}).status_code == 404
    assert me.get(url).status_code == 200
    for _twice in range(2):
        assert me.post(url, {"do": "lives"}).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.undone_by) == ("undone", person(4))
    assert not Task.objects.filter(message__in=["capital.reported_dead", "capital.confirm_death"], closed_at=None).exists()
    assert Notice.objects.filter(person=person(1), message="capital.lives").count() == 1
    refusal("over", lambda: dying.confirm(made.pk, by=person(2), now=later))
    run_due(now + 9 * WEEKS, 200)
    assert membership(4).state == "active" and not Claim.objects.exists()
    assert dying.report(person(4), now.date(), by=person(1), now=later).pk != made.pk  # and may die for all that


def test_who_may_write_it_down(coop, now) -> None:
    give(4, 3, now)
    for by, whom, on, code in ((5, 4, now.date(), "office"), (1, 4, now.date() + timedelta(days=1), "day"), (1, 1, now.date(), "self")):
        refusal(code, lambda by=by, whom=whom, on=on: dying.report(person(whom), on, by=person(by), now=now))
    stranger = type(person(1)).objects.create_user("s@example.org")
    with pytest.raises(Missing), transaction.atomic():
        dying.report(stranger, now.date(), by=person(1), now=now)
    OfficeTerm.objects.exclude(person=person(2)).update(since=now - timedelta(days=9), until=now)
    refusal("alone", lambda: dying.report(person(4), now.date(), by=person(2), now=now))
    assert not DeathReport.objects.exists()


def test_the_database_knows_it_too(coop, now) -> None:
    made = written(now)
    for change in (
        {"state": "confirmed"}, {"confirmed_by": person(1)}, {"confirmed_by": person(4)}, {"reported_by": person(4)}, {"due_at": now},
        {"state": "done", "confirmed_by": person(2), "confirmed_at": now, "done_at": now + WEEKS - timedelta(seconds=1)},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            DeathReport.objects.filter(pk=made.pk).update(**change)


def test_a_mistake_is_taken_back_by_new_entries(coop, now) -> None:
    made, later = in_effect(now), now + WEEKS + timedelta(days=3)
    before = Entry.objects.count()
    refusal("office", lambda: dying.was_wrong(made.pk, by=person(5), now=later))
    refusal("over", lambda: dying.call_off(made.pk, by=person(2), now=later))
    for _twice in range(2):
        assert dying.was_wrong(made.pk, by=person(2), now=later).state == "undone"
    one = membership(4)
    assert (one.state, one.left_at, one.primary, one.active_from) == ("active", None, True, one.active_from) and person(4).is_active
    assert queries.holding(one).count == 3 and not Claim.objects.exists() and Entry.objects.count() == before + 1
    assert register.is_member(person(4), later) and Notice.objects.filter(person=person(4), message="capital.lives").count() == 1
    sound()
    members.leave(one, by=person(4), now=later + timedelta(days=1))  # and leaving later makes a claim as it does for everyone
    assert Claim.objects.get().amount == 30_000 and queries.holding(membership(4)).count == 0
    sound()


def test_what_was_paid_is_not_taken_back(coop, now) -> None:
    made = in_effect(now)
    claim = Claim.objects.get()
    Claim.objects.update(resolution_id=made.pk)
    refusal("decided", lambda: dying.was_wrong(made.pk, by=person(2), now=NEW_YEAR))
    real(now)
    death.pay_to(claim.pk, **MINE, by=person(2), now=NEW_YEAR)
    one = withdrawals.pay(Claim.objects.get(), by=person(2), now=NEW_YEAR)
    Claim.objects.update(resolution_id=None)
    refusal("paid", lambda: dying.was_wrong(made.pk, by=person(2), now=NEW_YEAR))
    approving.cancel(one.pk, by=person(2), now=NEW_YEAR)
    assert dying.was_wrong(made.pk, by=person(2), now=NEW_YEAR).state == "undone"
    sound()


def test_the_pages(coop, now, client_for, monkeypatch) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
    give(4, 3, now)
    treasurer, board = client_for(person(2)), client_for(person(1))
    assert client_for(person(5)).get("/shares/death/").status_code == 404
    wrong = treasurer.post("/shares/death/", {"person": str(person(4).pk), "day": "2026-03-01"})
    assert wrong.status_code == 422 and not DeathReport.objects.exists()
    done = treasurer.post("/shares/death/", {"person": str(person(4).pk), "day": "2026-03-01", "sure": "on"})
    made = DeathReport.objects.get()
    assert done.url == f"/shares/death/{made.pk}/" and membership(4).state == "active"
    assert str(made.pk) in treasurer.get("/shares/death/").content.decode() and "confirm" not in treasurer.get(done.url).content.decode()
    assert 'value="confirm"' in board.get(done.url).content.decode()
    assert board.post(done.url, {"do": "confirm"}).status_code == 302
    dying.take_effect(str(made.pk), now=now + WEEKS)
    assert 'value="wrong"' in board.get(done.url).content.decode()
    claim = Claim.objects.get()
    url = f"/shares/claims/{claim.pk}/heirs/"
    assert board.get(url).status_code == 404 and treasurer.get(url).status_code == 200
    assert treasurer.post(url, {"holder": "Heir", "bank": "088", "number": "1"}).status_code == 422
    assert treasurer.post(url, {"holder": "Heir", "bank": "088", "number": "110-123-456789"}).status_code == 302
    assert "6789" in treasurer.get(url).content.decode()
    board.post(done.url, {"do": "wrong"})
    assert membership(4).state == "active"
