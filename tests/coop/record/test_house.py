"""The record of a co-op as it really lives: founded, decided, exported, verified; and one value slipped in by hand."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from madang.coop import record
from madang.coop.decisions import actions as decisions
from madang.coop.people.models import Person
from madang.coop.record import checks, keys, queries
from madang.coop.record.export import export
from madang.coop.rules import get
from madang.kit.verify import main
from madang.kit.verify.folder import verify_folder

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def key(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DATA = tmp_path / "data"
    monkeypatch.delenv(keys.ENVIRONMENT, raising=False)


def decide(now: datetime, value: dict[str, str], choice: str = "for") -> Any:
    """From the draft to the count, with every founder voting alike."""
    people = list(Person.objects.filter(email__startswith="f").order_by("email"))
    one = decisions.draft(people[0], "change_rules", "A fund for repairs", "Because.", [{"rule": "services.split", "value": value}], now=now)
    one = decisions.open_discussion(one, people[0], now=now)
    one = decisions.open_voting(one, now=one.opens_at)
    for person in people:
        decisions.cast(one, person, choice, now=one.opens_at)
    return decisions.close(one, now=one.closes_at)


def test_a_co_op_that_decided_verifies_and_a_value_slipped_in_does_not(coop: Any, now: datetime, tmp_path: Path) -> None:
    rejected = decide(now, {"provider": "80%", "upkeep": "20%"}, "against")
    passed = decide(rejected.closes_at, {"provider": "94%", "upkeep": "6%"})
    assert (rejected.state, passed.state) == ("rejected", "passed")
    later = passed.effect_at
    decisions.take_effect(passed, now=later)
    record.seal(later)
    export(tmp_path / "honest")
    verifier = keys.verifier()
    assert verifier and main([str(tmp_path / "honest"), "--key", verifier.vkey]) == 0
    report = verify_folder(tmp_path / "honest")
    assert (report.problems, report.decisions) == ([], 2)
    assert [problem for check in (checks.tree_recomputes, checks.lines_fit, checks.checkpoints_are_signed) for problem in check()] == []

    live = get("services.split").at(later)
    body = {
        "version": "00000000-0000-4000-8000-000000000001", "rule": "services.split", "scope": "", "value": {"provider": "80%", "upkeep": "20%"},
        "effective_from": "2030-01-01T00:00:00Z", "founding": None, "decision": str(rejected.pk), "from": str(live.id),
    }  # fmt: skip
    record.write("rule", f"rule:{body['version']}", [body], public=True, now=later)
    record.seal(later)
    export(tmp_path / "forged")
    problems = verify_folder(tmp_path / "forged").problems
    latest = queries.latest()
    assert latest and any(f"Leaf {latest.size - 1} (rule:{body['version']})" in problem and "did not pass" in problem for problem in problems), problems


def test_a_tally_with_small_classes_verifies_too(coop: Any, now: datetime, tmp_path: Path) -> None:
    """Three workers and two clients: every figure of a class is hidden, and it still verifies."""
    people = list(Person.objects.filter(email__startswith="f").order_by("email"))
    one = decisions.draft(people[0], "change_rules", "Less for upkeep", "", [{"rule": "services.split", "value": {"provider": "96%", "upkeep": "4%"}}], now=now)
    one = decisions.open_discussion(one, people[0], now=now)
    one = decisions.open_voting(one, now=one.opens_at)
    for person, choice in zip(people, ("for", "for", "against", "abstain"), strict=False):
        decisions.cast(one, person, choice, now=one.opens_at)
    one = decisions.close(one, now=one.closes_at)
    record.seal(one.closes_at)
    export(tmp_path / "out")
    assert one.tally["totals"] is None
    assert verify_folder(tmp_path / "out").problems == []
