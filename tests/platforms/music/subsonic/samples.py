"""Random answers of every shape of the protocol, nasty texts among them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from functools import cache

from hypothesis import strategies as st

from madang.platforms.music.subsonic.notation import INT, LONG, Key
from madang.platforms.music.subsonic.schema import RESPONSE, SHAPES

ELEMENTS = [key for key in RESPONSE.keys.values() if key.type in SHAPES and key.name != "error"]

TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", " ", "a\x00b", "\x0b", "\ud800", "\ufffe", "]]>", "<b>&amp;", "\r\n\t", '"\'', "\u2028", "노래", "🎵", "\x85"]),
)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-3, minutes=-30))])
SCALARS = {
    "text": TEXTS,
    "int": st.integers(-INT - 1, INT),
    "long": st.integers(-LONG - 1, LONG),
    "rating": st.integers(1, 5),
    "average": st.floats(1, 5) | st.decimals(1, 5, places=2) | st.integers(1, 5),
    "number": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-INT, INT),
    "place": st.integers(0, INT),
    "month": st.integers(1, 12),
    "day": st.integers(1, 31),
    "peak": st.floats(0, allow_infinity=False, allow_nan=False),
    "flag": st.booleans(),
    "time": st.datetimes(datetime(1900, 1, 2), datetime(2100, 1, 1), timezones=ZONES),
}


def _key(key: Key, depth: int) -> st.SearchStrategy:
    if key.choices:
        one = st.sampled_from(key.choices)
    else:
        one = SCALARS[key.type] if key.type in SCALARS else shape(key.type, depth - 1)
    return st.lists(one, max_size=2) if key.many else one


@cache
def shape(name: str, depth: int = 3) -> st.SearchStrategy:
    """Anything that fits this shape, with some of what is optional; shapes that are optional end below ``depth``."""
    keys = SHAPES[name].keys.values()
    needed = {key.name: _key(key, depth) for key in keys if key.required and not (key.many and depth <= 0)}
    free = {key.name: _key(key, depth) for key in keys if not key.required and (key.type in SCALARS or depth > 0)}
    return st.fixed_dictionaries(needed, optional=free)


def element(key: Key) -> st.SearchStrategy:
    """Anything that may stand below the answer under this key."""
    return _key(key, 3)
