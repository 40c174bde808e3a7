"""What the checks share: asking with a sign-in, the server's answers so far, and the music it was found to have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from madang.platforms.music.subsonic import fitting
from madang.platforms.music.subsonic.calls import BINARY, CALLS
from madang.platforms.music.subsonic.check.finding import Absent, Broken
from madang.platforms.music.subsonic.check.speaking import CLIENT, VERSION, Account, Heard, Server, Value
from madang.platforms.music.subsonic.fitting import Misfit
from madang.platforms.music.subsonic.schema import RESPONSE

_NOT_HERE = re.compile(r"(not|un) ?-?(yet )?(implemented|supported|known|available)|no such (call|method|endpoint)|there is no call|gone", re.IGNORECASE)


class Talk:
    """One conversation with one server."""

    def __init__(self, server: Server, account: Account) -> None:
        self.server = server
        self.account = account
        self.misfits: dict[str, list[Misfit]] = {}
        self.absent: dict[str, str] = {}

    def raw(self, call: str, *, form: str = "json", sign: Mapping[str, str] | None = None, common: bool = True, **how: Any) -> Heard:
        """Ask and take whatever comes. ``sign`` replaces the sign-in, ``common=False`` leaves ``v`` and ``c`` out; ``post``, ``view``, ``headers`` and
        ``body`` as in ``Server.ask``; all else are parameters."""
        options = {name: how.pop(name) for name in ("post", "view", "headers", "body") if name in how}
        params: dict[str, Value] = dict(self.account.params() if sign is None else sign)
        if common:
            params |= {"v": VERSION, "c": CLIENT}
        return self.server.ask(call, params | ({"f": form} if form else {}) | how, **options)

    def ask(self, call: str, **params: Any) -> dict[str, Any]:
        """Ask for JSON and want it good: what stands under ``subsonic-response``. Raises ``Broken``, or ``Absent`` where the server has no such call.

        How it fits the protocol is remembered, and reported by itself at the end.
        """
        heard = self.raw(call, **params)
        self.offered(heard)
        if heard.json is None or heard.code is not None:
            raise Broken(f"{call}: {heard.short()}")
        self.judge(heard)
        return heard.json

    def judge(self, heard: Heard) -> None:
        """Remember how a good answer in JSON fits the protocol."""
        wrong = list(fitting.in_json(RESPONSE, heard.json, "subsonic-response", self.level))
        wanted = CALLS[heard.call].answer
        if heard.call == "createPlaylist" and not self.speaks("1.14.0"):
            wanted = ""
        if wanted and wanted != BINARY and wanted not in (heard.json or {}):
            wrong.append(Misfit("subsonic-response", f"{heard.call} must be answered with {wanted}"))
        self.misfits.setdefault(heard.call, []).extend(wrong)

    def element(self, call: str, **params: Any) -> dict[str, Any]:
        """The element that answers this call; an empty one where the server left it out, as some do with what is empty."""
        inside = self.ask(call, **params).get(CALLS[call].answer)
        return inside if isinstance(inside, dict) else {}

    def rows(self, call: str, key: str, **params: Any) -> list[dict[str, Any]]:
        """A list inside the element that answers this call; only what is an object in it."""
        found = self.element(call, **params).get(key, [])
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    def offered(self, heard: Heard) -> None:
        """Raises ``Absent`` where the answer says that the server has no such call: HTTP 404, 405, 410 or 501, or code 0 in such words."""
        call = CALLS[heard.call]
        if heard.status in (404, 405, 410, 501) or (heard.code == 0 and _NOT_HERE.search(heard.message)):
            if call.extension and call.extension in self.extensions:
                raise Broken(f"{heard.call} belongs to {call.extension}, which is announced: {heard.short()}")
            self.absent[heard.call] = heard.short()
            raise Absent(f"{heard.call}: {heard.short()}")

    @cached_property
    def about(self) -> dict[str, Any]:
        """What the server says of itself in the answer to a ping."""
        return self.raw("ping").json or {}

    @property
    def is_open(self) -> bool:
        """Whether it says that it speaks OpenSubsonic."""
        return self.about.get("openSubsonic") is True

    def speaks(self, version: str) -> bool:
        """Whether the version that the server announces is at least this one."""
        return fitting.parts(self.level.version) >= fitting.parts(version)

    @cached_property
    def level(self) -> fitting.Level:
        """What this server may be held to, by what it says of itself."""
        return fitting.Level(str(self.about.get("version", "")), self.is_open)

    def need_open(self) -> None:
        """Raises ``Absent`` for a server of the original protocol: what OpenSubsonic added binds it to nothing."""
        if not self.is_open:
            raise Absent("the server does not say that it speaks OpenSubsonic")

    def need(self, extension: str) -> None:
        """Raises ``Absent`` unless the extension is announced."""
        if extension not in self.extensions:
            raise Absent(f"the extension {extension} is not announced")

    @cached_property
    def extensions(self) -> dict[str, list[int]]:
        """The extensions that are announced, and their versions."""
        said = (self.raw("getOpenSubsonicExtensions").json or {}).get("openSubsonicExtensions")
        rows = said if isinstance(said, list) else []
        return {str(one.get("name")): one.get("versions", []) for one in rows if isinstance(one, dict)}

    @cached_property
    def artists(self) -> list[dict[str, Any]]:
        """All artists by their tags."""
        return [one for index in self.rows("getArtists", "index") for one in index.get("artist", []) if isinstance(one, dict)]

    @cached_property
    def albums(self) -> list[dict[str, Any]]:
        """Up to 500 albums. Raises ``Absent`` where there is none."""
        found = self.rows("getAlbumList2", "album", type="alphabeticalByName", size=500)
        if not found:
            raise Absent("the library has no album")
        return found

    @cached_property
    def album(self) -> dict[str, Any]:
        """The album with the most songs among the first twenty, with its songs."""
        return max((self.element("getAlbum", id=str(one.get("id"))) for one in self.albums[:20]), key=lambda one: len(one.get("song", [])))

    @cached_property
    def songs(self) -> list[dict[str, Any]]:
        """The songs of that album. Raises ``Absent`` where it has none."""
        found = [one for one in self.album.get("song", []) if isinstance(one, dict) and "id" in one]
        if not found:
            raise Absent("the library has no song")
        return found

    @property
    def song(self) -> dict[str, Any]:
        """One song."""
        return self.songs[0]

    @cached_property
    def username(self) -> str:
        """Whom the sign-in belongs to."""
        if self.account.way != "key":
            return self.account.user
        return str(self.element("tokenInfo").get("username", ""))


def another(known: str) -> str:
    """An id of the same make that is nobody's: each letter and digit of its last eight moved on by some places."""
    moves = {"hex": "0123456789abcdef"}

    def moved(letter: str) -> str:
        for row in (moves["hex"], "ghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
            if letter in row:
                return row[(row.index(letter) + 7) % (10 if known.isdigit() else len(row))]
        return letter

    return known[:-8] + "".join(moved(letter) for letter in known[-8:]) + ("7" * 6 if known.isdigit() else "")
