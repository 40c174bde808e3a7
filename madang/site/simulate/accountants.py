"""Other people's programs: do they accept these books, and what does each account come to? (Debian's hledger, ledger, beancount.)"""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
from datetime import date, timedelta
from pathlib import Path

CHECK = {
    "hledger": ["hledger", "--strict", "check", "-f"],
    "ledger": ["ledger", "--strict", "--pedantic", "balance", "-f"],
    "beancount": ["bean-check"],
}
ENV = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "BEANCOUNT_DISABLE_LOAD_CACHE": "1"}


def here() -> list[str]:
    """Those that are installed (``bash tools/accountants.sh`` does it)."""
    return [tool for tool, command in CHECK.items() if shutil.which(command[0])]


def refuses(tool: str, file: Path) -> str:
    """ "" when the program accepts the books, else what it says."""
    done = subprocess.run([*CHECK[tool], str(file)], capture_output=True, text=True, env=ENV, check=False, timeout=120)  # noqa: S603
    return "" if done.returncode == 0 else (done.stderr or done.stdout or f"exit {done.returncode}")[:2000]


def balances(file: Path, day: date | None) -> dict[str, int]:
    """What hledger says each account comes to at the end of ``day`` (None: in the end), in won, debits plus; accounts at nothing left out."""
    until = ["-e", (day + timedelta(days=1)).isoformat()] if day else []
    command = ["hledger", "-f", str(file), "balance", "--flat", "--no-total", "-E", "--layout", "bare", "-O", "csv", *until]
    done = subprocess.run(command, capture_output=True, text=True, env=ENV, check=True, timeout=120)  # noqa: S603
    rows = list(csv.reader(io.StringIO(done.stdout)))[1:]
    found = {account: int(number.rstrip(".").replace(",", "")) for account, _code, number in rows if number.rstrip(".")}
    return {account: amount for account, amount in found.items() if amount}
