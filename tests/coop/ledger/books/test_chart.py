"""Every kind of account has its place in the books, and one name in every format."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.utils import translation

from madang.coop.ledger.books.chart import ANY, OTHERS, OWN, AccountKind, Chart, Names, Side
from madang.coop.ledger.models import FLOORED

HOUSE = Path(__file__).parents[4] / "madang"


def kinds_in(source: str) -> set[str]:
    """Kinds of account a module names: in ``account("kind", …)``, ``accounts([("kind", owner), …], unit)`` and lists it hands to it by name."""
    tree, found = ast.parse(source), set()
    lists = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.List)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        first = node.args[0]
        if name == "account" and isinstance(first, ast.Constant) and isinstance(first.value, str):
            found.add(first.value)
        if name == "accounts":
            pairs = lists.get(first.id) if isinstance(first, ast.Name) else first
            for pair in getattr(pairs, "elts", ()):
                if isinstance(pair, ast.Tuple) and isinstance(pair.elts[0], ast.Constant):
                    found.add(pair.elts[0].value)
    return found


def test_kinds_are_seen_however_they_are_named() -> None:
    source = 'ledger.account("one", o, u)\nledger.accounts([("two", ""), ("three", x)], u)\nw = [("four", "")]\naccounts(w, u)\naccount(kind, o, u)\n'
    assert kinds_in(source) == {"one", "two", "three", "four"}


def test_every_kind_of_account_is_declared_by_some_app() -> None:
    used = {kind for path in HOUSE.rglob("*.py") for kind in kinds_in(path.read_text())} | set(FLOORED)
    assert {"hold", "payable", "fund", "card-costs", "shares", "claims"} <= used
    declared = {one.kind for one in Chart().kinds}
    assert used - declared == set(), "declare these in account_kinds of the hooks of the app that uses them"


def test_what_a_fund_is_depends_on_whose_it_is() -> None:
    chart = Chart()
    own, others = chart.of("fund", True), chart.of("fund", False)
    assert own and others and (own.side, others.side) == (Side.EQUITY, Side.LIABILITIES)


def test_a_declaration_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="no code of"):
        AccountKind("x", 110, Side.EQUITY, "X")
    with pytest.raises(ValueError, match="whose"):
        AccountKind("x", 310, Side.EQUITY, "X", "mine")
    one = AccountKind("x", 310, Side.EQUITY, "X")
    with pytest.raises(ValueError, match="twice"):
        Chart([one, AccountKind("x", 320, Side.EQUITY, "X", OWN)])
    with pytest.raises(ValueError, match="310"):
        Chart([one, AccountKind("y", 310, Side.EQUITY, "Y")])
    assert Chart([AccountKind("x", 310, Side.EQUITY, "X", OWN), AccountKind("x", 210, Side.LIABILITIES, "X", OTHERS)]).of("x", False).code == 210


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_names_are_legal_everywhere_and_tell_nobody(lang: str) -> None:
    with translation.override(lang):
        names = Names(Chart())
        shown = [names.of("payable", None, "17"), names.of("payable", "person:secret", "17"), names.of("payable", "", "3"), names.of("upkeep", "", "4")]
        shown += [names.of("clearing", f"rail:{rail}", "9") for rail in ("sandbox", "bank a", "은행", "-x", "a:b;c", "Sandbox", "17")]
        shown.append(names.of("never-heard-of", None, "5"))
    assert shown[0] == shown[1] and "secret" not in "".join(shown) and len(set(shown)) == len(shown) - 1
    assert "never-heard-of" in shown[-1] and "399" in shown[-1]
    for name in shown:
        root, *rest = name.split(":")
        assert root in {"자산", "부채", "자본", "수익", "비용"} | {"Assets", "Liabilities", "Equity", "Income", "Expenses"}
        for part in rest:
            assert part[0].isdigit() or part[0].isupper(), name
            assert all(letter.isalnum() or letter == "-" for letter in part), name


def test_sides_show_what_is_normal_as_plus() -> None:
    assert [side.sign for side in Side] == [-1, 1, 1, 1, -1]
    assert ANY == AccountKind("x", 310, Side.EQUITY, "X").whose


def test_the_accountants_page_lists_the_chart() -> None:
    page = (HOUSE.parent / "docs" / "books.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")] for line in page.splitlines() if line.startswith("| ")]
    listed = {row[1]: row[2:4] for row in rows}
    for one in Chart().kinds:
        with translation.override("en"):
            english = str(one.title)
        with translation.override("ko"):
            assert listed[str(one.code)] == [english, str(one.title)]
