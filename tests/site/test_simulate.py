"""``madang simulate``: its plan is the seed's alone, its model counts right, a seed is clean and replays, and a bug put in is found."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.kit.splits import largest_remainder
from madang.site.simulate import accountants, judge, plan
from madang.site.simulate.model import Model, No, Wrong, shared
from madang.site.simulate.step import BY_CHANCE, FAULTS, START
from madang.site.simulate.steps import KINDS, pots
from madang.site.simulate.world import alive, postmaster

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.xdist_group("simulate")


def simulate(*arguments: str, bug: str = "") -> subprocess.CompletedProcess[str]:
    """In a process of its own, as a person would start it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MADANG_") and k not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
    front = ["-m", "tests.site.simulate_bugs", bug] if bug else ["-m", "madang.cli", "simulate"]
    return subprocess.run([sys.executable, *front, *arguments], env=kept, cwd=ROOT, capture_output=True, text=True, timeout=500, check=False)


# -- the plan -----------------------------------------------------------------------------------------------------------------


def test_a_seed_is_a_plan() -> None:
    assert plan.draw(7, 20) == plan.draw(7, 20)
    assert plan.draw(7, 20) != plan.draw(8, 20)


def test_the_plan_does_not_ask_hash_or_clock() -> None:
    """Another process, with another hash seed, draws the same."""
    drawn = {
        subprocess.run(
            [sys.executable, "-m", "madang.cli", "simulate", "--plan", "--seed", "5", "--days", "12"],
            env=os.environ | {"PYTHONHASHSEED": salt}, cwd=ROOT, capture_output=True, text=True, check=True,
        ).stdout
        for salt in ("1", "2")
    }  # fmt: skip
    assert len(drawn) == 1
    assert drawn.pop().count("\n") > 60


def test_twenty_seeds_hold_every_fault_and_every_verb() -> None:
    faults, verbs = Counter[str](), Counter[str]()
    for seed in range(1, 21):
        for step in plan.draw(seed, 30):
            faults.update(step.counts)
            faults.update([step.fault.kind] if step.fault else [])
            verbs[step.verb] += 1
    assert set(faults) == set(FAULTS) - BY_CHANCE
    assert set(verbs) == {f"{name}.{verb}" for name, kind in KINDS.items() for verb in kind.DO} | {"world.sweep"}


def test_each_kind_has_a_model_for_all_it_does() -> None:
    for kind in KINDS.values():
        assert set(kind.DO) == set(kind.EXPECT)
        assert set(kind.DO) >= kind.MAKES


# -- the model ----------------------------------------------------------------------------------------------------------------


@given(st.integers(0, 10**9), st.lists(st.integers(1, 1000), min_size=1, max_size=5), st.text(max_size=20))
@settings(max_examples=100, deadline=None)
def test_the_model_shares_as_the_program_does(total: int, weights: list[int], salt: str) -> None:
    """Written twice, by the words alone; they agree."""
    parts = {f"p{number}": Fraction(weight, sum(weights)) for number, weight in enumerate(weights)}
    assert shared(total, parts, salt) == largest_remainder(total, list(parts.items()), salt)


def test_the_model_does_not_book_twice() -> None:
    model = Model(1, {}, {})
    model.book("one", [(("fund", "a"), ("fund", "b"), 5)], START)
    with pytest.raises(Wrong, match="second time"):
        model.book("one", [(("fund", "a"), ("fund", "b"), 5)], START)
    assert model.standing() == {("fund", "a"): -5, ("fund", "b"): 5}
    assert model.standing(START) == {}


def test_the_model_of_promises_keeps_to_limits() -> None:
    model = Model(1, {("fund", "a"): 100}, {})
    promise = {"name": "x", "out": "a", "into": "c", "amount": 70, "hours": 5}
    pots.expect_pend(model, promise, START, {})
    with pytest.raises(No, match="not-enough"):
        pots.expect_post(model, {"name": "y", "out": "a", "into": "c", "amount": 31}, START, {})
    pots.expect_keep(model, {"name": "x", "part": 0, "amount": 30, "keep": True}, START, {})
    pots.swept(model, START + timedelta(hours=5), {}, False)
    with pytest.raises(No, match="pending-done"):
        pots.expect_keep(model, {"name": "x", "part": 1, "amount": 1, "keep": True}, START, {})
    pots.expect_post(model, {"name": "y", "out": "a", "into": "c", "amount": 70}, START, {})
    assert model.standing() == {("fund", "c"): 100}


# -- the judges ---------------------------------------------------------------------------------------------------------------

