"""An election: named, standing, on the ballot, counted, in office; and what goes otherwise on the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from madang.coop.decisions import actions, checking, options, queries, standing
from madang.coop.decisions.models import Nomination
from madang.coop.members.models import Membership, Office, OfficeTerm
from madang.coop.notices.models import Mail, Task
from madang.coop.record.models import LeafLine, PendingLeaf
from madang.kit.errors import Missing, Refused
from tests.coop.decisions import yard as yards
from tests.coop.decisions.test_options import everybody

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def board(yard: Any) -> Office:
    Office.objects.filter(key="board").delete()
    return Office.objects.create(key="board", title={"ko": "이사", "en": "Director"}, filled_by="vote:policy", seats=3, term_months=24)


def election(yard: Any, seats: int = 3, method: str = "", **more: Any) -> Any:
    author = yard.people["client"][5]
    now = more.pop("now", yard.now)
    one = actions.draft(author, "election", "A new board", "", details={"office": "board", "seats": seats, "method": method}, now=now)
    return actions.open_discussion(one, author, now=now)


def standing_for(yard: Any, one: Any, many: int) -> list[Any]:
    found = yard.people["worker"][:many]
    for person in found:
        actions.stand(one, person, f"I am {person}.", now=one.discussion_at)
    return found


def test_three_of_five_are_elected_in_proportion_and_take_office(yard, board, client_for) -> None:
    one = election(yard)
    people = standing_for(yard, one, 5)
    one = actions.open_voting(one, now=one.opens_at)
    asked = options.of(one)
    assert asked.question.method == "stv-scottish" and asked.question.seats == 3
    who = {str(person): key for key, person in standing.people(one).items()}
    first, second, third, fourth, fifth = (who[str(person)] for person in people)
    assert asked.texts[first] == f"I am {people[0]}."
    voters = everybody(yard)
    for number, person in enumerate(voters):
        marks = [[first], [second]] if number < 7 else [[third], [fourth]] if number < 11 else [[fifth]]
        actions.cast(one, person, "marked", marks=marks, now=one.opens_at)
    one = actions.close(one, now=one.closes_at)
    assert one.state == "passed" and set(one.tally["winners"]) == {first, second, third}
    one = actions.take_effect(one, now=one.effect_at)
    terms = OfficeTerm.objects.filter(office=board, decision_id=one.pk)
    assert {term.person for term in terms} == set(people[:3]) and {term.since for term in terms} == {one.effect_at}
    assert checking.wrong_tallies() == []
    public = " ".join(str(line.body) for line in LeafLine.objects.filter(written__in=PendingLeaf.objects.filter(public=True).values("pk")))
    assert not any(str(person.pk) in public or person.name in public for person in people), "whom it was about is sealed"
    stranger = client_for(None).get(f"/decisions/{one.pk}/").content.decode()
    assert not any(person.name in stranger for person in people) and "1" in stranger
    member = client_for(voters[0]).get(f"/decisions/{one.pk}/").content.decode()
    assert all(person.name in member for person in people)


def test_whoever_is_named_stands_only_with_a_yes(yard, board) -> None:
    one = election(yard)
    named, by = yard.people["worker"][0], yard.people["client"][0]
    for _twice in range(2):
        actions.nominate(one, named, by, now=yard.now)
    assert Task.objects.filter(person=named, key=standing.key(one), closed_at=None).count() == 1
    assert Mail.objects.filter(to=named.email).count() == 1
    assert standing.candidates(one, yard.now) == []
    actions.stand(one, named, "Yes, gladly.", now=yard.now)
    assert [row.person for row in standing.candidates(one, yard.now)] == [named]
    assert not Task.objects.filter(person=named, key=standing.key(one), closed_at=None).exists()
    actions.step_down(one, named, now=yard.now)
    assert standing.candidates(one, yard.now) == [] and Nomination.objects.get().statement == ""
    with pytest.raises(Refused) as no:
        actions.nominate(one, named, by, now=yard.now)
    assert no.value.code == "declined"
    actions.stand(one, named, "On second thoughts", now=yard.now)
    assert len(standing.candidates(one, yard.now)) == 1


def test_nobody_stands_and_it_says_so(yard, board, client_for) -> None:
    one = election(yard)
    actions.nominate(one, yard.people["worker"][0], yard.people["client"][0], now=yard.now)
    one = actions.open_voting(one, now=one.opens_at)
    assert (one.state, one.ended_because) == ("failed", "nobody-stands")
    assert "Nobody stood for election" in client_for(yard.people["client"][0]).get(f"/decisions/{one.pk}/").content.decode()


@pytest.mark.parametrize(("letters", "state", "terms"), [("fffff", "passed", 2), ("aaaaa", "rejected", 0)])
def test_fewer_than_seats_are_confirmed_or_not(yard, board, letters, state, terms) -> None:
    one = election(yard, seats=3)
    people = standing_for(yard, one, 2)
    one = actions.open_voting(one, now=one.opens_at)
    assert options.of(one) is None, "there is nothing to choose: yes or no to all of them"
    yard.vote(one, client=letters)
    one = actions.close(one, now=one.closes_at)
    assert one.state == state
    if state == "passed":
        one = actions.take_effect(one, now=one.effect_at)
    assert OfficeTerm.objects.filter(office=board, person__in=people).count() == terms


def test_a_candidate_who_leaves_in_the_middle(yard, board) -> None:
    one = election(yard, seats=1)
    people = standing_for(yard, one, 3)
    Membership.objects.filter(person=people[0]).update(state="left", left_at=yard.now + DAY)
    one = actions.open_voting(one, now=one.opens_at)
    assert set(standing.people(one).values()) == set(people[1:]), "gone before the vote: not on the ballot"
    who = {person.pk: key for key, person in standing.people(one).items()}
    for person in everybody(yard)[1:]:
        actions.cast(one, person, "marked", marks=[[who[people[1].pk]]], now=one.opens_at)
    one = actions.close(one, now=one.closes_at)
    Membership.objects.filter(person=people[1]).update(state="left", left_at=one.closed_at)
    one = actions.take_effect(one, now=one.effect_at)
    assert one.state == "in_force" and not OfficeTerm.objects.filter(office=board).exists(), "gone after it: the seat stays empty"


def test_who_holds_the_office_goes_on_after_their_own_term(yard, board) -> None:
    person = yard.people["worker"][0]
    until = yard.now + 100 * DAY
    OfficeTerm.objects.create(office=board, person=person, since=yard.now - DAY, until=until, founding_id=yard.coop.founding_id)
    one = election(yard, seats=1)
    actions.stand(one, person, "", now=yard.now)
    one = actions.open_voting(one, now=one.opens_at)
    yard.vote(one, client="fffff")
    one = actions.close(one, now=one.closes_at)
    one = actions.take_effect(one, now=one.effect_at)
    assert OfficeTerm.objects.get(decision_id=one.pk).since == until


@pytest.mark.parametrize(("details", "field"), [
    ({"office": "nothing"}, "office"), ({"office": "board", "seats": 4}, "seats"), ({"office": "board", "seats": "many"}, "seats"),
    ({"office": "board", "seats": 2, "method": "irv"}, "method"), ({"office": "board", "seats": 1, "method": "stv-meek"}, "method"),
    ({"office": "board", "seats": 0}, "seats"),
])  # fmt: skip
def test_what_cannot_be_elected(yard, board, details, field) -> None:
    with pytest.raises(Refused) as no:
        actions.draft(yard.people["worker"][0], "election", "x", "", details=details, now=yard.now)
    assert no.value.field == field


def test_only_members_and_only_during_the_discussion(yard, board) -> None:
    from madang.coop.people.models import Person

    one = election(yard)
    stranger = Person.objects.create_user("s@example.org", "Stranger", language="en")
    with pytest.raises(Missing):
        actions.stand(one, stranger, "", now=yard.now)
    with pytest.raises(Refused) as no:
        actions.nominate(one, stranger, yard.people["client"][0], now=yard.now)
    assert no.value.code == "not-a-member"
    with pytest.raises(Missing):
        actions.step_down(one, yard.people["client"][0], now=yard.now)
    actions.stand(one, yard.people["worker"][0], "", now=yard.now)
    for late in (one.opens_at, one.opens_at + DAY):
        with pytest.raises(Refused):
            actions.stand(one, yard.people["worker"][1], "", now=late)
    with pytest.raises(Refused):
        actions.stand(one, yard.people["worker"][1], "x" * 4001, now=yard.now)
    with pytest.raises(Missing):
        actions.stand(yard.propose(), yard.people["worker"][1], "", now=yard.now)


def test_the_order_on_the_ballot_is_nobodys_doing(yard, board) -> None:
    one = election(yard)
    for person in yard.people["worker"]:
        actions.stand(one, person, "", now=yard.now)
    first = [row.person_id for row in standing.candidates(one, yard.now)]
    assert first == [row.person_id for row in standing.candidates(one, yard.now)] and first != [person.pk for person in yard.people["worker"]]


def test_by_the_page_in_both_languages(yard, board, client_for, monkeypatch) -> None:
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: yard.now)
    author, other = yard.people["client"][5], yard.people["worker"][0]
    sent = {"kind": "election", "title": "A new board", "reason": "", "office": "board", "seats": "2", "method": "", "do": "propose"}
    answer = client_for(author).post("/decisions/new/", sent)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    url = answer["Location"]
    assert client_for(author).post(f"{url}nominate/", {"person": str(other.pk)}).status_code == 302
    page = client_for(other).get(url).content.decode()
    assert f"{url}stand/" in page and 'name="statement"' in page
    assert client_for(other).post(f"{url}stand/", {"statement": "<b>Hello</b>"}).status_code == 302
    for lang in ("ko", "en"):
        author.language = lang
        author.save()
        page = client_for(author).get(url).content.decode()
        assert other.name in page and "&lt;b&gt;Hello" in page
    assert other.name not in client_for(None).get(url).content.decode()
    assert client_for(other).post(f"{url}step-down/").status_code == 302
    assert not standing.candidates(queries.proposal(url.split("/")[2]), yard.now)


def test_erasing_takes_the_statement_and_the_candidacy(yard, board) -> None:
    from madang.coop.decisions import hooks

    one = election(yard)
    person = yard.people["worker"][0]
    actions.stand(one, person, "My life's story", now=yard.now)
    assert any(row["kind"] == "candidacy" and row["statement"] == "My life's story" for row in hooks._export(person))
    hooks._erase(person, now=yard.now)
    row = Nomination.objects.get()
    assert (row.statement, row.stands_since) == ("", None)


def test_offices_that_no_vote_fills(yard, board) -> None:
    yards.office(yard, "chair", filled_by="office:board")
    with pytest.raises(Refused):
        actions.draft(yard.people["worker"][0], "election", "x", "", details={"office": "chair", "seats": 1}, now=yard.now)
