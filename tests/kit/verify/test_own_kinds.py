"""Rules that only one kind of decision changes, and panels no decision drew: an export that says otherwise does not verify."""

from __future__ import annotations

from pathlib import Path

import pytest

from madang.kit.verify.folder import verify_folder
from tests.kit.verify.world import EFFECT, FOUNDED, World, _decision, honest, rule


def amended(kind: str) -> World:
    """The honest world, and in it a decision of this kind that sets new articles."""
    world = honest()
    founded = world.leaves.index(world.one("rule"))
    first = rule("a1", "articles.text", "Article 1", FOUNDED, founding="f")
    world.add("rule", "rule:a1", FOUNDED, first)
    world.leaves.insert(founded, world.leaves.pop())
    change = {"rule": "articles.text", "scope": "", "from": "a1", "value": "Article 1\nArticle 2"}
    _decision(world, "d3", [change], {"worker": (12, 1, 0), "client": (15, 3, 0)}, passed=True)
    next(leaf for leaf in world.leaves if leaf.kind == "decision.opened" and leaf.subject == "decision:d3").bodies[0]["kind"] = kind
    world.add("rule", "rule:a2", EFFECT, rule("a2", "articles.text", change["value"], EFFECT, decision="d3", before="a1"))
    world.add("decision.effect", "decision:d3", EFFECT, {"decision": "d3", "versions": ["a2"], "at": EFFECT})
    return world


@pytest.mark.parametrize(("kind", "said"), [("articles", None), ("change_rules", "another kind")])
def test_the_articles_are_set_by_their_own_kind_of_decision_only(kind: str, said: str | None, tmp_path: Path) -> None:
    amended(kind).write(tmp_path / "out")
    problems = verify_folder(tmp_path / "out").problems
    assert problems == [] if said is None else any(said in text and "articles.text" in text for text in problems)


def test_a_panel_nobody_asked_for(tmp_path: Path) -> None:
    world = honest()
    world.add("decision.panel", "decision:d1", EFFECT, {"decision": "d1", "panels": [[1, 2]], "secret": "00", "drawn": 0})
    world.write(tmp_path / "out")
    assert any("no decision asked for" in text for text in verify_folder(tmp_path / "out").problems)


def test_a_panel_that_was_promised_and_not_drawn(tmp_path: Path) -> None:
    world = honest()
    world.one("decision.opened").bodies[0]["kind"] = "panel"
    world.write(tmp_path / "out")
    assert any("no panel was drawn" in text for text in verify_folder(tmp_path / "out").problems)


@pytest.mark.parametrize("panels", [None, 3, [], [[]], [[1], [2, 3]], [["a", "b"]], [[[1], [2]]], {"1": 2}])
@pytest.mark.parametrize("secret", ["00", "z", 7])
def test_a_panel_leaf_that_is_none_is_told_and_breaks_nothing(panels: object, secret: object, tmp_path: Path) -> None:
    world = honest()
    world.one("decision.opened").bodies[0] |= {"kind": "panel", "details": {"size": 0 if panels == [[]] else 2, "volunteers": 9, "panels": "0", "lot": "0"}}
    world.add("decision.panel", "decision:d1", EFFECT, {"decision": "d1", "secret": secret, "drawn": 0, **({} if panels is None else {"panels": panels})})
    world.write(tmp_path / "out")
    assert verify_folder(tmp_path / "out").problems