BODY = (
    "2026-12-24 * x\n    Assets:A  500 KRW\n    Liabilities:B  -500 KRW\n2026-12-25 * end\n    Assets:A  0 KRW = 500 KRW\n    Liabilities:B  0 KRW = -500 KRW\n"
)
JOURNAL = {
    "hledger": f"commodity 1000. KRW\naccount Assets:A\naccount Liabilities:B\n{BODY}",
    "ledger": f"commodity KRW\n    format 1000 KRW\naccount Assets:A\naccount Liabilities:B\n{BODY}",
    "beancount": """2026-01-01 open Assets:A\n2026-01-01 open Liabilities:B\n2026-12-24 * "x"\n  Assets:A  500 KRW\n  Liabilities:B  -500 KRW\n"""
    "2026-12-25 balance Liabilities:B  -500 KRW\n",
}


@pytest.mark.skipif(bool(accountants.missing()), reason="bash tools/accountants.sh")
@pytest.mark.parametrize("pick", [1, 2])
def test_all_three_accountants_are_asked_about_every_account_at_every_date(tmp_path: Path, pick: int) -> None:
    names = {"person p1": "1"}

    def ask(verb: str, format: str, file: str, until: None) -> dict[str, Any]:
        Path(file).write_text(JOURNAL[format])
        return {"accounts": {"Assets:A": ("clearing", ""), "Liabilities:B": ("payable", "person:1")}}

    full = {("clearing", ""): -500, ("payable", "p1"): 500}
    days = [(date(2026, 12, 23), {}), (date(2026, 12, 24), full), (None, full)]
    assert judge.foreign(ask, tmp_path, days, names, pick) == []
    for wrong in range(3):
        told = [(day, {("clearing", ""): -500, ("payable", "p1"): 501} if number == wrong else must) for number, (day, must) in enumerate(days)]
        said = judge.foreign(ask, tmp_path, told, names, pick)
        assert {one.partition(":")[0] for one in said} == set(accountants.TOOLS)


@pytest.mark.skipif(bool(accountants.missing()), reason="bash tools/accountants.sh")
def test_an_accountant_that_takes_changed_books_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accountants, "one_off", lambda text, pick, *, both: text)
    said = judge.foreign(lambda *_a, format, file, until: Path(file).write_text(JOURNAL[format]) and {"accounts": {}}, tmp_path, [], {}, 1)
    assert len(said) == 3
    assert all("one won changed" in one for one in said)


# -- lived --------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The co-op all seeds begin with is made once."""
    return tmp_path_factory.mktemp("sim") / "lives"


def test_a_short_life_is_clean_and_replays(folder: Path, tmp_path: Path) -> None:
    """A seed twice: all its faults borne, the books accepted by the accountants, and the same to the last transfer."""
    ran = simulate("--seed", "3", "--days", "7", "--again", "--folder", str(folder), "--json", str(tmp_path / "told"))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = json.loads((tmp_path / "told").read_text())
    assert len(told["digest"]) == 64
    assert told["wrong"] == []
    assert told["done"] > 10
    assert told["faults"]["server-killed"] >= 2
    assert told["faults"]["postgresql-killed"] >= 1
    if all(shutil.which(tool) for tool in ("hledger", "ledger", "bean-check")):
        assert "hledger, ledger, beancount" in ran.stdout


def test_whoever_ends_it_finds_nothing_left(folder: Path) -> None:
    """SIGTERM, as a service manager or ``timeout`` sends it: no PostgreSQL and no worker stays behind, and what was copied is gone."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MADANG_") and k not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
    command = [sys.executable, "-m", "madang.cli", "simulate", "--days", "20", "--trace", "--jobs", "1", "--folder", str(folder)]
    ran = subprocess.Popen(command, env=kept, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert ran.stdout is not None
    for line in ran.stdout:
        if "→" in line:
            break
    pid = postmaster(folder / "co-op-0")
    ran.send_signal(signal.SIGTERM)
    ran.stdout.read()  # to its end: whoever still lives would hold it open
    assert ran.wait(60) == 130
    assert not alive(pid)
    assert not (folder / "co-op-0").exists()


def test_a_bug_put_in_is_found(folder: Path) -> None:
    """A repeat that books again: the first entry that is asked for twice is there twice, and no invariant of the books themselves would see it."""
    ran = simulate("--seed", "1", "--seeds", "3", "--days", "5", "--folder", str(folder), bug="repeats_book_again")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "WRONG" in ran.stdout
    assert "madang simulate --seed" in ran.stdout
