"""The discussion: threads of one level, and at most three summaries that the proposer holds up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from madang.coop.decisions import actions, discussing, drafting
from madang.coop.law import clock
from madang.coop.notices.models import Notice
from madang.kit.errors import Missing, Refused
from tests.coop.decisions.yard import Yard, split

pytestmark = pytest.mark.django_db


def test_answers_stand_under_what_they_answer(yard: Yard):
    one = yard.propose()
    asks, answers, third = yard.people["worker"][1:4]
    head = actions.comment(one, asks, "Why six?", now=yard.now)
    at = [yard.now + timedelta(minutes=n) for n in range(9)]
    first = actions.comment(one, answers, "Because of the servers.", reply_to=head, now=at[1])
    assert actions.comment(one, answers, "Because of the servers.", reply_to=head, now=at[2]) == first
    second = actions.comment(one, third, "Which servers?", reply_to=first.pk, now=at[3])
    other = actions.comment(one, third, "Which servers?", now=at[4])
    assert second.reply_to == head and other.reply_to is None
    pinned, threads = discussing.threads(one)
    assert pinned == [] and [(thread.head, thread.replies) for thread in threads] == [(head, [first, second]), (other, [])]
    told = Notice.objects.filter(message="decisions.reply").values_list("person", flat=True)
    assert sorted(map(str, told)) == sorted(map(str, (asks.pk, answers.pk)))
    with pytest.raises(Missing):
        actions.comment(one, asks, "To nothing.", reply_to=one.pk, now=yard.now)
    with pytest.raises(Missing):
        actions.comment(yard.propose(), asks, "Elsewhere.", reply_to=head, now=yard.now)


def test_the_proposer_holds_summaries_up(yard: Yard):
    one = yard.propose()
    said = [actions.comment(one, one.author, f"Summary {n}", now=yard.now + timedelta(minutes=n)) for n in range(4)]
    answer = actions.comment(one, yard.people["client"][0], "No.", reply_to=said[0], now=yard.now)
    with pytest.raises(Missing):
        actions.pin(one, yard.people["client"][0], said[0], now=yard.now)
    with pytest.raises(Refused) as no:
        actions.pin(one, one.author, answer, now=yard.now)
    assert no.value.code == "reply"
    for row in said[:3]:
        for _again in range(2):
            actions.pin(one, one.author, row, now=yard.now)
    with pytest.raises(Refused) as no:
        actions.pin(one, one.author, said[3], now=yard.now)
    assert no.value.code == "too-many-pins"
    actions.pin(one, one.author, said[0], up=False, now=yard.now)
    assert [row.text for row in discussing.threads(one)[0]] == ["Summary 1", "Summary 2"]
    done = yard.run(one, worker="fffffff")
    done = actions.take_effect(done, now=done.effect_at)
    with pytest.raises(Refused) as no:
        actions.pin(done, done.author, said[1], up=False, now=done.effect_at)
    assert no.value.code == "over"


def test_on_the_page(yard: Yard, client_for, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: yard.now)
    one, en = yard.propose(), {"HTTP_ACCEPT_LANGUAGE": "en"}
    page, mine, other = f"/decisions/{one.pk}/", client_for(one.author), client_for(yard.people["client"][0])
    other.post(page + "comment/", {"text": "Why six?"})
    head = one.comments.get()
    assert mine.post(page + "comment/", {"text": "For the servers.", "reply_to": str(head.pk)}).headers["Location"].startswith(page)
    mine.post(f"{page}comment/{head.pk}/pin/", {"do": "up"})
    seen = other.get(page, **en).content.decode()
    assert seen.index("Summary") < seen.index("For the servers.") and "Hold up as a summary" not in seen and 'class="replies"' in seen
    assert other.post(f"{page}comment/{head.pk}/pin/", {"do": "down"}).status_code == 404
    mine.post(f"{page}comment/{head.pk}/pin/", {"do": "down"})
    one.comments.get(pk=head.pk, pinned_at=None)


def test_nobody_drowns_the_others(yard: Yard, monkeypatch):
    monkeypatch.setattr(discussing, "SHOWN_MOST", 6)
    monkeypatch.setattr(discussing, "COMMENTS_MOST", 8)
    one, (loud, quiet) = yard.propose(), yard.people["client"][:2]
    at = iter(range(1000))

    def say(who, text, **more):
        return actions.comment(one, who, text, now=yard.now + timedelta(minutes=next(at)), **more)

    early, summary = say(quiet, "Why?"), say(one.author, "In short")
    actions.pin(one, one.author, summary, now=yard.now)
    for number in range(8):
        say(loud, f"Noise {number}")
    with pytest.raises(Refused) as no:
        say(loud, "More noise")
    assert no.value.code == "too-many-comments"
    late, answer = say(quiet, "One more thing"), say(quiet, "That is why.", reply_to=early)
    pinned, threads = discussing.threads(one)
    heads = [thread.head for thread in threads]
    assert pinned == [summary] and early in heads and late in heads and [thread.replies for thread in threads if thread.head == early] == [[answer]]


def test_one_author_does_not_bury_the_members_in_votes(yard: Yard, monkeypatch):
    monkeypatch.setattr(drafting, "OPEN_MOST", 2)
    first, other = yard.people["worker"][:2]
    opened = [yard.propose(split(f"9{n}%", f"{10 - n}%"), author=first) for n in (3, 4)]
    with pytest.raises(Refused) as no:
        yard.propose(split("92%", "8%"), author=first)
    assert no.value.code == "too-many-open"
    assert yard.propose(split("92%", "8%"), author=other).state == "discussion"
    actions.withdraw(opened[0], first, "Enough.", now=yard.now)
    assert yard.propose(split("92%", "8%"), author=first).state == "discussion"
