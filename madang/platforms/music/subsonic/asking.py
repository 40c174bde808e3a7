"""What somebody asked: the name of the call, its parameters with their types, and who they say they are.

Parameters come in the address and, as the extension ``formPost`` has it, in a form in the body; the same name may come again. Nothing here looks at
a database. A view reads first (``read`` never fails, so that the form of the answer is always known), then asks for the call, the sign-in and the
values, each of which may raise ``errors.Failed``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from madang.platforms.music.subsonic.answers import Form, callback_fits
from madang.platforms.music.subsonic.calls import CALLS, Call, Param
from madang.platforms.music.subsonic.errors import Failed, malformed, missing
from madang.platforms.music.subsonic.notation import LONG
from madang.platforms.music.subsonic.schema import VERSION
from madang.platforms.music.subsonic.signing import EVERY, SignIn, sign_in

MOST_FIELDS = 20_000
"""How many parameters one request may have: a playlist of many songs is saved as one request."""
MOST_TEXT = 4_000
MOST_ID = 255
FORM_TYPE = "application/x-www-form-urlencoded"

_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")
_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})(?:\.\d{1,4})?", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,19}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, read but not yet judged. ``client`` is the name that the player gives itself."""

    name: str
    given: Mapping[str, list[str]]
    form: Form = field(default_factory=Form)
    trouble: Failed | None = None

    @property
    def client(self) -> str:
        """The player's own name for itself (``c``), shortened to 120 characters."""
        return self._first("c")[:120]

    def call(self) -> Call:
        """Which call this is. Raises ``Failed``: 0 for none of ours, 10, 20 or 30 for the parameters that every call has."""
        if self.trouble:
            raise self.trouble
        found = CALLS.get(self.name)
        if found is None:
            raise Failed(0, f"There is no call {self.name[:60]!r}.")
        if not found.public:
            for name in ("v", "c"):
                if not self._first(name):
                    raise missing(name)
            _version_fits(self._first("v"))
        return found

    def sign_in(self, offered: frozenset[str] = EVERY) -> SignIn:
        """Who this says it is, and how. Raises ``Failed``: 10, 41, 42, 43 or 44 (see ``signing``)."""
        return sign_in({name: self._first(name) for name in ("u", "p", "t", "s", "apiKey") if name in self.given}, offered)

    def values(self) -> dict[str, Any]:
        """The parameters of this call with their types; what may come again is a list, what is absent ``None`` or its default. Raises ``Failed``."""
        call = self.call()
        values = {name: _value(param, self.given.get(name, [])) for name, param in call.params.items()}
        if together := _TOGETHER.get(call.name):
            together(values)
        return values

    def _first(self, name: str) -> str:
        return next(iter(self.given.get(name, ())), "")


