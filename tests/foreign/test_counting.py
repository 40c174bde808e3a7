"""Other people's counting programs judge ours on random elections (docs/counting.md has the table of what differs, whose fault and why).

They live in var/judges (``bash tools/judges.sh``; ``make test-foreign`` installs them). ``MADANG_ELECTIONS`` says how many elections each
judge sees (default 40; ``make test-foreign`` 1,000).
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
JUDGES = ROOT / "var" / "judges" / "bin" / "python"

pytestmark = [
    pytest.mark.foreign,
    pytest.mark.xdist_group("judges"),
    pytest.mark.skipif(not JUDGES.exists(), reason="not installed: the judges of counting (bash tools/judges.sh)"),
]


METHODS = [
    "approval", "budget-equal-shares", "budget-greedy", "consent", "dots", "irv", "majority", "minimax", "quadratic", "ranked-pairs", "schulze", "score",
    "star", "stv-meek", "stv-scottish",
]  # fmt: skip


@pytest.fixture(scope="module")
def judged() -> list[dict]:
    """What every judge said, in one process of theirs: they are slow to wake."""
    many = os.environ.get("MADANG_ELECTIONS", "40")
    arguments = [str(JUDGES), "-m", "tests.foreign.counting_judges", "--elections", many]
    run = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False, timeout=3_000)
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    assert lines and all(line["elections"] == int(many) for line in lines), run.stderr[-2_000:]
    return lines


@pytest.mark.parametrize("method", METHODS)
def test_nothing_differs_from_the_judges_but_what_is_explained(judged: list[dict], method: str) -> None:
    said = [line for line in judged if line["method"] == method]
    assert said and all(line["differ"] == 0 for line in said), said
