"""The Sortition Foundation's program judges our panels by lot on random volunteers and quotas. It lives in var/judges, as those of counting do."""

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


def test_the_smallest_chance_is_the_same_and_so_is_what_is_impossible() -> None:
    many = str(min(300, int(os.environ.get("MADANG_ELECTIONS", "40"))))
    arguments = [str(JUDGES), "-m", "tests.foreign.sortition_judge", "--cases", many]
    run = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False, timeout=3_000)
    assert run.stdout, run.stderr[-2_000:]
    said = json.loads(run.stdout.splitlines()[-1])
    assert said["cases"] == int(many) and 0 < said["impossible"] < int(many) and said["wrong"] == [], said
