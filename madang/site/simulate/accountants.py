"""Debian's hledger, ledger and beancount: do they accept these books, what does each account come to, and do they refuse them one won off?"""

from __future__ import annotations

import csv
import io
import os
import re
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
LAST = date(2090, 1, 1)
"""A day after all days of any books."""
POSTING = re.compile(r"^ +\S.*  -?[0-9.]+ (?:[A-Z]{3}|\"?[A-Z]{3}\.[0-9]\"?)(  ;.*)?$")
AMOUNT = re.compile(r"  (-?)([0-9]+)(\.[0-9]+)? ([A-Z]{3}|\"?[A-Z]{3}\.[0-9]\"?)(  ;.*)?$")
Balances = dict[tuple[str, str], int]
"""(account, unit) to the smallest unit, debits plus."""


class Unreadable(RuntimeError):
    """A program did not say what the accounts come to."""


def here() -> list[str]:
    """Those that are installed (``bash tools/accountants.sh`` does it)."""
    return [tool for tool, program in TOOLS.items() if shutil.which(program)]


def missing() -> list[str]:
    """The programs that are not."""
    return [program for program in TOOLS.values() if shutil.which(program) is None]


def accepts(tool: str, file: Path) -> str:
    """ "" when the program accepts the books, else what it says."""
    done = _run([*CHECK[tool], str(file)])
    return "" if done.returncode == 0 else (done.stderr or done.stdout or f"exit {done.returncode}")


def balances(tool: str, file: Path, day: date | None, codes: list[str]) -> Balances:
    """What the program says each account comes to at the end of ``day`` (None: of everything), in the smallest unit; accounts at nothing left out.

    ``codes``: the units to ask about. Raises :class:`Unreadable` when it does not say.
    """
    return {key: amount for key, amount in ASK[tool](file, (day or LAST) + timedelta(days=1), codes).items() if amount}


def one_off(text: str, pick: int, *, both: bool = False) -> str:
    """The same books with one amount one smallest unit larger; ``both``: one of the other sign after it too, so that each side has changed.

    ``pick`` chooses the posting. Raises ``ValueError`` where there is none.
    """
    lines = text.split("\n")
    postings = [number for number, line in enumerate(lines) if POSTING.search(line)]
    pairs = [number for number in postings if not both or _other(lines, postings, number) is not None]
    if not pairs:
        raise ValueError("no posting")
    first = pairs[pick % len(pairs)]
    other = _other(lines, postings, first) if both else None
    for number in (first, other):
        if number is not None:
            lines[number] = AMOUNT.sub(_one_more, lines[number])
    return "\n".join(lines)


def _other(lines: list[str], postings: list[int], first: int) -> int | None:
    """The next posting of the same entry with the other sign."""
    sign = (AMOUNT.search(lines[first]) or [""] * 2)[1]
    for number in range(first + 1, len(lines)):
        if not lines[number].startswith(" "):
            return None
        if number in postings and (AMOUNT.search(lines[number]) or [""] * 2)[1] != sign:
            return number
    return None


def _one_more(found: re.Match[str]) -> str:
    sign, whole, rest, code, note = found.groups(default="")
    digits = str(int(whole + rest[1:]) + 1).zfill(len(rest))
    number = f"{digits[: len(digits) - len(rest[1:])]}.{digits[len(digits) - len(rest[1:]) :]}" if rest else digits
    return f"  {sign}{number} {code}{note}"


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=ENV, timeout=120, check=False)  # noqa: S603


def _said(command: list[str]) -> str:
    done = _run(command)
    if done.returncode:
        raise Unreadable(f"{command[0]}: {done.stderr[:1000]}")
    return done.stdout


def _smallest(number: str, code: str) -> int:
    amount = Decimal(number or "0").scaleb(unit(code).scale)
    if amount != amount.to_integral_value():
        raise Unreadable(f"{number} {code}")
    return int(amount)


def _hledger(file: Path, end: date, codes: list[str]) -> Balances:
    said = _said(["hledger", "-f", str(file), "balance", "--flat", "--no-total", "-E", "--layout", "bare", "-O", "csv", "-e", end.isoformat()])
    rows = list(csv.reader(io.StringIO(said)))[1:]
    return {(account, code): _smallest(number.rstrip(".").replace(",", ""), code) for account, code, number in rows if code}


def _ledger(file: Path, end: date, codes: list[str]) -> Balances:
    found: Balances = {}
    for code in codes:
        symbol = code if code.isalpha() else f'"{code}"'
        wanted = ["--limit", f"commodity == '{symbol}'", "--balance-format", "%(account)\t%(quantity(total))\n"]
        for line in _said(["ledger", "-f", str(file), "balance", "--flat", "--no-total", "--end", end.isoformat(), *wanted]).splitlines():
            account, _tab, number = line.partition("\t")
            found[account, code] = _smallest(number, code)
    return found


def _beancount(file: Path, end: date, codes: list[str]) -> Balances:
    query = f"SELECT account, currency, sum(position) AS total WHERE date < {end.isoformat()} GROUP BY account, currency"
    rows = list(csv.reader(io.StringIO(_said(["bean-query", "-f", "csv", str(file), query]))))[1:]
    return {(account.strip(), code.strip()): _smallest((total.split() or ["0"])[0], code.strip()) for account, code, total in rows}


ASK: dict[str, Callable[[Path, date, list[str]], Balances]] = {"hledger": _hledger, "ledger": _ledger, "beancount": _beancount}
