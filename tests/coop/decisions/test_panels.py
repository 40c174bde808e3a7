"""Panels by lot: stand with one tap, a list fixed before the vote, a draw anyone can repeat, and no name for strangers."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from madang.coop import record
from madang.coop.decisions import actions, panels
from madang.coop.decisions.kinds.panel import by_share
from madang.coop.decisions.models import Lottery, Proposal, Volunteer
from madang.coop.members.models import Membership
from madang.coop.notices.models import Notice
from madang.coop.people.models import Person
from madang.coop.record.export import export
from madang.kit.counting import lots, sortition
from madang.kit.errors import Missing, Refused
from madang.kit.verify import panels as verifying
from madang.kit.verify.folder import verify_folder
from tests.coop.decisions import yard as yards
from tests.coop.decisions.yard import Yard

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TEXT = "Look at the prices of winter and say what should change."


@pytest.fixture
def yard(db: Any, now: datetime, rules_of_the_yard: None) -> Yard:
    return yards.make(now, {"worker": 10, "client": 20})


def propose(yard: Yard, **details: Any) -> Proposal:
    author = yard.people["worker"][0]
    one = actions.draft(author, "panel", "A panel on prices", "", details={"text": TEXT, "size": 6, **details}, now=yard.now)
    return actions.open_discussion(one, author, now=yard.now)


def stand(yard: Yard, one: Proposal, **many: int) -> None:
    for key, number in many.items():
        for person in yard.people[key][:number]:
            actions.volunteer(one, person, now=yard.now)


def decided(yard: Yard, one: Proposal) -> Proposal:
    one = yard.run(one, worker="ffffffffff", client="ffff")
    return actions.take_effect(one, now=one.effect_at)


def bodies(one: Proposal) -> dict[str, dict[str, Any]]:
    """The public words of the leaves of a decision, by kind."""
    found = {kind: record.public_words(kind).get(f"decision:{one.pk}") for kind in ("decision.opened", "decision.tally", "decision.panel")}
    return {kind: words for kind, words in found.items() if words is not None}


def test_seats_follow_the_share_of_each_class(yard: Yard):
    assert by_share({"worker": 10, "client": 20}, 6) == {"worker": [2, 2], "client": [4, 4]}
    assert by_share({"a": 1, "b": 99}, 12) == {"a": [0, 1], "b": [11, 12]} and by_share({}, 5) == {}
    assert propose(yard).details["quotas"] == {"worker": [2, 2], "client": [4, 4]}


def test_a_panel_is_drawn_as_its_quotas_say_and_told(yard: Yard):
    one = propose(yard)
    stand(yard, one, worker=5, client=12)
    one = decided(yard, one)
    assert one.state == "in_force"
    drawn = list(Volunteer.objects.filter(proposal=one, drawn_at__isnull=False).select_related("person"))
    assert Counter(row.class_key for row in drawn) == {"worker": 2, "client": 4}
    told = Notice.objects.filter(message="decisions.drawn").values_list("person", flat=True)
    assert set(told) == {row.person_id for row in drawn}
    assert {row.person_id for row in drawn} <= {person.pk for person in yard.people["worker"][:5] + yard.people["client"][:12]}


def test_everyone_of_a_class_has_the_same_chance_and_the_list_says_it(yard: Yard):
    one = propose(yard)
    stand(yard, one, worker=5, client=12)
    one = actions.open_voting(one, now=one.opens_at)
    lottery = Lottery.objects.get(pk=one.pk)
    chances = sortition.chances(lottery.panels, 17)
    of = {key: [chances[row.number - 1] for row in Volunteer.objects.filter(proposal=one, class_key=key)] for key in ("worker", "client")}
    assert of["worker"] == [Fraction(2, 5)] * 5 and len(of["client"]) == 12 and max(of["client"]) - min(of["client"]) <= Fraction(1, 1000)
    assert abs(Fraction(lottery.bound) - Fraction(1, 3)) < Fraction(1, 10**6)
    assert one.details["volunteers"] == 17 and one.details["panels"] == sortition.root(lottery.panels)
    assert one.details["lot"] == lots.commitment(one.lot) and one.lot not in str(one.details)


def test_the_record_alone_draws_the_same_panel(yard: Yard):
    one = propose(yard)
    stand(yard, one, worker=5, client=12)
    one = decided(yard, one)
    said = bodies(one)
    opened, tally, drawn = said["decision.opened"], said["decision.tally"], said["decision.panel"]
    assert list(verifying.redraw(opened, tally, drawn)) == []
    numbers = drawn["panels"][drawn["drawn"]]
    assert numbers == sorted(Volunteer.objects.filter(proposal=one, drawn_at__isnull=False).values_list("number", flat=True))
    others = [panel for panel in drawn["panels"] if panel != numbers]
    for harm, word in (
        ({"drawn": (drawn["drawn"] + 1) % 1000}, "another panel"),
        ({"secret": "00" * 32}, "another secret"),
        ({"panels": [*others, *[numbers] * (1000 - len(others))]}, "another list"),
        ({"panels": [[1, 1, 2, 3, 4, 5]] * 1000}, "none"),
    ):
        assert any(word in sentence for sentence in verifying.redraw(opened, tally, {**drawn, **harm})), word
    assert any("did not want" in sentence for sentence in verifying.redraw(opened, {**tally, "passed": False}, drawn))


def test_a_whole_export_verifies(yard: Yard, tmp_path: Path):
    one = propose(yard)
    stand(yard, one, worker=5, client=12)
    one = decided(yard, one)
    export(tmp_path / "honest")
    report = verify_folder(tmp_path / "honest")
    assert report.decisions == 1 and [text for text in report.problems if str(one.pk) in text] == []


def test_an_export_whose_draw_was_bent_does_not_verify(yard: Yard, tmp_path: Path, monkeypatch: Any):
    """The house draws another panel than it had to, and seals that: everybody who verifies is told."""
    one = propose(yard)
    stand(yard, one, worker=5, client=12)
    one = yard.run(one, worker="ffffffffff", client="ffff")
    honest = sortition.draw
    monkeypatch.setattr(sortition, "draw", lambda seed, many: (honest(seed, many) + 1) % many)
    one = actions.take_effect(one, now=one.effect_at)
    monkeypatch.setattr(sortition, "draw", honest)
    export(tmp_path / "bent")
    assert any("draws another panel" in text and str(one.pk) in text for text in verify_folder(tmp_path / "bent").problems)


def test_every_member_is_called_when_the_discussion_opens(yard: Yard):
    one = propose(yard)
    assert panels.uncalled(yard.now, 9) == [str(one.pk)]
    for _again in range(2):
        panels.call(one.pk, now=yard.now)
    assert Notice.objects.filter(message="decisions.call").values("person").distinct().count() == 30
    assert Notice.objects.filter(message="decisions.call").count() == 30 and panels.uncalled(yard.now, 9) == []
    assert panels.uncalled(propose(yard, text="Another one.").opens_at, 9) == [], "not when voting has begun"


def test_too_few_who_stand_end_it_and_the_page_says_what_would_have_done(yard: Yard, client: Client):
    one = propose(yard)
    stand(yard, one, worker=1, client=12)
    one = actions.open_voting(one, now=one.opens_at)
    assert one.state == "failed" and one.ended_because == "too-few-volunteers" and not Lottery.objects.exists()
    client.force_login(yard.people["client"][15])
    html = client.get(f"/decisions/{one.pk}/", headers={"accept-language": "en"}).content.decode()
    assert "Worker: 1 to 2" in html and "Client: 4 to 5" in html


def test_nobody_stands(yard: Yard):
    one = propose(yard, by="none")
    assert actions.open_voting(one, now=one.opens_at).ended_because == "too-few-volunteers"


def test_standing_is_one_tap_taken_back_by_another_until_voting_opens(yard: Yard, client: Client, monkeypatch: Any):
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: yard.now)
    one, person = propose(yard), yard.people["client"][0]
    client.force_login(person)
    page = f"/decisions/{one.pk}/"
    assert "I stand for it" in client.get(page, headers={"accept-language": "en"}).content.decode()
    assert client.post(f"{page}volunteer/").status_code == 302
    assert client.post(f"{page}volunteer/").status_code == 302
    assert Volunteer.objects.filter(proposal=one, stepped_back_at=None).count() == 1
    client.post(f"{page}volunteer/", {"back": "1"})
    assert Volunteer.objects.filter(proposal=one, stepped_back_at=None).count() == 0
    client.post(f"{page}volunteer/")
    stand(yard, one, worker=5, client=12)
    opened = actions.open_voting(one, now=one.opens_at)
    for verb in (actions.volunteer, actions.step_back):
        with pytest.raises(Refused) as no:
            verb(opened, person, now=opened.opens_at)
        assert no.value.code == "over"


def test_only_members_stand_and_only_for_a_panel(yard: Yard):
    one, stranger = propose(yard), Person.objects.create_user("s@example.org", "S")
    with pytest.raises(Missing):
        actions.volunteer(one, stranger, now=yard.now)
    with pytest.raises(Missing):
        actions.step_back(one, yard.people["worker"][0], now=yard.now)
    with pytest.raises(Missing):
        actions.volunteer(yard.propose(), yard.people["worker"][0], now=yard.now)


def test_who_leaves_before_voting_opens_has_no_number_and_who_leaves_after_leaves_the_seat_empty(yard: Yard):
    one = propose(yard, by="none", size=4)
    stand(yard, one, worker=5)
    Membership.objects.filter(person=yard.people["worker"][4]).update(state="left", left_at=yard.now + DAY)
    one = actions.open_voting(one, now=one.opens_at)
    assert one.details["volunteers"] == 4  # all four are drawn
    yard.vote(one, worker="ffff", client="ffff")
    one = actions.close(one, now=one.closes_at)
    Membership.objects.filter(person=yard.people["worker"][1]).update(state="left", left_at=one.closes_at)
    one = actions.take_effect(one, now=one.effect_at)
    assert Volunteer.objects.filter(proposal=one, drawn_at__isnull=False).count() == 3
    assert bodies(one)["decision.panel"]["empty"] == 1


def test_names_and_classes_are_for_members(yard: Yard, client: Client):
    one = propose(yard)
    stand(yard, one, worker=5, client=12)
    one = decided(yard, one)
    page = f"/decisions/{one.pk}/"
    row = Volunteer.objects.filter(proposal=one, drawn_at__isnull=False).select_related("person").first()
    html = client.get(page).content.decode()
    assert str(row.person) not in html and str(row.number) in html
    listed = client.get(f"{page}panels/").content.decode()
    assert len(listed.splitlines()) == 1000 and set(listed) <= set("0123456789,\n")
    client.force_login(yard.people["client"][0])
    assert str(row.person) in client.get(page).content.decode()


def test_no_list_before_voting_opens(yard: Yard, client: Client):
    one = propose(yard)
    assert client.get(f"/decisions/{one.pk}/panels/").status_code == 404


def test_the_list_is_never_changed(yard: Yard):
    one = propose(yard)
    stand(yard, one, worker=5, client=12)
    actions.open_voting(one, now=one.opens_at)
    with pytest.raises(DatabaseError), transaction.atomic():
        Lottery.objects.update(panels=[[1, 2, 3, 4, 5, 6]])


@pytest.mark.parametrize(
    ("details", "code"),
    [
        ({"text": ""}, "no-text"), ({"size": 1}, "size"), ({"size": 101}, "size"), ({"size": "many"}, "size"), ({"by": "birth"}, "by"),
        ({"by": "own"}, "quotas"), ({"by": "own", "quotas": {"worker": [4, 3]}}, "quotas"),
        ({"by": "own", "quotas": {"worker": [5, 6], "client": [2, 6]}}, "quotas"),
        ({"by": "own", "quotas": {"worker": [0, 2], "client": [0, 3]}}, "quotas"), ({"by": "own", "quotas": {"maker": [0, 2]}}, "quotas"),
        ({"by": "own", "quotas": {"worker": "x"}}, "quotas"), ({"by": "own", "quotas": {"worker": [None, 7]}}, "quotas"),
    ],
)  # fmt: skip
def test_what_is_no_panel_is_refused(yard: Yard, details: dict[str, Any], code: str):
    with pytest.raises(Refused) as no:
        propose(yard, **details)
    assert no.value.code == code


def test_numbers_of_ones_own(yard: Yard):
    one = propose(yard, by="own", quotas={"worker": [3, None]})
    assert one.details["quotas"] == {"worker": [3, 6]}
    stand(yard, one, worker=4, client=8)
    decided(yard, one)
    assert Volunteer.objects.filter(proposal=one, drawn_at__isnull=False, class_key="worker").count() >= 3


def test_the_form_asks_for_each_class_and_keeps_what_was_typed(yard: Yard, client: Client):
    client.force_login(yard.people["worker"][0])
    html = client.get("/decisions/new/?kind=panel", headers={"accept-language": "en"}).content.decode()
    assert "Worker: at least" in html and "Client: at most" in html
    sent = {"kind": "panel", "title": "T", "reason": "", "text": TEXT, "size": "6", "by": "own", "least_worker": "2", "most_worker": "3", "do": "draft"}
    assert client.post("/decisions/new/", sent).status_code == 302
    one = Proposal.objects.get()
    assert one.details["quotas"] == {"worker": [2, 3]}
    assert 'name="most_worker" value="3"' in client.get(f"/decisions/{one.pk}/edit/").content.decode()


def test_a_rejected_panel_is_not_drawn(yard: Yard):
    one = propose(yard)
    stand(yard, one, worker=5, client=12)
    one = yard.run(one, worker="aaaaaaaaaa")
    assert one.state == "rejected" and not Volunteer.objects.filter(drawn_at__isnull=False).exists()
    assert "decision.panel" not in bodies(one)


def test_erasing_takes_the_name_and_leaves_the_number(yard: Yard):
    one, person = propose(yard), yard.people["worker"][1]
    stand(yard, one, worker=5, client=12)
    panels.erase(person, now=yard.now)
    assert not Volunteer.objects.filter(person=person).exists()
    actions.volunteer(one, person, now=yard.now)
    actions.open_voting(one, now=one.opens_at)
    panels.erase(person, now=one.opens_at)
    assert Volunteer.objects.get(person=person).number and panels.export(person)[0]["as"] == "worker"
