"""Passwords for players of others: one a device, made by the program and shown once. The member's own sign-in has no password that could leak."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import md5, sha256
from hmac import compare_digest

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from madang.coop.people.actions import clean_line
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.platforms.music.models import AppPassword

KEYS_MAX = 30
SEEN = timedelta(minutes=5)
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look alike: it is typed on telephones."""


@dataclass(frozen=True)
class Made:
    """A new key: ``secret`` is shown this once."""

    row: AppPassword
    secret: str


def _box() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(sha256(b"madang.music.passwords.v1" + settings.SECRET_KEY.encode()).digest()))


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def username(person: Person) -> str:
    """What the person types as a user name in a player: their name in plain letters and a few digits that are theirs alone."""
    return f"{slugify(person.name) or 'listener'}-{str(person.pk)[:6]}"[:60]


@transaction.atomic
def make(person: Person, name: str, *, api_key: bool = False, now: datetime) -> Made:
    """A password for one player (or, ``api_key``, a key that needs no user name). Raises ``Refused`` (``name``, ``too-many``)."""
    Person.objects.select_for_update().get(pk=person.pk)
    if AppPassword.objects.filter(person=person).count() >= KEYS_MAX:
        raise Refused("too-many", _("You have as many passwords as can be kept here. Remove one you do not use."))
    line = clean_line(name, 60, "name")
    if not line:
        raise Refused("name", _("Please write which player it is for."), "name")
    secret = "-".join("".join(secrets.choice(LETTERS) for _letter in range(5)) for _group in range(5))
    sealed = b"" if api_key else _box().encrypt(secret.encode())
    row = AppPassword.objects.create(
        person=person, name=line, username="" if api_key else username(person), hash=_hash(secret), sealed=sealed, made_at=now
    )  # fmt: skip
    return Made(row, secret)


def revoke(person: Person, key: object) -> None:
    """It opens nothing any more. Raises ``Missing``."""
    if not AppPassword.objects.filter(person=person, pk=key).delete()[0]:
        raise Missing("no such password of yours")


def by_api_key(secret: str, *, now: datetime) -> Person | None:
    """Whose API key this is."""
    row = AppPassword.objects.select_related("person").filter(hash=_hash(secret), username="").first()
    return _used(row, now)


def by_password(user: str, secret: str, *, now: datetime) -> Person | None:
    """Who signs in with user name and password."""
    row = AppPassword.objects.select_related("person").filter(hash=_hash(secret), username=user).exclude(username="").first()
    return _used(row, now)


def by_token(user: str, token: str, salt: str, *, now: datetime) -> Person | None:
    """Who signs in with md5(password + salt), as the protocol has it."""
    for row in AppPassword.objects.select_related("person").filter(username=user).exclude(username="")[:KEYS_MAX]:
        try:
            secret = _box().decrypt(bytes(row.sealed))
        except InvalidToken:
            continue
        if compare_digest(md5(secret + salt.encode()).hexdigest(), token.lower()):  # noqa: S324  (the protocol's own; the secret is random)
            return _used(row, now)
    return None


def _used(row: AppPassword | None, now: datetime) -> Person | None:
    if row is None or not row.person.is_active:
        return None
    if row.used_at is None or now - row.used_at > SEEN:
        AppPassword.objects.filter(pk=row.pk).update(used_at=now)
    return row.person
