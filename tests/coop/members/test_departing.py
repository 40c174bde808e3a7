"""What ends with membership: offices, also those held through an organisation; and what waited for an office moves on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madang.coop.capital.actions import buy_shares
from madang.coop.members import actions, leaving, offices, queries, work
from madang.coop.members.models import MemberClass, Membership, OfficeTerm, WorkInvitation
from madang.coop.notices.due import run_due
from madang.coop.notices.models import Notice, Task
from madang.coop.payments import sandbox
from madang.coop.people import actions as people
from madang.coop.people.models import Person, Work
from madang.coop.record.models import PendingLeaf
from madang.kit.errors import Refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def person(number):
    return Person.objects.get(email=f"f{number}@example.org")


@pytest.fixture
def body(coop, now):
    """A member organisation: who speaks for it, and two who work there; ``treasurer`` is held by one of them."""
    MemberClass.objects.filter(key="provider").update(admission="open", share_price=0)
    speaker, first, second = [Person.objects.create_user(f"{name}@example.org", name.title()) for name in ("speaker", "first", "second")]
    organisation = work.found_organisation("새벽별", by=speaker, now=now)
    for one in (first, second):
        people.start_work(one, organisation, now=now)
    membership = actions.apply(organisation, "provider", by=speaker, now=now)
    OfficeTerm.objects.filter(office__key="treasurer").delete()
    term = actions.appoint("treasurer", first, since=now, until=now + 300 * DAY, by=person(1), now=now)
    return type("body", (), {"organisation": organisation, "membership": membership, "speaker": speaker, "first": first, "second": second, "term": term})


def leaves(term):
    return PendingLeaf.objects.filter(kind="office", subject=f"term:{term.pk}").count()


class TestOfficesThroughAnOrganisation:
    def test_they_end_when_it_leaves(self, body, now):
        ahead = actions.appoint("coordinator", body.second, since=now + 900 * DAY, until=now + 930 * DAY, by=person(1), now=now)
        told = leaving.consequences(body.membership, now)
        assert any("First" in text for text in told) and not any("Second" in text for text in told), "said before it is done"
        actions.leave(body.membership, by=body.speaker, now=now + DAY)
        assert not queries.holds(body.first, "treasurer", now + DAY) and queries.holds(body.first, "treasurer", now)
        ahead.refresh_from_db()
        assert ahead.ended_early and not OfficeTerm.objects.filter(person=body.second, until__gt=now + 900 * DAY).exists()
        assert leaves(body.term) == 2 and Notice.objects.filter(person=body.first, message="members.term_ended").exists()

    def test_they_end_with_the_work_there(self, body, now):
        mine = Work.objects.get(person=body.first)
        work.end_work(mine, by=body.speaker, now=now + DAY)
        assert not queries.holds(body.first, "treasurer", now + DAY)
        assert leaves(body.term) == 2 and Notice.objects.filter(person=body.first, message="members.term_ended").exists()

    def test_who_is_a_member_in_another_way_keeps_them(self, body, now):
        MemberClass.objects.filter(key="client").update(share_price=0)
        actions.apply(body.first, "client", now=now)
        assert leaving.consequences(body.membership, now) and not any("First" in text for text in leaving.consequences(body.membership, now))
        work.end_work(Work.objects.get(person=body.first), by=body.first, now=now + DAY)
        actions.leave(body.membership, by=body.speaker, now=now + DAY)
        assert queries.holds(body.first, "treasurer", now + DAY)
        own = Membership.objects.get(person=body.first)
        actions.leave(own, by=body.first, now=now + 2 * DAY)
        assert not queries.holds(body.first, "treasurer", now + 2 * DAY)

    def test_offices_are_filled_from_all_who_are_members(self, body, client_for, now, monkeypatch):
        monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
        assert set(queries.people(now)) == {body.speaker, body.first, body.second, *(person(number) for number in range(1, 6))}
        page = client_for(person(1)).get("/members/offices/coordinator/").content.decode()
        assert str(body.second.pk) in page and str(person(5).pk) in page
        actions.leave(body.membership, by=body.speaker, now=now)
        assert body.second not in queries.people(now)


class TestErasing:
    def test_the_last_who_speaks_for_an_organisation_stays_until_another_does(self, body, now):
        with pytest.raises(Refused) as no:
            people.erase(body.speaker, now=now)
        assert no.value.code == "last_representative" and "새벽별" in str(no.value.message)
        body.speaker.refresh_from_db()
        assert body.speaker.erased_at is None and queries.represents(body.speaker, body.organisation, now)
        _invitation, token = work.invite(body.organisation, "second@example.org", role="representative", by=body.speaker, now=now)
        work.accept_invitation(token, by=body.second, now=now)
        people.erase(body.speaker, now=now)
        assert queries.representative(body.organisation, now) == body.second

    def test_an_organisation_of_ones_own_that_is_no_member_does_not_keep_anybody(self, coop, now):
        alone = Person.objects.create_user("alone@example.org", "Alone")
        work.found_organisation("One", by=alone, now=now)
        people.erase(alone, now=now)
        assert alone.erased_at

    def test_what_the_coop_owes_an_organisation_keeps_its_only_voice(self, coop, now):
        alone = Person.objects.create_user("alone@example.org", "Alone")
        MemberClass.objects.filter(key="provider").update(admission="open", share_price=10_000)
        organisation = work.found_organisation("One", by=alone, now=now)
        membership = actions.apply(organisation, "provider", by=alone, now=now)
        sandbox.pay(buy_shares(membership, 1, alone, now=now), now=now)
        membership.refresh_from_db()
        actions.leave(membership, by=alone, now=now + DAY)
        with pytest.raises(Refused) as no:
            people.erase(alone, now=now + DAY)
        assert no.value.code == "claim-left" and "One" in str(no.value.message)

    def test_an_office_ends_with_its_leaf(self, body, now):
        people.erase(body.first, now=now + DAY)
        body.term.refresh_from_db()
        assert (body.term.until, body.term.ended_early, leaves(body.term)) == (now + DAY, True, 2)


class TestTasksOfAnOffice:
    @pytest.fixture
    def application(self, coop, now):
        return actions.apply(Person.objects.create_user("new@example.org", "새사람"), "worker", now=now)

    def asked(self, application):
        return {task.person for task in Task.objects.filter(key=f"admit:{application.pk}", closed_at=None)}

    def test_they_end_with_the_term(self, application, now):
        assert self.asked(application) == {person(1)}
        actions.end_term(OfficeTerm.objects.get(office__key="coordinator"), by=person(1), now=now)
        assert self.asked(application) == set()

    def test_they_end_when_the_term_runs_out(self, application, now):
        OfficeTerm.objects.filter(office__key="coordinator").update(until=now + DAY)
        run_due(now + DAY - timedelta(seconds=1))
        assert self.asked(application) == {person(1)}
        run_due(now + DAY)
        assert self.asked(application) == set()

    def test_a_term_given_ahead_finds_them_when_it_begins(self, application, now):
        OfficeTerm.objects.filter(office__key="coordinator").update(until=now + 2 * DAY)
        actions.appoint("coordinator", person(4), since=now + 2 * DAY, until=now + 9 * DAY, by=person(1), now=now)
        assert self.asked(application) == {person(1)}
        run_due(now + 2 * DAY)
        assert self.asked(application) == {person(4)}

    def test_a_term_that_follows_at_once_keeps_them(self, application, now):
        OfficeTerm.objects.filter(office__key="coordinator").update(until=now + 2 * DAY)
        actions.appoint("coordinator", person(1), since=now + 2 * DAY, until=now + 9 * DAY, by=person(1), now=now)
        run_due(now + 2 * DAY)
        assert self.asked(application) == {person(1)}


def test_a_month_before_it_ends_holder_and_electorate_are_told(coop, now):
    until = now + 40 * DAY
    OfficeTerm.objects.filter(office__key__in=["board", "coordinator"]).update(until=until)

    def told(message):
        return [notice.person for notice in Notice.objects.filter(message=message)]

    run_due(until - 31 * DAY)
    assert told("members.term_ends") == []
    run_due(until - 30 * DAY)
    run_due(until - 29 * DAY)
    assert sorted(one.email[:2] for one in told("members.term_ends")) == ["f1", "f1", "f2", "f4"], "each once for each office"
    free = [(notice.person.email[:2], notice.url) for notice in Notice.objects.filter(message="members.office_free")]
    assert sorted(who for who, url in free if url == "/decisions/new/?kind=elect") == ["f1", "f2", "f3", "f4", "f5"], "three seats are one message"
    assert sorted(who for who, url in free if url == "/members/offices/coordinator/") == ["f1", "f2", "f4"], "who fills it"


def test_nobody_is_asked_to_fill_a_seat_that_has_its_next_holder(coop, now):
    until = now + 20 * DAY
    OfficeTerm.objects.filter(office__key="coordinator").update(until=until)
    OfficeTerm.objects.exclude(office__key="coordinator").update(until=now + 300 * DAY)
    told = Notice.objects.filter(message__in=["members.term_ends", "members.office_free"])
    follows = actions.appoint("coordinator", person(4), since=until, until=until + 9 * DAY, by=person(1), now=now)
    run_due(now)
    assert not told.exists()
    actions.end_term(follows, by=person(4), now=now + DAY)
    run_due(now + DAY)
    assert {one.message for one in told} == {"members.term_ends", "members.office_free"}, "who was to follow will not"


def test_voters_are_told_in_few_statements(coop, now):
    until = now + 20 * DAY
    OfficeTerm.objects.filter(office__key="board").update(until=until)
    term = OfficeTerm.objects.filter(office__key="board").first()
    with CaptureQueriesContext(connection) as ran:
        offices.warn(term.pk, now=now)
    assert Notice.objects.filter(message="members.office_free").count() == 5
    assert sum('INSERT INTO "notices_notice"' in one["sql"] for one in ran.captured_queries) == 1 + 3, "one for each who goes, one for all who vote"


def test_the_address_on_an_invitation_that_ran_out_is_not_kept(coop, now):
    by = person(1)
    organisation = work.found_organisation("새벽별", by=by, now=now)
    work.invite(organisation, "early@example.org", by=by, now=now)
    work.invite(organisation, "late@example.org", by=by, now=now + DAY)
    run_due(now + work.INVITATION_LASTS)
    assert sorted(WorkInvitation.objects.values_list("email", flat=True)) == ["", "late@example.org"]
