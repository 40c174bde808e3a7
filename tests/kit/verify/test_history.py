"""The history of the rules: a value that no decision set does not pass, though its author signed everything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from madang.kit.verify.folder import verify_folder
from tests.kit.verify.world import EFFECT, WAY, World, honest, rule


def problems(world: World, tmp_path: Path) -> list[str]:
    return verify_folder(world.write(tmp_path / "export")).problems


def test_a_rule_that_no_decision_set(tmp_path: Path) -> None:
    world = honest()
    world.add("rule", "rule:v3", EFFECT, rule("v3", "services.split", {"provider": "50%", "upkeep": "50%"}, "2026-04-01T00:00:00Z", before="v2"))
    assert any("Leaf 13 (rule:v3) sets the rule services.split, and no decision" in problem for problem in problems(world, tmp_path))


def _later(**changes: Any) -> dict[str, Any]:
    return rule("v3", "services.split", {"provider": "80%", "upkeep": "20%"}, "2026-04-01T00:00:00Z", **{"before": "v2", **changes})


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (_later(decision="d1"), "a value that its decision does not contain"),
        (_later(decision="d2"), "a decision that did not pass"),
        (_later(decision="d9"), "by a decision that was not counted before"),
        (_later(founding="f"), "by the founding, but after it"),
        (_later(founding="g"), "a founding that the log does not have"),
        (_later(founding="f", decision="d1"), "no decision or founding set it"),
        (_later(decision="d1", before="v1"), "does not follow the version before it"),
        (_later(decision="d1") | {"value": {"provider": "94%", "upkeep": "6%"}}, "a second time by one decision"),
        (_later(decision="d1") | {"scope": "org-1", "from": None}, "a value that its decision does not contain"),
        (_later(decision="d1") | {"effective_from": EFFECT}, "before the version it replaces"),
        (_later(decision="d1") | {"version": "v9"}, "another id than its entry"),
        (_later(decision="d1") | {"effective_from": "soon"}, "not as it should be"),
        ({"version": "v3"}, "not as it should be"),
    ],
)
def test_forged_rules(body: dict[str, Any], said: str, tmp_path: Path) -> None:
    world = honest()
    world.add("rule", "rule:v3", "2026-04-01T00:00:00Z", body)
    found = problems(world, tmp_path)
    assert any(said in problem and "Leaf 13" in problem for problem in found), found


def _set(leaf: str, number: int, /, **changes: Any) -> Any:
    def harm(world: World) -> None:
        world.one(leaf, number).bodies[0].update(changes)

    return harm


def _tally(number: int, **totals: Any) -> Any:
    def harm(world: World) -> None:
        world.one("decision.tally", number).bodies[0]["totals"].update(totals)

    return harm


def _class(number: int, key: str, value: dict[str, Any]) -> Any:
    def harm(world: World) -> None:
        world.one("decision.tally", number).bodies[0]["classes"][key] = value

    return harm


def _swap(first: int, second: int) -> Any:
    def harm(world: World) -> None:
        world.leaves[first], world.leaves[second] = world.leaves[second], world.leaves[first]

    return harm


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (_set("decision.tally", 1, passed=True, reasons=[], effect_at=EFFECT), "say otherwise"),
        (_set("decision.tally", 0, passed=False, reasons=["quorum"]), "a decision that did not pass"),
        (_set("decision.tally", 0, reasons=["quorum"]), "also why it did not"),
        (_set("decision.tally", 0, effect_at="2026-03-11T00:00:00Z"), "before its notice is over"),
        (_set("decision.tally", 0, electorate=39), "says 39 voters"),
        (_set("decision.tally", 0, changes=[]), "other changes than the ones that were voted on"),
        (_set("decision.opened", 0, closes_at="2026-03-12T00:00:00Z"), "counts before voting closed"),
        (_set("decision.opened", 0, electorate={"total": 41, "classes": {"worker": 16, "client": 24}}), "its classes have 40"),
        (_set("decision.opened", 0, electorate={"total": 40, "classes": {"worker": None, "client": None}}), "whose number of voters it hides"),
        (_set("decision.opened", 0, electorate={"total": None, "classes": {"worker": 16, "client": 24}}), "says 40 voters, but it was opened for None"),
        (_set("decision.opened", 0, electorate={"total": 20, "classes": {"worker": None, "client": 24}}), "its classes have 24"),
        (_set("decision.opened", 0, way={**WAY, "quorum": "1%"}), "the rule of “policy” did not say then"),
        (_set("decision.opened", 0, way_name="lenient"), "the rule of “lenient” did not say then"),
        (_set("decision.opened", 0, way="easy"), "cannot be read"),
        (_set("decision.opened", 0, kind="resolve"), "does not hold the words"),
        (_set("decision.opened", 0, kind="resolve", details={"text": ""}), "does not hold the words"),
        (_set("rule", 2, effective_from="2026-03-16T00:00:00Z"), "before its decision takes effect"),
        (_set("rule", 2, value={"provider": "90%", "upkeep": "10%"}), "to a value that its decision does not contain"),
        (_set("decision.effect", 0, versions=[]), "other rule versions"),
        (_set("decision.effect", 0, at="2026-03-16T00:00:00Z"), "before its day"),
        (_tally(0, **{"for": 28}), "counts 28 for in all, but its classes give 27"),
        (_tally(0, **{"for": -1}), "no whole numbers"),
        (_class(0, "worker", {"passed": False, "for": 12, "against": 1, "abstain": 0}), "the class “worker” did not agree, but"),
        (_class(0, "worker", {"passed": False, "hidden": True}), "says it passed, but 27 for"),
        (_class(0, "worker", {"passed": True, "for": 30, "against": 0, "abstain": 0}), "counts 30 ballots in the class “worker” of 16"),
        (_class(0, "robots", {"passed": True, "hidden": True}), "not as it should be"),
        (_swap(6, 7), "never opened"),
        (_swap(7, 8), "not counted before"),
        (_swap(0, 1), "a founding that the log does not have"),
    ],
)
def test_forged_decisions(harm: Any, said: str, tmp_path: Path) -> None:
    world = honest()
    harm(world)
    found = problems(world, tmp_path)
    assert any(said in problem for problem in found), found


def test_hidden_classes_are_taken_as_they_are_and_must_fit(tmp_path: Path) -> None:
    world = honest()
    tally = world.one("decision.tally").bodies[0]
    tally["classes"] = {key: {"passed": True, "hidden": True} for key in ("worker", "client")}
    assert problems(world, tmp_path / "a") == []
    tally["totals"] = None
    assert problems(world, tmp_path / "b") == []
    tally["classes"]["worker"]["passed"] = False
    assert any("did not agree" in problem for problem in problems(world, tmp_path / "c"))
    del tally["classes"]["worker"]
    assert any("does not say how the class “worker”" in problem for problem in problems(world, tmp_path / "d"))


def test_a_rule_set_by_a_decision_that_was_withdrawn_or_never_took_effect(tmp_path: Path) -> None:
    world = honest()
    world.add("decision.withdrawn", "decision:d1", EFFECT, {"decision": "d1", "reason": "x"})
    assert any("ends a decision that is in force" in problem for problem in problems(world, tmp_path / "a"))
    world = honest()
    world.leaves.remove(world.one("decision.effect"))
    assert any("no leaf says that it took effect" in problem for problem in problems(world, tmp_path / "b"))
    world = honest()
    world.leaves.remove(world.one("rule", 2))
    assert any("other rule versions" in problem for problem in problems(world, tmp_path / "c"))


def test_doubles(tmp_path: Path) -> None:
    doubled = {
        "founding": "second founding",
        "decision.opened": "open already",
        "decision.tally": "second tally",
        "decision.effect": "twice",
        "rule": "uses a version twice",
    }
    for number, (kind, said) in enumerate(doubled.items()):
        world = honest()
        leaf = world.one(kind)
        world.add(kind, leaf.subject, "2026-04-01T00:00:00Z", leaf.bodies[0])
        assert any(said in problem for problem in problems(world, tmp_path / str(number))), kind


def test_a_new_way_counts_for_the_next_discussion_only(tmp_path: Path) -> None:
    """The way is frozen when discussion begins; a way that was replaced long ago does not count."""
    world = honest()
    easier = {**WAY, "quorum": "10%"}
    for leaf in world.leaves:
        if leaf.kind.startswith("decision.") and leaf.subject == "decision:d1":
            for change in leaf.bodies[0].get("changes", []):
                change.update({"rule": "ways.policy", "from": "w1", "value": easier})
    world.one("rule", 2).bodies[0].update({"rule": "ways.policy", "value": easier, "from": "w1"})
    second = {leaf.kind: leaf.bodies[0] for leaf in world.leaves if leaf.subject == "decision:d2"}
    second["decision.opened"].update({"way": easier, "opens_at": "2026-03-18T00:00:00Z", "closes_at": "2026-03-20T00:00:00Z"})
    for leaf in world.leaves[-2:]:
        leaf.at = "2026-03-21T00:00:00Z"
    assert problems(world, tmp_path / "new") == []
    second["decision.opened"]["way"] = WAY
    assert problems(world, tmp_path / "just replaced") == []
    second["decision.opened"].update({"opens_at": "2027-03-18T00:00:00Z", "closes_at": "2027-03-20T00:00:00Z"})
    for leaf in world.leaves[-2:]:
        leaf.at = "2027-03-21T00:00:00Z"
    assert any("did not say then" in problem for problem in problems(world, tmp_path / "old"))