def read(name: str, query: str, body: bytes = b"", content_type: str = "") -> Asked:
    """Read a request. ``name`` is what stands behind ``/rest/``, with or without ``.view``; ``query`` the address behind "?", still encoded.

    Bytes that are no UTF-8 become U+FFFD. Never raises: what is wrong with it comes out of ``call``.
    """
    trouble = None
    encoded = query
    if content_type.partition(";")[0].strip().lower() == FORM_TYPE:
        encoded = "&".join(part for part in (query, body.decode("utf-8", "replace")) if part)
    given: dict[str, list[str]] = {}
    try:
        for key, value in parse_qsl(encoded, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace"):
            given.setdefault(key, []).append(value)
    except ValueError:
        trouble = Failed(0, f"More than {MOST_FIELDS} parameters.")
    form, callback = next(iter(given.get("f", ())), "xml"), next(iter(given.get("callback", ())), "")
    if form == "jsonp" and not callback_fits(callback):
        trouble = malformed("callback", "the name of a function") if callback else missing("callback")
        form = "json"
    return Asked(
        name.removesuffix(".view"), given, Form(form if form in ("json", "jsonp") else "xml", callback if form == "jsonp" else ""), trouble
    )


def _version_fits(said: str) -> None:
    """A server takes clients of the same major version and of no later minor version (the protocol's rule of compatibility)."""
    found = _VERSION.fullmatch(said)
    if not found:
        raise malformed("v", "a version like 1.16.1")
    ours = [int(part) for part in VERSION.split(".")[:2]]
    theirs = [int(found[1]), int(found[2])]
    if theirs[0] < ours[0]:
        raise Failed(20)
    if theirs > ours:
        raise Failed(30)


def _value(param: Param, given: list[str]) -> object:
    if param.type not in ("any", "query"):
        given = [one for one in given if one]
    if param.many:
        if param.required and not given:
            raise missing(param.name)
        return [_one(param, one) for one in given]
    if not given:
        if param.required:
            raise missing(param.name)
        return None if param.default is None else _one(param, param.default)
    return _one(param, given[0])


def _one(param: Param, said: str) -> object:
    return _READ[param.type](param, said)


def _id(param: Param, said: str) -> str:
    if len(said) > MOST_ID or not said.isprintable():
        raise Failed(70)
    return said


def _text(param: Param, said: str) -> str:
    if len(said) > MOST_TEXT or "\0" in said:
        raise malformed(param.name, f"text of at most {MOST_TEXT} characters")
    return said


def _query(param: Param, said: str) -> str:
    return _text(param, "" if said.strip() == '""' else said)


def _whole(param: Param, said: str) -> int:
    number = int(said) if _WHOLE.fullmatch(said) else -1
    if not 0 <= number <= LONG:
        raise malformed(param.name, "a whole number, 0 or more")
    return min(number, param.most) if param.most else number


def _rating(param: Param, said: str) -> int:
    if said not in ("0", "1", "2", "3", "4", "5"):
        raise malformed(param.name, "a whole number from 0 to 5")
    return int(said)


def _year(param: Param, said: str) -> int:
    if not _WHOLE.fullmatch(said) or abs(int(said)) > 99_999:
        raise malformed(param.name, "a year")
    return int(said)


def _flag(param: Param, said: str) -> bool:
    low = said.lower()
    if low not in _TRUE + _FALSE:
        raise malformed(param.name, "true or false")
    return low in _TRUE


def _number(param: Param, said: str) -> float:
    try:
        number = float(said)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise malformed(param.name, "a number")
    return number


def _choice(param: Param, said: str) -> str:
    if said not in param.choices:
        raise malformed(param.name, f"one of {', '.join(param.choices)}")
    return said


_READ: dict[str, Callable[[Param, str], object]] = {
    "id": _id, "text": _text, "any": _text, "query": _query, "int": _whole, "rating": _rating, "year": _year, "flag": _flag, "number": _number,
    "choice": _choice,
}  # fmt: skip


def _need(values: Mapping[str, Any], *names: str) -> None:
    for name in names:
        if values[name] in (None, []):
            raise missing(name)


def _album_list(values: Mapping[str, Any]) -> None:
    if values["type"] == "byYear":
        _need(values, "fromYear", "toYear")
    elif values["type"] == "byGenre":
        _need(values, "genre")


def _top_songs(values: Mapping[str, Any]) -> None:
    if not values["id"]:
        _need(values, "artist")


def _create_playlist(values: Mapping[str, Any]) -> None:
    if not values["playlistId"]:
        _need(values, "name")


def _marks(values: Mapping[str, Any]) -> None:
    if not (values["id"] or values["albumId"] or values["artistId"]):
        raise missing("id, albumId or artistId")


def _scrobble(values: Mapping[str, Any]) -> None:
    if len(values["time"]) not in (0, len(values["id"])):
        raise malformed("time", "given once for each id, or not at all")


def _queue(values: Mapping[str, Any]) -> None:
    if values["id"]:
        _need(values, "current")
        if values["current"] not in values["id"]:
            raise Failed(0, "Parameter current must be one of the ids of the queue.")


def _queue_by_index(values: Mapping[str, Any]) -> None:
    """An index outside the queue, or one without a queue, is code 10: the extension says so."""
    index = values["currentIndex"]
    if values["id"] and index is None:
        raise missing("currentIndex")
    if index is not None and not index < len(values["id"]):
        raise Failed(10, "Parameter currentIndex must be the place of one of the ids of the queue, counted from 0.")


_TOGETHER: dict[str, Callable[[Mapping[str, Any]], None]] = {
    "getAlbumList": _album_list,
    "getAlbumList2": _album_list,
    "getTopSongs": _top_songs,
    "createPlaylist": _create_playlist,
    "star": _marks,
    "unstar": _marks,
    "scrobble": _scrobble,
    "savePlayQueue": _queue,
    "savePlayQueueByIndex": _queue_by_index,
}
