"""The record: leaves written, sealed and verified a second. On a database of its own, in a temporary folder."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from bench.common import Bench, arguments, noise, open_house, times

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def main() -> None:
    options = arguments(
        __doc__,
        ("--leaves", {"type": int, "default": 200_000, "help": "how many leaves the log gets by COPY"}),
        ("--singles", {"type": int, "default": 2_000, "help": "how many leaves are written one by one, as actions do"}),
    )
    os.environ.pop("DATABASE_URL", None)
    bench = Bench("The record", options)
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as folder:
        data = Path(folder) / "data"
        open_house(str(data))
        try:
            _measure(bench, options.leaves, options.singles, Path(folder))
        finally:
            from django.db import connections

            from madang.site import postgres

            connections.close_all()
            postgres.stop(data.resolve())
    bench.close()


def _measure(bench: Bench, leaves: int, singles: int, folder: Path) -> None:
    from django.core.management import call_command

    call_command("migrate", "record", verbosity=0)
    from madang.coop import record
    from madang.coop.record import queries, sealing
    from madang.coop.record.export import export

    line = {"amount": 49400, "unit": "KRW", "debit": "hold/job:1", "credit": "payable/person:1", "kind": "release", "version": "v1"}
    record.write("founding", "founding:bench", [{"founding_id": "bench"}], public=True, now=NOW)

    started = perf_counter()
    for number in range(singles):
        record.write("entry", f"entry:single-{number}", [line, line], public=False, now=NOW)
    bench.add("write, one transaction each", singles / (perf_counter() - started), "leaves/s", "two lines each")

    started = perf_counter()
    for at in range(0, leaves, 5000):
        record.write_many([("entry", f"entry:{number}", [line, line], False, NOW) for number in range(at, min(leaves, at + 5000))])
    bench.add("write_many", leaves / (perf_counter() - started), "leaves/s", "by COPY, two lines each")

    started = perf_counter()
    checkpoint = sealing.seal(NOW)
    assert checkpoint is not None
    bench.add("seal", checkpoint.size / (perf_counter() - started), "leaves/s", f"{checkpoint.size:,} leaves")

    def one() -> None:
        record.write("entry", f"entry:{perf_counter()}".replace(".", "-"), [line], public=False, now=NOW)
        sealing.seal(NOW)

    measured = times(one, 50)
    bench.add("write and seal one", sum(measured) / len(measured), "ms", f"in a log of {leaves:,}; {noise(measured)}")
    number = iter(range(0, leaves, max(1, leaves // 60)))
    measured = times(lambda: queries.receipt(f"entry:{next(number)}", 1), 50)
    bench.add("a receipt", sum(measured) / len(measured), "ms", noise(measured))

    started = perf_counter()
    manifest = export(folder / "export")
    bench.add("export", manifest.size / (perf_counter() - started), "leaves/s", f"{len(manifest.files):,} files")
    started = perf_counter()
    from madang.kit.verify import main as verify

    with contextlib.redirect_stdout(io.StringIO()) as said:
        assert verify([str(folder / "export")]) == 0, said.getvalue()
    took = perf_counter() - started
    bench.add("verify", manifest.size / took, "leaves/s", f"{took:.1f} s for all")


if __name__ == "__main__":
    main()
