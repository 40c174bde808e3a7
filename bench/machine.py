"""How noisy the machine is right now: the same small computation, many times."""

from __future__ import annotations

import hashlib
import statistics

from bench.common import Bench, arguments, noise, times


def main() -> None:
    bench = Bench("The machine's own noise", arguments(__doc__))
    block = b"x" * 1_000_000
    measured = times(lambda: hashlib.sha256(block * 10).digest(), rounds=40, warm=3)
    bench.add("sha256 of 10 MB", statistics.median(measured), "ms", noise(measured))
    bench.close()


if __name__ == "__main__":
    main()
