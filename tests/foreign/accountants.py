"""Three other people's programs, asked whether they accept a book and what each account comes to."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from madang.kit.units import unit

TOOLS = {"hledger": "hledger", "ledger": "ledger", "beancount": "bean-check"}
CHECK: dict[str, list[str]] = {
    "hledger": ["hledger", "--strict", "check", "-f"],
    "ledger": ["ledger", "--strict", "--pedantic", "balance", "-f"],
    "beancount": ["bean-check"],
}
ENV = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "BEANCOUNT_DISABLE_LOAD_CACHE": "1"}
Balances = dict[tuple[str, str], int]


def missing() -> list[str]:
    return [program for program in TOOLS.values() if shutil.which(program) is None]


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=ENV, timeout=120, check=False)


def accepts(tool: str, path: Path) -> str:
    """ "" when the program accepts the file, else what it says."""
    done = run([*CHECK[tool], str(path)])
    return "" if done.returncode == 0 else (done.stderr or done.stdout or f"exit {done.returncode}")


def _smallest(number: str, code: str) -> int:
    amount = Decimal(number or "0").scaleb(unit(code).scale)
    assert amount == amount.to_integral_value(), number
    return int(amount)


def _hledger(path: Path, end: date, codes: list[str]) -> Balances:
    done = run(["hledger", "-f", str(path), "balance", "--flat", "--no-total", "-E", "--layout", "bare", "-O", "csv", "-e", end.isoformat()])
    assert done.returncode == 0, done.stderr
    rows = list(csv.reader(io.StringIO(done.stdout)))[1:]
    return {(account, code): _smallest(number.rstrip(".").replace(",", ""), code) for account, code, number in rows if code}


def _ledger(path: Path, end: date, codes: list[str]) -> Balances:
    found: Balances = {}
    for code in codes:
        wanted = ["--limit", f'commodity == "{code}"', "--balance-format", "%(account)\t%(quantity(total))\n"]
        done = run(["ledger", "-f", str(path), "balance", "--flat", "--no-total", "--end", end.isoformat(), *wanted])
        assert done.returncode == 0, done.stderr
        for line in done.stdout.splitlines():
            account, _tab, number = line.partition("\t")
            found[account, code] = _smallest(number, code)
    return found


def _beancount(path: Path, end: date, codes: list[str]) -> Balances:
    query = f"SELECT account, currency, sum(position) AS total WHERE date < {end.isoformat()} GROUP BY account, currency"
    done = run(["bean-query", "-f", "csv", str(path), query])
    assert done.returncode == 0, done.stderr
    rows = list(csv.reader(io.StringIO(done.stdout)))[1:]
    return {(account.strip(), code.strip()): _smallest(total.removesuffix(code).strip(), code.strip()) for account, code, total in rows}


ASK: dict[str, Callable[[Path, date, list[str]], Balances]] = {"hledger": _hledger, "ledger": _ledger, "beancount": _beancount}


def balances(tool: str, path: Path, day: date, codes: list[str]) -> Balances:
    """What the program says each account comes to at the end of ``day``, in the smallest unit, debits plus; accounts at nothing left out."""
    return {key: amount for key, amount in ASK[tool](path, day + timedelta(days=1), codes).items() if amount}
