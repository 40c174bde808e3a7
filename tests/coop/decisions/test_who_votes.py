"""Organisations that vote, people with two votes, applications decided by vote, many voters, and small classes that stay hidden."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from madang.coop.decisions import actions, checking, queries, telling
from madang.coop.decisions.models import Ballot, Elector, Proposal
from madang.coop.law.models import Coop
from madang.coop.members import actions as members
from madang.coop.members import work
from madang.coop.members.leaving import consequences
from madang.coop.members.models import MemberClass, Membership
from madang.coop.notices.due import run_due
from madang.coop.notices.models import Notice, Task
from madang.coop.people.models import Person, Work
from madang.coop.record.models import LeafLine, PendingLeaf
from madang.kit.errors import Missing, Refused
from tests.coop.decisions.yard import FEE, POLICY, Yard, make, organisation

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_someone_with_two_votes_says_which(yard: Yard):
    organisation(yard, "Brightly", 5)
    person = yard.people["worker"][0]
    org = yard.people["Brightly"][0].work.get().organisation
    Work.objects.create(organisation=org, person=person, role="representative", since=yard.now - DAY)
    Coop.objects.update(voters="both")
    one = actions.open_voting(yard.propose(), now=yard.now + 3 * DAY)
    mine = queries.my_votes(one, person, one.opens_at)
    assert sorted(vote.as_whom for vote in mine) == ["", "Brightly"]
    with pytest.raises(Refused) as no:
        actions.cast(one, person, "for", now=one.opens_at)
    assert no.value.code == "which-vote"
    key = f"vote:{one.pk}"
    actions.cast(one, person, "for", elector=mine[0].elector.pk, now=one.opens_at)
    assert Task.objects.filter(person=person, key=key, closed_at=None).exists(), "one vote is still to be cast"
    actions.cast(one, person, "against", elector=mine[1].elector.pk, now=one.opens_at)
    assert not Task.objects.filter(person=person, key=key, closed_at=None).exists()
    assert Ballot.objects.filter(elector__proposal=one).count() == 2


def test_only_organisations_vote_where_the_charter_says_so(db, now, rules_of_the_yard):
    yard = make(now, {"worker": 3}, voters="organisations")
    orgs = [organisation(yard, name, 2) for name in ("Brightly", "Ecomundo")]
    for org in orgs:
        Work.objects.create(organisation=org, person=yard.people[org.name][0], role="representative", since=now - DAY)
    one = actions.open_voting(yard.propose(author=yard.people["Brightly"][1]), now=now + 3 * DAY)
    assert one.electorate == {"total": 2, "classes": {"provider": 2}}
    assert {e.person for e in Elector.objects.filter(proposal=one)} == {yard.people["Brightly"][0], yard.people["Ecomundo"][0]}


@pytest.mark.parametrize(("ballots", "state", "member"), [("fffffff", "in_force", "active"), ("aaaaaaa", "rejected", "refused")])
def test_an_application_decided_by_vote(yard: Yard, ballots, state, member):
    MemberClass.objects.create(key="supporter", title={"en": "Supporter"}, admission="vote:policy", votes=False, order=8)
    applicant = Person.objects.create_user("new@example.org", "Newcomer")
    membership = members.apply(applicant, "supporter", words="I would like to help.", now=yard.now)
    members.apply(applicant, "supporter", now=yard.now)
    one = Proposal.objects.get(kind="admit")
    assert one.state == "discussion" and "Newcomer" not in one.title and one.author is None
    one = yard.run(one, worker=ballots)
    if one.state == "passed":
        one = actions.take_effect(one, now=one.effect_at)
    membership.refresh_from_db()
    assert (one.state, membership.state, membership.decision_id) == (state, member, one.pk)


def test_an_application_withdrawn_meanwhile_fails_quietly(yard: Yard):
    MemberClass.objects.create(key="supporter", title={"en": "Supporter"}, admission="vote:policy", votes=False, order=8)
    applicant = Person.objects.create_user("new@example.org", "Newcomer")
    membership = members.apply(applicant, "supporter", now=yard.now)
    one = yard.run(Proposal.objects.get(kind="admit"), worker="fffffff")
    members.leave(membership, by=applicant, now=one.closed_at)
    one = actions.take_effect(one, now=one.effect_at)
    assert one.state == "failed" and one.ended_because


def test_many_voters_are_told_in_portions(yard: Yard, monkeypatch):
    monkeypatch.setattr(telling, "AT_ONCE", 3)
    one = actions.open_voting(yard.propose(), now=yard.now + 3 * DAY)
    assert Task.objects.filter(key=f"vote:{one.pk}").count() == 3
    run_due(one.opens_at)
    assert Task.objects.filter(key=f"vote:{one.pk}").count() == 13
    yard.vote(one, worker="fffffff")
    run_due(one.closes_at)
    assert Notice.objects.filter(message="decisions.passed").values("person").distinct().count() == 13
    assert not Task.objects.filter(key=f"vote:{one.pk}", closed_at=None).exists()
    before = Notice.objects.count()
    run_due(one.closes_at)
    assert Notice.objects.count() == before


WAY = {"discussion": "1d", "voting": "1d", "notice": "1d", "per_class": {"maker": {"majority": "50%"}}}


@pytest.mark.parametrize(
    ("ballots", "shown", "totals"),
    [
        ({"worker": "ffffffa", "client": "ffffff", "maker": "ff"}, {"worker"}, True),
        ({"worker": "ffffffa", "client": "ffff--", "maker": "ff"}, {"worker"}, True),
        ({"worker": "ffff---", "client": "ff----", "maker": "ff"}, set(), True),
        ({"worker": "f------", "client": "f-----", "maker": "ff"}, set(), False),
    ],
)
def test_a_small_class_shows_only_passed_and_cannot_be_worked_out(db, now, rules_of_the_yard, client_for, ballots, shown, totals):
    yard = make(now, {"worker": 7, "client": 6, "maker": 3}, {"ways.policy": WAY})
    one = yard.run(yard.propose(), **ballots)
    pending = PendingLeaf.objects.get(kind="decision.tally", subject=f"decision:{one.pk}")
    leaf = json.loads(LeafLine.objects.get(written=pending.pk).body)
    public = [one.tally, leaf, client_for(None).get(f"/api/decisions/{one.pk}").json()["tally"]]
    for tally in public:
        figures = {key: row for key, row in tally["classes"].items() if "for" in row}
        assert set(figures) == shown and (tally["totals"] is not None) == totals
        assert tally["classes"]["maker"] == {"passed": True, "hidden": True}
        if tally["totals"]:
            rest = sum(tally["totals"].values()) - sum(row["for"] + row["against"] + row["abstain"] for row in figures.values())
            assert rest >= 5 and len(one.electorate["classes"]) - len(figures) >= 2
    assert checking.wrong_tallies() == []
    opened = PendingLeaf.objects.get(kind="decision.opened", subject=f"decision:{one.pk}")
    told = [json.loads(LeafLine.objects.get(written=opened.pk).body), client_for(None).get(f"/api/decisions/{one.pk}").json()]
    for electorate in (body["electorate"] for body in told):
        assert electorate == {"total": 16, "classes": {"client": None, "maker": None, "worker": 7}}, "three makers are fewer than five"


def test_a_small_class_that_says_no_says_only_that(db, now, rules_of_the_yard, client_for):
    yard = make(now, {"worker": 7, "client": 6, "maker": 3}, {"ways.policy": {**WAY, "per_class": {"maker": {"quorum": "90%", "majority": "50%"}}}})
    one = yard.run(yard.propose(), worker="fffffff", client="ffffff", maker="ff")
    assert one.state == "rejected" and one.tally["reasons"] == ["class:maker"]
    browser = client_for(None)
    text = browser.get(f"/decisions/{one.pk}/", headers={"accept-language": "en"}).content.decode()
    assert "Maker: not in favour" in text and "Too few took part" not in text


def test_who_left_casts_no_more_and_what_they_cast_still_counts(yard: Yard):
    one = actions.open_voting(yard.propose(), now=yard.now + 3 * DAY)
    gone, silent = yard.people["client"][:2]
    actions.cast(one, gone, "for", now=one.opens_at)
    for person in (gone, silent):
        members.leave(Membership.objects.get(person=person), by=person, now=one.opens_at + DAY)
        with pytest.raises(Refused, match="not-any-more"):
            actions.cast(one, person, "against", now=one.opens_at + DAY)
        assert queries.my_votes(one, person, one.opens_at + DAY) == []
        assert not Task.objects.filter(person=person, key=f"vote:{one.pk}", closed_at=None).exists()
        assert queries.board(person, one.opens_at + DAY).waiting == []
    assert Ballot.objects.get(elector__person=gone).choice == "for"
    for change in ("update", "create"):  # the database says so too
        with pytest.raises(IntegrityError, match="Who left"), transaction.atomic():
            if change == "update":
                Ballot.objects.filter(elector__person=gone).update(choice="against", cast_at=one.opens_at + DAY)
            else:
                Ballot.objects.create(elector=one.electors.get(person=silent), by=silent, choice="for", cast_at=one.opens_at + DAY)
    yard.vote(one, worker="ffff")
    assert actions.close(one, now=one.closes_at).tally["totals"] == {"for": 5, "against": 0, "abstain": 0}
    assert one.electorate["total"] == 13, "the electorate stays what it was"


def test_who_stays_in_another_class_that_votes_keeps_the_vote(yard: Yard):
    one = actions.open_voting(yard.propose(), now=yard.now + 3 * DAY)
    both = yard.people["client"][0]
    first = Membership.objects.get(person=both)
    dates = {"applied_at": yard.now, "admitted_at": yard.now, "active_from": yard.now}
    Membership.objects.create(member_class=MemberClass.objects.get(key="worker"), person=both, state="active", primary=False, **dates)
    with translation.override("en"):
        assert any("You go on voting as" in text for text in consequences(first, one.opens_at))
    members.leave(first, by=both, now=one.opens_at)
    assert actions.cast(one, both, "for", now=one.opens_at + DAY).by == both


@pytest.fixture
def bodies(db, now, rules_of_the_yard):
    """Organisations vote; of the first, worker 0 is told to vote."""
    yard = make(now, {"worker": 3}, voters="organisations")
    for org in [organisation(yard, name, 3) for name in ("Brightly", "Ecomundo")]:
        Work.objects.create(organisation=org, person=yard.people[org.name][0], role="representative", since=now - DAY)
    return yard


def test_an_organisations_ballot_is_cast_by_who_speaks_for_it_now(bodies: Yard):
    first, second, third = bodies.people["Brightly"]
    org = first.work.first().organisation
    one = actions.open_voting(bodies.propose(author=second), now=bodies.now + 3 * DAY)
    at, key = one.opens_at + DAY, f"vote:{one.pk}"
    with pytest.raises(Missing):
        actions.cast(one, second, "for", now=at)
    actions.cast(one, first, "for", now=at)
    _invitation, token = work.invite(org, second.email, by=first, role="representative", now=at)
    work.accept_invitation(token, by=second, now=at)
    assert not Task.objects.filter(person=second, key=key, closed_at=None).exists(), "it is cast already"
    work.end_work(first.work.get(role="representative"), by=first, now=at)
    with pytest.raises(Refused, match="not-any-more"):
        actions.cast(one, first, "against", now=at)
    ballot = actions.cast(one, second, "against", now=at)
    assert (ballot.by, ballot.elector.person, Ballot.objects.count()) == (second, first, 1)
    assert [vote.as_whom for vote in queries.my_votes(one, second, at)] == ["Brightly"] and queries.my_votes(one, first, at) == []
    for stranger in (first, third):
        with pytest.raises(IntegrityError, match="Somebody else"), transaction.atomic():
            Ballot.objects.filter(pk=ballot.pk).update(by=stranger, choice="for")
    members.leave(Membership.objects.get(organisation=org), by=second, now=at)
    with pytest.raises(Refused, match="not-any-more"):
        actions.cast(one, second, "for", now=at)


def test_a_new_representative_is_asked_to_vote(bodies: Yard):
    first, second, _third = bodies.people["Brightly"]
    org = first.work.first().organisation
    one = actions.open_voting(bodies.propose(author=second), now=bodies.now + 3 * DAY)
    at, tasks = one.opens_at + DAY, Task.objects.filter(key=f"vote:{one.pk}", closed_at=None)
    assert tasks.filter(person=first).exists()
    _invitation, token = work.invite(org, second.email, by=first, role="representative", now=at)
    work.accept_invitation(token, by=second, now=at)
    assert not tasks.filter(person=second).exists(), "one is asked already"
    work.end_work(first.work.get(role="representative"), by=first, now=at)
    assert tasks.filter(person=second).exists() and not tasks.filter(person=first).exists()
    assert [row.proposal for row in queries.board(second, at).waiting] == [one]
    actions.cast(one, second, "for", now=at)
    assert not tasks.filter(person=second).exists()


def test_inside_an_organisation_who_stopped_working_there_casts_no_more(bodies: Yard):
    first, second, _third = bodies.people["Brightly"]
    org = first.work.first().organisation
    inside = {"rule": FEE, "value": {"worker": "95%", "fund": "5%"}}
    one = actions.open_voting(bodies.propose(inside, author=second, org=org), now=bodies.now + 3 * DAY)
    work.end_work(second.work.get(role="worker"), by=second, now=one.opens_at)
    with pytest.raises(Refused, match="not-any-more"):
        actions.cast(one, second, "for", now=one.opens_at)
    assert not Task.objects.filter(key=f"vote:{one.pk}", person=second, closed_at=None).exists()
    with pytest.raises(IntegrityError, match="Somebody else"), transaction.atomic():
        Ballot.objects.create(elector=one.electors.get(person=second), by=second, choice="for", cast_at=one.opens_at)
    assert actions.cast(one, first, "for", now=one.opens_at).by == first


def test_a_class_that_votes_on_the_coops_rules_does_not_shut_organisations_out_of_their_own(db, now, rules_of_the_yard):
    """``electorate = ["worker"]``, as docs/charter.md has it: inside an organisation everyone who works there votes."""
    yard = make(now, {"worker": 3, "client": 3}, {"ways.policy": {**POLICY, "electorate": ["worker"], "draft": "voters"}})
    org = organisation(yard, "Brightly", 3)
    author = yard.people["Brightly"][0]
    one = yard.propose({"rule": FEE, "value": {"worker": "95%", "fund": "5%"}}, author=author, org=org)
    assert yard.run(one, Brightly="fff").state == "passed"
    assert actions.open_voting(yard.propose(), now=now + 3 * DAY).electorate == {"total": 3, "classes": {"worker": 3}}


@pytest.mark.parametrize("way", [{"electorate": ["worker"]}, {"per_class": {"worker": {"majority": "50%"}}}, {}])
def test_who_left_the_class_a_way_names_casts_no_more_in_it(db, now, rules_of_the_yard, way):
    yard = make(now, {"worker": 3, "client": 3}, {"ways.policy": {**POLICY, **way}})
    person, before = yard.people["worker"][0], now - 20 * DAY
    client = MemberClass.objects.get(key="client")
    Membership.objects.create(member_class=client, person=person, state="active", primary=False, applied_at=before, admitted_at=before, active_from=before)
    one = actions.open_voting(yard.propose(), now=now + 3 * DAY)
    elector = one.electors.get(person=person, class_key="worker")
    Membership.objects.filter(person=person, member_class__key="worker").update(state="left", left_at=one.opens_at, primary=False)
    if not way:
        assert actions.cast(one, person, "for", now=one.opens_at).elector == elector, "still a member with a vote"
        return
    with pytest.raises(Refused, match="not-any-more"):
        actions.cast(one, person, "for", now=one.opens_at)
    with pytest.raises(IntegrityError, match="casts no more"), transaction.atomic():
        Ballot.objects.create(elector=elector, by=person, choice="for", cast_at=one.opens_at)


def test_calling_voters_locks_in_the_order_a_ballot_does(yard: Yard, django_assert_max_num_queries):
    """Decision first, shared, then the voter: the other way round the two would wait for each other for ever."""
    one = actions.open_voting(yard.propose(), now=yard.now + 3 * DAY)
    elector = one.electors.order_by("pk").first()
    for step in (telling.call_later, telling.tell_later):
        with django_assert_max_num_queries(100) as asked:
            step(elector.pk, now=one.opens_at)
        locks = [query["sql"] for query in asked.captured_queries if " FOR " in query["sql"]]
        assert locks[0].startswith("SELECT * FROM decisions_proposal") and locks[0].endswith("FOR SHARE")
        assert locks[1].endswith('FOR UPDATE OF "decisions_elector"')
