"""A month's plays settled by our plan (``madang.platforms.music.plan``) beside the textbook query in DuckDB, on the same Parquet, with the same answer.

Plays are Zipf-shaped over listeners and tracks. The textbook numbers every play of the history by a window (``row_number() over (partition by listener,
track order by moment)``) and joins the price of each; for user-centric it joins each play to its listener's pot and ranks remainders. Ours keeps lifetime
counts for each pair and reads the month only. Each is a process of its own; two threads, the same limit of memory.

    python -m bench.royalties [--json] [--plays 10000000] [--listeners 1000000] [--tracks 1000000]
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.common import ROOT, Bench, arguments

PRICES = [2400, 4800, 9600, 19200, 38400, 76800, 153600, 307200, 614400]
MEMORY = "3GB"
PEERS = ("ours", "textbook")
FEE = 7_000_000
TEXTBOOK = {
    "stream2own": """
        WITH numbered AS (SELECT listener, track, row_number() OVER (PARTITION BY listener, track ORDER BY moment) AS k FROM plays),
             priced AS (SELECT track, count(*) AS plays, sum(coalesce(price, 0))::BIGINT AS cost
                        FROM numbered LEFT JOIN prices USING (k) GROUP BY track)
        SELECT track, plays, (cost * 7 + 9) // 10 AS amount FROM priced""",
    "user-centric": """
        WITH each AS (SELECT listener, track, count(*) AS n FROM plays GROUP BY ALL),
             pots AS (SELECT listener, track, n, sum(n) OVER (PARTITION BY listener) AS total, (amount * 7 + 9) // 10 AS pot
                      FROM each JOIN paid USING (listener)),
             parts AS (SELECT *, (pot * n) // total AS part, (pot * n) % total AS rest FROM pots),
             ranked AS (SELECT track, n, part, pot - sum(part) OVER (PARTITION BY listener) AS remaining,
                        row_number() OVER (PARTITION BY listener ORDER BY rest DESC, ((listener % 4294967291) * 48271
                        + (track % 4294967291) * 1103515245) % 4294967291, track) AS place FROM parts)
        SELECT track, sum(n)::BIGINT AS plays, sum(part + (place <= remaining)::BIGINT)::BIGINT AS amount FROM ranked GROUP BY track""",
}


def connected(folder: Path) -> Any:
    """DuckDB with the bench's limits."""
    import duckdb

    con = duckdb.connect()
    con.execute(f"SET memory_limit='{MEMORY}'; SET threads=2; SET temp_directory='{folder}/spill'; SET preserve_insertion_order=false")
    return con


def make(folder: Path, plays: int, listeners: int, tracks: int) -> None:
    """The month as Parquet: plays in the order they came, and what each listener paid with a subscription."""
    con = connected(folder)
    con.execute("SELECT setseed(0.42)")
    con.execute(f"""COPY (SELECT least({listeners} - 1, floor(pow(random(), 1.6) * {listeners}))::BIGINT AS listener,
        least({tracks} - 1, floor(pow(random(), 4) * {tracks}))::BIGINT AS track, i AS moment FROM range({plays}) t(i))
        TO '{folder}/plays.parquet' (FORMAT parquet)""")
    con.execute(f"COPY (SELECT i AS listener, {FEE}::BIGINT AS amount FROM range({listeners}) t(i)) TO '{folder}/paid.parquet' (FORMAT parquet)")


def settle(folder: Path, who: str, model: str) -> dict[str, Any]:
    """One peer's month, in this process: seconds, memory, and sums to compare."""
    started = perf_counter()
    out = folder / f"{who}-{model}.parquet"
    if who == "textbook":
        con = connected(folder)
        con.execute(f"CREATE VIEW plays AS SELECT * FROM '{folder}/plays.parquet'; CREATE VIEW paid AS SELECT * FROM '{folder}/paid.parquet'")
        con.execute("CREATE TABLE prices AS SELECT * FROM (VALUES " + ", ".join(f"({k}, {price})" for k, price in enumerate(PRICES, 1)) + ") t(k, price)")
        con.execute(f"COPY ({TEXTBOOK[model]}) TO '{out}' (FORMAT parquet)")
    else:
        from fractions import Fraction

        import ibis

        from madang.platforms.music import plan

        con = ibis.duckdb.connect(memory_limit=MEMORY, threads=2, temp_directory=str(folder / "spill"), preserve_insertion_order=False)
        plays, paid = con.read_parquet(folder / "plays.parquet"), con.read_parquet(folder / "paid.parquet")
        counts = ibis.memtable({"listener": [], "track": [], "before": []}, schema={"listener": "int64", "track": "int64", "before": "int64"})
        share = Fraction(7, 10)
        asked = plan.stream2own(plays, counts, PRICES, share).drop("cost") if model == "stream2own" else plan.user_centric(plays, paid, share)
        con.to_parquet(asked, out)
    seconds = perf_counter() - started
    return {"seconds": seconds, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "out": str(out)}


def alone(folder: Path, who: str, model: str) -> dict[str, Any]:
    """The same in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.royalties", "--one", f"{who}:{model}", "--folder", str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    options = arguments(
        __doc__ or "", ("--plays", {"type": int, "default": 10_000_000}), ("--listeners", {"type": int, "default": 1_000_000}),
        ("--tracks", {"type": int, "default": 1_000_000}), ("--one", {"default": ""}), ("--folder", {"default": ""}),
    )  # fmt: skip
    if options.one:
        print(json.dumps(settle(Path(options.folder), *options.one.split(":"))))
        return
    bench = Bench(f"A month of {options.plays:,} plays", options)
    with tempfile.TemporaryDirectory(prefix="madang-bench-", dir=os.environ.get("TMPDIR")) as name:
        folder = Path(name)
        make(folder, options.plays, options.listeners, options.tracks)
        for model in TEXTBOOK:
            told = {who: alone(folder, who, model) for who in PEERS}
            same(folder, told, model, options.listeners)
            for who in PEERS:
                bench.add(f"{model}_{who}_s", told[who]["seconds"], "s", f"{told[who]['mb']:,.0f} MB at most")
                bench.add(f"{model}_{who}_mb", told[who]["mb"], "MB")
            bench.add(f"{model}_ratio", told["textbook"]["seconds"] / told["ours"]["seconds"], "times", "as fast as the textbook")
    bench.close()


def same(folder: Path, told: dict[str, dict[str, Any]], model: str, listeners: int) -> None:
    """Both gave each track the same, and the parts are the pot. Raises ``AssertionError``."""
    con = connected(folder)
    ours, theirs = (f"SELECT track, plays, amount FROM '{told[who]['out']}'" for who in PEERS)
    for one, other in ((ours, theirs), (theirs, ours)):
        assert con.execute(f"SELECT count(*) FROM ({one} EXCEPT {other})").fetchone() == (0,), f"{model}: not the same"
    if model == "user-centric":
        heard = con.execute(f"SELECT count(DISTINCT listener) FROM '{folder}/plays.parquet'").fetchone()[0]
        assert heard <= listeners
        assert con.execute(f"SELECT sum(amount) FROM ({ours})").fetchone()[0] == heard * (FEE * 7 // 10), "the parts are not the pot"


if __name__ == "__main__":
    main()
