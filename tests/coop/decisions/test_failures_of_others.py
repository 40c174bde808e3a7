"""The course beyond its three periods, and the failures of others that each part of it answers (facts on executable governance)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import translation

from madang.coop import record, rules
from madang.coop.decisions import actions, back, checking, hooks, reminding, review
from madang.coop.decisions.models import Elector, Proposal
from madang.coop.members.models import Membership
from madang.coop.notices.models import Mail, Notice, Task
from madang.coop.record.export import export
from madang.coop.rules.models import RuleVersion
from madang.kit.errors import Missing, Refused
from madang.kit.verify.folder import verify_folder
from tests.coop.decisions import yard as yards
from tests.coop.decisions.yard import POLICY, SPLIT, split

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
COURSE = {"cooling_off": "30d", "late": "24h", "late_most": 2, "remind": "24h", "grace": "14d", "back_notice": "24h", "review": "365d"}


@pytest.fixture
def yard(db: Any, now: Any, rules_of_the_yard: None) -> yards.Yard:
    return yards.make(now, {"worker": 7, "client": 6}, {"ways.policy": {**POLICY, **COURSE}})


def verified(settings: Any, tmp_path: Path, now: Any) -> list[str]:
    """What a sceptic finds wrong in the export; the yard was not founded by a charter, which it says and we do not count."""
    settings.DATA = tmp_path / "data"
    record.seal(now)
    export(tmp_path / "out")
    return [said for said in verify_folder(tmp_path / "out").problems if "founding" not in said]


def passed(yard: yards.Yard, *changes: dict[str, Any], **more: Any) -> Proposal:
    one = yard.run(yard.propose(*changes, **more), worker="fffffff", client="ff")
    assert one.state == "passed"
    return actions.take_effect(one, now=one.effect_at)


# -- a failed motion does not come back unnoticed (Build Finance, 2022) -------------------------------------------------------


def test_build_finance_2022_a_motion_that_failed_does_not_return_before_its_cooling_off(yard) -> None:
    lost = yard.run(yard.propose(split("94%", "6%")), worker="aaaaaaa")
    author, again = yard.people["client"][0], lost.closed_at + DAY
    for change in (split("94%", "6%"), split("93%", "7%"), split("93.99%", "6.01%")):
        with pytest.raises(Refused) as no:
            yard.propose(change, author=author, now=again, title="Something quite different")
        assert no.value.code == "cooling-off" and "Upkeep to 6 %" in str(no.value.message)
    assert Proposal.objects.filter(author=author, state="draft").count() == 3, "what was written is kept"
    assert yard.propose(split("94.5%", "5.5%"), author=author, now=again).state == "discussion", "less of it is another motion"
    assert yard.propose(split("96%", "4%"), author=yard.people["client"][1], now=again).state == "discussion", "and so is the other way"
    later = lost.ended_at + timedelta(days=30)
    assert yard.propose(split("94%", "6%"), author=yard.people["client"][2], now=later).state == "discussion"


def test_build_finance_2022_words_with_another_full_stop_are_the_same_motion(yard) -> None:
    author = yard.people["worker"][0]

    def resolve(text: str, now: Any) -> Proposal:
        return actions.open_discussion(actions.draft(author, "resolve", "A bus", "", details={"text": text}, now=now), author, now=now)

    lost = yard.run(resolve("We buy a bus.", yard.now), worker="aaaaaaa")
    with pytest.raises(Refused):
        resolve("We buy  a BUS!", lost.closed_at)
    assert resolve("We buy two buses.", lost.closed_at).state == "discussion"


def test_build_finance_2022_money_that_was_refused_is_not_asked_for_again_a_day_later_or_a_won_more(yard) -> None:
    author, until = yard.people["worker"][0], (yard.now + 90 * DAY).date().isoformat()

    def ask(now: Any, kind: str = "spend", **more: Any) -> Proposal:
        own = {"text": "Soap.", "to": "Soap Ltd"} if kind == "spend" else {"projects": "Bench | 400 | Ann\nTree | 300", "method": "budget-greedy"}
        details = {"amount": 1_000, "sort": "purchases", "until": until, **own, **more}
        return actions.open_discussion(actions.draft(author, kind, "Soap", "", details=details, now=now), author, now=now)

    later = (yard.now + 91 * DAY).date().isoformat()
    for kind, same, other in (
        ("spend", {"text": "SOAP"}, {"text": "Chairs."}),
        ("budget", {"projects": "Tree | 200\nbench | 500\nPond | 90"}, {"projects": "Bench | 400\nPond | 300"}),
    ):
        one = ask(yard.now, kind)
        lost = yard.run(one, worker="aaaaaaa") if kind == "spend" else voting_over(one)
        assert lost.state == "rejected"
        for more in ({}, {"until": later}, {"amount": 1_001}, same):
            with pytest.raises(Refused) as no:
                ask(lost.closed_at, kind, **more)
            assert no.value.code == "cooling-off", more
        for more in ({"amount": 999}, other):
            assert ask(lost.closed_at, kind, **more).state == "discussion"


def voting_over(one: Proposal) -> Proposal:
    one = actions.open_voting(one, now=one.opens_at)
    return actions.close(one, now=one.closes_at)


def test_build_finance_2022_a_member_who_was_kept_is_not_put_to_the_vote_again_in_other_words(yard) -> None:
    author, (first, second) = yard.people["worker"][0], Membership.objects.filter(person__in=yard.people["client"][:2])

    def expel(membership: Membership, grounds: str, now: Any) -> Proposal:
        details = {"membership": str(membership.pk), "grounds": grounds}
        return actions.open_discussion(actions.draft(author, "expel", "", details=details, now=now), author, now=now)

    lost = yard.run(expel(first, "Never pays.", yard.now), worker="aaaaaaa")
    with pytest.raises(Refused) as no:
        expel(first, "Pays late, and is rude.", lost.closed_at)
    assert no.value.code == "cooling-off"
    assert expel(second, "Never pays.", lost.closed_at).state == "discussion"


def test_what_was_taken_back_has_not_failed(yard) -> None:
    one = yard.propose()
    actions.withdraw(one, yard.people["worker"][0], "Too early.", now=yard.now)
    assert yard.propose(now=yard.now + DAY).state == "discussion"


def test_build_finance_2022_taking_it_back_before_the_no_is_counted_does_not_save_it(yard) -> None:
    one = actions.open_voting(yard.propose(), now=yard.now + 3 * DAY)
    yard.vote(one, worker="aaaaaaa")
    at = one.closes_at - timedelta(minutes=1)
    actions.withdraw(one, yard.people["worker"][0], "Not now.", now=at)
    for change in (split("94%", "6%"), split("93%", "7%")):
        with pytest.raises(Refused) as no, translation.override("en"):
            yard.propose(change, author=yard.people["client"][0], now=at)
        assert no.value.code == "cooling-off" and "taken back" in str(no.value.message)
    assert yard.propose(split("96%", "4%"), author=yard.people["client"][0], now=at).state == "discussion"
    assert yard.propose(split("94%", "6%"), author=yard.people["client"][0], now=at + 30 * DAY).state == "discussion"


def test_build_finance_2022_nor_does_it_return_as_an_amendment_of_something_else(yard) -> None:
    lost = yard.run(yard.propose(split("94%", "6%")), worker="aaaaaaa")
    at, author = lost.closed_at + DAY, yard.people["client"][0]
    mild = yard.propose(split("96%", "4%"), author=author, now=at)
    early = actions.offer(mild, yard.people["client"][1], [split("94.5%", "5.5%")], now=at)
    with pytest.raises(Refused) as no:
        actions.offer(mild, yard.people["client"][1], [split("93%", "7%")], now=at)
    assert no.value.code == "cooling-off"
    assert actions.take_in(early, author, now=at).state == "taken", "less of it is another motion"


def test_in_smaller_steps_it_is_still_what_was_refused(yard) -> None:
    lost = yard.run(yard.propose(split("93%", "7%")), worker="aaaaaaa")
    done = passed(yard, split("94%", "6%"), now=lost.closed_at)
    for change in (split("93%", "7%"), split("92%", "8%")):
        with pytest.raises(Refused):
            yard.propose(change, now=done.ended_at)
    assert yard.propose(split("93.5%", "6.5%"), now=done.ended_at).state == "discussion"


def test_build_finance_2022_everyone_is_told_through_two_channels(yard, settings) -> None:
    one = actions.open_voting(yard.propose(), now=yard.now + 3 * DAY)
    for elector in Elector.objects.filter(proposal=one).select_related("person"):
        assert Task.objects.filter(person=elector.person, key=f"vote:{one.pk}", closed_at=None).exists()
        assert Mail.objects.filter(to=elector.person.email).exists()


# -- nobody wins by the last minute (Compound 289, 2024) ----------------------------------------------------------------------


def late_ballots(yard: yards.Yard, one: Proposal, letters: str, at: Any) -> None:
    for person, letter in zip(yard.people["worker"], letters, strict=False):
        if letter != "-":
            actions.cast(one, person, {"f": "for", "a": "against"}[letter], now=at)


def test_compound_289_2024_a_late_rush_lengthens_the_vote(yard, settings, tmp_path) -> None:
    one = actions.open_voting(yard.propose(), now=yard.now + 3 * DAY)
    yard.vote(one, client="aaaa")
    late_ballots(yard, one, "ffffff", one.closes_at - timedelta(minutes=1))
    first = one.closes_at
    one = actions.close(one, now=first)
    assert one.state == "voting" and one.closes_at == first + DAY and one.extended == 1 and one.tally is None
    assert set(Task.objects.filter(key=f"vote:{one.pk}", closed_at=None).values_list("due_at", flat=True)) == {one.closes_at}
    while found := hooks.telling.not_told_longer(first, 5):
        for pk in found:
            hooks.telling.tell_longer(pk, now=first)
    assert Notice.objects.filter(message="decisions.longer").count() == 13, "also those who have voted: they may think again"
    actions.cast(one, yard.people["worker"][0], "against", now=first + timedelta(hours=1))
    one = actions.close(one, now=one.closes_at)
    assert one.state in ("passed", "rejected"), "one ballot of thirteen is no rush"
    assert checking.wrong_tallies() == [] and verified(settings, tmp_path, one.closed_at) == []


def test_compound_289_2024_the_length_does_not_give_the_lead_away(yard) -> None:
    lengths = set()
    for letters in ("ffffff", "aaaaaa", "fafafa"):
        one = actions.open_voting(yard.propose(title=letters, now=yard.now), now=yard.now + 3 * DAY)
        late_ballots(yard, one, letters, one.closes_at - timedelta(hours=1))
        lengths.add(actions.close(one, now=one.closes_at).closes_at - one.opens_at)
    assert len(lengths) == 1


def test_it_is_lengthened_only_so_often(yard) -> None:
    one = actions.open_voting(yard.propose(), now=yard.now + 3 * DAY)
    for turn in range(2):
        late_ballots(yard, one, "ffffff" if turn else "aaaaaa", one.closes_at - timedelta(hours=1))
        one = actions.close(one, now=one.closes_at)
        assert one.state == "voting"
    late_ballots(yard, one, "aaaaaa", one.closes_at - timedelta(hours=1))
    assert actions.close(one, now=one.closes_at).state == "rejected"


def test_early_ballots_and_a_count_that_comes_late(yard) -> None:
    one = yard.propose()
    one = actions.open_voting(one, now=one.opens_at)
    yard.vote(one, worker="fffffff")
    one = actions.close(one, now=one.closes_at + timedelta(hours=5))
    assert one.state == "passed" and one.extended == 0


def test_the_database_keeps_the_close_too(yard) -> None:
    one = actions.open_voting(yard.propose(), now=yard.now + 3 * DAY)
    for wrong in ("closes_at = closes_at - interval '1 day', extended = extended + 1", "closes_at = closes_at + interval '1 day'", "extended = 9"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE decisions_proposal SET {wrong} WHERE id = %s", [one.pk])
    done = yard.run(yard.propose(title="Other", now=yard.now), worker="aaaaaaa")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE decisions_proposal SET closes_at = closes_at + interval '1 day', extended = extended + 1 WHERE id = %s", [done.pk])


# -- reminders -----------------------------------------------------------------------------------------------------------------


def test_only_who_has_not_voted_is_reminded_and_once(yard) -> None:
    one = actions.open_voting(yard.propose(), now=yard.now + 3 * DAY)
    yard.vote(one, worker="fffffff", client="f")
    early, due = one.closes_at - timedelta(hours=25), one.closes_at - timedelta(hours=24)
    assert reminding.due(early, 100) == []
    assert len(reminding.due(due, 2)) == 2, "in portions"
    for _round in range(2):
        for pk in reminding.due(due, 100):
            actions.remind(pk, now=due)
    told = set(Notice.objects.filter(message="decisions.remind").values_list("person", flat=True))
    assert told == {person.pk for person in yard.people["client"][1:]} and Notice.objects.filter(message="decisions.remind").count() == 5
    assert Mail.objects.filter(message="decisions.remind").count() == 5 if hasattr(Mail, "message") else True
    assert reminding.due(one.closes_at, 100) == [], "after the close nobody is"


def test_who_votes_or_leaves_in_the_meantime_is_left_alone(yard) -> None:
    from madang.coop.members.models import Membership

    one = actions.open_voting(yard.propose(), now=yard.now + 3 * DAY)
    due = one.closes_at - timedelta(hours=2)
    waiting = reminding.due(due, 100)
    yard.vote(one, worker="fffffff")
    gone = yard.people["client"][0]
    Membership.objects.filter(person=gone).update(state="left", left_at=due - timedelta(hours=1))
    for pk in waiting:
        actions.remind(pk, now=due)
    assert set(Notice.objects.filter(message="decisions.remind").values_list("person", flat=True)) == {person.pk for person in yard.people["client"][1:]}


# -- going back ----------------------------------------------------------------------------------------------------------------


def test_going_back_needs_the_same_majority_and_a_shorter_notice(yard, settings, tmp_path) -> None:
    done = passed(yard, split("94%", "6%"))
    assert back.until(done, done.ended_at) == done.ended_at + 14 * DAY
    person, at = yard.people["client"][3], done.ended_at + DAY
    made = actions.go_back(done, person, now=at)
    assert (made.way_name, made.state, made.back_of_id) == (done.way_name, "discussion", done.pk)
    assert actions.go_back(done, person, now=at).pk == made.pk, "twice is once"
    with pytest.raises(Refused) as no:
        actions.go_back(done, yard.people["client"][2], now=at)
    assert no.value.code == "underway"
    made = yard.run(made, worker="fffffff")
    assert made.effect_at == made.closed_at + DAY, "24 hours instead of two days"
    with pytest.raises(Refused) as no:
        actions.take_effect(made, now=made.effect_at - timedelta(seconds=1))
    assert no.value.code == "too-early"
    made = actions.take_effect(made, now=made.effect_at)
    done.refresh_from_db()
    assert made.state == "in_force" and done.state == "reverted"
    assert rules.get(SPLIT).at(made.effect_at).data == {"provider": "95%", "upkeep": "5%"}
    assert checking.rules_without_source() == [] and verified(settings, tmp_path, made.ended_at) == []


def test_going_back_with_too_few_votes_changes_nothing(yard) -> None:
    done = passed(yard, split("94%", "6%"))
    made = yard.run(actions.go_back(done, yard.people["client"][3], now=done.ended_at), worker="aaaaaff")
    done.refresh_from_db()
    assert made.state == "rejected" and done.state == "in_force"
    with pytest.raises(Refused) as no:
        actions.go_back(done, yard.people["client"][2], now=made.ended_at)
    assert no.value.code == "cooling-off"


def test_going_back_is_exactly_that_and_only_for_a_while(yard, client_for) -> None:
    done = passed(yard, split("94%", "6%"))
    person = yard.people["client"][3]
    for at in (done.ended_at + 14 * DAY, done.ended_at + 99 * DAY):
        with pytest.raises(Refused) as no:
            actions.go_back(done, person, now=at)
        assert no.value.code == "no-way-back"
    passed(yard, split("93%", "7%"), now=done.ended_at + timedelta(minutes=1), title="More")
    with pytest.raises(Refused) as no:
        actions.go_back(done, person, now=done.ended_at + 13 * DAY)
    assert no.value.code == "moved", "another decision has changed it since"


def test_a_shorter_notice_is_not_had_by_saying_so(yard, settings, tmp_path) -> None:
    """Beanstalk 2022 had an emergency door. Nobody can call an ordinary change a way back: only the verb sets it, and the verifier looks."""
    done = passed(yard, split("94%", "6%"))
    one = yard.propose(split("90%", "10%"), now=done.ended_at, title="More", author=yard.people["client"][1])
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE decisions_proposal SET state = 'voting', back_of_id = %s WHERE id = %s", [done.pk, one.pk])
    Proposal.objects.filter(pk=one.pk).update(back_of=done)  # as a thief with the database's password would, during the discussion
    one.refresh_from_db()
    one = yard.run(one, worker="fffffff")
    assert any("notice" in said for said in verified(settings, tmp_path, one.closed_at))


# -- looked at again -----------------------------------------------------------------------------------------------------------


def test_on_its_day_it_is_asked_whether_to_keep_it(yard, client_for, monkeypatch) -> None:
    done = passed(yard, split("94%", "6%"))
    holder = yard.people["client"][5]
    yards.office(yard, "board", holder)
    day = done.ended_at + 365 * DAY
    assert done.review_at == day and review.due(day - DAY, 9) == []
    from madang.coop.members.models import OfficeTerm

    OfficeTerm.objects.update(until=day + DAY)
    assert review.due(day, 9) == [str(done.pk)]
    for _twice in range(2):
        review.ask(done.pk, now=day)
    asked = set(Task.objects.filter(key=f"review:{done.pk}", closed_at=None).values_list("person", flat=True))
    assert asked == {holder.pk, yard.people["worker"][0].pk}
    with pytest.raises(Missing):
        actions.keep(done, yard.people["client"][1], now=day)
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: day)
    page = client_for(holder).get(f"/decisions/{done.pk}/").content.decode()
    assert f"/decisions/{done.pk}/keep/" in page
    assert client_for(holder).post(f"/decisions/{done.pk}/keep/").status_code == 302
    done.refresh_from_db()
    assert done.review_at == day + 365 * DAY and not Task.objects.filter(key=f"review:{done.pk}", closed_at=None).exists()
    with pytest.raises(Refused):
        actions.keep(done, holder, now=day)


def test_what_was_changed_since_is_not_asked_about(yard) -> None:
    done = passed(yard, split("94%", "6%"))
    passed(yard, split("93%", "7%"), now=done.ended_at, title="More")
    review.ask(done.pk, now=done.review_at)
    done.refresh_from_db()
    assert done.review_at is None and not Task.objects.filter(key=f"review:{done.pk}").exists()


# -- no path skips the notice (Beanstalk, 2022) --------------------------------------------------------------------------------


def test_beanstalk_2022_no_path_skips_the_notice(yard) -> None:
    """Every verb and every due work of deciding, in every state, a second before the notice is over: the rule stands as it stood."""
    from madang.kit import house

    verbs = {
        "cast": lambda one, at: actions.cast(one, yard.people["worker"][0], "for", now=at),
        "close": lambda one, at: actions.close(one, now=at),
        "pin": lambda one, at: actions.pin(one, one.author, actions.comment(one, one.author, "now!", now=at), now=at),
        "veto": lambda one, at: actions.veto(one, yard.people["worker"][0], "now!", now=at),
        "comment": lambda one, at: actions.comment(one, yard.people["worker"][1], "now!", now=at),
        "offer": lambda one, at: actions.offer(one, yard.people["worker"][1], [split("90%", "10%")], now=at),
        "take_in": lambda one, at: actions.take_in(one.amendments.first().pk, yard.people["worker"][0], now=at),
        "decline": lambda one, at: actions.decline(one.amendments.first().pk, yard.people["worker"][0], "no", now=at),
        "retract": lambda one, at: actions.retract(one.amendments.first().pk, yard.people["worker"][1], now=at),
        "put": lambda one, at: actions.put(one.amendments.first().pk, yard.people["worker"][1], now=at),
        "draft": lambda one, at: actions.draft(yard.people["worker"][2], "change_rules", "x", "", [split("94%", "6%")], now=at),
        "edit": lambda one, at: actions.edit(one, yard.people["worker"][0], title="x", reason="", changes=[split("80%", "20%")], now=at),
        "go_back": lambda one, at: actions.go_back(one, yard.people["worker"][0], now=at),
        "keep": lambda one, at: actions.keep(one, yard.people["worker"][0], now=at),
        "nominate": lambda one, at: actions.nominate(one, yard.people["worker"][1], yard.people["worker"][0], now=at),
        "stand": lambda one, at: actions.stand(one, yard.people["worker"][0], "", now=at),
        "step_back": lambda one, at: actions.step_back(one, yard.people["worker"][0], now=at),
        "volunteer": lambda one, at: actions.volunteer(one, yard.people["worker"][0], now=at),
        "step_down": lambda one, at: actions.step_down(one, yard.people["worker"][0], now=at),
        "open_discussion": lambda one, at: actions.open_discussion(one, yard.people["worker"][0], now=at),
        "open_voting": lambda one, at: actions.open_voting(one, now=at),
        "remind": lambda one, at: [actions.remind(pk, now=at) for pk in reminding.due(at, 9)],
        "support": lambda one, at: actions.support(one, yard.people["worker"][0], now=at),
        "take_effect": lambda one, at: actions.take_effect(one, now=at),
        "withdraw": lambda one, at: actions.withdraw(one, yard.people["worker"][0], "", now=at),
    }
    assert set(verbs) == set(actions.__all__), "a new verb is tried here too"
    before = list(RuleVersion.objects.order_by("pk").values_list("pk", "effective_from"))
    one = yard.propose(split("94%", "6%"))
    actions.offer(one, yard.people["worker"][1], [split("90%", "10%")], now=yard.now)
    one = actions.open_voting(one, now=one.opens_at)
    yard.vote(one, worker="fffffff", client="ffff")
    one = actions.close(one, now=one.closes_at)
    moments = [yard.now, one.opens_at, one.closes_at, one.closed_at, one.effect_at - timedelta(seconds=1)]
    for at in moments:
        for name, verb in verbs.items():
            try:
                with transaction.atomic():
                    verb(one, at)
            except (Refused, Missing):
                pass
            now = list(RuleVersion.objects.order_by("pk").values_list("pk", "effective_from"))
            assert now == before, f"{name} at {at} set a rule"
        for work in house.collect("due"):
            if work.name.startswith(("decisions.", "rules.")):
                for key in work.find(at, 50):
                    try:
                        with transaction.atomic():
                            work.run(key, now=at)
                    except (Refused, Missing):
                        pass
        assert list(RuleVersion.objects.order_by("pk").values_list("pk", "effective_from")) == before, f"due work at {at} set a rule"
    one.refresh_from_db()
    assert one.state == "passed"
    with pytest.raises(DatabaseError), transaction.atomic():  # and by hand, past all code: the database asks for the day
        RuleVersion.objects.create(
            key=SPLIT, scope="", data=one.changes[0]["value"], decision_id=one.pk, previous_id=one.changes[0]["from"], effective_from=moments[-1]
        )
    assert actions.take_effect(one, now=one.effect_at).state == "in_force"


def test_beanstalk_2022_who_joins_after_the_opening_has_no_vote(yard) -> None:
    from madang.coop.members.models import MemberClass, Membership
    from madang.coop.people.models import Person

    one = actions.open_voting(yard.propose(), now=yard.now + 3 * DAY)
    late = Person.objects.create_user("late@example.org", "Late", language="en")
    kind = MemberClass.objects.get(key="worker")
    Membership.objects.create(member_class=kind, person=late, state="active", applied_at=yard.now, admitted_at=yard.now, active_from=yard.now)
    with pytest.raises(Missing):
        actions.cast(one, late, "for", now=one.opens_at)


def test_resonate_2021_a_decision_is_the_change(yard) -> None:
    """A vote that passed and never reached the code: here the vote is what changes the running platform, in one transaction with its leaf."""
    done = passed(yard, split("94%", "6%"))
    version = rules.get(SPLIT).at(done.ended_at)
    assert version.decision_id == done.pk and version.data == {"provider": "94%", "upkeep": "6%"}


def test_two_proposals_changing_one_rule(yard) -> None:
    first = yard.propose(split("94%", "6%"))
    second = yard.propose(split("93%", "7%"), title="More", author=yard.people["client"][0])
    done = yard.run(first, worker="fffffff")
    later = yard.run(second, worker="fffffff")
    actions.take_effect(done, now=done.effect_at)
    later = actions.take_effect(later, now=max(later.effect_at, done.effect_at))
    assert later.state == "failed" and later.ended_because == "moved"
    assert rules.get(SPLIT).at(later.ended_at).data == {"provider": "94%", "upkeep": "6%"}
