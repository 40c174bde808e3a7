"""Persons, organisations and who works where."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Lower
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from madang.coop.people import zones

NAME_MAX = 80
ABOUT_MAX = 2000
TOKEN_NAME_MAX = 60


def a_time_zone(name: str) -> None:
    """Refuses (``ValidationError``) what the time zone database does not know by that name."""
    if name not in zones.names():
        raise ValidationError(_("This is not a time zone we know. Choose one from the list."), code="time_zone")


def a_language(code: str) -> None:
    """Refuses (``ValidationError``) a language these pages do not speak."""
    if code not in dict(settings.LANGUAGES):
        raise ValidationError(_("These pages do not speak that language yet."), code="language")


class PersonManager(BaseUserManager["Person"]):
    """Makes persons; there are no passwords, one signs in by e-mail code or passkey."""

    def create_user(self, email: str, name: str = "", **extra: object) -> Person:
        """A new person without a usable password. Raises ``IntegrityError`` when the address is taken."""
        person = self.model(email=email.strip().lower(), name=name, **extra)
        person.set_unusable_password()
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, username: str | None) -> Person:
        """The person with this address, whatever its capitals. Raises ``Person.DoesNotExist``."""
        return self.get(email=(username or "").strip().lower())


class Person(AbstractBaseUser, PermissionsMixin):
    """Anyone with a sign-in, member or not."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail"), unique=True, null=True)
    name = models.CharField(_("name"), max_length=NAME_MAX, blank=True)
    language = models.CharField(_("language"), max_length=10, default="ko", validators=[a_language])
    time_zone = models.CharField(_("time zone"), max_length=64, default="Asia/Seoul", validators=[a_time_zone])
    is_operator = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    USERNAME_FIELD = "email"
    objects = PersonManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(email=None) | Q(email=Lower("email")), name="people_email_in_small_letters"),
            models.CheckConstraint(condition=Q(language__in=[code for code, _name in settings.LANGUAGES]), name="people_language_known"),
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(email=None, name="", is_active=False, is_operator=False), name="people_erased_is_empty"
            ),
        ]

    def __str__(self) -> str:
        if self.erased_at:
            return gettext("Someone who left")
        return self.name or gettext("No name yet") + f" ({str(self.id)[:4]})"


class Organisation(models.Model):
    """A body people work in: a cleaning co-op, a band, a clinic."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(unique=True)
    about = models.TextField(_("about"), blank=True, max_length=ABOUT_MAX)
    created_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(slug=""), name="people_organisation_named"),
            models.CheckConstraint(condition=LessThanOrEqual(Length("about"), ABOUT_MAX), name="people_organisation_about_short"),
        ]

    def __str__(self) -> str:
        return self.name


class Work(models.Model):
    """A person works in, or speaks for, an organisation from one day until another."""

    WORKER, REPRESENTATIVE = "worker", "representative"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="work")
    person = models.ForeignKey(Person, models.PROTECT, related_name="work")
    role = models.CharField(max_length=20, choices=[(WORKER, _("works here")), (REPRESENTATIVE, _("speaks for it"))], default=WORKER)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "person", "role"], condition=Q(until=None), name="people_work_once"),
            models.CheckConstraint(condition=Q(role__in=["worker", "representative"]), name="people_work_role"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="people_work_ends_after_it_began"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.organisation}"


class Token(models.Model):
    """A key a person made for a program: whoever holds it acts as that person in the API. Only its hash is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=TOKEN_NAME_MAX)
    hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the key, in hexadecimal digits")
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(name="") & Q(hash__regex=r"^[0-9a-f]{64}$"), name="people_token_named_and_hashed")]

    def __str__(self) -> str:
        return self.name
