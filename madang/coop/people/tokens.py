"""Keys a person makes for programs: whoever holds one acts as them in the API, until they take it back. Only a key's hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer, SessionAuth

from madang.coop.law import rations
from madang.coop.people.actions import clean_line
from madang.coop.people.models import TOKEN_NAME_MAX, Person, Token
from madang.kit.errors import Missing, Refused
from madang.kit.ration import Ration

PREFIX, MOST = "madang_", 10
A_MINUTE = 300
USE_NOTED = timedelta(minutes=5)  # "last used" is true to five minutes, so that a busy program does not write at each question
_asked = Ration(A_MINUTE)


def _hash(key: str) -> str:
    """256 random bits need no salt and no slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()


@transaction.atomic
def make_key(person: Person, name: str, *, now: datetime) -> tuple[Token, str]:
    """A new key and its secret, which is told once. Raises ``Refused``: "name" (none, too long or taken), "too-many"."""
    name = clean_line(name, TOKEN_NAME_MAX, "name")
    if not name:
        raise Refused("name", _("Give it a name that tells you which program has it."), "name")
    Person.objects.select_for_update().get(pk=person.pk)
    if person.tokens.filter(name=name).exists():
        raise Refused("name", _("You have a key of this name already. It was shown once; take it back and make another if it is lost."), "name")
    if person.tokens.count() >= MOST:
        raise Refused("too-many", _("You have {n} keys. Take one back first.").format(n=MOST), "name")
    key = PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(person=person, name=name, hash=_hash(key), made_at=now)
    _tell(token)
    return token, key


def _tell(token: Token) -> None:
    """By mail, as of a passkey: so that nobody has a key they know nothing of."""
    if not token.person.email:
        return
    with translation.override(token.person.language):
        url = settings.SITE_URL.rstrip("/") + reverse("people:keys")
        words = _("The key “{name}” was made in your name. A program that holds it can do for you what you can do here. If it was not you, take it back: {url}")
        EmailMessage(_("A key for a program was made"), words.format(name=token.name, url=url), to=[token.person.email]).send()


@transaction.atomic
def revoke_key(person: Person, token_id: UUID, *, now: datetime) -> None:
    """Take a key back: it opens nothing from now on. Raises ``Missing`` for another's, or one taken back already."""
    deleted, _rows = Token.objects.filter(pk=token_id, person=person).delete()
    if not deleted:
        raise Missing("no such key")


def held(key: str) -> Token | None:
    """The token of this key with its person, if it still opens. One query."""
    return Token.objects.select_related("person").filter(hash=_hash(key), person__is_active=True).first()


def use(token: Token, request: HttpRequest, *, now: datetime) -> None:
    """A program asks something with this key: count it and note when. Raises ``Refused("too-often")``, answered with 429, after ``A_MINUTE``."""
    rations.require(_asked, request)
    Token.objects.filter(Q(used_at=None) | Q(used_at__lt=now - USE_NOTED), pk=token.pk).update(used_at=now)


def key_in(header: str) -> str | None:
    """The key in an ``Authorization`` header; None when it holds none of this kind."""
    scheme, _space, key = header.partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


class Bearer(HttpBearer):
    """``Authorization: Bearer madang_…``. Who that is, the house knows already (``site.middleware.KeyOfAProgram``)."""

    openapi_description = "A key you make in the settings."

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """The person whose key it is."""
        found: Token | None = getattr(request, "token", None)
        if found is None:
            raise AuthenticationError
        return found.person


class OwnHands(SessionAuth):
    """A person in their own browser: what a key must not open, such as making more keys."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """The person, unless a program asks for them."""
        return None if hasattr(request, "token") else super().authenticate(request, key)


api_auth = [Bearer(), SessionAuth()]
own_hands = OwnHands()
