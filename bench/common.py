"""What every benchmark shares: the house of a data folder, a table for people, one JSON object a line with ``--json``."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


class Bench:
    """Collects figures; :meth:`close` prints them."""

    def __init__(self, title: str, arguments: argparse.Namespace) -> None:
        self.title, self.json, self.rows = title, arguments.json, []

    def add(self, name: str, value: float, unit: str, note: str = "") -> None:
        """One figure. With ``--json`` it is printed at once."""
        self.rows.append((name, value, unit, note))
        if self.json:
            print(json.dumps({"name": name, "value": round(value, 4), "unit": unit} | ({"note": note} if note else {})), flush=True)

    def close(self) -> None:
        """The table for people."""
        if self.json:
            return
        print(f"\n{self.title}\n{'-' * len(self.title)}")
        width = max((len(row[0]) for row in self.rows), default=10)
        for name, value, unit, note in self.rows:
            print(f"{name:<{width}}  {value:>12,.2f} {unit:<10} {note}")


def arguments(description: str, *more: tuple[str, dict]) -> argparse.Namespace:
    """The common options (``--json``, ``--data``) and those of one benchmark."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", action="store_true", help="one object a line: name, value, unit")
    parser.add_argument("--data", default=os.environ.get("MADANG_DATA", str(ROOT / "var" / "upandgo")), help="the data folder of the co-op to measure")
    for flag, options in more:
        parser.add_argument(flag, **options)
    return parser.parse_args()


def open_house(data: str) -> None:
    """Start the data folder's database and Django in this process."""
    from madang.site import start

    start.ground(Path(data))
    start.house()


def times(run: Callable[[], object], rounds: int, warm: int = 1) -> list[float]:
    """Milliseconds of each of ``rounds`` runs, after ``warm`` that do not count."""
    for _ in range(warm):
        run()
    measured = []
    for _ in range(rounds):
        started = perf_counter()
        run()
        measured.append((perf_counter() - started) * 1000)
    return measured


def p95(values: Sequence[float]) -> float:
    """The 95th percentile (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]


def noise(values: Sequence[float]) -> str:
    """How much the machine wavered: the spread from the first to the third quartile, in per cent of the median."""
    if len(values) < 4:
        return ""
    first, middle, third = statistics.quantiles(values, n=4)
    return f"noise ±{(third - first) / 2 / middle * 100:.0f} %" if middle else ""
