"""A batch's file once more: never on one person's word, one copy a time, and everybody who pays out sees it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from madang.coop.notices.models import Task
from madang.coop.payments import batches, copies
from madang.coop.payments.models import Batch, BatchCopy
from madang.kit.errors import Missing
from tests.coop.payments.bank_hands import english, make, page, person, refusal

pytestmark = pytest.mark.django_db
LATER = timedelta(hours=3)


@pytest.fixture
def taken(earned: Any, now: Any) -> Batch:
    """Made and taken by the treasurer, approved by the board."""
    batch = make(earned, now)
    batches.approve(batch.pk, by=person(1), now=now)
    batches.take(batch.pk, by=person(2), now=now)
    return batch


def test_a_lost_click_has_the_same_file_and_later_a_second_person_is_needed(taken: Batch, now: Any) -> None:
    first = batches.take(taken.pk, by=person(2), now=now + timedelta(minutes=2))
    refusal("copy", lambda: batches.take(taken.pk, by=person(2), now=now + LATER))
    refusal("why", lambda: copies.ask(taken.pk, "  ", by=person(2), now=now + LATER))
    refusal("why", lambda: copies.ask(taken.pk, "x" * 201, by=person(2), now=now + LATER))
    refusal("office", lambda: copies.ask(taken.pk, "lost", by=person(5), now=now + LATER))
    asked = copies.ask(taken.pk, " the stick is  lost ", by=person(2), now=now + LATER)
    assert asked.why == "the stick is lost" and copies.ask(taken.pk, "again", by=person(2), now=now + LATER) == asked
    assert {task.person for task in Task.objects.filter(key=f"batch-copy:{asked.pk}", closed_at=None)} >= {person(1)}
    refusal("copy", lambda: batches.take(taken.pk, by=person(2), now=now + LATER))
    refusal("four-eyes", lambda: copies.allow(taken.pk, by=person(2), now=now + LATER))
    refusal("office", lambda: copies.allow(taken.pk, by=person(5), now=now + LATER))
    assert copies.allow(taken.pk, by=person(1), now=now + LATER) == copies.allow(taken.pk, by=person(1), now=now + LATER)
    assert not Task.objects.filter(key=f"batch-copy:{asked.pk}", closed_at=None).exists()
    again = batches.take(taken.pk, by=person(2), now=now + LATER)
    assert again.body == first.body and again.name == first.name, "the same file: a bank that looks at its number refuses it"
    refusal("copy", lambda: batches.take(taken.pk, by=person(2), now=now + 2 * LATER))
    found = BatchCopy.objects.get()
    assert (found.asked_by, found.allowed_by, found.taken_by) == (person(2), person(1), person(2))


def test_not_before_it_was_taken_nor_once_it_is_over(earned: Any, now: Any) -> None:
    batch = make(earned, now)
    refusal("over", lambda: copies.ask(batch.pk, "lost", by=person(2), now=now))
    batches.approve(batch.pk, by=person(1), now=now)
    refusal("not-taken", lambda: copies.ask(batch.pk, "lost", by=person(2), now=now))
    with pytest.raises(Missing):
        copies.allow(batch.pk, by=person(1), now=now)
    batches.take(batch.pk, by=person(2), now=now)
    for payout in batch.payouts.all():
        batches.refused_by_bank(payout.pk, by=person(1), now=now)
    refusal("over", lambda: copies.ask(batch.pk, "lost", by=person(2), now=now + LATER))


def test_the_database_holds_it_too(taken: Batch, now: Any) -> None:
    copy = copies.ask(taken.pk, "lost", by=person(2), now=now + LATER)
    for wrong in ({"allowed_by": person(2)}, {"taken_at": now}):
        with pytest.raises(IntegrityError), transaction.atomic():
            BatchCopy.objects.filter(pk=copy.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        BatchCopy.objects.create(batch=taken, asked_by=person(2), asked_at=now, why="two at once")


def test_on_the_page(taken: Batch, now: Any, client_for: Any, monkeypatch: Any) -> None:
    english(1, 2)
    treasurer, board = client_for(person(2)), client_for(person(1))
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now + LATER)
    url = f"/pay/batches/{taken.pk}/"
    said = page(treasurer, url)
    assert "The file is needed once more" in said and "Take the file" not in said
    assert treasurer.post(f"{url}file/", follow=True).redirect_chain, "refused with a reason, on the page"
    treasurer.post(url, {"again": "1", "why": "the stick is lost"})
    assert "the stick is lost" in page(board, url) and "allow one copy" in page(board, url) and "allow one copy" not in page(treasurer, url)
    board.post(url, {"allow": "1"})
    assert "Take the file once more" in page(treasurer, url)
    answer = treasurer.post(f"{url}file/")
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert "taken by" in page(treasurer, url)
