"""An amendment nobody took in, a text that is not the one taken in, a vote that did not pass: verifying finds them, though all of it is signed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from madang.kit.verify.folder import verify_folder
from madang.kit.verify.history import _content
from tests.kit.verify.world import World, honest


def amended(**more: Any) -> World:
    """The honest world, whose decision was amended to what was then voted on."""
    world = honest()
    place = next(number for number, leaf in enumerate(world.leaves) if leaf.kind == "decision.opened")
    opened = world.leaves[place].bodies[0]
    body = {"decision": opened["decision"], "amendment": "a1", "content": _content(opened["changes"], opened.get("details") or {}), "by": "proposer", **more}
    world.leaves.insert(place, type(world.leaves[0])("decision.amended", f"decision:{opened['decision']}", world.leaves[place - 1].at, [body]))
    return world


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, ""),
        ({"by": "somebody"}, "neither its proposer nor a vote did"),
        ({"content": "0" * 64}, "puts something else to the vote"),
        ({"by": "vote", "vote": "d9"}, "by a vote that did not pass"),
    ],
)
def test_what_was_taken_in_is_what_is_voted_on(more: dict[str, Any], said: str, tmp_path: Path) -> None:
    found = verify_folder(amended(**more).write(tmp_path / "export")).problems
    assert any(said in problem for problem in found) if said else found == [], found


def test_not_after_voting_opened(tmp_path: Path) -> None:
    world = honest()
    opened = world.one("decision.opened").bodies[0]
    body = {"decision": opened["decision"], "amendment": "a1", "content": "0" * 64, "by": "proposer"}
    place = next(number for number, leaf in enumerate(world.leaves) if leaf.kind == "decision.tally")
    world.leaves.insert(place, type(world.leaves[0])("decision.amended", f"decision:{opened['decision']}", world.leaves[place - 1].at, [body]))
    assert any("changes what was being voted on" in problem for problem in verify_folder(world.write(tmp_path / "export")).problems)


def test_papers_that_are_not_there_are_missed(tmp_path: Path) -> None:
    world = honest()
    world.one("decision.tally").bodies[0]["papers"] = {"parts": 2}
    assert any("counts papers that are not there" in problem for problem in verify_folder(world.write(tmp_path / "export")).problems)
