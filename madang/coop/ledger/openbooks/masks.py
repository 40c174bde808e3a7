"""Pseudonyms: what an account, or an entry, of somebody else is called for one reader in one month.

A pseudonym is the first 50 bits of HMAC-SHA256 under a key of the installation, over the reader, the month and the account. So two readers'
files, and one reader's files of two months, have no name in common; and who lacks the key cannot try out whose it might be. Each account has its
own: what a person earned and what shares they hold, which members may look up by name, do not meet under one.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import pgettext

from madang.coop.ledger.books.chart import Chart, Names, word
from madang.kit.errors import Missing

SALT = "madang.coop.ledger.openbooks"
LETTERS = 10
"""Of the 32 letters of base 32: 50 bits, so that 100,000 accounts of a month come to two alike once in 200,000 months."""


def mask(scope: str, what: str) -> str:
    """The pseudonym of ``what`` ("account:17", "entry:<id>") in a scope: ten letters or digits, the first of them a letter or a digit from 2 to 7."""
    return base64.b32encode(salted_hmac(SALT, json.dumps([scope, what]), algorithm="sha256").digest())[:LETTERS].decode()


class Masked(Names):
    """The names of accounts for one reader. ``known``: account number → what it is called instead (the reader's own; for an examiner everybody's).

    Without a ``scope`` accounts keep their numbers, which are those of ``madang books``.
    """

    def __init__(self, chart: Chart, scope: str, known: Mapping[str, str]) -> None:
        super().__init__(chart)
        self.scope, self.known = scope, known
        self._last: dict[str, str] = {}

    def of(self, kind: str, owner: str | None, number: str) -> str:
        """As :meth:`Names.of`; the number of an account that is somebody's gives way to its pseudonym, and the name where it is known."""
        if owner is not None:
            return super().of(kind, owner, number)
        found = self._last.get(number)
        if found is None:
            found = "-".join(part for part in (self.mark(number), word(self.known.get(number, ""))) if part)
            self._last[number] = found = found if found[0].isdigit() or found[0].isupper() else f"0-{found}"
        return super().of(kind, None, found)

    def mark(self, number: str) -> str:
        """What tells an account from others: ``"K3F7Q2ZDAB"``, or its number."""
        return mask(self.scope, f"account:{number}") if self.scope else number


def me() -> str:
    """What one's own accounts are called."""
    return pgettext("books", "me")


@cache
def _box(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(salted_hmac(f"{SALT}.cursor", "cursor", secret=secret, algorithm="sha256").digest()))


def sealed(text: str) -> str:
    """A cursor that tells nothing to who holds it (an entry's id says when to the millisecond it was booked)."""
    return _box(settings.SECRET_KEY).encrypt(text.encode()).decode()


def opened(cursor: str) -> str:
    """What :func:`sealed` was given. Raises ``Missing`` for anything else."""
    try:
        return _box(settings.SECRET_KEY).decrypt(cursor.encode()).decode()
    except InvalidToken:
        raise Missing("no such place in the journal") from None
