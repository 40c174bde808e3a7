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

pytestmark = [pytest.mark.foreign, pytest.mark.skipif(not JUDGES.exists(), reason="not installed: the judges of counting (bash tools/judges.sh)")]


@pytest.mark.parametrize("method", ["irv", "schulze", "ranked-pairs", "minimax", "stv-scottish", "stv-meek", "star", "score", "budget"])
def test_nothing_differs_from_the_judges_but_what_is_explained(method: str) -> None:
    many = os.environ.get("MADANG_ELECTIONS", "40")
    arguments = [str(JUDGES), "-m", "tests.foreign.counting_judges", "--elections", many, "--only", method]
    run = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False, timeout=3_000)
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    assert lines and all(line["differ"] == 0 for line in lines), run.stdout + run.stderr[-2_000:]
    assert run.returncode == 0 and all(line["elections"] == int(many) for line in lines)
