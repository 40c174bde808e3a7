"""The filled demo, as a treasurer gives it away: ``madang books`` for the three accountants. They accept it, agree on each account, refuse it one won off."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from madang.site.simulate import accountants
from tests import houses
from tests.e2e.server import ROOT, environment, madang

pytestmark = [
    pytest.mark.foreign,
    pytest.mark.skipif(bool(accountants.missing()), reason=f"not installed: {accountants.missing()} (bash tools/accountants.sh)"),
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The data folder of the demo, and what its accounts come to."""
    data = houses.copy(tmp_path_factory, "demo-books")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tests.foreign.demo_books", str(data)], env=environment(data), cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        yield data, json.loads(done.stdout)
    finally:
        madang(data, "stop", check=False)


@pytest.fixture(scope="module")
def books(demo, tmp_path_factory) -> dict[str, Path]:
    """The demo's books, a file for each program, by the command."""
    folder = tmp_path_factory.mktemp("books")
    files = {tool: folder / f"books.{tool}" for tool in accountants.TOOLS}
    for tool, file in files.items():
        file.write_text(madang(demo[0], "books", "--format", tool, "--lang", "en").stdout, encoding="utf-8")
    return files


@pytest.mark.parametrize("tool", accountants.TOOLS)
def test_the_demos_books_are_accepted_and_agreed_on_at_three_dates(demo, books, tool) -> None:
    _data, told = demo
    assert len(told["days"]) == 3 and all(len(expected) >= 5 for expected in told["days"].values())
    assert len({json.dumps(expected, sort_keys=True) for expected in told["days"].values()}) == 3, "the dates do not differ, so agreeing on them says little"
    assert accountants.accepts(tool, books[tool]) == ""
    for day, expected in told["days"].items():
        read = accountants.balances(tool, books[tool], date.fromisoformat(day), told["units"])
        assert {f"{account}|{unit}": amount for (account, unit), amount in read.items()} == expected, day


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("tool", accountants.TOOLS)
def test_the_demos_books_are_refused_one_won_off(books, tmp_path, tool, both) -> None:
    whole = books[tool].read_text(encoding="utf-8")
    for pick in (0, 7_919):
        off = tmp_path / f"off.{tool}"
        off.write_text(accountants.one_off(whole, pick, both=both), encoding="utf-8")
        changed = [(one, other) for one, other in zip(whole.split("\n"), off.read_text(encoding="utf-8").split("\n"), strict=True) if one != other]
        assert len(changed) == 1 + both
        assert re.search(r"balance", accountants.accepts(tool, off), re.IGNORECASE), pick
