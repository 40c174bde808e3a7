"""One method a file: ``NAME`` and ``count(ballots, ask, seats) -> Result``. ``madang.kit.counting.asking`` finds them."""
