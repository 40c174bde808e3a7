"""Emergency measures that do more than stop for a while, and motions put to too few: verifying finds them though their author signed everything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from madang.kit.verify.folder import verify_folder
from tests.kit.verify.world import COUNTED, FOUNDED, World, honest, rule

AT, DAY = datetime(2026, 3, 2, tzinfo=UTC), timedelta(days=1)


def text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def measure(key: str, after: int, days: int, reason: str = "Stolen keys.") -> tuple[str, dict[str, Any]]:
    since = AT + after * DAY
    body = {"measure": key, "stops": "payments.payouts", "at_most": None, "reason": reason, "since": text(since), "until": text(since + days * DAY)}
    return text(since), body


@pytest.mark.parametrize(
    ("measures", "said"),
    [
        ([measure("a", 0, 14)], ""),
        ([measure("a", 0, 15)], "longer than the rule allows"),
        ([measure("a", 0, 5, " ")], "does not say why"),
        ([measure("a", 0, 5), measure("b", 10, 5)], "stops the same again"),
        ([measure("a", 0, 5), measure("b", 35, 5)], ""),
    ],
)
def test_a_measure_that_is_too_long_or_repeated(measures: Any, said: str, tmp_path: Path) -> None:
    world = World()
    world.add("founding", "founding:f", FOUNDED, {"founding_id": "f", "name": {"ko": "마당"}, "law": "kr", "currency": "KRW", "demo": False})
    world.add("rule", "rule:e1", FOUNDED, rule("e1", "deciding.emergency", "14d", FOUNDED, founding="f"))
    for at, body in measures:
        world.add("emergency.taken", f"measure:{body['measure']}", at, body)
    found = verify_folder(world.write(tmp_path / "export")).problems
    assert any(said in problem for problem in found) if said else found == [], found


def test_a_measure_kept_without_a_decision(tmp_path: Path) -> None:
    world = honest()
    at, body = measure("a", 20, 14)
    world.add("emergency.taken", "measure:a", at, body)
    kept = {"measure": "a", "decision": "d2", "until": text(AT + 90 * DAY)}
    world.add("emergency.kept", "measure:a", text(AT + 30 * DAY), kept)
    assert any("no decision of the members says so" in problem for problem in verify_folder(world.write(tmp_path / "export")).problems)


@pytest.mark.parametrize(
    ("sitting", "closed", "said"),
    [
        ({"present": 10, "members": 12}, "2026-03-06T00:00:00Z", ""),
        ({"present": 10, "members": 30}, "2026-03-06T00:00:00Z", "its way of deciding calls too few"),
        ({"present": 10, "members": 20}, "2026-03-06T00:00:00Z", "the rule of meetings calls too few"),
        ({"present": 11, "members": 12}, "2026-03-06T00:00:00Z", "does not say who was present"),
        ({"present": 10, "members": 12}, "2026-03-04T00:00:00Z", "closed before it was put"),
    ],
)
def test_a_motion_put_to_too_few(sitting: dict[str, int], closed: str, said: str, tmp_path: Path) -> None:
    world = honest()
    world.leaves.insert(1, type(world.leaves[0])("rule", "rule:q1", FOUNDED, [rule("q1", "meetings.quorum", "50%", FOUNDED, founding="f")]))
    opened, told = world.one("decision.opened").bodies[0], world.one("decision.tally").bodies[0]
    voters = opened["electorate"]["total"]
    scale = voters / 10
    opened["meeting"] = {"meeting": "m", "by_proxy": 0, "counted_of": "cast", **{key: round(many * scale) for key, many in sitting.items()}}
    told["closed_at"] = closed
    found = verify_folder(world.write(tmp_path / "export")).problems
    assert any(said in problem for problem in found) if said else found == [], (found, COUNTED)
