"""``madang count``: what it prints, and that a bad file stops no other."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from madang import cli
from madang.kit.counting.asking import methods

WARD = '3 1\n4 1 2 0\n3 2 0\n2 3 2 0\n0\n"Anna"\n"Bo"\n"Cho"\n"Ward"\n'


@pytest.fixture
def ward(tmp_path: Path) -> Path:
    path = tmp_path / "ward.blt"
    path.write_text(WARD)
    return path


def test_the_methods_are_those_of_the_contract() -> None:
    wanted = "majority approval score star irv schulze ranked-pairs minimax stv-scottish stv-meek dots quadratic budget-greedy budget-equal-shares consent"
    assert set(wanted.split()) <= set(methods())


def test_one_json_object_a_line_and_file_and_a_bad_file_stops_no_other(ward: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.blt"
    bad.write_text("3 1\n1 7 0\n0\n")
    assert cli.main(["count", str(bad), str(ward), str(tmp_path / "none.blt"), str(ward), "--method", "irv", "--json"]) == 2
    out, err = capsys.readouterr()
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["file"] for line in lines] == [str(ward)] * 2
    assert lines[0]["winners"] == ["Bo"] and lines[0]["ties"] == []
    assert lines[0]["stages"][1] == {
        "votes": {"Anna": "4", "Bo": "5", "Cho": "0"}, "elected": ["Bo"], "excluded": ["Cho"], "transferred": {"Bo": "2"}, "exhausted": "0", "from": "Cho",
    }
    assert f"{bad}:2: there is no candidate 7" in err and "none.blt" in err


def test_text_for_people(ward: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["count", str(ward), "--method", "stv-scottish"]) == 0
    out = capsys.readouterr().out
    assert "9 valid ballots, 0 blank, 0 invalid, quota 5" in out and "Stage 2. Out: Cho. In: Bo." in out and "Elected: Bo" in out


def test_seats_come_from_the_file_and_can_be_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "two.blt"
    path.write_text(WARD.replace("3 1", "3 2", 1))
    cli.main(["count", str(path), "--method", "stv-scottish", "--json"])
    cli.main(["count", str(path), "--method", "stv-scottish", "--seats", "1", "--json"])
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert len(first["winners"]) == 2 and len(second["winners"]) == 1


def test_the_seed_draws_the_lot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "tie.csv"
    path.write_text("count,A,B\n1,1,0\n1,0,1\n")
    seen = set()
    for seed in range(16):
        assert cli.main(["count", str(path), "--method", "score", "--json", "--seed", f"{seed:02x}"]) == 0
        said = json.loads(capsys.readouterr().out)
        assert said["ties"] == [{"stage": 1, "about": "seat", "tied": ["A", "B"], "chosen": said["winners"], "by": "lot"}]
        seen.add(said["winners"][0])
    assert seen == {"A", "B"}


@pytest.mark.parametrize("arguments", [["--method", "no"], ["--method", "irv", "--seats", "0"], ["--method", "irv", "--seed", "xyz"], []])
def test_wrong_usage_is_2(ward: Path, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["count", str(ward), *arguments])
    assert left.value.code == 2


def test_a_method_that_does_not_fit_the_ballots_is_told(ward: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["count", str(ward), "--method", "score"]) == 2
    assert "needs scores" in capsys.readouterr().err
    assert cli.main(["count", str(ward), "--method", "budget-greedy"]) == 2


def test_no_database_and_no_django_are_needed(ward: Path) -> None:
    code = "import sys; from madang.cli import main; r = main(sys.argv[1:]); assert 'django' not in sys.modules; sys.exit(r)"
    assert subprocess.run([sys.executable, "-c", code, "count", str(ward), "--method", "schulze"], capture_output=True, check=False).returncode == 0
