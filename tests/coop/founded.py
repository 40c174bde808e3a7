"""A small open co-op for tests, founded as a real one is."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

TINY = Path(__file__).parent / "tiny.toml"


@cache
def charter(now: datetime, path: Path = TINY) -> Any:
    """A charter, read once."""
    from madang.coop.charter import reader

    return reader.read_file(path, now=now)


def forming_coop(now: datetime, path: Path = TINY) -> tuple[Any, list[str]]:
    """Founded, nobody has accepted. Returns the ``Coop`` and the founders' secrets in order."""
    from madang.coop.charter import actions

    coop, links = actions.found(charter(now, path), now=now)
    return coop, [link.path.split("/")[2] for link in links]


def open_coop(now: datetime, path: Path = TINY) -> Any:
    """Founded, accepted, open. No money has moved: the founders' shares count as paid. Returns the ``Coop``."""
    from madang.coop import law
    from madang.coop.charter import actions
    from madang.coop.members.actions import activate

    _coop, tokens = forming_coop(now, path)
    for token in tokens:
        activate(actions.accept(token, now=now), now=now)
    return law.coop()
