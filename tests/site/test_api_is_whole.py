"""What a page can do, a program can: each verb a page calls is called by the API too."""

import ast
from pathlib import Path

HOUSE = Path(__file__).parents[2] / "madang"
VERBS = {"actions", "work", "outgoing", "operator", "tokens"}  # the names pages know them by
NOT_FOR_PROGRAMS = {
    "ask": "the page one comes back to from the bank; the due work asks for everybody",
    "receive_webhook": "the bank's own message",
    "move_clock": "the demo's clock",
    "invitation_at": "reads",
    "state": "reads",
    "as_uuid": "reads",
    "may_buy": "reads",
    "share_of": "reads",
    "terms": "reads",
    "filter": "reads",
    "get": "reads",
}


def pages() -> list[Path]:
    found = [path for path in HOUSE.rglob("*.py") if "views" in path.stem or path.parent.name == "views" or path.stem == "proposing"]
    assert len(found) > 15
    return found


def verbs_in(source: str) -> set[str]:
    """Names of the verbs a module calls: as ``actions.book(…)``, as ``book(…)`` imported by name, as ``money.keep(…)`` of a room of verbs."""
    tree = ast.parse(source)
    rooms, by_name = set(VERBS), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and set((node.module or "").split(".")) & VERBS:
            by_name |= {one.asname or one.name for one in node.names}
    rooms |= by_name
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) and node.func.value.id in rooms:
            found.add(node.func.attr)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in by_name:
            found.add(node.func.id)
    return found


def known_to_programs() -> set[str]:
    found: set[str] = set()
    paths = [path for path in HOUSE.rglob("*.py") if path.name == "api.py" or path.name.startswith("api_") or path.parent.name == "api"]
    for path in paths:
        source = path.read_text()
        found |= verbs_in(source)
        for node in ast.walk(ast.parse(source)):  # verbs of one shape are routed from a table: for name, … in {"accept": …}.items()
            if isinstance(node, ast.For) and isinstance(node.iter, ast.Call) and isinstance(node.iter.func, ast.Attribute):
                table = node.iter.func.value
                keys = table.keys if isinstance(table, ast.Dict) else []
                found |= {key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
    return found


def test_verbs_are_seen_however_they_are_imported() -> None:
    source = "from a.actions.booking import book, FEW\nfrom a import actions\nfrom a.actions import money\nbook(1)\nactions.tip(2)\nmoney.keep(3)\nFEW\nlen(4)"
    assert verbs_in(source) == {"book", "tip", "keep"}
    booking = HOUSE / "platforms" / "services" / "views" / "booking.py"
    assert {"book", "add_home", "get_quote"} <= verbs_in(booking.read_text())


def test_every_verb_of_a_page_is_one_of_the_api() -> None:
    wanted = {name: path.relative_to(HOUSE) for path in pages() for name in verbs_in(path.read_text())}
    known = known_to_programs()
    missing = {name: str(path) for name, path in wanted.items() if name not in known and name not in NOT_FOR_PROGRAMS}
    assert missing == {}
    assert {"book", "cast", "pay_out", "apply", "make_key"} <= set(wanted) & known
