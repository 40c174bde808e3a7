"""One format a file: ``EXTENSIONS``, ``read(text) -> Ballots`` and ``looks(text) -> bool``. ``madang.kit.counting.files`` finds them."""
