"""What people do about themselves, and who works where."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import Any

from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from madang.coop import law
from madang.coop.people.models import ABOUT_MAX, NAME_MAX, Organisation, Person, Work, a_language, a_time_zone
from madang.kit import house
from madang.kit.errors import Missing, Refused

ORGANISATION_NAME_MAX = 120


@transaction.atomic
def register(email: str, name: str = "", *, language: str = "", time_zone: str = "", confirmed: bool = False, now: datetime) -> Person:
    """The person with this address: a new one, or the one there is already (its name and choices are left alone).

    ``confirmed``: the address was proved to be theirs (a code came back). Empty language and time zone are the co-op's first.
    Raises ``Refused`` for a bad address, name, language or time zone, and for the address of somebody who may not sign in.
    """
    address = clean_email(email)
    person = Person.objects.filter(email=address).first()
    if person is None:
        coop = law.coop_or_none()
        spoken = [*(coop.languages if coop else ()), settings.LANGUAGE_CODE]
        person = Person(
            email=address,
            name=clean_line(name, NAME_MAX, "name"),
            language=_checked(a_language, language or spoken[0], "language"),
            time_zone=_checked(a_time_zone, time_zone or (coop.time_zone if coop else "UTC"), "time_zone"),
            created_at=now,
        )
        person.set_unusable_password()
        try:
            with transaction.atomic():
                person.save()
        except IntegrityError:  # the same address at the same moment: one of the two made it
            person = Person.objects.get(email=address)
    if not person.is_active:
        raise Refused("inactive", _("This address cannot sign in here. Ask the co-op."), "email")
    known, _new = EmailAddress.objects.get_or_create(user=person, email=address, defaults={"primary": True, "verified": confirmed})
    if confirmed and not known.verified:
        EmailAddress.objects.filter(pk=known.pk).update(verified=True)
    return person


@transaction.atomic
def update_profile(person: Person, *, name: str, language: str, time_zone: str, now: datetime) -> Person:
    """The person's name, language and time zone. Raises ``Refused`` naming the field."""
    person.name = clean_line(name, NAME_MAX, "name")
    person.language = _checked(a_language, language, "language")
    person.time_zone = _checked(a_time_zone, time_zone, "time_zone")
    person.save(update_fields=["name", "language", "time_zone"])
    return person


@transaction.atomic
def set_language(person: Person, language: str, *, now: datetime) -> Person:
    """The language the person reads. Raises ``Refused`` when these pages do not speak it."""
    person.language = _checked(a_language, language, "language")
    person.save(update_fields=["language"])
    return person


@transaction.atomic
def make_operator(person: Person, yes: bool = True) -> Person:
    """Say whether the person keeps the machine running. Only ``madang operator`` and the founding call this.

    Raises ``Refused`` ("last_operator") for the last one: somebody must be able to see what failed.
    """
    if not yes:
        _not_the_last_operator(person)
    person.is_operator = yes
    person.save(update_fields=["is_operator"])
    return person


def _not_the_last_operator(person: Person) -> None:
    operators = set(Person.objects.select_for_update().filter(is_operator=True).values_list("pk", flat=True))
    if operators == {person.pk}:
        words = _("This is the only operator of the co-op. Another one is named first, at the machine: madang operator ADDRESS. Nothing was changed.")
        raise Refused("last_operator", words)


@transaction.atomic
def make_organisation(name: str, *, slug: str = "", about: str = "", now: datetime) -> Organisation:
    """A body people work in. With a slug that exists already, that one (a repeated call makes no second).

    Raises ``Refused`` for an empty or too long name, a bad slug or too long a text.
    """
    title = clean_line(name, ORGANISATION_NAME_MAX, "name")
    if not title:
        raise Refused("name", _("Give it a name."), "name")
    if slug:
        if slugify(slug) != slug or len(slug) > 50:
            raise Refused("slug", _("Use small letters, digits and hyphens, at most 50."), "slug")
        if known := Organisation.objects.filter(slug=slug).first():
            return known
    stem = slug or slugify(title)[:40] or "organisation"
    number = 1
    while True:
        wanted = stem if number == 1 else f"{stem}-{number}"
        try:
            with transaction.atomic():
                return Organisation.objects.create(name=title, slug=wanted, about=clean_text(about, ABOUT_MAX, "about"), created_at=now)
        except IntegrityError:
            if slug:
                return Organisation.objects.get(slug=slug)
            number += 1


@transaction.atomic
def start_work(person: Person, organisation: Organisation, role: str = Work.WORKER, *, now: datetime) -> Work:
    """The person works in (or speaks for) the organisation from now on. Starting twice is once. Raises ``Refused``."""
    if role not in (Work.WORKER, Work.REPRESENTATIVE):
        raise Refused("role", _("Choose whether they work there or speak for it."), "role")
    if person.erased_at:
        raise Refused("erased", _("This person has left and erased their data."), "person")
    Work.objects.bulk_create([Work(person=person, organisation=organisation, role=role, since=now)], ignore_conflicts=True)
    return Work.objects.get(person=person, organisation=organisation, role=role, until=None)


