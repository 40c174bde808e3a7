"""Ping, licence, extensions, users."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from madang.platforms.music import queries
from madang.platforms.music.actions.keys import username
from madang.platforms.music.rest.asks import Ask
from madang.platforms.music.subsonic.calls import EXTENSIONS
from madang.platforms.music.subsonic.errors import Failed


def ping(ask: Ask) -> None:
    """Somebody is there."""


def licence(ask: Ask) -> dict[str, Any]:
    """There is nothing to buy."""
    return {"valid": True}


def extensions(ask: Ask) -> list[dict[str, Any]]:
    """What of OpenSubsonic is spoken here."""
    return [{"name": name, "versions": list(versions)} for name, versions in EXTENSIONS.items()]


def token_info(ask: Ask) -> dict[str, Any]:
    """Whose API key this is."""
    return {"username": username(ask.me)}


def _user(ask: Ask) -> dict[str, Any]:
    no = dict.fromkeys(("adminRole", "settingsRole", "uploadRole", "coverArtRole", "commentRole", "podcastRole", "jukeboxRole", "videoConversionRole"), False)
    yes = dict.fromkeys(("downloadRole", "playlistRole", "streamRole", "shareRole"), True)
    return {"username": username(ask.me), "scrobblingEnabled": True, "folder": [1], **no, **yes}


def user(ask: Ask) -> dict[str, Any]:
    """Oneself; nobody else is told about."""
    if ask["username"] != username(ask.me):
        raise Failed(50)
    return _user(ask)


def users(ask: Ask) -> dict[str, Any]:
    """Oneself alone."""
    return {"user": [_user(ask)]}


def scan(ask: Ask) -> dict[str, Any]:
    """Nothing is ever scanned here: what is published is there."""
    return {"scanning": False, "count": queries.playable().count()}


CALLS: dict[str, Callable[[Ask], Any]] = {
    "ping": ping, "getLicense": licence, "getOpenSubsonicExtensions": extensions, "tokenInfo": token_info, "getUser": user, "getUsers": users,
    "getScanStatus": scan, "startScan": scan,
}  # fmt: skip
