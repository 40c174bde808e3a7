"""What a page can do, a program can: each verb a page calls is called by the API too."""

import ast
from pathlib import Path

HOUSE = Path(__file__).parents[2] / "madang"
VERBS = {"actions", "work", "outgoing", "operator"}  # the names pages know them by
NOT_FOR_PROGRAMS = {
    "ask": "the page one comes back to from the bank; the due work asks for everybody",
    "receive_webhook": "the bank's own message",
    "move_clock": "the demo's clock",
    "invitation_at": "reads",
    "state": "reads",
    "as_uuid": "reads",
    "may_buy": "reads",
    "filter": "reads",
    "get": "reads",
}


def pages() -> list[Path]:
    found = [path for path in HOUSE.rglob("*.py") if "views" in path.stem or path.parent.name == "views" or path.stem == "proposing"]
    assert len(found) > 15
    return found


def called(path: Path) -> set[str]:
    """Names of what a page calls of its room's verbs."""
    calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    return {one.attr for one in calls if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id in VERBS}


def known_to_programs() -> set[str]:
    found: set[str] = set()
    for path in HOUSE.rglob("api.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in VERBS:
                found.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
                found.add(node.value)  # verbs of one shape are routed from a table
    return found


def test_every_verb_of_a_page_is_one_of_the_api() -> None:
    wanted = {name: path.relative_to(HOUSE) for path in pages() for name in called(path)}
    known = known_to_programs()
    missing = {name: str(path) for name, path in wanted.items() if name not in known and name not in NOT_FOR_PROGRAMS}
    assert missing == {}
    assert {"book", "cast", "pay_out", "apply", "answer"} <= set(wanted) | known