@transaction.atomic
def end_work(person: Person, organisation: Organisation, role: str = Work.WORKER, *, now: datetime) -> Work:
    """The person no longer works in (or speaks for) it. Ending twice is once. Raises ``Missing`` when they never did."""
    spells = Work.objects.select_for_update().filter(person=person, organisation=organisation, role=role)
    work = spells.filter(until=None).first()
    if work is None:
        work = spells.order_by("-until").first()
        if work is None:
            raise Missing
        return work
    work.until = max(now, work.since)
    work.save(update_fields=["until"])
    return work


def export(person: Person) -> dict[str, Any]:
    """All the house keeps about a person, ready for JSON: {name of the declaration: {"keep": how long, in words, "rows": [dicts]}}."""
    kept = {str(item.name): {"keep": str(item.keep), "rows": list(item.export(person))} for item in house.collect("personal")}
    ready: dict[str, Any] = json.loads(json.dumps(kept, cls=DjangoJSONEncoder))
    return ready


@transaction.atomic
def erase(person: Person, *, now: datetime) -> None:
    """Forget a person, for good: every app erases what the law does not have it keep, in one transaction, upper floors first.

    What must stay (books) keeps the person's id, which then leads to nobody; proofs stand without what they proved.
    An app that cannot let go yet (money held, a job tomorrow) raises ``Refused`` and nothing is erased. Erasing twice is once.
    """
    locked = Person.objects.select_for_update().get(pk=person.pk)
    if locked.erased_at:
        return
    for item in reversed(house.collect("personal")):
        item.erase(locked, now=now)
    person.refresh_from_db()


def sessions_of(person: Person) -> list[Session]:
    """Where a person is signed in, or a code is on its way to their address. One query that reads every session: only a session itself
    knows whose it is."""
    return [one for one in Session.objects.iterator(chunk_size=1000) if _is_theirs(one.get_decoded(), person)]


def _is_theirs(held: dict[str, Any], person: Person) -> bool:
    if held.get(SESSION_KEY) == str(person.pk):
        return True
    begun = held.get(LOGIN_SESSION_KEY)
    if not isinstance(begun, dict):
        return False
    return begun.get("user_pk") == user_pk_to_url_str(person) or str(begun.get("email") or "").strip().lower() == person.email


def close_door(person: Person, *, now: datetime) -> None:
    """Sign-in ends everywhere at once, for browsers and for programs, and nobody can sign in again; what is kept about the person stays. Twice is once."""
    for session in sessions_of(person):
        session.delete()
    person.tokens.all().delete()
    _not_the_last_operator(person)
    Authenticator.objects.filter(user=person).delete()
    Work.objects.filter(person=person, until=None).update(until=now)
    person.is_active, person.is_operator = False, False
    person.save(update_fields=["is_active", "is_operator"])


def open_door(person: Person) -> None:
    """Who was shut out by mistake can sign in again, by a code sent to their address; their keys and passkeys are to be made anew."""
    if person.erased_at is None:
        person.is_active = True
        person.save(update_fields=["is_active"])


def forget_account(person: Person, *, now: datetime) -> None:
    """The last step of erasing: the account itself. Sign-in ends everywhere at once, for browsers and for programs."""
    for session in sessions_of(person):
        session.delete()
    person.tokens.all().delete()
    _not_the_last_operator(person)
    Authenticator.objects.filter(user=person).delete()
    EmailAddress.objects.filter(user=person).delete()
    Work.objects.filter(person=person, until=None).update(until=now)
    person.email, person.name, person.is_active, person.is_operator, person.erased_at = None, "", False, False, now
    person.last_login = None
    person.set_unusable_password()
    person.save()


def clean_email(email: str) -> str:
    """The address as it is kept: trimmed, small letters. Raises ``Refused`` when it is none."""
    address = email.strip().lower()
    try:
        if len(address) > 254:
            raise ValidationError("long")
        validate_email(address)
    except ValidationError:
        raise Refused("email", _("This is not an e-mail address. It looks like name@example.org."), "email") from None
    return address


def clean_line(text: str, longest: int, field: str) -> str:
    """One line of text without invisible control characters, at most ``longest`` characters. Raises ``Refused``."""
    if len(text) > longest * 10:
        raise Refused("too_long", _("At most {longest} characters.").format(longest=longest), field)
    plain = unicodedata.normalize("NFC", text)
    line = " ".join("".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in plain if not _hidden(c)).split())
    if len(line) > longest:
        raise Refused("too_long", _("At most {longest} characters.").format(longest=longest), field)
    return line


def clean_text(text: str, longest: int, field: str) -> str:
    """Text of several lines without control characters, at most ``longest`` characters. Raises ``Refused``."""
    if len(text) > longest * 2:
        raise Refused("too_long", _("At most {longest} characters.").format(longest=longest), field)
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = "".join(c for c in unicodedata.normalize("NFC", lines) if (c in "\n\t" or unicodedata.category(c) != "Cc") and not _hidden(c)).strip()
    if len(plain) > longest:
        raise Refused("too_long", _("At most {longest} characters.").format(longest=longest), field)
    return plain


def _hidden(character: str) -> bool:
    """Characters that turn the direction of the text around them, so that a name could rewrite its neighbours; and lone surrogates."""
    return "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069" or "\ud800" <= character <= "\udfff"


def _checked(check: Callable[[str], None], value: str, field: str) -> str:
    try:
        check(value)
    except ValidationError as no:
        raise Refused(field, no.messages[0], field) from None
    return value
