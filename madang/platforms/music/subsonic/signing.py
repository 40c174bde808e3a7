"""The three ways in which a player says who it is, and the codes for saying it wrong.

``u`` and ``p`` (a password, plain or ``enc:`` and hexadecimal), ``u``, ``t`` and ``s`` (t = md5(password + salt)), or ``apiKey`` alone. Two ways at
once are refused, for one of them might be forged. Source: opensubsonic.netlify.app, "API reference" and the extension "API Key Authentication".
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from madang.platforms.music.subsonic.errors import Failed, missing

EVERY = frozenset({"password", "token", "key"})
MOST_KEY = 2047
"""An API key is shorter than 2,048 characters."""


@dataclass(frozen=True, slots=True)
class Password:
    """A name and the password itself."""

    username: str
    password: str = field(repr=False)

    def fits(self, password: str) -> bool:
        """Whether this is the password, in a time that tells nothing."""
        return hmac.compare_digest(self.password.encode("utf-8", "replace"), password.encode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class Token:
    """A name and a salted hash of the password: it can be checked only by who can read the password."""

    username: str
    token: str = field(repr=False)
    salt: str = field(repr=False)

    def fits(self, password: str) -> bool:
        """Whether the token was made from this password: md5(password + salt), in lower-case hexadecimal, as UTF-8."""
        # The protocol wants MD5. It guards nothing here but a random password of one player, over an encrypted line.
        made = hashlib.md5((password + self.salt).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
        return hmac.compare_digest(made.encode(), self.token.lower().encode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that names the person by itself."""

    key: str = field(repr=False)


SignIn = Password | Token | ApiKey


def sign_in(given: Mapping[str, str], offered: frozenset[str] = EVERY) -> SignIn:
    """Read ``u p t s apiKey`` (only those that were given). ``offered`` is which of ``password token key`` this server takes.

    Raises ``Failed``: 43 where two ways are mixed, 10 where one is not complete, 41 or 42 where it is not offered, 44 for a key that can be none.
    """
    if "apiKey" in given:
        if any(name in given for name in "upts"):
            raise Failed(43)
        if "key" not in offered:
            raise Failed(42)
        if not 0 < len(given["apiKey"]) <= MOST_KEY:
            raise Failed(44)
        return ApiKey(given["apiKey"])
    token = "t" in given or "s" in given
    if "p" in given and token:
        raise Failed(43)
    if not given.get("u"):
        raise missing("u")
    if token:
        for name in ("t", "s"):
            if not given.get(name):
                raise missing(name)
        if "token" not in offered:
            raise Failed(41)
        return Token(given["u"], given["t"], given["s"])
    if "p" not in given:
        raise missing("p, or t and s")
    if "password" not in offered:
        raise Failed(42)
    return Password(given["u"], decoded(given["p"]))


def decoded(password: str) -> str:
    """A password as it was typed. One that begins with ``enc:`` is hexadecimal UTF-8; where it is not, those were its own first letters."""
    if not password.startswith("enc:"):
        return password
    try:
        return bytes.fromhex(password[4:]).decode()
    except ValueError:
        return password
