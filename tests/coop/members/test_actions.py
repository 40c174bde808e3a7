"""Joining, leaving, offices and organisations, as a sceptic would try them."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from madang.coop.members import actions, leaving, queries, work
from madang.coop.members.models import MemberClass, Membership, Office, OfficeTerm, WorkInvitation
from madang.coop.notices.models import Notice, Task
from madang.coop.people.models import Organisation, Person, Work
from madang.coop.record.models import LeafLine, PendingLeaf
from madang.kit import house
from madang.kit.errors import Missing, Refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def person(number):
    return Person.objects.get(email=f"f{number}@example.org")


@pytest.fixture
def stranger(coop):
    return Person.objects.create_user("new@example.org", "새사람")


@pytest.fixture
def organisation(coop, stranger, now):
    return work.found_organisation("새벽별", by=stranger, now=now)


def refused(code):
    return pytest.raises(Refused, match=f"^{code}:")


class TestJoining:
    def test_an_open_class_admits_at_once_and_asks_for_the_shares(self, stranger, now):
        one = actions.apply(stranger, "client", now=now)
        assert (one.state, one.admitted_at, one.active_from) == ("admitted", now, None)
        assert not queries.is_member(stranger, now)
        task = Task.objects.get(person=stranger, closed_at=None)
        assert task.url == f"/shares/buy/{one.pk}/"
        actions.activate(one, now=now + DAY)
        assert queries.is_member(stranger, now + DAY) and not queries.is_member(stranger, now)
        assert not Task.objects.filter(person=stranger, closed_at=None).exists()

    def test_a_free_class_makes_a_member_at_once(self, stranger, now):
        MemberClass.objects.filter(key="client").update(share_price=0)
        assert actions.apply(stranger, "client", now=now).state == "active"

    def test_an_office_answers(self, stranger, now):
        one = actions.apply(stranger, "worker", words="해 보고 싶어요", now=now)
        assert one.state == "applied" and Task.objects.get(closed_at=None).person == person(1)
        with refused("not_yours_to_admit"):
            actions.admit(one, by=person(2), now=now)
        with refused("not_yours_to_admit"):
            actions.admit(one, decision_id=uuid4(), now=now)
        with refused("not_yours_to_admit"):
            actions.admit(one, now=now)
        assert actions.admit(one, by=person(1), now=now).admitted_by == person(1)
        assert actions.admit(one, by=person(1), now=now + DAY).admitted_at == now
        assert not Task.objects.filter(key=f"admit:{one.pk}", closed_at=None).exists()

    def test_no_refusal_without_a_reason(self, stranger, now):
        one = actions.apply(stranger, "worker", now=now)
        with refused("reason"):
            actions.refuse(one, "  ", by=person(1), now=now)
        done = actions.refuse(one, "아직 자리가 없습니다", by=person(1), now=now)
        assert done.state == "refused" and Notice.objects.filter(person=stranger, message="members.refused").exists()
        with pytest.raises(Refused):
            actions.admit(one, by=person(1), now=now)
        assert actions.apply(stranger, "worker", now=now + DAY).pk != one.pk  # one may ask again

    def test_a_vote_answers_by_its_decision_only(self, organisation, stranger, now):
        seen = []
        house_hooks = type("hooks", (), {"applied": [lambda membership, now: seen.append(membership.pk)]})
        house.move_in(house_hooks)
        try:
            one = actions.apply(organisation, "provider", by=stranger, now=now)
        finally:
            house._house.rooms.remove(house_hooks)
        assert one.state == "applied" and seen == [one.pk]
        with refused("not_yours_to_admit"):
            actions.admit(one, by=person(1), now=now)
        decision = uuid4()
        assert actions.admit(one, decision_id=decision, now=now).decision_id == decision

    def test_asking_twice_is_once(self, stranger, now):
        assert actions.apply(stranger, "worker", now=now).pk == actions.apply(stranger, "worker", now=now + DAY).pk

    def test_people_and_organisations_do_not_mix(self, organisation, stranger, now):
        with refused("holder"):
            actions.apply(stranger, "provider", by=stranger, now=now)
        with refused("holder"):
            actions.apply(organisation, "client", by=stranger, now=now)
        with refused("not_yours"):
            actions.apply(organisation, "provider", by=person(1), now=now)
        with pytest.raises(Missing):
            actions.apply(stranger, "guest", now=now)
        with refused("words"):
            actions.apply(stranger, "client", words="x" * 2001, now=now)

    def test_a_hook_that_fails_undoes_the_step(self, stranger, now):
        one = actions.apply(stranger, "client", now=now)

        def breaks(membership, now):
            raise RuntimeError

        hooks = type("hooks", (), {"joined": [breaks]})
        house.move_in(hooks)
        try:
            with pytest.raises(RuntimeError):
                actions.activate(one, now=now)
        finally:
            house._house.rooms.remove(hooks)
        one.refresh_from_db()
        assert one.state == "admitted" and not queries.is_member(stranger, now)

    def test_the_record_gets_ids_and_no_names(self, stranger, now):
        one = actions.apply(stranger, "client", now=now)
        leaf = PendingLeaf.objects.get(subject=f"membership:{one.pk}", kind="admission")
        body = LeafLine.objects.get(written=leaf.id).body
        assert not leaf.public and str(one.pk) in body and str(stranger.pk) not in body and "새사람" not in body


class TestLeaving:
    def test_leaving_ends_offices_and_leaves_a_leaf(self, coop, now):
        mine = Membership.objects.get(person=person(1))
        assert len(leaving.consequences(mine, now)) >= 4  # shares, two offices, the vote, fewer than five
        done = actions.leave(mine, by=person(1), now=now + DAY)
        assert done.state == "left" and not queries.holds(person(1), "coordinator", now + DAY) and queries.holds(person(1), "coordinator", now)
        assert PendingLeaf.objects.filter(kind="departure", subject=f"membership:{mine.pk}").count() == 1
        assert actions.leave(mine, by=person(1), now=now + 2 * DAY).left_at == now + DAY

    def test_only_ones_own(self, coop, now):
        with pytest.raises(Missing):
            actions.leave(Membership.objects.get(person=person(1)), by=person(2), now=now)

    def test_taking_an_application_back_leaves_no_leaf(self, stranger, now):
        one = actions.apply(stranger, "worker", now=now)
        assert actions.leave(one, by=stranger, now=now).state == "left"
        assert not PendingLeaf.objects.filter(subject=f"membership:{one.pk}").exists()
        assert not Task.objects.filter(key=f"admit:{one.pk}", closed_at=None).exists()

    def test_with_two_classes_one_votes_on_in_the_other(self, coop, now):
        second = actions.apply(person(4), "worker", now=now)
        actions.activate(actions.admit(second, by=person(1), now=now), now=now)
        assert [voter.class_key for voter in queries.voters(now) if voter.person == person(4)] == ["client"]
        first = Membership.objects.get(person=person(4), member_class__key="client")
        actions.leave(first, by=person(4), now=now + DAY)
        assert [voter.class_key for voter in queries.voters(now + DAY) if voter.person == person(4)] == ["worker"]
        assert queries.holds(person(4), "board", now + DAY)  # still a member, so the office stays

    def test_choosing_the_class_one_votes_in(self, coop, now):
        second = actions.activate(actions.admit(actions.apply(person(4), "worker", now=now), by=person(1), now=now), now=now)
        actions.choose_primary(second, by=person(4), now=now)
        assert [voter.class_key for voter in queries.voters(now) if voter.person == person(4)] == ["worker"]
        with pytest.raises(Missing):
            actions.choose_primary(second, by=person(5), now=now)

    def test_expulsion_needs_a_decision(self, coop, now):
        mine = Membership.objects.get(person=person(5))
        decision = uuid4()
        done = actions.expel(mine, "정관 제9조", decision_id=decision, now=now)
        assert (done.state, done.decision_id, done.reason) == ("left", decision, "정관 제9조")
        assert Notice.objects.filter(person=person(5), message="members.expelled").exists()


class TestOffices:
    def test_who_appoints(self, coop, now):
        term = OfficeTerm.objects.get(office__key="treasurer")
        with refused("not_yours_to_appoint"):
            actions.end_term(term, by=person(5), now=now)
        actions.end_term(term, by=person(1), now=now)  # the board takes it back
        kwargs = {"since": now, "until": now + 100 * DAY, "now": now}
        with refused("not_yours_to_appoint"):
            actions.appoint("treasurer", person(5), by=person(3), **kwargs)
        with refused("not_yours_to_appoint"):
            actions.appoint("treasurer", person(5), decision_id=uuid4(), **kwargs)
        with refused("not_yours_to_appoint"):
            actions.appoint("treasurer", person(5), founding_id=coop.founding_id, **kwargs)  # the founding is over
        first = actions.appoint("treasurer", person(5), by=person(1), **kwargs)
        assert actions.appoint("treasurer", person(5), by=person(1), **kwargs).pk == first.pk
        with refused("no_seat"):
            actions.appoint("treasurer", person(2), by=person(1), **kwargs)

    def test_the_bounds_of_a_term(self, coop, now):
        decision = uuid4()
        board = {"decision_id": decision, "now": now}
        with refused("term_dates"):
            actions.appoint("board", person(5), since=now, until=now, **board)
        with refused("term_too_long"):
            actions.appoint("board", person(5), since=now, until=now + 3 * 366 * DAY, **board)
        with refused("already_holds"):
            actions.appoint("board", person(1), since=now + DAY, until=now + 2 * DAY, **board)
        with refused("auditor_apart"):
            actions.appoint("board", person(3), since=now, until=now + DAY, **board)
        with refused("not_a_member"):
            actions.appoint("board", Person.objects.create_user("x@example.org"), since=now, until=now + DAY, **board)
        with pytest.raises(Missing):
            actions.appoint("king", person(5), since=now, until=now + DAY, **board)

    def test_the_database_refuses_overlapping_terms(self, coop, now):
        office = Office.objects.get(key="board")
        with pytest.raises(IntegrityError), transaction.atomic():
            OfficeTerm.objects.create(office=office, person=person(1), since=now + DAY, until=now + 9 * DAY, founding_id=uuid4())

    def test_resigning(self, coop, now):
        term = OfficeTerm.objects.get(office__key="auditor")
        actions.end_term(term, by=person(3), now=now + DAY)
        assert queries.holders("auditor", now) == [person(3)] and queries.holders("auditor", now + DAY) == []
        assert PendingLeaf.objects.filter(kind="office", subject=f"term:{term.pk}").count() == 1

    def test_a_new_coordinator_finds_what_waits(self, stranger, now):
        one = actions.apply(stranger, "worker", now=now)
        actions.end_term(OfficeTerm.objects.get(office__key="coordinator"), by=person(1), now=now)
        actions.appoint("coordinator", person(4), since=now, until=now + DAY, by=person(1), now=now)
        assert Task.objects.filter(person=person(4), key=f"admit:{one.pk}", closed_at=None).exists()


class TestOrganisations:
    def test_inviting_and_saying_yes(self, organisation, stranger, now, mailoutbox):
        _invitation, token = work.invite(organisation, "F5@example.org", by=stranger, now=now)
        assert mailoutbox[0].to == ["f5@example.org"] and token in mailoutbox[0].body
        assert token not in str(WorkInvitation.objects.values())
        done = work.accept_invitation(token, by=person(5), now=now + DAY)
        assert work.accept_invitation(token, by=person(5), now=now + 2 * DAY).pk == done.pk
        assert WorkInvitation.objects.get().email == ""
        with refused("invitation_over"):
            work.accept_invitation(token, by=person(4), now=now + DAY)
        with pytest.raises(Missing):
            work.accept_invitation("nonsense", by=person(4), now=now)

    def test_invitations_end(self, organisation, stranger, now):
        invitation, first = work.invite(organisation, "f5@example.org", by=stranger, now=now)
        _second, second = work.invite(organisation, "f5@example.org", by=stranger, now=now)  # replaces the first
        with refused("invitation_over"):
            work.accept_invitation(first, by=person(5), now=now)
        with refused("invitation_over"):
            work.accept_invitation(second, by=person(5), now=now + work.INVITATION_LASTS)
        with pytest.raises(Missing):
            work.withdraw_invitation(invitation, by=person(1), now=now)
        with pytest.raises(Missing):
            work.invite(organisation, "f4@example.org", by=person(1), now=now)
        with refused("email"):
            work.invite(organisation, "nobody", by=stranger, now=now)
        with refused("role"):
            work.invite(organisation, "f4@example.org", role="king", by=stranger, now=now)
        with refused("works_here"):
            work.invite(organisation, "new@example.org", by=stranger, now=now)

    def test_nobody_floods_strangers_with_letters(self, organisation, stranger, now, settings, monkeypatch):
        settings.EMAIL_BACKEND = "madang.coop.notices.mail.OutboxBackend"
        monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
        for _again in range(work.LETTERS_AN_HOUR_TO_ONE):
            work.invite(organisation, "victim@example.org", by=stranger, now=now)
        with refused("too_many"):
            work.invite(organisation, "victim@example.org", by=stranger, now=now)
        monkeypatch.setattr(work, "LETTERS_A_DAY", 5)
        work.invite(organisation, "one@example.org", by=stranger, now=now)
        work.invite(organisation, "two@example.org", by=stranger, now=now)
        with refused("too_many"):
            work.invite(organisation, "three@example.org", by=stranger, now=now)
        work.invite(organisation, "three@example.org", by=stranger, now=now + DAY)

    def test_nobody_founds_organisations_without_end(self, stranger, now, monkeypatch):
        monkeypatch.setattr(work, "ORGANISATIONS_MAX", 2)
        work.found_organisation("One", by=stranger, now=now)
        work.found_organisation("Two", by=stranger, now=now)
        with refused("too_many"):
            work.found_organisation("Three", by=stranger, now=now)

    def test_someone_always_speaks(self, organisation, stranger, now):
        speaks = Work.objects.get(organisation=organisation, role="representative")
        with refused("last_representative"):
            work.end_work(speaks, by=stranger, now=now)
        _invitation, token = work.invite(organisation, "f5@example.org", role="representative", by=stranger, now=now)
        work.accept_invitation(token, by=person(5), now=now)
        assert work.end_work(speaks, by=stranger, now=now).until == now
        with pytest.raises(Missing):
            work.end_work(Work.objects.get(organisation=organisation, person=person(5)), by=person(1), now=now)

    def test_names_are_taken_once(self, organisation, stranger, now):
        with refused("name_taken"):
            work.found_organisation("새벽별", by=person(1), now=now)


class TestDatabase:
    """What can never be true, whatever code writes."""

    @pytest.mark.parametrize(
        "wrong",
        [
            {"person": None},
            {"organisation": "org"},
            {"state": "king"},
            {"state": "active"},
            {"state": "admitted", "admitted_at": -1},
            {"state": "left", "left_at": -1},
            {"state": "left", "left_at": 0, "admitted_at": 1, "active_from": 2},
            {"state": "refused"},
            {"state": "active", "admitted_at": 2, "active_from": 1},
        ],
    )
    def test_refuses(self, stranger, now, wrong):
        row = {"person": stranger, "state": "applied", "applied_at": now, **wrong}
        for name, value in list(row.items()):
            if isinstance(value, int):
                row[name] = now + value * DAY
            if value == "org":
                row[name] = Organisation.objects.create(name="x", slug="x")
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.create(member_class=MemberClass.objects.get(key="client"), **row)

    def test_once_a_class_and_one_primary(self, coop, now):
        kind = MemberClass.objects.get(key="worker")
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.create(member_class=kind, person=person(1), applied_at=now, primary=False)
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.create(member_class=MemberClass.objects.get(key="client"), person=person(1), applied_at=now, primary=True)


@pytest.mark.django_db(transaction=True)
def test_ten_applications_at_once_are_one(coop, now):
    stranger = Person.objects.create_user("new@example.org", "새사람")
    found, start = [], threading.Barrier(10)

    def apply():
        try:
            start.wait()
            found.append(actions.apply(stranger, "worker", now=now).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=apply) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 10 and len(set(found)) == 1 and Membership.objects.filter(person=stranger).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_boards_fill_one_seat_once(coop, now):
    actions.end_term(OfficeTerm.objects.get(office__key="treasurer"), by=person(1), now=now)
    results, start = [], threading.Barrier(2)

    def fill(by, who):
        try:
            start.wait()
            results.append(actions.appoint("treasurer", who, since=now, until=now + DAY, by=by, now=now).person_id)
        except Refused as no:
            results.append(no.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=fill, args=(person(1), person(4))), threading.Thread(target=fill, args=(person(2), person(5)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results.count("no_seat") == 1 and OfficeTerm.objects.filter(office__key="treasurer", until__gt=now).count() == 1


def test_personal_data(stranger, now):
    from madang.coop.members.hooks import personal

    one = actions.apply(stranger, "worker", words="내 이야기", now=now)
    (declared,) = personal
    assert any(row.get("words") == "내 이야기" for row in declared.export(stranger))
    with refused("still_a_member"):
        declared.erase(stranger, now=now)
    actions.leave(one, by=stranger, now=now)
    declared.erase(stranger, now=now)
    one.refresh_from_db()
    assert one.words == "" and all(row.get("words", "") == "" for row in declared.export(stranger))


def test_checks_find_nothing_wrong_and_something_when_it_is(coop, now):
    from madang.coop.members.hooks import checks

    assert [list(check.find()) for check in checks] == [[], []]
    Membership.objects.filter(person=person(1)).update(primary=False)
    assert len(list(checks[0].find())) == 1
