"""Ids that come from the seed: the same seed makes the same jobs, so that it replays exactly.

Whoever simulates calls :func:`install` before the program is loaded, because modules keep the function they once imported.
"""

from __future__ import annotations

import random
import uuid

_real = uuid.uuid4
_stream: random.Random | None = None


def _uuid4() -> uuid.UUID:
    return _real() if _stream is None else uuid.UUID(int=_stream.getrandbits(128), version=4)


def install() -> None:
    """From now on ``uuid.uuid4`` answers from the stream, once there is one."""
    uuid.uuid4 = _uuid4


def begin(salt: str) -> None:
    """A new stream of ids."""
    global _stream
    _stream = random.Random(salt)  # noqa: S311  ids of a pretend co-op
