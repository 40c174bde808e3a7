"""A second attempt at one payment is a new thing to the rail: it must not be answered with what became of the first (review 12)."""

from __future__ import annotations

from typing import Any

import pytest

from madang.coop.payments import actions, rails
from madang.rails.payments import Answer

pytestmark = pytest.mark.django_db(transaction=True)


class Remembers:
    """The pretend bank with the memory of a real one: the same key is answered as the first time. Its first capture is refused."""

    def __init__(self, real: Any) -> None:
        self.real, self.captured, self.voided = real, {}, {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def capture(self, ref: str, *, key: str, at: Any) -> Answer:
        first = Answer(ref, "declined" if not self.captured else "paid", 52_000, "KRW", 0, "", "funds")
        return self.captured.setdefault(key, first)

    def void(self, ref: str, *, key: str, at: Any) -> Answer:
        return self.voided.setdefault(key, Answer(ref, "cancelled"))


@pytest.fixture
def bank(monkeypatch) -> Remembers:
    made = Remembers(rails.rail("sandbox"))
    monkeypatch.setattr(rails, "rail", lambda _name: made)
    return made


def test_the_second_capture_is_not_the_first(world, payer, bank, now) -> None:
    made = actions.charge("test", "job:1", payer, 52_000, "KRW", key="c1", now=now)
    first = actions.go_and_pay(made, now=now)
    actions.learn(first, Answer(first.ref, "authorised"), now=now)
    actions.learn(first, Answer(first.ref, "declined", reason="funds"), now=now)
    second = actions.go_and_pay(made, now=now)
    assert second.ref and second.ref != first.ref and second.state == "created"
    actions.learn(second, Answer(second.ref, "authorised"), now=now)
    second.refresh_from_db()
    assert second.state == "settled" and world.settled == [second.pk], "the money of the second attempt is taken"
    assert len(bank.captured) == 2


def test_each_attempt_that_is_given_up_is_closed(world, payer, bank, now) -> None:
    made = actions.charge("test", "job:1", payer, 52_000, "KRW", key="c1", now=now)
    first = actions.go_and_pay(made, now=now)
    with pytest.raises(actions.Refused):
        actions._forget(first, first.ref, now=now)
    actions.learn(first, Answer(first.ref, "declined", reason="funds"), now=now)
    second = actions.go_and_pay(made, now=now)
    actions.give_up(second, now=now)
    assert {answer.ref for answer in bank.voided.values()} == {first.ref, second.ref}, "the second was told to the bank as well"
